#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <unordered_set>

#include <pqxx/except>

#include "store/batch_authors.hpp"
#include "store/changes.hpp"
#include "store/erasure.hpp"
#include "store/file_columns.hpp"
#include "store/inside.hpp"
#include "store/quarantine.hpp"
#include "store/rows.hpp"
#include "store/signals.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Target;
using sql::Type;

constexpr Statement k_advance_leased{
    "advance_leased",
    "UPDATE channel SET cursor = coalesce(($3::text[])[1], cursor), last_success = $4::timestamptz,"
    " last_post = CASE WHEN $5::boolean THEN $4::timestamptz ELSE last_post END"
    " WHERE name = $1::text AND epoch = $2::bigint RETURNING 1"};

// Without a lease several commit for a channel at once (forms): they must not queue for its row.
// ON CONFLICT would lock the row even where there is nothing to change.
constexpr Statement k_advance{
    "advance",
    "WITH moved AS (UPDATE channel AS c SET cursor = coalesce(($2::text[])[1], c.cursor),"
    "  last_success = $3::timestamptz,"
    "  last_post = CASE WHEN $4::boolean THEN $3::timestamptz ELSE c.last_post END"
    "  WHERE c.name = $1::text AND (($2::text[])[1] IS NOT NULL OR c.last_success IS NULL"
    "  OR c.last_success < $3::timestamptz - interval '5 seconds'"
    "  OR $4::boolean AND (c.last_post IS NULL"
    "                      OR c.last_post < $3::timestamptz - interval '5 seconds')))"
    " INSERT INTO channel (name, cursor, health_since, last_success, last_post)"
    " SELECT $1::text, coalesce(($2::text[])[1], ''), $3::timestamptz, $3::timestamptz,"
    " CASE WHEN $4::boolean THEN $3::timestamptz END"
    " WHERE NOT EXISTS (SELECT FROM channel WHERE name = $1::text)"
    " ON CONFLICT (name) DO NOTHING"};

constexpr Statement k_adopt_post{
    "adopt_post",
    "UPDATE post SET fate = $2::text, report = $3::bigint, passes_on = NULL WHERE id = $1::bigint"
    " AND fate = $4::text AND NOT erased RETURNING 1"};

// Its sender was told a number that it does not go by.
constexpr Statement k_call_posts{
    "call_posts",
    "UPDATE post AS p SET code = u.code FROM unnest($2::text[], $3::text[]) AS u (external_id, "
    "code)"
    " WHERE p.channel = $1::text AND p.external_id = u.external_id AND p.code IS NULL"
    " AND NOT EXISTS (SELECT FROM post AS o WHERE o.code = u.code)"
    " AND NOT EXISTS (SELECT FROM report AS r WHERE r.code = u.code)"};

// A row for each session, so that commits at the same time do not wait for each other.
constexpr Statement k_count_posts{
    "count_posts",
    "INSERT INTO channel_hour AS h (channel, hour, part, posts)"
    " VALUES ($1::text, date_trunc('hour', $2::timestamptz), pg_backend_pid() % 16, $3::bigint)"
    " ON CONFLICT (channel, hour, part) DO UPDATE SET posts = h.posts + EXCLUDED.posts"};

constexpr Statement k_see_canaries{"see_canaries",
                                   "UPDATE canary SET seen_at = $2::timestamptz,"
                                   " missing_since = NULL"
                                   " WHERE channel = $1::text AND token = ANY($3::text[])"};

constexpr Statement k_draw_numbers{
    "draw_numbers",
    "SELECT true, nextval('post_id_seq') FROM generate_series(1, $1::integer)"
    " UNION ALL SELECT false, nextval('reporter_id_seq') FROM generate_series(1, $2::integer)"};

constexpr Statement k_stored_posts{
    "stored_posts",
    "SELECT k.external_id FROM unnest($2::text[]) AS k (external_id), LATERAL ("
    " SELECT FROM post WHERE channel = $1::text AND post.external_id = k.external_id LIMIT 1) AS "
    "p"};

constexpr Target k_posts{
    "post",
    "id, channel, external_id, in_reply_to, reporter, fate, reason, report, subject, text,"
    " full_text, language, stages, posted_at, received_at, confidential, payload,"
    " code, quiet, uncalled, edition, passes_on"};

constexpr Statement k_insert_attachments{
    "insert_attachments",
    "INSERT INTO attachment (post, position, name, type, size_bytes, sha256)"
    " SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::bigint[],"
    " $6::text[])"};

constexpr Statement k_silent{"silent",
                             "SELECT id, silent_since IS NOT NULL FROM reporter"
                             " WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"};

constexpr Statement k_silence{
    "silence",
    "UPDATE reporter AS r SET silent_since = CASE WHEN u.silent THEN $3::timestamptz END"
    " FROM unnest($1::bigint[], $2::boolean[]) AS u (id, silent)"
    " WHERE r.id = u.id AND (r.silent_since IS NOT NULL) <> u.silent"};

constexpr Statement k_insert_told{
    "insert_told",
    "INSERT INTO told (channel, external_id, post)"
    " SELECT $1::text, u.external_id, u.post FROM unnest($2::text[], $3::bigint[])"
    " AS u (external_id, post) ORDER BY u.external_id ON CONFLICT DO NOTHING"};

constexpr Statement k_told_in{
    "told_in",
    "SELECT DISTINCT p.external_id FROM told AS t JOIN post AS p ON p.id = t.post"
    " WHERE t.channel = $1::text AND t.external_id = ANY($2::text[])"};

std::vector<ExternalId> deleted_ids(std::span<const Signal> signals) {
  std::vector<ExternalId> ids;
  for (const auto& signal : signals) {
    if (signal.kind == Signal::Kind::deletion) ids.push_back(signal.subject);
  }
  return ids;
}

/// One intake turn inside its transaction.
class Turn {
 public:
  /// `look_first`: for posts and authors that are there already though the batch does not say so.
  /// `files`: gets those that are to be removed once it is committed.
  Turn(Store::Inside& inside, sql::Work& work, const IntakeBatch& batch, bool look_first,
       std::vector<std::string>& files)
      : inside_(inside),
        work_(work),
        batch_(batch),
        look_first_(look_first),
        files_(files),
        now_(inside.clock.now()),
        authors_(inside, work, batch, now_) {}

  /// Whether a post or an author turned out to be stored already.
  [[nodiscard]] bool collided() const { return collided_; }

  CommitOutcome run() {
    CommitOutcome outcome;
    if (!advance_leased()) {
      outcome.refusal = Refusal::stale_lease;
      return outcome;
    }
    outcome.committed.stored.assign(batch_.filed.size(), false);
    posts_.assign(batch_.filed.size(), PostId());
    if (!file_authors_and_posts()) {
      collided_ = true;
      outcome.refusal = Refusal::outdated;
      return outcome;
    }
    insert_attachments();
    insert_told();
    const auto planned = plan_changes();
    ChangeWriter writer(inside_, work_, posts_);
    const bool done = run_errands(writer);
    outcome.refusal = planned && done ? writer.write(*planned) : Refusal::outdated;
    if (outcome.refusal) return outcome;
    call_repeated();
    write_quarantine(inside_, work_, batch_, now_);
    const auto signals = signals_for_takers();
    apply_signals(work_, batch_.channel, signals, now_);
    see_canaries();
    erase_deleted(inside_, work_, batch_.channel, deleted_ids(signals), files_);
    advance();
    for (std::size_t i = 0; i < posts_.size(); ++i) {
      outcome.committed.stored[i] = posts_[i] || batch_.filed[i].fate == Fate::quarantined;
    }
    outcome.committed.reports = writer.new_reports();
    outcome.committed.replies = writer.replies();
    return outcome;
  }

 private:
  bool advance_leased();
  void advance();
  bool file_authors_and_posts();
  using Keyed = std::pair<std::string, std::size_t>;  // the post's key, its place in the batch
  std::vector<Keyed> new_posts();
  void insert_posts(const std::vector<Keyed>& order, std::span<const std::int64_t> ids);
  /// What the batch calls by its place in it; none: it was there already.
  [[nodiscard]] PostId stored_as(PostId named) const {
    return named.value() < 0 ? posts_.at(static_cast<std::size_t>(-1 - named.value())) : named;
  }
  void insert_attachments();
  void insert_told();
  [[nodiscard]] std::vector<Signal> signals_for_takers();
  void see_canaries();
  void call_repeated();
  // What was screened out shows no life: neither what a channel tells itself, nor a channel of
  // which nothing gets through any more.
  static bool shows_life(const Filed& filed) { return filed.fate != Fate::screened; }
  [[nodiscard]] bool brings_posts() const { return std::ranges::any_of(batch_.filed, shows_life); }
  bool run_errands(ChangeWriter& writer);
  std::optional<std::vector<PlannedChange>> plan_changes() const;

  Store::Inside& inside_;
  sql::Work& work_;
  const IntakeBatch& batch_;
  bool look_first_;
  std::vector<std::string>& files_;
  bool collided_ = false;
  Time now_;
  std::vector<PostId> posts_;  // none: it was there already
  BatchAuthors authors_;
};

void Turn::call_repeated() {
  Column external_id(Type::text), code(Type::text);
  for (const auto& filed : batch_.filed) {
    if (filed.fate != Fate::repeated || filed.code.empty()) continue;
    external_id.add(key_of(filed.post.id));
    code.add(filed.code.value());
  }
  if (code.empty()) return;
  work_.run(k_call_posts, Parameters() << batch_.channel.value() << external_id << code);
}

Column maybe_cursor(const IntakeBatch& batch) {
  Column cursor(Type::text);
  if (batch.next) cursor.add(batch.next->value);
  return cursor;
}

bool Turn::advance_leased() {
  if (!batch_.lease) return true;
  const auto done = work_.run(k_advance_leased,
                              Parameters() << batch_.lease->channel.value() << batch_.lease->epoch
                                           << maybe_cursor(batch_) << now_ << brings_posts());
  return !done.empty();
}

// Last, because others wait for these rows until the commit.
void Turn::advance() {
  std::ptrdiff_t stored = 0;
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    stored += posts_[i] && shows_life(batch_.filed[i]) ? 1 : 0;
  }
  if (stored > 0)
    work_.run(k_count_posts, Parameters() << batch_.channel.value() << now_ << stored);
  if (batch_.lease) return;
  work_.run(k_advance, Parameters() << batch_.channel.value() << maybe_cursor(batch_) << now_
                                    << brings_posts());
}

bool Turn::file_authors_and_posts() {
  if (look_first_) authors_.look();
  const auto posts = new_posts();
  std::vector<std::int64_t> post_ids, author_ids;
  if (posts.size() + authors_.fresh() > 0) {
    for (const auto& row :
         work_.run(k_draw_numbers, Parameters() << static_cast<int>(posts.size())
                                                << static_cast<int>(authors_.fresh()))) {
      (sql::truth(row[0]) ? post_ids : author_ids).push_back(sql::number(row[1]));
    }
  }
  try {
    authors_.file(author_ids);
    insert_posts(posts, post_ids);
  } catch (const pqxx::unique_violation&) {
    return false;
  }
  return true;
}

// By their keys, so that two who write the same ones wait for each other and do not deadlock.
std::vector<Turn::Keyed> Turn::new_posts() {
  std::vector<Keyed> order;
  order.reserve(batch_.filed.size());
  for (std::size_t i = 0; i < batch_.filed.size(); ++i) {
    const auto fate = batch_.filed[i].fate;
    if (fate == Fate::quarantined || fate == Fate::repeated) continue;
    order.emplace_back(key_of(batch_.filed[i].post.id), i);
  }
  std::sort(order.begin(), order.end());
  // The same id twice in a batch: the first is the post, the second a redelivery of it.
  order.erase(std::unique(order.begin(), order.end(),
                          [](const auto& a, const auto& b) { return a.first == b.first; }),
              order.end());
  if (!look_first_ || order.empty()) return order;
  Column keys(Type::text, order.size(), 40);
  for (const auto& [key, i] : order) keys.add(key);
  std::unordered_set<std::string> stored;
  for (const auto& row :
       work_.run(k_stored_posts, Parameters() << batch_.channel.value() << keys)) {
    stored.insert(sql::text(row[0]));
  }
  std::erase_if(order, [&](const auto& each) { return stored.contains(each.first); });
  return order;
}

void Turn::insert_posts(const std::vector<Keyed>& order, std::span<const std::int64_t> ids) {
  if (order.empty()) return;
  const auto count = order.size();
  Column id(Type::bigint, count, 8), channel(Type::text, count), external_id(Type::text, count, 40),
      in_reply_to(Type::text, count), reporter(Type::bigint, count, 8), fate(Type::text, count),
      reason(Type::text, count), report(Type::bigint, count, 8), subject(Type::text, count, 60),
      text(Type::text, count, 400), full_text(Type::text, count), language(Type::text, count, 2),
      stages(Type::text, count, 800), posted_at(Type::time, count, 8),
      received_at(Type::time, count, 8), confidential(Type::boolean, count, 1),
      payload(Type::bytes, count, 600), code(Type::text, count), quiet(Type::boolean, count, 1),
      uncalled(Type::boolean, count, 1), edition(Type::text, count),
      passes_on(Type::bigint, count, 8);
  for (std::size_t n = 0; n < count; ++n) posts_[order[n].second] = PostId(ids[n]);
  for (const auto& [key, i] : order) {
    const auto& filed = batch_.filed[i];
    const auto& post = filed.post;
    id.add(posts_[i].value());
    channel.add(batch_.channel.value());
    external_id.add(key);
    post.in_reply_to ? in_reply_to.add(key_of(*post.in_reply_to)) : in_reply_to.null();
    reporter.add(authors_.of(i).value());
    fate.add(name(filed.fate));
    reason.add(filed.reason);
    report.add_or_null(
        (filed.change ? batch_.changes.at(*filed.change).after.id : filed.report).value());
    subject.add(post.hints.subject);
    text.add(post.text);
    full_text.add_or_null(std::string_view(post.full_text));
    language.add(post.language);
    stages.add(filed.stages);
    posted_at.add(post.posted_at);
    received_at.add(now_);
    confidential.add(post.hints.confidential);
    post.payload.empty() ? payload.null()
                         : payload.add(inside_.keys.seal(Purpose::payload, post.payload));
    code.add_or_null(std::string_view(filed.code.value()));
    quiet.add(batch_.quiet);
    uncalled.add(post.hints.uncalled);
    edition.add_or_null(std::string_view(post.hints.edition));
    passes_on.add_or_null(stored_as(filed.passes_on).value());
  }
  work_.copy(k_posts, {&id,     &channel,   &external_id, &in_reply_to,  &reporter,  &fate,
                       &reason, &report,    &subject,     &text,         &full_text, &language,
                       &stages, &posted_at, &received_at, &confidential, &payload,   &code,
                       &quiet,  &uncalled,  &edition,     &passes_on});
}

void Turn::insert_told() {
  Column id(Type::text), post(Type::bigint);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    if (!posts_[i]) continue;
    for (const auto& told : batch_.filed[i].post.hints.told) {
      id.add(key_of(told));
      post.add(posts_[i].value());
    }
  }
  if (!id.empty()) work_.run(k_insert_told, Parameters() << batch_.channel.value() << id << post);
}

/// What is taken back of the words that a post took along takes it along too: they cannot be told
/// apart in it.
std::vector<Signal> Turn::signals_for_takers() {
  auto signals = batch_.signals;
  const auto deleted = deleted_ids(signals);
  if (deleted.empty()) return signals;
  Column ids(Type::text);
  for (const auto& id : deleted) ids.add(key_of(id));
  for (const auto& row : work_.run(k_told_in, Parameters() << batch_.channel.value() << ids)) {
    Signal signal;
    signal.kind = Signal::Kind::deletion;
    signal.subject = ExternalId(sql::text(row[0]));
    signals.push_back(std::move(signal));
  }
  return signals;
}

void Turn::insert_attachments() {
  Column post(Type::bigint);
  FileColumns files;
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    if (!posts_[i]) continue;
    const auto& attachments = batch_.filed[i].post.attachments;
    for (std::size_t n = 0; n < attachments.size(); ++n) post.add(posts_[i].value());
    files.add(attachments);
  }
  if (post.empty()) return;
  work_.run(k_insert_attachments, Parameters() << post << files.position << files.name << files.type
                                               << files.size_bytes << files.sha256);
}

// Who asks twice at once is answered once: the second finds the first one's mark.
bool Turn::run_errands(ChangeWriter& writer) {
  struct Wish {
    bool was;
    bool is;
  };
  std::map<ReporterId, Wish> wishes;
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const auto& errand = batch_.filed[i].errand;
    if (!errand || !posts_[i]) continue;
    wishes.try_emplace(authors_.of(i), Wish{errand->was_silent, false}).first->second.is =
        errand->silent;
    constexpr std::int64_t k_steps = std::numeric_limits<int>::max();
    if (errand->answer) {
      writer.owe(*errand->answer, static_cast<int>(posts_[i].value() % k_steps), authors_.of(i));
    }
  }
  if (wishes.empty()) return true;
  Column reporter(Type::bigint), silent(Type::boolean);
  for (const auto& [id, wish] : wishes) {
    reporter.add(id.value());
    silent.add(wish.is);
  }
  for (const auto& row : work_.run(k_silent, Parameters() << reporter)) {
    if (sql::truth(row[1]) != wishes.at(ReporterId(sql::number(row[0]))).was) return false;
  }
  work_.run(k_silence, Parameters() << reporter << silent << now_);
  return true;
}

// A redelivery makes nothing new: changes whose posts are all known fall away. One that mixes known
// and new posts was decided on old evidence, and so was support of a post that is known by now.
std::optional<std::vector<PlannedChange>> Turn::plan_changes() const {
  struct Posts {
    std::size_t known = 0;
    PlannedChange planned;
  };
  std::vector<Posts> all(batch_.changes.size());
  for (std::size_t i = 0; i < batch_.filed.size(); ++i) {
    const auto& filed = batch_.filed[i];
    if (posts_[i] && filed.passes_on && !stored_as(filed.passes_on)) return std::nullopt;
    if (!filed.change) continue;
    auto& posts = all.at(*filed.change);
    if (!posts_[i]) {
      ++posts.known;
      continue;
    }
    if (posts.planned.posts.empty()) posts.planned.author = authors_.of(i);
    posts.planned.posts.push_back(posts_[i]);
  }
  std::vector<PlannedChange> planned;
  for (std::size_t c = 0; c < all.size(); ++c) {
    if (all[c].known > 0 && !all[c].planned.posts.empty()) return std::nullopt;
    if (all[c].known > 0) continue;
    all[c].planned.change = &batch_.changes[c];
    planned.push_back(std::move(all[c].planned));
  }
  return planned;
}

void Turn::see_canaries() {
  if (batch_.canaries.empty()) return;
  Column tokens(Type::text);
  for (const auto& token : batch_.canaries) tokens.add(token);
  work_.run(k_see_canaries, Parameters() << batch_.channel.value() << now_ << tokens);
}

void add_owing(const Change& change, Notifier::Channels& channels) {
  for (const auto& owed : change.replies) channels.insert(owed.channel);
}

// `before` may refuse what is to be written.
Result<CommitOutcome> write_changes(Store::Inside& inside, std::span<const PlannedChange> planned,
                                    std::span<const PostId> posts,
                                    const std::function<bool(sql::Work&)>& before) {
  auto outcome = inside.pool.transact([&](sql::Work& work) -> Result<CommitOutcome> {
    CommitOutcome done;
    ChangeWriter writer(inside, work, posts);
    done.refusal = before(work) ? writer.write(planned) : Refusal::outdated;
    if (done.refusal) {
      work.abandon();
      return done;
    }
    writer.refresh_search();
    done.committed.reports = writer.new_reports();
    done.committed.replies = writer.replies();
    return done;
  });
  if (outcome && !outcome->refusal) {
    Notifier::Channels owing;
    for (const auto& each : planned) add_owing(*each.change, owing);
    inside.notifier.touch(owing);
  }
  return outcome;
}

}  // namespace

Result<CommitOutcome> Store::commit(IntakeBatch& batch) {
  std::shared_lock names_files(inside_->files, std::defer_lock);
  std::unique_lock removes_files(inside_->files, std::defer_lock);
  if (!deleted_ids(batch.signals).empty()) removes_files.lock();
  std::vector<std::string> unused;
  for (auto& filed : batch.filed) {
    for (auto& attachment : filed.post.attachments) {
      if (!removes_files.owns_lock() && !names_files.owns_lock()) names_files.lock();
      TRY(inside_->attachments.take(attachment));
    }
  }
  bool collided = false;
  const auto commit = [&](bool look_first) {
    return inside_->pool.transact([&](sql::Work& work) -> Result<CommitOutcome> {
      unused.clear();
      Turn turn(*inside_, work, batch, look_first, unused);
      auto outcome = turn.run();
      collided = turn.collided();
      if (outcome.refusal) work.abandon();
      return outcome;
    });
  };
  auto outcome = commit(false);
  // Most posts and authors are as the evidence has them; only when it lags is each looked up once
  // more, and again if somebody else stored them after the look.
  constexpr int k_most_looks = 3;
  for (int looks = 0; outcome && collided && looks < k_most_looks; ++looks) outcome = commit(true);
  if (outcome && !outcome->refusal) {
    for (const auto& sha256 : unused) inside_->attachments.remove(sha256);
    Notifier::Channels owing;
    for (const auto& change : batch.changes) add_owing(change, owing);
    for (const auto& filed : batch.filed) {
      if (filed.errand && filed.errand->answer) owing.insert(filed.errand->answer->channel);
    }
    inside_->notifier.touch(owing);
  }
  return outcome;
}

Result<> Store::keep(std::span<Attachment> files) {
  const std::shared_lock names_files(inside_->files);
  for (auto& file : files) TRY(inside_->attachments.take(file));
  return {};
}

Result<CommitOutcome> Store::write(std::span<const Change> changes) {
  // Nobody erases meanwhile what the lines are to name.
  std::shared_lock names_files(inside_->files, std::defer_lock);
  for (const auto& change : changes) {
    for (const auto& entry : change.entries) {
      for (const auto& file : entry.files) {
        if (!names_files.owns_lock()) names_files.lock();
        if (!inside_->attachments.has(file.sha256)) {
          return fail(Remedy::drop, "A file is no longer there: choose it again.");
        }
      }
    }
  }
  std::vector<PlannedChange> planned;
  planned.reserve(changes.size());
  for (const auto& change : changes) planned.push_back({&change, {}, {}});
  return write_changes(*inside_, planned, {}, [](sql::Work&) { return true; });
}

Result<CommitOutcome> Store::adopt(PostId post, Fate was, Fate fate, const Change& change,
                                   const std::optional<Change>& former) {
  std::vector<PlannedChange> planned{{&change, {}, {post}}};
  if (former) planned.push_back({&*former, {}, {}});
  const auto take = [&](sql::Work& work) {
    return !work.run(k_adopt_post, Parameters() << post.value() << name(fate)
                                                << change.after.id.value() << name(was))
                .empty();
  };
  return write_changes(*inside_, planned, {&post, 1}, take);
}

}  // namespace kanal
