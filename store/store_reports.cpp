#include <algorithm>
#include <unordered_map>

#include "core/tracking_code.hpp"
#include "core/visibility.hpp"
#include "store/acts.hpp"
#include "store/contacts.hpp"
#include "store/erasure.hpp"
#include "store/history.hpp"
#include "store/inside.hpp"
#include "store/rows.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

constexpr int k_most_skipped = 10'000;

// Nothing is lost with numbers that a crash gives out again, as whatever bears one is flushed after
// them: so nobody waits for the disk here.
constexpr Statement k_reserve_reports{
    "reserve_reports",
    "SELECT nextval('report_id') FROM (SELECT set_config('synchronous_commit', 'off', true)) AS s,"
    " generate_series(1, $1::integer)"};

constexpr Statement k_reporter{"reporter", "SELECT sealed FROM reporter WHERE id = $1::bigint"};

// Whoever reported the matter, too, supports nobody else's; who passed on several of its posts is
// one. OFFSET keeps the planner to a look into the index for each, and NOT IN to one table of all.
constexpr const char* k_supports =
    "WITH RECURSIVE family AS ("
    "  SELECT u.id AS root, u.id, 0 AS depth FROM unnest($1::bigint[]) AS u (id)"
    "  UNION ALL SELECT f.root, r.id, f.depth + 1 FROM family AS f JOIN report AS r"
    "   ON r.merged_into = f.id WHERE f.depth < 8)"
    " SELECT f.root, count(DISTINCT s.reporter)::integer FROM family AS f, LATERAL ("
    "  SELECT id FROM post WHERE report = f.id AND fate IN ('report', 'joined') OFFSET 0) AS p,"
    " LATERAL (SELECT reporter FROM post WHERE passes_on = p.id OFFSET 0) AS s"
    " WHERE (f.root, s.reporter) NOT IN (SELECT g.root, r.reporter FROM family AS g, LATERAL ("
    "  SELECT reporter FROM report WHERE report.id = g.id LIMIT 1) AS r)"
    " GROUP BY f.root";

// By what the report says of itself first: few histories are looked into, from their ends.
const std::string& is_unheard() {
  static const std::string condition =
      "(r.state = 'answered' AND r.updated_at > r.state_since AND (SELECT e.event FROM entry AS e"
      " WHERE e.report = r.id AND (e.event = 'answer'"
      "  OR e.event = 'comment' AND NOT starts_with(e.reason, '" +
      std::string(k_asks_nothing) +
      "') AND NOT EXISTS (SELECT FROM post AS p WHERE p.id = e.post AND p.fate = 'report')"
      " OR e.event = 'note' AND e.role IN ('agency_admin', 'liaison') AND e.other IS NULL)"
      " ORDER BY e.step DESC LIMIT 1) = 'comment')";
  return condition;
}

Result<std::vector<Report>> read_reports(sql::Pool& pool, const std::string& rest,
                                         const Parameters& parameters) {
  const auto text = std::string("SELECT ") + k_report_columns + " FROM report AS r " + rest;
  return pool.read([&](sql::Work& work) -> Result<std::vector<Report>> {
    std::vector<Report> reports;
    for (const auto& row : work.run_once(text, parameters)) reports.push_back(read_report(row));
    return reports;
  });
}

Result<std::optional<Report>> first(Result<std::vector<Report>> reports) {
  auto all = TRY(std::move(reports));
  if (all.empty()) return std::optional<Report>();
  return std::optional<Report>(std::move(all.front()));
}

std::string entries_where(const std::string& rest) {
  return std::string("SELECT ") + k_entry_columns +
         ", e.report FROM entry AS e LEFT JOIN entry_words AS w USING (report, step) WHERE " + rest;
}

std::vector<StoredEntry> read_history(sql::Work& work, ReportId id) {
  static const auto text = entries_where("e.report = $1::bigint ORDER BY e.step");
  static const Statement statement{"history", text.c_str()};
  std::vector<StoredEntry> entries;
  for (const auto& row : work.run(statement, Parameters() << id.value())) {
    entries.push_back(read_entry(row));
  }
  Column ids(Type::bigint);
  ids.add(id.value());
  read_line_files(work, ids, [&](ReportId, int step, Attachment file) {
    const auto line = std::ranges::find(entries, step, [](auto& each) { return each.entry.step; });
    if (line != entries.end()) line->entry.files.push_back(std::move(file));
  });
  return entries;
}

// What does not fit; empty when all does.
std::string first_fault(const Report& report, const std::vector<StoredEntry>& lines) {
  Digest previous{};
  int step = 0;
  for (const auto& line : lines) {
    ++step;
    const auto& entry = line.entry;
    const auto where = "step " + std::to_string(step) + " of report " + report.code.value();
    if (entry.step != step) return where + " is missing";
    if (entry.previous != previous) return where + " does not follow the line before it";
    if (entry.hash != line_hash(report.id, entry, line.words_hash)) return where + " was changed";
    if (!line.erased && words_hash(line.salt, entry.words) != line.words_hash) {
      return "the words of " + where + " were changed";
    }
    previous = entry.hash;
  }
  if (step != report.steps || previous != report.head) {
    return "the last step of report " + report.code.value() +
           " is not the one that the report "
           "names (step " +
           std::to_string(report.steps) + ")";
  }
  return {};
}

class Conditions {
 public:
  /// Each `?` in the text stands for the next of the values.
  template <class First, class... Rest>
  void add(std::string text, const First& value, const Rest&... rest) {
    parameters_ << value;
    text.replace(text.find('?'), 1, "$" + std::to_string(parameters_.count()));
    add(std::move(text), rest...);
  }
  void add(const std::string& text) { text_ += (text_.empty() ? "WHERE " : " AND ") + text; }
  template <class T>
  void add_named(std::string_view text, const std::optional<T>& value) {
    if (value) add(std::string(text), value->value());
  }
  template <class T>
  void add_any(std::string_view text, const std::vector<T>& values) {
    if (values.empty()) return;
    Column column(Type::text);
    for (const auto& value : values) column.add(value.value());
    add(std::string(text), column);
  }
  std::string finish(std::string_view order, int most, int skip) {
    parameters_ << most << std::clamp(skip, 0, k_most_skipped);
    const auto count = parameters_.count();
    return text_ + (order.empty() ? "" : " ORDER BY " + std::string(order)) + " LIMIT $" +
           std::to_string(count - 1) + "::integer OFFSET $" + std::to_string(count) + "::integer";
  }
  [[nodiscard]] const Parameters& parameters() const { return parameters_; }

 private:
  std::string text_;
  Parameters parameters_;
};

}  // namespace

Result<std::vector<ReportId>> Store::reserve_reports(std::size_t count) {
  if (count == 0) return std::vector<ReportId>{};
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<ReportId>> {
    std::vector<ReportId> ids;
    ids.reserve(count);
    for (const auto& row : work.run(k_reserve_reports, Parameters() << static_cast<int>(count))) {
      ids.emplace_back(sql::number(row[0]));
    }
    return ids;
  });
}

Result<std::optional<Report>> Store::report(ReportId id) {
  return first(read_reports(inside_->pool, "WHERE r.id = $1::bigint", Parameters() << id.value()));
}

Result<std::optional<Report>> Store::report(const TrackingCode& code) {
  return first(
      read_reports(inside_->pool, "WHERE r.code = $1::text", Parameters() << code.value()));
}

Result<std::vector<Entry>> Store::history(ReportId id) {
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<Entry>> {
    std::vector<Entry> entries;
    for (auto& line : read_history(work, id)) entries.push_back(std::move(line.entry));
    return entries;
  });
}

Result<std::vector<std::vector<Entry>>> Store::histories(std::span<const ReportId> ids) {
  std::vector<std::vector<Entry>> histories(ids.size());
  if (ids.empty()) return histories;
  Column wanted(Type::bigint, ids.size());
  std::unordered_map<std::int64_t, std::size_t> places;
  for (const auto id : ids) {
    if (places.emplace(id.value(), places.size()).second) wanted.add(id.value());
  }
  if (places.size() != ids.size()) return fail(Remedy::drop, "a report is named twice");
  static const auto text = entries_where("e.report = ANY($1::bigint[]) ORDER BY e.report, e.step");
  static const Statement statement{"histories", text.c_str()};
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<std::vector<Entry>>> {
    for (auto& history : histories) history.clear();
    for (const auto& row : work.run(statement, Parameters() << wanted)) {
      const auto report = sql::number(row[row.size() - 1]);
      histories.at(places.at(report)).push_back(read_entry(row).entry);
    }
    read_line_files(work, wanted, [&](ReportId report, int step, Attachment file) {
      auto& history = histories.at(places.at(report.value()));
      const auto line = std::ranges::find(history, step, &Entry::step);
      if (line != history.end()) line->files.push_back(std::move(file));
    });
    return histories;
  });
}

Result<std::vector<int>> Store::supports(std::span<const Report> reports) {
  std::vector<int> counts(reports.size());
  if (reports.empty()) return counts;
  Column wanted(Type::bigint, reports.size());
  for (const auto& report : reports) wanted.add(report.id.value());
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<int>> {
    std::unordered_map<std::int64_t, int> found;
    for (const auto& row : work.run_once(k_supports, Parameters() << wanted)) {
      found.emplace(sql::number(row[0]), sql::small(row[1]));
    }
    std::ranges::transform(reports, counts.begin(), [&](const Report& report) {
      const auto count = found.find(report.id.value());
      return count == found.end() ? 0 : count->second;
    });
    return counts;
  });
}

Result<std::set<ReportId>> Store::unheard(std::span<const Report> reports) {
  Column asked(Type::bigint, reports.size());
  bool may_be = false;
  for (const auto& report : reports) {
    if (report.state != State::answered || report.updated_at <= report.state_since) continue;
    asked.add(report.id.value());
    may_be = true;
  }
  if (!may_be) return std::set<ReportId>();
  return inside_->pool.read([&](sql::Work& work) -> Result<std::set<ReportId>> {
    std::set<ReportId> found;
    for (const auto& row : work.run_once(
             "SELECT r.id FROM report AS r WHERE r.id = ANY($1::bigint[]) AND " + is_unheard(),
             Parameters() << asked)) {
      found.emplace(sql::number(row[0]));
    }
    return found;
  });
}

Result<> Store::verify(ReportId id) {
  // One snapshot: a line may be written between the two looks.
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run_once("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const auto rows = work.run_once(
        std::string("SELECT ") + k_report_columns + " FROM report AS r WHERE r.id = $1::bigint",
        Parameters() << id.value());
    if (rows.empty()) return fail(Remedy::drop, "There is no such report");
    auto fault = first_fault(read_report(rows[0]), read_history(work, id));
    // Words go with the post that they came by, and with nothing else.
    const auto removed = work.run_once(
        "SELECT e.step FROM entry AS e LEFT JOIN entry_words AS w"
        " ON w.report = e.report AND w.step = e.step LEFT JOIN post AS p ON p.id = e.post"
        " WHERE e.report = $1::bigint AND length(e.words_hash) > 0 AND w.report IS NULL"
        " AND NOT coalesce(p.erased, false) ORDER BY e.step LIMIT 1",
        Parameters() << id.value());
    if (fault.empty() && !removed.empty()) {
      fault = "the words of step " + std::to_string(sql::small(removed[0][0])) + " were removed";
    }
    if (!fault.empty()) return fail(Remedy::drop, "The history does not fit: " + fault);
    return {};
  });
}

namespace {

Column states_where(bool (*holds)(State)) {
  Column states(Type::text);
  for (int state = 0; state <= static_cast<int>(State::rejected); ++state) {
    if (holds(static_cast<State>(state))) states.add(name(static_cast<State>(state)));
  }
  return states;
}

Result<Conditions> conditions_of(const ReportFilter& filter, Store::Inside& inside) {
  Conditions conditions;
  if (!filter.states.empty()) {
    Column states(Type::text);
    for (const auto state : filter.states) states.add(name(state));
    const std::string in_state = "r.state = ANY(?::text[])";
    conditions.add(filter.or_unheard ? "(" + in_state + " OR " + is_unheard() + ")" : in_state,
                   states);
  }
  conditions.add_named("r.agency = ?::text", filter.agency);
  conditions.add_named("r.unit = ?::text", filter.unit);
  conditions.add_any("r.category = ANY(?::text[])", filter.categories);
  conditions.add_any("r.code = ANY(?::text[])", filter.codes);
  conditions.add_named("r.channel = ?::text", filter.channel);
  if (filter.received_from)
    conditions.add("r.received_at >= ?::timestamptz", *filter.received_from);
  if (filter.received_before) {
    conditions.add("r.received_at < ?::timestamptz", *filter.received_before);
  }
  if (filter.moved_from || filter.moved_before) {
    conditions.add(
        "r.id IN (SELECT e.report FROM entry AS e WHERE e.at >= ?::timestamptz"
        " AND e.at < ?::timestamptz)",
        filter.moved_from.value_or(Time{}),
        filter.moved_before.value_or(inside.clock.now() + std::chrono::days(1)));
  }
  if (filter.overdue_only) {
    conditions.add(
        "(r.overdue OR r.due_at < ?::timestamptz"
        " AND r.timer NOT IN ('none', 'completion', 'silence'))",
        inside.clock.now());
  }
  if (filter.public_only) {
    conditions.add("NOT r.confidential AND r.state = ANY(?::text[])", states_where(is_published));
  }
  if (filter.without_confidential) conditions.add("NOT r.confidential");
  if (filter.before_id > 0) conditions.add("r.id < ?::bigint", filter.before_id);
  if (const auto code = parse_tracking_code(filter.words)) {
    conditions.add("r.code = ?::text", code->value());
  } else if (!filter.words.empty()) {
    TRY(inside.words.top_up(WordIndex::Of::reports));
    conditions.add(std::string("EXISTS (SELECT FROM report_search AS s,"
                               " websearch_to_tsquery('indonesian', ?::text) AS asked"
                               " WHERE s.report = r.id AND ") +
                       (filter.public_only ? "(s.shown IS NULL AND s.document @@ asked"
                                             " OR s.shown IS NOT NULL AND s.shown @@ asked))"
                                           : "s.document @@ asked)"),
                   clip_words(filter.words));
  }
  return conditions;
}

}  // namespace

Result<std::vector<Report>> Store::find_reports(const ReportFilter& filter) {
  auto conditions = TRY(conditions_of(filter, *inside_));
  const bool by_due = filter.order == ReportFilter::Order::due;
  const auto rest = conditions.finish(by_due ? "r.due_at NULLS LAST, r.id" : "r.id DESC",
                                      std::clamp(filter.most, 0, k_most_rows), filter.skip);
  return read_reports(inside_->pool, rest, conditions.parameters());
}

Result<int> Store::count_reports(const ReportFilter& filter) {
  auto conditions = TRY(conditions_of(filter, *inside_));
  const auto text = "SELECT count(*)::integer FROM (SELECT FROM report AS r " +
                    conditions.finish({}, std::max(filter.most, 0), 0) + ") AS found";
  return inside_->pool.read([&](sql::Work& work) -> Result<int> {
    return sql::small(work.run_once(text, conditions.parameters())[0][0]);
  });
}

Result<std::vector<Report>> Store::due(Time now, int most, const Report* after) {
  const auto from = after != nullptr && after->due_at ? *after->due_at : Time{};
  return read_reports(inside_->pool,
                      "WHERE r.timer <> 'none' AND r.due_at <= $1::timestamptz"
                      " AND (NOT r.overdue OR r.timer IN ('completion', 'silence'))"
                      " AND (r.due_at, r.id) > ($3::timestamptz, $4::bigint)"
                      " ORDER BY r.due_at, r.id LIMIT $2::integer",
                      Parameters()
                          << now << most << from << (after != nullptr ? after->id.value() : 0));
}

Result<std::vector<Report>> Store::unsolved(Time received_before, int most, ReportId after) {
  return read_reports(inside_->pool,
                      "WHERE r.state IN ('received', 'at_agency', 'at_unit', 'returned',"
                      " 'in_progress', 'reopened') AND r.id > $3::bigint"
                      " AND r.received_at <= $1::timestamptz"
                      " AND NOT EXISTS (SELECT FROM entry AS e"
                      "   WHERE e.report = r.id AND e.event = 'advise')"
                      " ORDER BY r.id LIMIT $2::integer",
                      Parameters() << received_before << most << after.value());
}

Result<Author> Store::identity(ReporterId reporter, const Actor& who, std::string_view why) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<Author> {
    const auto rows = work.run(k_reporter, Parameters() << reporter.value());
    if (rows.empty()) return fail(Remedy::drop, "There is no such reporter");
    record_act(work, inside_->clock.now(), who, "identity",
               "reporter " + std::to_string(reporter.value()), why);
    return unseal_author(inside_->keys, sql::bytes(rows[0][0]));
  });
}

Result<std::vector<Contact>> Store::contacts(ReportId id) {
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<Contact>> {
    Column ids(Type::bigint);
    ids.add(id.value());
    return std::move(read_contacts(work, ids)[id]);
  });
}

Result<> Store::erase_post(PostId id, std::string_view reason) {
  const std::scoped_lock lock(inside_->files);
  std::vector<std::string> files;
  TRY(inside_->pool.transact([&](sql::Work& work) -> Result<> {
    files.clear();
    if (!kanal::erase_post(*inside_, work, id, reason, files)) {
      return fail(Remedy::drop, "There is no such post");
    }
    return {};
  }));
  for (const auto& sha256 : files) inside_->attachments.remove(sha256);
  inside_->notifier.touch();
  return {};
}

}  // namespace kanal
