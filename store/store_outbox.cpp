#include <algorithm>
#include <unordered_map>

#include "core/visibility.hpp"
#include "store/acts.hpp"
#include "store/changes.hpp"
#include "store/inside.hpp"
#include "store/rows.hpp"
#include "store/signals.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

constexpr auto k_floor_life = std::chrono::seconds(3);

// Nobody hears of a later step while an earlier one is on its way to them or waits to be tried
// again; but who has just written is answered though the night holds an earlier step back.
constexpr Statement k_claim{
    "claim",
    "WITH next AS MATERIALIZED ("
    "  SELECT id FROM outbox AS w WHERE channel = $1::text AND state = 'owed'"
    "  AND due_at <= $2::timestamptz AND due_at >= $3::timestamptz"
    "  AND (report = 0 OR NOT EXISTS (SELECT FROM outbox AS p WHERE p.report = w.report"
    "   AND p.channel = w.channel AND p.reporter = w.reporter AND p.id < w.id"
    "   AND (p.state = 'sending' OR p.state = 'owed'"
    "    AND (p.due_at > $2::timestamptz OR p.due_at > w.due_at)"
    "    AND NOT (w.acknowledgement AND p.detail = $7::text))))"
    "  ORDER BY due_at LIMIT $4::integer FOR UPDATE SKIP LOCKED)"
    " UPDATE outbox AS o SET state = 'sending', attempts = o.attempts + 1, claims = o.claims + 1,"
    " node = $5::text, leased_until = $6::timestamptz FROM next WHERE o.id = next.id"
    " RETURNING o.id, o.claims, micros(o.due_at)"};

constexpr Statement k_owed_by_step{
    "owed_by_step", "SELECT id FROM outbox WHERE report = $1::bigint AND step = $2::integer"};

// The row's own address, else the one left with the report, else how the channel knows them. Who
// asked for silence is still told that it was heard.
constexpr const char* k_reply_columns =
    "SELECT o.id, o.report, o.step, coalesce(r.code, ''), o.channel, coalesce(o.address, "
    "k.address), a.sealed,"
    " a.channel, o.in_reply_to, o.language, o.subject, o.text, o.acknowledgement, o.state,"
    " o.attempts, micros(o.due_at), micros(o.settled_at), o.detail,"
    " o.confidential OR coalesce(r.confidential, false), coalesce(e.to_state, r.state, 'received'),"
    " (SELECT count(*) FROM outbox AS p"
    "   LEFT JOIN entry AS q ON q.report = p.report AND q.step = p.step"
    "   WHERE o.report <> 0 AND p.report = o.report AND p.channel = o.channel"
    "   AND p.reporter = o.reporter AND p.id < o.id AND NOT p.in_private"
    "   AND p.state IN ('sending', 'sent', 'delivered', 'uncertain')"
    "   AND q.to_state IS DISTINCT FROM 'needs_info'"
    "   AND NOT coalesce(q.event = 'interim' AND q.audience = 'reporter', false)), key_rest(o),"
    " o.earlier_attempts, micros(o.created_at), o.segments,"
    " a.silent_since IS NOT NULL AND (o.report <> 0 OR o.created_at < a.silent_since), o.claims,"
    " o.public_text,"
    " coalesce((SELECT p.uncalled FROM post AS p WHERE p.channel = o.channel"
    "   AND p.external_id = o.in_reply_to), false),"
    " coalesce(e.event IN ('hold', 'interim') AND e.audience = 'reporter', false)"
    " FROM outbox AS o LEFT JOIN report AS r ON r.id = o.report"
    " LEFT JOIN entry AS e ON e.report = o.report AND e.step = o.step"
    " LEFT JOIN reporter AS a ON a.id = o.reporter"
    " LEFT JOIN contact AS k ON k.report = o.report AND k.channel = o.channel"
    "  AND k.reporter = o.reporter ";

// Oldest first; the newest ten are enough for any client to find the thread. Other people's ids are
// none of a reporter's business, and answers about no report make no thread.
constexpr Statement k_references{
    "references",
    "SELECT u.id, t.external_id FROM outbox AS u CROSS JOIN LATERAL ("
    "  SELECT m.external_id, m.at FROM ("
    "   SELECT p.external_id, p.received_at AS at FROM post AS p"
    "   WHERE p.report = u.report AND p.channel = u.channel AND p.reporter = u.reporter"
    "   UNION ALL SELECT o.external_id, o.settled_at FROM outbox AS o"
    "   WHERE o.report = u.report AND o.channel = u.channel AND o.reporter = u.reporter"
    "   AND o.external_id IS NOT NULL) AS m"
    "  ORDER BY m.at DESC LIMIT 10) AS t"
    " WHERE u.id = ANY($1::bigint[]) AND u.report <> 0 ORDER BY u.id, t.at"};

// What is uncertain may be found out by anybody, but of the sending that was looked at.
// What was erased while it was on its way is not sent once more.
constexpr Statement k_settle{
    "settle",
    "UPDATE outbox AS o SET state = CASE WHEN s.state = 'owed' AND o.text = '' THEN 'withheld'"
    "  ELSE s.state END,"
    " detail = CASE WHEN s.state = 'owed' AND o.text = '' THEN 'erased before it was sent'"
    "  ELSE s.detail END,"
    " external_id = coalesce(s.external_id, o.external_id),"
    " due_at = coalesce(s.retry_at, o.due_at),"
    " attempts = o.attempts - CASE WHEN s.counts THEN 0 ELSE 1 END,"
    " segments = coalesce(s.segments, o.segments), in_private = s.in_private,"
    " settled_at = CASE WHEN s.state = 'owed' AND o.text <> '' THEN NULL ELSE $7::timestamptz END,"
    " node = NULL, leased_until = NULL"
    " FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[],"
    " $6::timestamptz[], $8::boolean[], $9::integer[], $10::boolean[])"
    " AS s (id, claims, state, external_id, detail, retry_at, counts, segments, in_private)"
    " WHERE o.id = s.id AND o.claims = s.claims AND o.state IN ('sending', 'uncertain')"};

// A receipt that names our key was faster: what only the settlement knows is added.
constexpr Statement k_complete{
    "complete",
    "UPDATE outbox AS o SET external_id = s.external_id, segments = s.segments,"
    " in_private = s.in_private"
    " FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::integer[], $5::boolean[])"
    " AS s (id, claims, external_id, segments, in_private)"
    " WHERE o.id = s.id AND o.claims = s.claims AND o.state IN ('delivered', 'failed')"
    " AND o.external_id IS NULL AND o.segments IS NULL"};

constexpr Statement k_lock_outbox{
    "lock_outbox", "SELECT FROM outbox WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"};

constexpr Statement k_expire{
    "expire",
    "UPDATE outbox SET state = 'uncertain', detail = 'the sender was lost: ' || coalesce(node, ''),"
    " settled_at = $2::timestamptz, leased_until = NULL WHERE id IN ("
    "  SELECT id FROM outbox WHERE channel = $1::text AND state = 'sending'"
    "  AND (leased_until <= $2::timestamptz OR node = $3::text)"
    "  ORDER BY id FOR UPDATE SKIP LOCKED)"
    " RETURNING id"};

constexpr Statement k_decide{
    "decide",
    "UPDATE outbox SET state = $2::text,"
    " detail = left($3::text || CASE WHEN detail = '' THEN '' ELSE '; before: ' || detail END, "
    "500),"
    " due_at = CASE WHEN $2::text = 'owed' THEN $4::timestamptz ELSE due_at END,"
    " settled_at = CASE WHEN $2::text <> 'owed' THEN $4::timestamptz END,"
    " earlier_attempts = CASE WHEN $2::text = 'owed' THEN attempts ELSE earlier_attempts END,"
    " node = NULL, leased_until = NULL"
    " WHERE id = ANY($1::bigint[])"
    " AND (state = 'uncertain' OR state = 'failed' AND ($2::text = 'owed'"
    "  OR $2::text = 'failed' AND left(detail, length($3::text)) <> $3::text"
    "  AND goes_to_office(outbox)))"
    " AND NOT (text = '' AND $2::text = 'owed') RETURNING id, channel"};

constexpr Statement k_count_failed{
    "count_failed",
    "SELECT count(*)::integer FROM outbox AS o WHERE o.id IN ("
    "  SELECT id FROM outbox WHERE state = 'failed' ORDER BY id DESC LIMIT $3::integer)"
    " AND o.settled_at > $1::timestamptz AND left(o.detail, length($2::text)) <> $2::text"
    " AND NOT goes_to_office(o)"};

constexpr Statement k_sent_segments{
    "sent_segments",
    "SELECT channel, count(*), sum(segments) FROM outbox"
    " WHERE segments IS NOT NULL AND settled_at >= $1::timestamptz GROUP BY channel"};

constexpr Statement k_trust_addresses{
    "trust_addresses",
    "UPDATE contact AS k SET suspended = NULL FROM outbox AS o"
    " WHERE o.id = ANY($1::bigint[]) AND k.suspended IS NOT NULL"
    " AND k.report = o.report AND k.channel = o.channel AND k.reporter = o.reporter"};

// What came with the step that the office is told of; with a step that brought nothing, all that
// came with the report.
constexpr Statement k_files_for_offices{
    "files_for_offices",
    "SELECT o.id, t.name, t.type, t.size_bytes, t.sha256 FROM outbox AS o"
    " JOIN entry AS e ON e.report = o.report AND e.step = o.step AND e.event <> 'escalate'"
    " JOIN post AS p ON p.report = o.report AND p.fate IN ('report', 'joined') AND NOT p.erased"
    "  AND p.received_at <= o.created_at AND (e.post IS NULL OR p.id = e.post)"
    " JOIN attachment AS t ON t.post = p.id"
    " WHERE o.id = ANY($1::bigint[]) ORDER BY o.id, p.id, t.position LIMIT 500"};

// Where all that came with the report goes along, what officers have put to it since does too.
constexpr Statement k_line_files_for_offices{
    "line_files_for_offices",
    "SELECT o.id, f.name, f.type, f.size_bytes, f.sha256 FROM outbox AS o"
    " JOIN entry AS e ON e.report = o.report AND e.step = o.step AND e.event <> 'escalate'"
    "  AND e.post IS NULL"
    " JOIN entry_file AS f ON f.report = o.report AND f.step <= o.step"
    " WHERE o.id = ANY($1::bigint[]) ORDER BY o.id, f.step, f.position LIMIT 500"};

// What officers put to the words that their reply tells.
constexpr Statement k_told_files{
    "told_files",
    "SELECT o.id, f.name, f.type, f.size_bytes, f.sha256 FROM outbox AS o"
    " JOIN entry AS e ON e.report = o.report AND e.step = o.step AND e.audience <> 'officers'"
    " JOIN entry_file AS f ON f.report = e.report AND f.step = e.step"
    " WHERE o.id = ANY($1::bigint[]) ORDER BY o.id, f.position LIMIT 500"};

// The same for those whose own report was merged into the one that the words were said of.
constexpr Statement k_files_told_to_followers{
    "files_told_to_followers",
    "WITH RECURSIVE above (id, step, report) AS ("
    "  SELECT o.id, o.step, r.merged_into FROM outbox AS o JOIN report AS r ON r.id = o.report"
    "  WHERE o.id = ANY($1::bigint[]) AND o.step >= $2::integer"
    "  UNION SELECT a.id, a.step, r.merged_into FROM above AS a JOIN report AS r ON r.id = "
    "a.report)"
    " SELECT a.id, f.name, f.type, f.size_bytes, f.sha256 FROM above AS a"
    " JOIN report AS r ON r.id = a.report AND NOT r.confidential"
    "  AND 1 + r.id % $3::integer = a.step / $2::integer"
    " JOIN entry AS e ON e.report = r.id AND e.step = a.step % $2::integer"
    "  AND e.audience = 'everyone'"
    " JOIN entry_file AS f ON f.report = e.report AND f.step = e.step"
    " ORDER BY a.id, f.position LIMIT 500"};

// Who it went to stands sealed, so that all there are of a report are read.
constexpr Statement k_with_offices{
    "with_offices",
    "SELECT * FROM ("
    "  SELECT o.report, o.step, key_rest(o), o.external_id, o.language, a.sealed, r.agency, r.unit,"
    "  (SELECT micros(max(e.at)) FROM entry AS e WHERE e.report = r.id"
    "    AND e.from_state IN ('answered', 'closed') AND e.to_state NOT IN ('answered', 'closed')),"
    "  dense_rank() OVER (ORDER BY o.report DESC) AS place, o.id"
    "  FROM outbox AS o JOIN report AS r ON r.id = o.report JOIN reporter AS a ON a.id = o.reporter"
    "  WHERE o.channel = $1::text AND o.external_id IS NOT NULL"
    "  AND r.state IN ('at_agency', 'at_unit', 'in_progress', 'reopened', 'answered')) AS w"
    " WHERE w.place <= $2::integer ORDER BY w.report DESC, w.id DESC"};

struct Decision {
  std::string_view act;
  ReplyState state;
  std::string_view detail;
};

Decision decision_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::went_out:
      return {"settle sent", ReplyState::sent, "an officer knows that it went out"};
    case Verdict::send_again:
      return {"settle again", ReplyState::owed, "an officer has it sent again"};
    case Verdict::give_up:
      break;
  }
  return {"settle failed", ReplyState::failed, k_given_up};
}

OutboxRecord read_outbox(const Keys& keys, const pqxx::row& row) {
  OutboxRecord record;
  auto& reply = record.reply;
  reply.id = OutboxId(sql::number(row[0]));
  reply.report = ReportId(sql::number(row[1]));
  reply.step = sql::small(row[2]);
  reply.code = TrackingCode(sql::text(row[3]));
  reply.channel = ChannelName(sql::text(row[4]));
  reply.key = std::to_string(reply.report.value()) + "." + std::to_string(reply.step) + "." +
              sql::text(row[21]);
  if (reply.report) reply.thread_token = std::to_string(reply.report.value());
  if (!row[5].is_null()) {
    reply.address = keys.unseal(Purpose::identity, sql::bytes(row[5])).value_or(std::string());
  }
  const auto author =
      row[6].is_null() ? Author() : unseal_author(keys, sql::bytes(row[6])).value_or(Author());
  reply.office = office_of(author);
  if (row[5].is_null() && !reply.office) {
    const bool own = sql::text(row[7]) == reply.channel.value();
    reply.address = own ? author.id.value() : author.email;
  }
  if (!row[8].is_null()) reply.in_reply_to = ExternalId(sql::text(row[8]));
  reply.language = sql::text(row[9]);
  reply.subject = sql::text(row[10]);
  reply.text = sql::text(row[11]);
  reply.acknowledgement = sql::truth(row[12]);
  record.state = reply_state_of(sql::text(row[13])).value_or(ReplyState::uncertain);
  record.attempts = sql::small(row[14]);
  record.earlier_attempts = sql::small(row[22]);
  record.due_at = sql::time(row[15]);
  record.settled_at = sql::maybe_time(row[16]);
  record.detail = sql::text(row[17]);
  reply.confidential = sql::truth(row[18]);
  reply.reached = state_of(sql::text(row[19])).value_or(State::received);
  reply.earlier = sql::small(row[20]);
  reply.owed_at = sql::time(row[23]);
  if (!row[24].is_null()) record.segments = sql::small(row[24]);
  reply.silent = sql::truth(row[25]);
  record.claims = sql::small(row[26]);
  reply.public_text = sql::text(row[27]);
  reply.uncalled = sql::truth(row[28]);
  reply.asks = sql::truth(row[29]);
  return record;
}

std::vector<OutboxRecord> read_all(const Keys& keys, const pqxx::result& rows) {
  std::vector<OutboxRecord> records;
  records.reserve(rows.size());
  for (const auto& row : rows) records.push_back(read_outbox(keys, row));
  return records;
}

Viewer viewer_of(const Reply& reply) {
  return reply.office ? Viewer::officer(reply.office->actor()) : Viewer::own_reporter();
}

bool may_have_files(const Report& report, const Reply& reply) {
  const auto output = reply.office ? Output::office : Output::reply;
  return view(report, {}, viewer_of(reply), output).may_see_attachments;
}

/// Their files, for those who may see them: offices get what came with the step, reporters what was
/// put to the words that they are told.
void add_files(sql::Work& work, const AttachmentFiles& files, std::vector<Reply>& replies) {
  if (replies.empty()) return;
  Column reports(Type::bigint);
  for (const auto& reply : replies) reports.add(reply.report.value());
  static const auto text = std::string("SELECT ") + k_report_columns +
                           " FROM report AS r WHERE r.id = ANY($1::bigint[])";
  static const Statement statement{"reports_with_files", text.c_str()};
  std::unordered_map<ReportId, Report> about;
  for (const auto& row : work.run(statement, Parameters() << reports)) {
    auto report = read_report(row);
    about.emplace(report.id, std::move(report));
  }
  std::unordered_map<OutboxId, Reply*> receivers;
  Column offices(Type::bigint);
  Column people(Type::bigint);
  for (auto& reply : replies) {
    const auto report = about.find(reply.report);
    if (report == about.end() || !may_have_files(report->second, reply)) continue;
    receivers.emplace(reply.id, &reply);
    (reply.office ? offices : people).add(reply.id.value());
  }
  const auto take = [&](const pqxx::result& rows) {
    for (const auto& row : rows) {
      auto attachment = read_file(row, 1);
      attachment.file = files.path(attachment.sha256);
      receivers.at(OutboxId(sql::number(row[0])))->attachments.push_back(std::move(attachment));
    }
  };
  if (!offices.empty()) {
    take(work.run(k_files_for_offices, Parameters() << offices));
    take(work.run(k_line_files_for_offices, Parameters() << offices));
  }
  if (people.empty()) return;
  take(work.run(k_told_files, Parameters() << people));
  take(work.run(k_files_told_to_followers, Parameters()
                                               << people << k_steps_apart << k_roots_apart));
}

/// The replies of these rows, ready to be sent, in the order in which they fell due.
std::vector<Reply> read_replies(sql::Work& work, const Store::Inside& inside, const Column& ids) {
  static const std::string text =
      std::string(k_reply_columns) + "WHERE o.id = ANY($1::bigint[]) ORDER BY o.due_at, o.id";
  static const Statement statement{"replies", text.c_str()};
  std::vector<Reply> replies;
  for (auto& record : read_all(inside.keys, work.run(statement, Parameters() << ids))) {
    replies.push_back(std::move(record.reply));
  }
  for (const auto& row : work.run(k_references, Parameters() << ids)) {
    const OutboxId of(sql::number(row[0]));
    const auto reply =
        std::find_if(replies.begin(), replies.end(), [&](const Reply& r) { return r.id == of; });
    if (reply != replies.end()) reply->references.emplace_back(sql::text(row[1]));
  }
  add_files(work, inside.attachments, replies);
  return replies;
}

constexpr Time k_always{};

}  // namespace

Result<std::vector<Reply>> Store::claim(const ChannelName& channel, std::string_view node, int most,
                                        std::chrono::milliseconds lease) {
  const auto now = inside_->clock.now();
  auto& claims = inside_->claims;
  Time from = k_always;
  {
    const std::scoped_lock lock(claims.mutex);
    const auto floor = claims.floors.find(channel.value());
    if (floor != claims.floors.end() && now < floor->second.until) from = floor->second.due_at;
  }
  struct Claimed {
    std::vector<Reply> replies;
    std::vector<std::pair<std::int64_t, int>> claims;
    Time newest = k_always;
  };
  auto claimed = TRY(inside_->pool.transact([&](sql::Work& work) -> Result<Claimed> {
    const auto ask = [&](Time since) {
      return work.run(k_claim, Parameters() << channel.value() << now << since
                                            << std::clamp(most, 0, k_most_rows) << node
                                            << now + lease << k_waits_for_morning);
    };
    auto rows = ask(from);
    if (rows.empty() && from != k_always) rows = ask(k_always);
    Claimed result;
    if (rows.empty()) return result;
    Column ids(Type::bigint, rows.size(), 8);
    for (const auto& row : rows) {
      ids.add(sql::number(row[0]));
      result.claims.emplace_back(sql::number(row[0]), sql::small(row[1]));
      result.newest = std::max(result.newest, sql::time(row[2]));
    }
    result.replies = read_replies(work, *inside_, ids);
    return result;
  }));
  const std::scoped_lock lock(claims.mutex);
  if (claimed.claims.empty()) {
    claims.floors.erase(channel.value());
  } else {
    auto& floor = claims.floors[channel.value()];
    if (now >= floor.until) floor.until = now + k_floor_life;
    // Another claimer may hold rows that fall due earlier and may let go of them again; they are
    // found when the floor has lived its time.
    floor.due_at = claimed.newest;
  }
  for (const auto& [id, claim] : claimed.claims) claims.held[id] = claim;
  return std::move(claimed.replies);
}

Result<> Store::settle(std::span<const Settlement> settlements) {
  if (settlements.empty()) return {};
  Column id(Type::bigint), claim(Type::integer), state(Type::text), external_id(Type::text),
      detail(Type::text), retry_at(Type::time), counts(Type::boolean), segments(Type::integer),
      in_private(Type::boolean);
  bool named = false;
  {
    const std::scoped_lock lock(inside_->claims.mutex);
    for (const auto& settlement : settlements) {
      named = named || !settlement.external_id.empty();
      const auto held = inside_->claims.held.find(settlement.id.value());
      id.add(settlement.id.value());
      claim.add(settlement.claims                    ? *settlement.claims
                : held != inside_->claims.held.end() ? held->second
                                                     : -1);
      state.add(name(settlement.state));
      settlement.external_id.empty() ? external_id.null()
                                     : external_id.add(key_of(settlement.external_id));
      detail.add(settlement.detail);
      retry_at.add_or_null(settlement.retry_at);
      // What was in doubt is no claim of anybody's.
      counts.add(settlement.counts || (settlement.state != ReplyState::owed &&
                                       settlement.state != ReplyState::withheld));
      in_private.add(settlement.in_private);
      settlement.segments > 0 ? segments.add(settlement.segments) : segments.null();
    }
  }
  TRY(inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run(k_lock_outbox, Parameters() << id);
    const auto now = inside_->clock.now();
    const auto settled =
        work.run(k_settle, Parameters() << id << claim << state << external_id << detail << retry_at
                                        << now << counts << segments << in_private);
    if (settled.affected_rows() < settlements.size()) {
      work.run(k_complete, Parameters() << id << claim << external_id << segments << in_private);
    }
    if (named) apply_early_receipts(work, id, now);
    return {};
  }));
  {
    const std::scoped_lock lock(inside_->claims.mutex);
    for (const auto& settlement : settlements) {
      inside_->claims.held.erase(settlement.id.value());
      // It may fall due again before the floor.
      if (settlement.state == ReplyState::owed) inside_->claims.floors.clear();
    }
  }
  inside_->notifier.touch();
  return {};
}

Result<int> Store::decide(std::span<const OutboxId> ids, Verdict verdict, const Actor& who) {
  const auto decision = decision_of(verdict);
  Column asked(Type::bigint);
  for (const auto id : ids.first(std::min<std::size_t>(ids.size(), k_most_rows))) {
    asked.add(id.value());
  }
  if (asked.empty()) return 0;
  Notifier::Channels concerned;
  const int decided = TRY(inside_->pool.transact([&](sql::Work& work) -> Result<int> {
    const auto now = inside_->clock.now();
    work.run(k_lock_outbox, Parameters() << asked);
    const auto rows =
        work.run(k_decide, Parameters() << asked << name(decision.state) << decision.detail << now);
    if (rows.empty()) return 0;
    Column decided_ids(Type::bigint, rows.size(), 8);
    std::string subject = rows.size() == 1 ? "reply" : "replies";
    for (const auto& row : rows) {
      decided_ids.add(sql::number(row[0]));
      concerned.emplace(sql::text(row[1]));
      subject += " " + std::to_string(sql::number(row[0]));
    }
    if (verdict == Verdict::send_again) work.run(k_trust_addresses, Parameters() << decided_ids);
    record_act(work, now, who, decision.act, subject, {});
    return static_cast<int>(rows.size());
  }));
  {
    const std::scoped_lock lock(inside_->claims.mutex);
    inside_->claims.floors.clear();
  }
  inside_->notifier.touch(concerned);
  return decided;
}

Result<std::vector<Reply>> Store::rehearse(const Change& change) {
  const PlannedChange planned{&change, {}, {}};
  return inside_->pool.transact([&](sql::Work& work) -> Result<std::vector<Reply>> {
    work.abandon();
    ChangeWriter writer(*inside_, work);
    if (writer.write({&planned, 1})) return std::vector<Reply>{};
    Column ids(Type::bigint);
    const auto rows =
        work.run(k_owed_by_step, Parameters() << change.after.id.value() << change.after.steps);
    for (const auto& row : rows) ids.add(sql::number(row[0]));
    return read_replies(work, *inside_, ids);
  });
}

Result<std::vector<Reply>> Store::expire_claims(const ChannelName& channel,
                                                std::string_view restarted) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<std::vector<Reply>> {
    apply_crossing_receipts(work, channel, inside_->clock.now());
    Column ids(Type::bigint);
    for (const auto& row :
         work.run(k_expire, Parameters() << channel.value() << inside_->clock.now() << restarted)) {
      ids.add(sql::number(row[0]));
    }
    if (ids.empty()) return std::vector<Reply>{};
    return read_replies(work, *inside_, ids);
  });
}

Result<> Store::forget_receipts() {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    kanal::forget_receipts(work, inside_->clock.now());
    return {};
  });
}

Result<std::vector<OutboxRecord>> Store::outbox(const std::optional<ChannelName>& channel,
                                                const std::optional<ReplyState>& state, int most,
                                                OutboxId before) {
  // Not prepared, and chosen before it is joined: the indexes of some states are found by their
  // names alone.
  Parameters parameters;
  parameters << std::clamp(most, 0, k_most_rows) << before.value();
  std::string where = before ? "id < $2::bigint" : "$2::bigint = 0";
  if (channel) {
    parameters << channel->value();
    where += " AND channel = $3::text";
  }
  if (state) where += " AND state = '" + std::string(name(*state)) + "'";
  const auto text = std::string(k_reply_columns) + "WHERE o.id IN (SELECT id FROM outbox WHERE " +
                    where + " ORDER BY id DESC LIMIT $1::integer) ORDER BY o.id DESC";
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<OutboxRecord>> {
    return read_all(inside_->keys, work.run_once(text, parameters));
  });
}

Result<int> Store::count_failed(Time since, int most) {
  return inside_->pool.read([&](sql::Work& work) -> Result<int> {
    const auto rows =
        work.run(k_count_failed, Parameters() << since << k_given_up << std::max(most, 0));
    return sql::small(rows[0][0]);
  });
}

Result<std::map<ChannelName, SentSegments>> Store::sent_segments(Time since) {
  return inside_->pool.read([&](sql::Work& work) -> Result<std::map<ChannelName, SentSegments>> {
    std::map<ChannelName, SentSegments> sent;
    for (const auto& row : work.run(k_sent_segments, Parameters() << since)) {
      sent[ChannelName(sql::text(row[0]))] = {sql::number(row[1]), sql::number(row[2])};
    }
    return sent;
  });
}

Result<OfficeMessages> Store::with_offices(const ChannelName& channel, int most) {
  return inside_->pool.read([&](sql::Work& work) -> Result<OfficeMessages> {
    OfficeMessages with;
    std::int64_t report = 0;
    for (const auto& row : work.run(k_with_offices, Parameters() << channel.value() << most + 1)) {
      if (sql::number(row[9]) > most) {
        with.all = false;
        break;
      }
      if (sql::number(row[0]) == report) continue;
      const auto author = unseal_author(inside_->keys, sql::bytes(row[5]));
      const auto office = author ? office_of(*author) : std::nullopt;
      const HandedTo now{AgencyId(sql::text(row[6])), UnitId(sql::text(row[7]))};
      if (office != now) continue;
      report = sql::number(row[0]);
      with.messages.push_back({std::to_string(report) + "." + std::to_string(sql::small(row[1])) +
                                   "." + sql::text(row[2]),
                               ExternalId(sql::text(row[3])), sql::text(row[4]),
                               sql::maybe_time(row[8])});
    }
    return with;
  });
}

Result<std::vector<OutboxRecord>> Store::replies_of(ReportId id) {
  static const std::string text =
      std::string(k_reply_columns) + "WHERE o.report = $1::bigint ORDER BY o.step, o.id";
  static const Statement statement{"replies_of", text.c_str()};
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<OutboxRecord>> {
    return read_all(inside_->keys, work.run(statement, Parameters() << id.value()));
  });
}

}  // namespace kanal
