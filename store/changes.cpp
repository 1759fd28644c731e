#include "store/changes.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <pqxx/except>

#include "store/file_columns.hpp"
#include "store/history.hpp"
#include "store/rows.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Target;
using sql::Type;

constexpr Statement k_lock_reports{
    "lock_reports",
    "SELECT id, steps, head, reporter, confidential, text_hash = 0 FROM report"
    " WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"};

constexpr Target k_reports{
    "report",
    "id, code, steps, head, state, timer, due_at, overdue, kind, category, agency, unit, channel,"
    " reporter, title, text, text_hash, language, latitude, longitude, address, anonymous,"
    " confidential, hops, reopenings, rating, merged_into, received_at, updated_at,"
    " state_since"};

constexpr Statement k_update_reports{
    "update_reports",
    "UPDATE report AS r SET steps = u.steps, head = u.head, state = u.state, timer = u.timer,"
    " due_at = u.due_at, overdue = u.overdue, kind = u.kind, category = u.category,"
    " agency = u.agency, unit = u.unit, title = u.title, language = u.language,"
    " latitude = u.latitude, longitude = u.longitude, address = u.address,"
    " anonymous = u.anonymous, confidential = u.confidential, hops = u.hops,"
    " reopenings = u.reopenings, rating = u.rating, merged_into = u.merged_into,"
    " updated_at = u.updated_at, state_since = u.state_since"
    " FROM unnest($1::bigint[], $2::integer[], $3::bytea[], $4::text[], $5::text[],"
    " $6::timestamptz[], $7::boolean[], $8::text[], $9::text[], $10::text[], $11::text[],"
    " $12::text[], $13::text[], $14::float8[], $15::float8[], $16::text[], $17::boolean[],"
    " $18::boolean[], $19::integer[], $20::integer[], $21::integer[], $22::bigint[],"
    " $23::timestamptz[], $24::timestamptz[])"
    " AS u (id, steps, head, state, timer, due_at, overdue, kind, category, agency, unit, title,"
    " language, latitude, longitude, address, anonymous, confidential, hops, reopenings, rating,"
    " merged_into, updated_at, state_since)"
    " WHERE r.id = u.id"};

constexpr Statement k_reword_reports{
    "reword_reports",
    "UPDATE report AS r SET text = u.text, text_hash = u.hash"
    " FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS u (id, text, hash)"
    " WHERE r.id = u.id"};

constexpr Target k_entries{"entry",
                           "report, step, at, role, officer, actor_agency, actor_unit, event, "
                           "from_state, to_state, agency,"
                           " unit, post, other, reason, words_hash, audience, previous, hash"};

constexpr Target k_words{"entry_words", "report, step, salt, words"};

constexpr Target k_files{"entry_file", "report, step, position, name, type, size_bytes, sha256"};

constexpr Statement k_insert_outbox{
    "insert_outbox",
    "INSERT INTO outbox (report, step, channel, reporter, address, in_reply_to, language, subject,"
    " text, acknowledgement, created_at, due_at, public_text, confidential, state, detail,"
    " settled_at)"
    " SELECT u.report, u.step, u.channel, u.reporter, u.address, u.in_reply_to, u.language,"
    " u.subject, u.text, u.acknowledgement, $12::timestamptz, u.due_at, u.public_text,"
    " u.confidential, CASE WHEN u.withheld = '' THEN 'owed' ELSE 'withheld' END, u.withheld,"
    " CASE WHEN u.withheld <> '' THEN $12::timestamptz END"
    " FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::bigint[], $5::bytea[], $6::text[],"
    " $7::text[], $8::text[], $9::text[], $10::boolean[], $11::timestamptz[], $13::text[],"
    " $14::boolean[], $15::text[])"
    " AS u (report, step, channel, reporter, address, in_reply_to, language, subject, text,"
    " acknowledgement, due_at, public_text, confidential, withheld)"
    " ON CONFLICT (report, step, channel, reporter) DO NOTHING RETURNING state = 'owed'"};

constexpr Statement k_insert_contacts{
    "insert_contacts",
    "INSERT INTO contact (report, channel, reporter, address, lookup)"
    " SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[])"
    " ON CONFLICT (report, channel, reporter) DO UPDATE SET address = EXCLUDED.address,"
    " lookup = EXCLUDED.lookup"};

constexpr Statement k_insert_offices{
    "insert_offices",
    "INSERT INTO reporter (channel, lookup, sealed, first_seen)"
    " SELECT u.channel, u.lookup, u.sealed, $4::timestamptz"
    " FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS u (channel, lookup, sealed)"
    " WHERE NOT EXISTS (SELECT FROM reporter AS r"
    "   WHERE r.channel = u.channel AND r.lookup = u.lookup)"
    " ORDER BY u.channel, u.lookup ON CONFLICT (channel, lookup) DO NOTHING"};

constexpr Statement k_find_offices{"find_offices",
                                   "SELECT r.channel, r.lookup, r.id FROM reporter AS r"
                                   " JOIN unnest($1::text[], $2::bytea[]) AS u (channel, lookup)"
                                   " ON r.channel = u.channel AND r.lookup = u.lookup"};

// What is owed to an office was worded while anybody of it might read the report. Its system reads
// the same notice (router/notice.hpp) without what is confidential.
constexpr Statement k_hide_from_offices{
    "hide_from_offices",
    "UPDATE outbox AS o SET subject = '', text = CASE"
    "  WHEN o.text LIKE '{\"%' THEN (o.text::jsonb - ARRAY['title', 'text', 'place']"
    "   || '{\"words\": \"\", \"confidential\": true}')::text"
    "  WHEN o.language = 'en' THEN $3::text ELSE $2::text END"
    " WHERE o.report = ANY($1::bigint[]) AND o.state IN ('owed', 'sending', 'failed', 'uncertain')"
    " AND goes_to_office(o)"};

constexpr Statement k_refresh_search{"refresh_search",
                                     "UPDATE report_search AS s"
                                     " SET document = d.document, shown = d.shown"
                                     " FROM report AS r, report_documents(r.title, r.text) AS d"
                                     " WHERE s.report = r.id AND r.id = ANY($1::bigint[])"};

// The columns that a report has in both statements, in their common order.
struct ReportColumns {
  explicit ReportColumns(std::size_t count)
      : id(Type::bigint, count, 8),
        steps(Type::integer, count, 4),
        head(Type::bytes, count, 32),
        state(Type::text, count),
        timer(Type::text, count),
        due_at(Type::time, count, 8),
        overdue(Type::boolean, count, 1),
        kind(Type::text, count),
        category(Type::text, count),
        agency(Type::text, count),
        unit(Type::text, count),
        title(Type::text, count, 80),
        language(Type::text, count, 2),
        latitude(Type::real, count, 8),
        longitude(Type::real, count, 8),
        address(Type::text, count),
        anonymous(Type::boolean, count, 1),
        confidential(Type::boolean, count, 1),
        hops(Type::integer, count, 4),
        reopenings(Type::integer, count, 4),
        rating(Type::integer, count, 4),
        merged_into(Type::bigint, count, 8),
        updated_at(Type::time, count, 8),
        state_since(Type::time, count, 8) {}

  void add(const Report& report, int steps_now, const Digest& head_now) {
    id.add(report.id.value());
    steps.add(steps_now);
    head.add(head_now);
    state.add(name(report.state));
    timer.add(name(report.timer));
    due_at.add_or_null(report.due_at);
    overdue.add(report.overdue);
    kind.add(report.kind.value());
    category.add(report.category.value());
    agency.add(report.agency.value());
    unit.add(report.unit.value());
    title.add(report.title);
    language.add(report.language);
    latitude.add_or_null(report.place ? report.place->latitude : std::nullopt);
    longitude.add_or_null(report.place ? report.place->longitude : std::nullopt);
    report.place ? address.add(report.place->address) : address.null();
    anonymous.add(report.anonymous);
    confidential.add(report.confidential);
    hops.add(report.hops);
    reopenings.add(report.reopenings);
    report.rating ? rating.add(*report.rating) : rating.null();
    merged_into.add_or_null(report.merged_into.value());
    updated_at.add(report.updated_at);
    state_since.add(report.state_since);
  }

  Column id, steps, head, state, timer, due_at, overdue, kind, category, agency, unit, title,
      language, latitude, longitude, address, anonymous, confidential, hops, reopenings, rating,
      merged_into, updated_at, state_since;
};

}  // namespace

std::optional<Refusal> ChangeWriter::write(std::span<const PlannedChange> changes) {
  if (changes.empty() && owed_.empty()) return std::nullopt;
  lock_reports(changes);
  find_offices(changes);
  for (const auto& planned : changes) {
    if (!apply(planned)) return Refusal::outdated;
  }
  if (!insert_reports()) return Refusal::outdated;
  update_reports();
  reword_reports();
  hide_from_offices();
  insert_entries();
  insert_files();
  insert_outbox();
  insert_contacts();
  return std::nullopt;
}

void ChangeWriter::lock_reports(std::span<const PlannedChange> changes) {
  Column ids(Type::bigint);
  for (const auto& planned : changes) {
    if (planned.change->expected_steps > 0) ids.add(planned.change->after.id.value());
  }
  if (ids.empty()) return;
  for (const auto& row : work_.run(k_lock_reports, Parameters() << ids)) {
    live_[ReportId(sql::number(row[0]))] = {sql::small(row[1]),
                                            sql::digest(row[2]),
                                            ReporterId(sql::number(row[3])),
                                            false,
                                            sql::truth(row[4]),
                                            sql::truth(row[5]),
                                            nullptr,
                                            false};
  }
}

void ChangeWriter::find_offices(std::span<const PlannedChange> changes) {
  std::map<std::pair<std::string, std::string>, std::pair<ChannelName, HandedTo>> wanted;
  for (const auto& planned : changes) {
    for (const auto& owed : planned.change->replies) {
      if (!owed.office) continue;
      const auto lookup = inside_.lookup(owed.channel, *owed.office);
      wanted.emplace(std::pair{owed.channel.value(), std::string(lookup.begin(), lookup.end())},
                     std::pair{owed.channel, *owed.office});
    }
  }
  if (wanted.empty()) return;
  Column channel(Type::text), lookup(Type::bytes), sealed(Type::bytes);
  for (const auto& [key, office] : wanted) {
    channel.add(key.first);
    lookup.add(std::string_view(key.second));
    sealed.add(seal_author(inside_.keys, author_of(office.second)));
  }
  work_.run(k_insert_offices, Parameters() << channel << lookup << sealed << inside_.clock.now());
  for (const auto& row : work_.run(k_find_offices, Parameters() << channel << lookup)) {
    offices_[wanted.at({sql::text(row[0]), sql::bytes(row[1])})] = ReporterId(sql::number(row[2]));
  }
}

bool ChangeWriter::apply(const PlannedChange& planned) {
  const auto& change = *planned.change;
  const auto found = live_.find(change.after.id);
  const int steps = found == live_.end() ? 0 : found->second.steps;
  if (steps != change.expected_steps) return false;
  // What was erased meanwhile stays so: the act was decided on, and worded, before.
  if (found != live_.end() && found->second.erased && !change.after.text.empty()) return false;
  auto& live = live_[change.after.id];
  if (found == live_.end()) {
    live.fresh = true;
    live.reporter = change.after.reporter ? change.after.reporter : planned.author;
  }
  live.after = &change.after;
  live.reworded = live.reworded || change.reworded;
  append_lines(planned, live);
  for (const auto& owed : change.replies) {
    auto to = owed.to ? owed.to : planned.author;
    if (owed.office) to = offices_.at({owed.channel, *owed.office});
    if (!to) to = live.reporter;
    owed_.push_back({owed.report ? owed.report : change.after.id,
                     owed.step > 0 ? owed.step : live.steps, to, &owed});
  }
  return true;
}

PostId ChangeWriter::post_of(const Entry& entry, const PlannedChange& planned,
                             std::size_t& next) const {
  if (entry.post.value() > 0) return entry.post;
  if (entry.post.value() < 0) {
    const auto place = static_cast<std::size_t>(-1 - entry.post.value());
    return place < filed_.size() ? filed_[place] : PostId();
  }
  if (entry.actor.role != Role::reporter || next >= planned.posts.size()) return {};
  return planned.posts[next++];
}

void ChangeWriter::append_lines(const PlannedChange& planned, Live& live) {
  std::size_t next_post = 0;
  for (const auto& entry : planned.change->entries) {
    Line line{planned.change->after.id, entry, {}, {}};
    line.entry.step = ++live.steps;
    line.entry.post = post_of(entry, planned, next_post);
    line.entry.reason = sql::clean(entry.reason);
    line.entry.words = sql::clean(entry.words);
    for (auto& file : line.entry.files) file.name = sql::clean(file.name);
    line.entry.previous = live.head;
    if (!line.entry.words.empty()) line.salt = new_salt();
    line.words_hash = words_hash(line.salt, line.entry.words);
    line.entry.hash = line_hash(line.report, line.entry, line.words_hash);
    live.head = line.entry.hash;
    lines_.push_back(std::move(line));
  }
}

bool ChangeWriter::insert_reports() {
  std::vector<const Live*> fresh;
  for (const auto& [id, live] : live_) {
    if (live.fresh) fresh.push_back(&live);
  }
  if (fresh.empty()) return true;
  std::sort(fresh.begin(), fresh.end(),
            [](const Live* a, const Live* b) { return a->after->id < b->after->id; });
  const auto count = fresh.size();
  ReportColumns common(count);
  Column code(Type::text, count);
  Column channel(Type::text, count);
  Column reporter(Type::bigint, count, 8);
  Column words(Type::text, count, 400);
  Column hash(Type::bigint, count, 8);
  Column received_at(Type::time, count, 8);
  for (const auto* live : fresh) {
    const auto& report = *live->after;
    common.add(report, live->steps, live->head);
    code.add(report.code.value());
    channel.add(report.channel.value());
    reporter.add(live->reporter.value());
    words.add(report.text);
    hash.add(text_hash(report.text));
    received_at.add(report.received_at);
  }
  try {
    work_.copy(k_reports, {&common.id,
                           &code,
                           &common.steps,
                           &common.head,
                           &common.state,
                           &common.timer,
                           &common.due_at,
                           &common.overdue,
                           &common.kind,
                           &common.category,
                           &common.agency,
                           &common.unit,
                           &channel,
                           &reporter,
                           &common.title,
                           &words,
                           &hash,
                           &common.language,
                           &common.latitude,
                           &common.longitude,
                           &common.address,
                           &common.anonymous,
                           &common.confidential,
                           &common.hops,
                           &common.reopenings,
                           &common.rating,
                           &common.merged_into,
                           &received_at,
                           &common.updated_at,
                           &common.state_since});
  } catch (const pqxx::unique_violation&) {
    return false;
  }
  new_reports_ = count;
  return true;
}

void ChangeWriter::update_reports() {
  ReportColumns columns(live_.size());
  for (const auto& [id, live] : live_) {
    if (!live.fresh && live.after != nullptr) columns.add(*live.after, live.steps, live.head);
  }
  if (columns.id.empty()) return;
  work_.run(k_update_reports,
            Parameters() << columns.id << columns.steps << columns.head << columns.state
                         << columns.timer << columns.due_at << columns.overdue << columns.kind
                         << columns.category << columns.agency << columns.unit << columns.title
                         << columns.language << columns.latitude << columns.longitude
                         << columns.address << columns.anonymous << columns.confidential
                         << columns.hops << columns.reopenings << columns.rating
                         << columns.merged_into << columns.updated_at << columns.state_since);
}

void ChangeWriter::reword_reports() {
  Column ids(Type::bigint);
  Column words(Type::text);
  Column hash(Type::bigint);
  for (const auto& [id, live] : live_) {
    if (live.fresh || !live.reworded) continue;
    ids.add(id.value());
    words.add(live.after->text);
    hash.add(text_hash(live.after->text));
  }
  if (!ids.empty()) work_.run(k_reword_reports, Parameters() << ids << words << hash);
}

void ChangeWriter::hide_from_offices() {
  Column ids(Type::bigint);
  for (const auto& [id, live] : live_) {
    if (!live.fresh && live.after != nullptr && live.after->confidential && !live.confidential) {
      ids.add(id.value());
    }
  }
  if (ids.empty()) return;
  work_.run(k_hide_from_offices, Parameters()
                                     << ids << k_now_confidential_id << k_now_confidential_en);
}

void ChangeWriter::refresh_search() {
  Column ids(Type::bigint);
  for (const auto& [id, live] : live_) {
    if (!live.fresh) ids.add(id.value());
  }
  if (!ids.empty()) work_.run(k_refresh_search, Parameters() << ids);
}

void ChangeWriter::insert_entries() {
  if (lines_.empty()) return;
  std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
    return a.report != b.report ? a.report < b.report : a.entry.step < b.entry.step;
  });
  const auto count = lines_.size();
  Column report(Type::bigint, count, 8), step(Type::integer, count, 4), at(Type::time, count, 8),
      role(Type::text, count), officer(Type::bigint, count, 8), actor_agency(Type::text, count),
      actor_unit(Type::text, count), event(Type::text, count), from(Type::text, count),
      to(Type::text, count), agency(Type::text, count), unit(Type::text, count),
      post(Type::bigint, count, 8), other(Type::bigint, count, 8), reason(Type::text, count),
      hash_of_words(Type::bytes, count, 32), audience(Type::text, count),
      previous(Type::bytes, count, 32), hash(Type::bytes, count, 32);
  Column words_report(Type::bigint), words_step(Type::integer), salt(Type::bytes),
      words(Type::text);
  for (const auto& line : lines_) {
    const auto& entry = line.entry;
    report.add(line.report.value());
    step.add(entry.step);
    at.add(entry.at);
    role.add(name(entry.actor.role));
    officer.add_or_null(entry.actor.officer.value());
    actor_agency.add(entry.actor.agency.value());
    actor_unit.add(entry.actor.unit.value());
    event.add(name(entry.event));
    from.add(name(entry.from));
    to.add(name(entry.to));
    agency.add(entry.agency.value());
    unit.add(entry.unit.value());
    post.add_or_null(entry.post.value());
    other.add_or_null(entry.other.value());
    reason.add(entry.reason);
    hash_of_words.add_or_null(std::string_view(line.words_hash));
    audience.add(name(entry.audience));
    previous.add(entry.previous);
    hash.add(entry.hash);
    if (entry.words.empty()) continue;
    words_report.add(line.report.value());
    words_step.add(entry.step);
    salt.add(std::string_view(line.salt));
    words.add(entry.words);
  }
  work_.copy(k_entries,
             {&report, &step, &at, &role, &officer, &actor_agency, &actor_unit, &event, &from, &to,
              &agency, &unit, &post, &other, &reason, &hash_of_words, &audience, &previous, &hash});
  if (words.empty()) return;
  work_.copy(k_words, {&words_report, &words_step, &salt, &words});
}

void ChangeWriter::insert_files() {
  Column report(Type::bigint), step(Type::integer);
  FileColumns files;
  for (const auto& line : lines_) {
    for (std::size_t i = 0; i < line.entry.files.size(); ++i) {
      report.add(line.report.value());
      step.add(line.entry.step);
    }
    files.add(line.entry.files);
  }
  if (report.empty()) return;
  work_.copy(k_files, {&report, &step, &files.position, &files.name, &files.type, &files.size_bytes,
                       &files.sha256});
}

void ChangeWriter::insert_outbox() {
  if (owed_.empty()) return;
  std::stable_sort(owed_.begin(), owed_.end(), [](const OwedRow& a, const OwedRow& b) {
    return std::tie(a.report, a.step, a.owed->channel, a.to) <
           std::tie(b.report, b.step, b.owed->channel, b.to);
  });
  const auto count = owed_.size();
  Column report(Type::bigint, count, 8), step(Type::integer, count, 4), channel(Type::text, count),
      reporter(Type::bigint, count, 8), address(Type::bytes, count), in_reply_to(Type::text, count),
      language(Type::text, count, 2), subject(Type::text, count, 60), text(Type::text, count, 400),
      acknowledgement(Type::boolean, count, 1), due_at(Type::time, count, 8),
      public_text(Type::text, count), confidential(Type::boolean, count, 1),
      withheld(Type::text, count);
  for (const auto& row : owed_) {
    const auto& owed = *row.owed;
    report.add(row.report.value());
    step.add(row.step);
    channel.add(owed.channel.value());
    reporter.add(row.to.value());
    if (owed.address.empty()) {
      address.null();
    } else {
      address.add(std::string_view(inside_.keys.seal(Purpose::identity, owed.address)));
    }
    owed.in_reply_to ? in_reply_to.add(key_of(*owed.in_reply_to)) : in_reply_to.null();
    language.add(owed.language);
    subject.add(owed.subject);
    text.add(owed.text);
    acknowledgement.add(owed.acknowledgement);
    due_at.add(owed.due_at);
    public_text.add(owed.public_text);
    confidential.add(owed.confidential);
    withheld.add(owed.withheld);
  }
  const auto inserted =
      work_.run(k_insert_outbox, Parameters() << report << step << channel << reporter << address
                                              << in_reply_to << language << subject << text
                                              << acknowledgement << due_at << inside_.clock.now()
                                              << public_text << confidential << withheld);
  for (const auto& row : inserted) replies_ += sql::truth(row[0]) ? 1 : 0;
}

void ChangeWriter::insert_contacts() {
  Column report(Type::bigint), channel(Type::text), reporter(Type::bigint), address(Type::bytes),
      lookup(Type::bytes);
  std::set<std::tuple<ReportId, ChannelName, ReporterId>> seen;
  for (const auto& row : owed_) {
    if (row.owed->address.empty() || row.owed->office) continue;
    if (!seen.emplace(row.report, row.owed->channel, row.to).second) continue;
    report.add(row.report.value());
    channel.add(row.owed->channel.value());
    reporter.add(row.to.value());
    address.add(std::string_view(inside_.keys.seal(Purpose::identity, row.owed->address)));
    lookup.add(inside_.lookup(row.owed->channel, row.owed->address));
  }
  if (report.empty()) return;
  work_.run(k_insert_contacts, Parameters() << report << channel << reporter << address << lookup);
}

}  // namespace kanal
