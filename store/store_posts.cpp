#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "store/acts.hpp"
#include "store/inside.hpp"
#include "store/rows.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

constexpr Statement k_payload{"payload", "SELECT payload FROM post WHERE id = $1::bigint"};
constexpr Statement k_ids_between{
    "ids_between",
    "(SELECT external_id FROM post WHERE channel = $1::text AND external_id > $2::text"
    "  AND external_id < $3::text AND NOT erased ORDER BY external_id LIMIT $4::integer)"
    " UNION (SELECT t.external_id FROM told AS t WHERE t.channel = $1::text"
    "  AND t.external_id > $2::text AND t.external_id < $3::text"
    "  AND NOT (SELECT p.erased FROM post AS p WHERE p.id = t.post)"
    "  ORDER BY t.external_id LIMIT $4::integer)"
    " ORDER BY external_id LIMIT $4::integer"};
constexpr Statement k_count_held{
    "count_held",
    "SELECT count(*) FILTER (WHERE NOT hidden)::integer, count(*) FILTER (WHERE hidden)::integer"
    " FROM (SELECT p.confidential OR coalesce("
    "   (SELECT r.confidential FROM report AS r WHERE r.id = p.report), false) AS hidden"
    "  FROM post AS p WHERE p.fate = 'held' AND NOT p.erased ORDER BY p.id DESC"
    "  LIMIT $1::integer) AS held"};
constexpr Statement k_filed_under{
    "filed_under",
    "SELECT k.place, p.report, coalesce(r.code, p.code)"
    " FROM unnest($2::integer[], $3::text[]) AS k (place, external_id), LATERAL ("
    "  SELECT report, code FROM post WHERE channel = $1::text"
    "  AND post.external_id = k.external_id LIMIT 1) AS p"
    " LEFT JOIN report AS r ON r.id = p.report"};
constexpr const char* k_waits = "q.replayed_at IS NULL AND q.discarded_at IS NULL";
// Who set one aside and why stands in the log of acts alone, where nothing is ever changed.
constexpr const char* k_quarantine_columns =
    "SELECT q.id, q.channel, q.external_id, q.reason, q.size_bytes, micros(q.at),"
    " micros(q.replayed_at), micros(q.discarded_at), coalesce(o.username, ''), coalesce(a.reason, "
    "''),"
    " q.quiet";
constexpr const char* k_quarantine_rows =
    " FROM quarantine AS q"
    " LEFT JOIN LATERAL (SELECT * FROM act AS every WHERE every.act = 'discard'"
    "   AND every.subject = 'quarantine ' || q.id ORDER BY every.id DESC LIMIT 1) AS a ON true"
    " LEFT JOIN officer AS o ON o.id = a.officer ";
constexpr Statement k_discard_quarantined{
    "discard_quarantined",
    "UPDATE quarantine SET discarded_at = $2::timestamptz"
    " WHERE id = $1::bigint AND replayed_at IS NULL AND discarded_at IS NULL"};
constexpr Statement k_discard_post{
    "discard_post",
    "UPDATE post SET fate = 'screened', reason = left('set aside by '"
    " || coalesce((SELECT username FROM officer WHERE id = $2::bigint), 'a command')"
    " || ': ' || $3::text, 500)"
    " WHERE id = $1::bigint AND fate = 'held' AND NOT erased"};
constexpr Statement k_mark_replayed{
    "mark_replayed", "UPDATE quarantine SET replayed_at = $2::timestamptz WHERE id = $1::bigint"};

constexpr Statement k_named_files{
    "named_files",
    "SELECT sha256 FROM attachment WHERE sha256 = ANY($1::text[])"
    " UNION SELECT sha256 FROM entry_file WHERE sha256 = ANY($1::text[])"};

Result<std::vector<PostRecord>> read_posts(sql::Pool& pool, const std::string& rest,
                                           const Parameters& parameters) {
  const auto text = std::string("SELECT ") + k_post_columns + " FROM post AS p " + rest;
  return pool.read([&](sql::Work& work) -> Result<std::vector<PostRecord>> {
    std::vector<PostRecord> posts;
    for (const auto& row : work.run_once(text, parameters)) posts.push_back(read_post(row));
    attach(work, posts);
    return posts;
  });
}

QuarantineRecord read_quarantine(const pqxx::row& row) {
  QuarantineRecord record;
  record.id = QuarantineId(sql::number(row[0]));
  record.channel = ChannelName(sql::text(row[1]));
  record.external_id = ExternalId(sql::text(row[2]));
  record.reason = sql::text(row[3]);
  record.size_bytes = static_cast<std::uint64_t>(sql::number(row[4]));
  record.at = sql::time(row[5]);
  record.replayed_at = sql::maybe_time(row[6]);
  record.discarded_at = sql::maybe_time(row[7]);
  record.discarded_by = sql::text(row[8]);
  record.discarded_why = sql::text(row[9]);
  record.quiet = sql::truth(row[10]);
  return record;
}

// People copy a Message-ID with or without its brackets.
Column ids_known_as(std::string_view external_id) {
  const auto bare = trim(external_id);
  Column ids(Type::text);
  ids.add(key_of(ExternalId(std::string(bare))));
  if (bare.starts_with('<') && bare.ends_with('>')) {
    ids.add(key_of(ExternalId(std::string(bare.substr(1, bare.size() - 2)))));
  } else {
    ids.add(key_of(ExternalId("<" + std::string(bare) + ">")));
  }
  return ids;
}

std::string quarantine_ids(const QuarantineFilter& filter, Parameters& parameters) {
  std::string where = "true";
  const auto add = [&](std::string_view before, const auto& value, std::string_view after) {
    parameters << value;
    where += " AND " + std::string(before) + "$" + std::to_string(parameters.count()) +
             std::string(after);
  };
  if (filter.channel) add("q.channel = ", filter.channel->value(), "::text");
  if (!filter.external_id.empty()) {
    add("q.external_id = ANY(", ids_known_as(filter.external_id), "::text[])");
  }
  if (filter.before_id > 0) add("q.id < ", filter.before_id, "::bigint");
  if (filter.waiting_only) where += std::string(" AND ") + k_waits;
  parameters << std::max(filter.most, 0);
  return "SELECT q.id FROM quarantine AS q WHERE " + where + " ORDER BY q.id DESC LIMIT $" +
         std::to_string(parameters.count()) + "::integer";
}

// What the sender may be stored under: as they are known on each channel, or by another of their
// names.
Column sender_lookups(const Store::Inside& inside, const std::vector<ChannelName>& channels,
                      std::string_view sender) {
  Column lookups(Type::bytes);
  const auto trimmed = trim(sender);
  for (const auto& channel : channels) {
    lookups.add(inside.lookup(channel, trimmed));
    lookups.add(inside.lookup(channel, to_lower_ascii(trimmed)));
    lookups.add(inside.alias(channel, trimmed));
  }
  return lookups;
}

}  // namespace

// By the report's own posts: in the order of all, the planner would look through what came since.
Result<std::vector<PostRecord>> Store::posts_of(ReportId id, int most) {
  return read_posts(inside_->pool,
                    "WHERE p.id IN ("
                    "(SELECT min(id + 0) FROM post WHERE report = $1::bigint) UNION ALL "
                    "(SELECT id FROM post WHERE report = $1::bigint ORDER BY id + 0 DESC "
                    "LIMIT $2::integer)) ORDER BY p.id",
                    Parameters() << id.value() << most);
}

Result<std::optional<PostRecord>> Store::post(PostId id) {
  auto posts =
      TRY(read_posts(inside_->pool, "WHERE p.id = $1::bigint", Parameters() << id.value()));
  if (posts.empty()) return std::optional<PostRecord>();
  return std::optional<PostRecord>(std::move(posts.front()));
}

Result<std::vector<Store::FiledUnder>> Store::filed_under(const ChannelName& channel,
                                                          std::span<const ExternalId> ids) {
  std::vector<FiledUnder> all(ids.size());
  if (ids.empty()) return all;
  Column place(Type::integer, ids.size(), 4), external_id(Type::text, ids.size(), 40);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    place.add(static_cast<int>(i));
    external_id.add(key_of(ids[i]));
  }
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<FiledUnder>> {
    for (const auto& row :
         work.run(k_filed_under, Parameters() << channel.value() << place << external_id)) {
      auto& found = all[static_cast<std::size_t>(sql::number(row[0]))];
      if (!row[1].is_null()) found.report = ReportId(sql::number(row[1]));
      if (!row[2].is_null()) found.code = TrackingCode(sql::text(row[2]));
    }
    return all;
  });
}

Result<std::vector<PostRecord>> Store::find_posts(const PostFilter& filter) {
  std::vector<ChannelName> channels;
  if (filter.channel) {
    channels.push_back(*filter.channel);
  } else if (!filter.sender.empty() || !filter.external_id.empty()) {
    channels = TRY(channel_names());
  }
  Column lookups(Type::bytes);
  if (!filter.sender.empty()) lookups = sender_lookups(*inside_, channels, filter.sender);
  if (!filter.words.empty()) TRY(inside_->words.top_up(WordIndex::Of::posts));

  Parameters parameters;
  std::string where = "WHERE true";
  const auto add = [&](std::string_view before, const auto& value, std::string_view after) {
    parameters << value;
    where += " AND " + std::string(before) + "$" + std::to_string(parameters.count()) +
             std::string(after);
  };
  if (filter.channel) add("p.channel = ", filter.channel->value(), "::text");
  if (!filter.code.empty()) {
    add("(p.report = (SELECT id FROM report WHERE code = ", filter.code.value(), "::text)");
    where += " OR p.code = $" + std::to_string(parameters.count()) + "::text)";
  }
  if (filter.fate) add("p.fate = ", name(*filter.fate), "::text");
  if (!filter.external_id.empty()) {
    parameters << ids_known_as(filter.external_id);
    const auto place = "ANY($" + std::to_string(parameters.count()) + "::text[])";
    if (!filter.channel) {
      Column names(Type::text);
      for (const auto& channel : channels) names.add(channel.value());
      parameters << names;
      where += " AND p.channel = ANY($" + std::to_string(parameters.count()) + "::text[])";
    }
    // Those that were told apart from another of their id (apart_id) are known by it too.
    where += " AND (p.external_id = " + place + " OR strpos(p.external_id, '#') > 0" +
             " AND left(p.external_id, -17) = " + place + " AND p.external_id ~ '#[0-9a-f]{16}$')";
  }
  if (!filter.sender.empty()) {
    parameters << lookups;
    const auto place = "$" + std::to_string(parameters.count()) + "::bytea[]";
    where += " AND p.reporter IN (SELECT id FROM reporter WHERE lookup = ANY(" + place +
             ") UNION SELECT reporter FROM reporter_alias WHERE lookup = ANY(" + place + "))";
  }
  if (!filter.words.empty()) {
    add("EXISTS (SELECT FROM post_search AS s WHERE s.post = p.id AND s.document @@"
        " websearch_to_tsquery('indonesian', ",
        clip_words(filter.words), "::text))");
  }
  if (filter.without_confidential) {
    where +=
        " AND NOT asks_confidence(p)"
        " AND NOT EXISTS (SELECT FROM report AS r WHERE r.id = p.report AND r.confidential)";
  }
  if (filter.before_id > 0) add("p.id < ", filter.before_id, "::bigint");
  parameters << std::clamp(filter.most, 0, k_most_rows);
  where += " ORDER BY p.id DESC LIMIT $" + std::to_string(parameters.count()) + "::integer";
  return read_posts(inside_->pool, where, parameters);
}

Result<Store::Held> Store::count_held(int most) {
  return inside_->pool.read([&](sql::Work& work) -> Result<Held> {
    const auto row = work.run(k_count_held, Parameters() << std::max(most, 0))[0];
    return Held{sql::small(row[0]), sql::small(row[1])};
  });
}

Result<std::size_t> Store::index_words() {
  const auto posts = TRY(inside_->words.index(WordIndex::Of::posts));
  return posts + TRY(inside_->words.index(WordIndex::Of::reports));
}

namespace {

Result<std::size_t> sweep_folder(Store::Inside& inside, std::filesystem::file_time_type before,
                                 int folder) {
  constexpr std::size_t k_files_a_look = 1000;
  const auto old = inside.attachments.older_than(before, folder);
  std::size_t removed = 0;
  std::error_code error;
  for (const auto& half : old.halves) removed += std::filesystem::remove(half, error) ? 1 : 0;
  for (std::size_t from = 0; from < old.files.size(); from += k_files_a_look) {
    // No commit of this program names a file meanwhile; those of others make it young first.
    const std::scoped_lock files(inside.files);
    Column names(Type::text);
    for (auto i = from; i < std::min(from + k_files_a_look, old.files.size()); ++i) {
      names.add(old.files[i]);
    }
    std::set<std::string> named;
    TRY(inside.pool.read([&](sql::Work& work) -> Result<> {
      for (const auto& row : work.run(k_named_files, Parameters() << names)) {
        named.insert(sql::text(row[0]));
      }
      return {};
    }));
    for (auto i = from; i < std::min(from + k_files_a_look, old.files.size()); ++i) {
      const auto path = inside.attachments.path(old.files[i]);
      if (named.contains(old.files[i])) continue;
      if (std::filesystem::last_write_time(path, error) >= before || error) continue;
      removed += std::filesystem::remove(path, error) ? 1 : 0;
    }
  }
  return removed;
}

}  // namespace

Result<std::size_t> Store::sweep_attachments(std::chrono::hours untouched_for,
                                             std::optional<std::uint64_t> turn) {
  constexpr int k_folders = AttachmentFiles::k_folders;
  const auto before = std::filesystem::file_time_type::clock::now() - untouched_for;
  if (turn) return sweep_folder(*inside_, before, static_cast<int>(*turn % k_folders));
  std::size_t removed = 0;
  for (int folder = 0; folder < k_folders; ++folder) {
    removed += TRY(sweep_folder(*inside_, before, folder));
  }
  return removed;
}

Result<std::string> Store::payload(PostId id) {
  const auto sealed = TRY(inside_->pool.read([&](sql::Work& work) -> Result<std::string> {
    const auto rows = work.run(k_payload, Parameters() << id.value());
    if (rows.empty()) return fail(Remedy::drop, "There is no such post");
    return sql::bytes(rows[0][0]);
  }));
  if (sealed.empty()) return std::string();
  return inside_->keys.unseal(Purpose::payload, sealed);
}

Result<std::vector<ExternalId>> Store::ids_between(const ChannelName& channel,
                                                   const ExternalId& after,
                                                   const ExternalId& before, int most) {
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<ExternalId>> {
    std::vector<ExternalId> ids;
    for (const auto& row :
         work.run(k_ids_between, Parameters() << channel.value() << after.value() << before.value()
                                              << std::clamp(most, 0, k_most_rows))) {
      ids.emplace_back(sql::text(row[0]));
    }
    return ids;
  });
}

std::filesystem::path Store::attachment_file(const Attachment& attachment) const {
  return inside_->attachments.path(attachment.sha256);
}

Result<std::vector<QuarantineRecord>> Store::quarantine(const QuarantineFilter& filter) {
  auto capped = filter;
  capped.most = std::clamp(filter.most, 0, k_most_rows);
  Parameters parameters;
  const auto text = std::string(k_quarantine_columns) + k_quarantine_rows + "WHERE q.id IN (" +
                    quarantine_ids(capped, parameters) + ") ORDER BY q.id DESC";
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<QuarantineRecord>> {
    std::vector<QuarantineRecord> records;
    for (const auto& row : work.run_once(text, parameters)) {
      records.push_back(read_quarantine(row));
    }
    return records;
  });
}

Result<int> Store::count_quarantined(const QuarantineFilter& filter) {
  Parameters parameters;
  const auto text =
      "SELECT count(*)::integer FROM (" + quarantine_ids(filter, parameters) + ") AS found";
  return inside_->pool.read([&](sql::Work& work) -> Result<int> {
    return sql::small(work.run_once(text, parameters)[0][0]);
  });
}

Result<std::optional<QuarantineRecord>> Store::quarantined(QuarantineId id) {
  return inside_->pool.read([&](sql::Work& work) -> Result<std::optional<QuarantineRecord>> {
    const auto text = std::string(k_quarantine_columns) + ", q.payload" + k_quarantine_rows +
                      "WHERE q.id = $1::bigint";
    const auto rows = work.run_once(text, Parameters() << id.value());
    if (rows.empty()) return std::optional<QuarantineRecord>();
    auto record = read_quarantine(rows[0]);
    const auto sealed = sql::bytes(rows[0][11]);
    if (!sealed.empty()) record.payload = TRY(inside_->keys.unseal(Purpose::payload, sealed));
    std::vector<PostRecord> files(1);
    files[0].id = files_of_quarantined(id);
    attach(work, files);
    record.attachments = std::move(files[0].attachments);
    return std::optional<QuarantineRecord>(std::move(record));
  });
}

Result<> Store::mark_replayed(QuarantineId id) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run(k_mark_replayed, Parameters() << id.value() << inside_->clock.now());
    return {};
  });
}

Result<> Store::discard(PostId post, const Actor& who, std::string_view why) {
  auto done = inside_->pool.transact([&](sql::Work& work) -> Result<> {
    const auto held =
        work.run(k_discard_post, Parameters() << post.value() << who.officer.value() << why);
    if (held.affected_rows() == 0) {
      return fail(Remedy::drop, "No held message of that number waits for anybody.");
    }
    record_act(work, inside_->clock.now(), who, "discard", "post " + std::to_string(post.value()),
               why);
    return {};
  });
  if (done) inside_->notifier.touch();
  return done;
}

Result<> Store::discard(QuarantineId id, const Actor& who, std::string_view why) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    const auto now = inside_->clock.now();
    const auto waiting = work.run(k_discard_quarantined, Parameters() << id.value() << now);
    if (waiting.affected_rows() == 0) {
      return fail(Remedy::drop, "No quarantined message of that number waits for anybody.");
    }
    record_act(work, now, who, "discard", "quarantine " + std::to_string(id.value()), why);
    return {};
  });
}

}  // namespace kanal
