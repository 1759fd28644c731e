#include "store/erasure.hpp"

#include "core/erased.hpp"
#include "store/acts.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

constexpr Statement k_erase_post{
    "erase_post",
    "UPDATE post SET subject = '', text = '', full_text = NULL, stages = '', payload = NULL,"
    " at_source = CASE WHEN starts_with(at_source, 'deleted') THEN at_source END,"
    " erased = true, passes_on = NULL, reason = $2::text WHERE id = $1::bigint"
    " RETURNING report, channel, external_id"};
// Where its words stand: in its report, and in the one that it was parted from.
constexpr Statement k_reports_with{
    "reports_with",
    "SELECT $1::bigint UNION SELECT e.other FROM entry AS e WHERE e.report = $1::bigint"
    " AND e.post = $2::bigint AND e.event = 'receive' AND e.other IS NOT NULL"};
constexpr Statement k_erase_words{"erase_words",
                                  "DELETE FROM entry_words AS w USING entry AS e"
                                  " WHERE e.report = $1::bigint AND e.post = $2::bigint"
                                  " AND w.report = e.report AND w.step = e.step"};
constexpr Statement k_erase_report_text{
    "erase_report_text",
    "UPDATE report SET title = '', text = '', text_hash = 0 WHERE id = $1::bigint"
    " AND EXISTS (SELECT FROM entry AS e WHERE e.report = $1::bigint AND e.post = $2::bigint"
    "   AND e.event = 'receive') RETURNING 1"};
// What offices were told quotes the post by whose line it was owed, and the report where they were
// first told of it. What is on its way goes it.
constexpr Statement k_erase_handed{
    "erase_handed",
    "UPDATE outbox AS o SET subject = '', text = '',"
    " state = CASE WHEN o.state = 'owed' THEN 'withheld' ELSE o.state END,"
    " detail = CASE WHEN o.state = 'owed' THEN 'erased before it was sent' ELSE o.detail END,"
    " settled_at = CASE WHEN o.state = 'owed' THEN $3::timestamptz ELSE o.settled_at END"
    " WHERE o.report = $1::bigint AND goes_to_office(o)"
    " AND (EXISTS (SELECT FROM entry AS e WHERE e.report = o.report AND e.post = $2::bigint"
    "   AND e.step = o.step)"
    "  OR EXISTS (SELECT FROM entry AS e WHERE e.report = o.report AND e.post = $2::bigint"
    "   AND e.event = 'receive'))"};
constexpr Statement k_erase_report_search{"erase_report_search",
                                          "DELETE FROM report_search WHERE report = $1::bigint"};
constexpr Statement k_erase_post_search{"erase_post_search",
                                        "DELETE FROM post_search WHERE post = $1::bigint"};
constexpr Statement k_erase_attachments{
    "erase_attachments", "DELETE FROM attachment WHERE post = $1::bigint RETURNING sha256"};
constexpr Statement k_files_in_use{
    "files_in_use",
    "SELECT sha256 FROM attachment WHERE sha256 = ANY($1::text[])"
    " UNION SELECT sha256 FROM entry_file WHERE sha256 = ANY($1::text[])"};

// Replies to people may carry the title in their subject.
constexpr Statement k_erase_subjects{"erase_subjects",
                                     "UPDATE outbox SET subject = '' WHERE report = $1::bigint"};

constexpr Statement k_find_deleted{
    "find_deleted",
    "SELECT id FROM post WHERE channel = $1::text AND external_id = ANY($2::text[])"
    " AND NOT erased ORDER BY id FOR UPDATE"};
constexpr Statement k_erase_quarantined{
    "erase_quarantined",
    "UPDATE quarantine SET payload = ''::bytea, size_bytes = 0"
    " WHERE channel = $1::text AND external_id = ANY($2::text[])"};
constexpr Statement k_erase_quarantined_files{
    "erase_quarantined_files",
    "DELETE FROM attachment WHERE post IN (SELECT -id FROM quarantine"
    " WHERE channel = $1::text AND external_id = ANY($2::text[])) RETURNING sha256"};
// What is being sent goes its way: the far side no longer takes answers to what is gone.
constexpr Statement k_withhold_answers{
    "withhold_answers",
    "UPDATE outbox SET state = 'withheld', detail = $3::text, settled_at = $4::timestamptz"
    " WHERE channel = $1::text AND state = 'owed' AND in_reply_to = ANY($2::text[])"};

// Of the files whose rows are deleted, those that nothing else names.
void add_unused(sql::Work& work, const pqxx::result& deleted, std::vector<std::string>& files) {
  if (deleted.empty()) return;
  std::vector<std::string> unused;
  Column taken(Type::text);
  for (const auto& row : deleted) {
    unused.push_back(sql::text(row[0]));
    taken.add(unused.back());
  }
  for (const auto& row : work.run(k_files_in_use, Parameters() << taken)) {
    std::erase(unused, sql::text(row[0]));
  }
  files.insert(files.end(), unused.begin(), unused.end());
}

// What was read again from quarantine stays there too, under its message's id.
void erase_quarantined(sql::Work& work, std::string_view channel, const Column& ids,
                       std::vector<std::string>& files) {
  const auto parameters = [&] { return Parameters() << channel << ids; };
  add_unused(work, work.run(k_erase_quarantined_files, parameters()), files);
  work.run(k_erase_quarantined, parameters());
}

// The row itself; nothing when there is none.
pqxx::result erase_row(Store::Inside& inside, sql::Work& work, PostId id, std::string_view reason,
                       std::vector<std::string>& files) {
  auto post = work.run(k_erase_post, Parameters() << id.value() << reason);
  if (post.empty()) return post;
  work.run(k_erase_post_search, Parameters() << id.value());
  if (!post[0][0].is_null()) {
    const auto report = sql::number(post[0][0]);
    for (const auto& row : work.run(k_reports_with, Parameters() << report << id.value())) {
      const auto with = sql::number(row[0]);
      work.run(k_erase_words, Parameters() << with << id.value());
      work.run(k_erase_handed, Parameters() << with << id.value() << inside.clock.now());
    }
    if (!work.run(k_erase_report_text, Parameters() << report << id.value()).empty()) {
      work.run(k_erase_report_search, Parameters() << report);
      work.run(k_erase_subjects, Parameters() << report);
    }
  }
  add_unused(work, work.run(k_erase_attachments, Parameters() << id.value()), files);
  record_act(work, inside.clock.now(), {}, "erase", "post " + std::to_string(id.value()), reason);
  return post;
}

}  // namespace

bool erase_post(Store::Inside& inside, sql::Work& work, PostId id, std::string_view reason,
                std::vector<std::string>& files) {
  const auto post = erase_row(inside, work, id, reason, files);
  if (post.empty()) return false;
  Column known_as(Type::text);
  known_as.add(sql::text(post[0][2]));
  erase_quarantined(work, sql::text(post[0][1]), known_as, files);
  return true;
}

void erase_deleted(Store::Inside& inside, sql::Work& work, const ChannelName& channel,
                   std::span<const ExternalId> ids, std::vector<std::string>& files) {
  if (ids.empty()) return;
  Column keys(Type::text);
  for (const auto& id : ids) keys.add(key_of(id));
  const auto posts = work.run(k_find_deleted, Parameters() << channel.value() << keys);
  for (const auto& row : posts) {
    erase_row(inside, work, PostId(sql::number(row[0])), k_deleted_by_author, files);
  }
  erase_quarantined(work, channel.value(), keys, files);
  work.run(k_withhold_answers,
           Parameters() << channel.value() << keys << k_deleted_by_author << inside.clock.now());
}

}  // namespace kanal
