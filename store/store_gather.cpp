#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>

#include <sodium.h>

#include "core/text.hpp"
#include "store/gathering.hpp"
#include "store/rows.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

constexpr std::size_t k_says_no_language_bytes = 20;
constexpr auto k_same_text_window = std::chrono::days(7);
constexpr auto k_spoken_of = std::chrono::days(90);  ///< nobody speaks of an older report unnamed
constexpr int k_looked_back = 20;  ///< reports, and lines of each, in which a question may stand
constexpr int k_most_same_texts = 5;

// A look into the index for each key, whatever the planner thinks of a table that it has not
// counted yet: it would read a channel from end to end. LIMIT keeps it from joining in another way.
constexpr Statement k_known_posts{
    "known_posts",
    "SELECT k.external_id, p.digest, p.at,"
    " (SELECT coalesce(string_agg(sha256, '' ORDER BY sha256), '')"
    " FROM attachment WHERE attachment.post = p.id), p.edition,"
    " k.is_later AND EXISTS (SELECT FROM post AS later WHERE later.report = p.report"
    "  AND later.in_reply_to = k.external_id AND later.edition = later.external_id)"
    " FROM unnest($2::text[], $3::boolean[]) AS k (external_id, is_later), LATERAL ("
    "  SELECT id, CASE WHEN NOT erased THEN sha256(convert_to(text, 'UTF8')) END AS digest,"
    "   micros(posted_at) AS at, report, coalesce(edition, '') AS edition FROM post"
    "  WHERE channel = $1::text AND post.external_id = k.external_id LIMIT 1) AS p"};

// Counting stops where no rule looks any further.
constexpr Statement k_authors{
    "authors",
    "SELECT r.lookup, r.id, r.blocked, r.silent_since IS NOT NULL,"
    " CASE WHEN $4::boolean THEN (SELECT count(*) FROM (SELECT FROM outbox AS o"
    "   WHERE o.reporter = r.id AND o.created_at > $3::timestamptz AND o.acknowledgement"
    "   LIMIT 1000) AS latest) END,"
    " CASE WHEN $4::boolean THEN (SELECT count(*) FROM (SELECT FROM post AS p"
    "   WHERE p.reporter = r.id AND p.received_at > $3::timestamptz AND p.fate = 'report'"
    "   LIMIT 1000) AS latest) END"
    " FROM unnest($2::bytea[]) AS k (lookup), LATERAL (SELECT * FROM reporter"
    "  WHERE channel = $1::text AND reporter.lookup = k.lookup LIMIT 1) AS r"};

// A line for each of their reports with the same text, the newest first, with the subject and the
// files that it came with; one without them if there is none.
// Who was asked something, or whose report waits for their data, may answer without a number.
constexpr Statement k_author_reports{
    "author_reports",
    "SELECT u.place,"
    " (SELECT w.id FROM ("
    "   SELECT r.id, r.state_since AS at FROM report AS r"
    "   WHERE r.reporter = u.reporter AND r.state = 'needs_info'"
    "   UNION ALL SELECT r.id, e.at FROM (SELECT report FROM (SELECT report, fate FROM post"
    "     WHERE post.reporter = u.reporter AND post.received_at > $8::timestamptz"
    "     ORDER BY post.received_at DESC LIMIT 10 * $10::integer) AS p"
    "     WHERE fate = 'report' LIMIT $10::integer) AS own"
    "    JOIN report AS r ON r.id = own.report AND r.reporter = u.reporter"
    "     AND r.state IN ('at_agency', 'at_unit', 'in_progress', 'reopened'), LATERAL ("
    "     SELECT e.at FROM entry AS e WHERE e.report = r.id AND e.step > r.steps - $10::integer"
    "     AND e.event = 'interim' AND e.audience = 'reporter' AND e.at > $8::timestamptz"
    "     AND NOT EXISTS (SELECT FROM entry AS c WHERE c.report = r.id AND c.step > e.step"
    "      AND (c.event = 'comment' AND c.other IS NULL AND NOT EXISTS ("
    "        SELECT FROM post AS p WHERE p.id = c.post AND p.fate = 'report')"
    "       OR c.event IN ('complete', 'answer', 'dispute', 'reopen')))"
    "     ORDER BY e.step DESC LIMIT 1) AS e WHERE $9::boolean"
    "  ) AS w ORDER BY w.at DESC, w.id DESC LIMIT 1),"
    " (SELECT r.id FROM report AS r WHERE r.reporter = u.reporter AND r.state = 'answered'"
    "   ORDER BY r.state_since DESC, r.id DESC LIMIT 1),"
    " CASE WHEN u.brief THEN (SELECT p.language FROM post AS p WHERE p.reporter = u.reporter"
    "   AND p.language <> '' ORDER BY p.received_at DESC LIMIT 1) END,"
    " CASE WHEN u.answers THEN (SELECT p.report FROM post AS p WHERE p.reporter = u.reporter"
    "   AND p.fate = 'report' AND p.received_at > $8::timestamptz"
    "   ORDER BY p.received_at DESC LIMIT 1) END,"
    " s.id, s.subject, (SELECT coalesce(string_agg(sha256, '' ORDER BY sha256), '')"
    "  FROM attachment WHERE attachment.post = s.post)"
    " FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $5::boolean[], $7::boolean[])"
    " AS u (place, reporter, text_hash, brief, answers)"
    " LEFT JOIN LATERAL (SELECT r.id, p.id AS post, p.subject FROM report AS r, LATERAL ("
    "   SELECT id, subject FROM post WHERE post.report = r.id AND post.fate = 'report'"
    "   ORDER BY id LIMIT 1) AS p"
    "  WHERE r.reporter = u.reporter AND r.text_hash = u.text_hash"
    "  AND r.received_at > $4::timestamptz AND r.state NOT IN ('archived', 'rejected', 'closed')"
    "  ORDER BY r.id DESC LIMIT $6::integer) AS s ON true ORDER BY u.place, s.id DESC"};

// Support of what is itself support is support of the same.
constexpr Statement k_passed_on{
    "passed_on",
    "SELECT k.place, coalesce(p.passes_on, p.id), coalesce(o.report, p.report)"
    " FROM unnest($2::integer[], $3::text[]) AS k (place, external_id), LATERAL ("
    "  (SELECT id, report, passes_on FROM post WHERE channel = $1::text"
    "   AND post.external_id = k.external_id LIMIT 1)"
    "  UNION ALL SELECT p.* FROM (SELECT post FROM told WHERE channel = $1::text"
    "   AND told.external_id = k.external_id LIMIT 1) AS t, LATERAL ("
    "    SELECT id, report, passes_on FROM post WHERE post.id = t.post LIMIT 1) AS p"
    "  LIMIT 1) AS p"
    " LEFT JOIN LATERAL (SELECT report FROM post WHERE post.id = p.passes_on LIMIT 1) AS o ON true"
    " ORDER BY 1, 2"};

// Where reports went that were merged, however often.
constexpr Statement k_roots{
    "roots",
    "WITH RECURSIVE up AS ("
    "  SELECT id AS start, id, merged_into, 0 AS depth FROM report WHERE id = ANY($1::bigint[])"
    "  UNION ALL SELECT up.start, r.id, r.merged_into, up.depth + 1"
    "  FROM up JOIN report AS r ON r.id = up.merged_into WHERE up.depth < 8)"
    " SELECT DISTINCT ON (start) start, id FROM up ORDER BY start, depth DESC"};

std::string view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string sha256(std::string_view text) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return digest;
}

Result<> identify_files(Post& post) {
  for (auto& attachment : post.attachments) TRY(AttachmentFiles::identify(attachment));
  return {};
}

}  // namespace

Gathering::Gathering(const Store::Inside& inside, const ChannelName& channel, std::span<Post> posts,
                     Store::Answering answering)
    : inside_(inside),
      channel_(channel),
      posts_(posts),
      answering_(answering),
      now_(inside.clock.now()),
      evidence_(posts.size()),
      reports_(posts.size()) {
  for (std::size_t i = 0; i < posts.size(); ++i) {
    lookups_.push_back(view_of(inside.lookup(channel, posts[i].author.id.value())));
    evidence_[i].who = lookups_.back();
  }
}

Result<std::vector<Evidence>> Gathering::run(sql::Work& work) {
  TRY(find_known(work));
  find_authors(work);
  find_threads(work);
  find_passed_on(work);
  TRY(find_author_reports(work));
  find_thread_facts(work);
  read_reports(work);
  follow_merged(work);
  find_offices(work);
  find_contacts(work);
  find_named(work);
  return std::move(evidence_);
}

Result<> Gathering::find_known(sql::Work& work) {
  Column ids(Type::text, posts_.size(), 40), is_later(Type::boolean, posts_.size(), 1);
  std::unordered_multimap<std::string, std::size_t> places;
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    auto key = key_of(posts_[i].id);
    ids.add(key);
    is_later.add(!posts_[i].hints.edition.empty());
    places.emplace(std::move(key), i);
  }
  for (const auto& [key, i] : places) {
    if (places.count(key) > 1) TRY(identify_files(posts_[i]));
  }
  Column apart_ids(Type::text), is_first(Type::boolean);
  std::unordered_multimap<std::string, std::size_t> apart_places;
  for (const auto& row :
       work.run(k_known_posts, Parameters() << channel_.value() << ids << is_later)) {
    const auto [from, to] = places.equal_range(sql::text(row[0]));
    for (auto place = from; place != to; ++place) {
      const auto i = place->second;
      evidence_[i].known = true;
      // The time too: a later release may read another text out of the same message.
      const auto& edition = posts_[i].hints.edition;
      const bool same =
          edition.empty() ? sql::time(row[2]) == posts_[i].posted_at : sql::text(row[4]) == edition;
      if (row[1].is_null() || same) continue;
      TRY(identify_files(posts_[i]));
      // Behind another change, going back to the first words is one too.
      evidence_[i].another = evidence_[i].another || sql::truth(row[5]) ||
                             sql::bytes(row[1]) != sha256(posts_[i].text) ||
                             sql::text(row[3]) != digests_of_files(posts_[i]);
    }
  }
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    if (!evidence_[i].another) continue;
    auto key = key_of(apart_id(posts_[i]));
    apart_ids.add(key);
    is_first.add(false);
    apart_places.emplace(std::move(key), i);
  }
  if (apart_ids.empty()) return {};
  for (const auto& row :
       work.run(k_known_posts, Parameters() << channel_.value() << apart_ids << is_first)) {
    const auto [from, to] = apart_places.equal_range(sql::text(row[0]));
    for (auto place = from; place != to; ++place) evidence_[place->second].apart_known = true;
  }
  return {};
}

void Gathering::find_authors(sql::Work& work) {
  Column lookups(Type::bytes, posts_.size(), 32);
  std::unordered_multimap<std::string, std::size_t> places;
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    if (!places.contains(lookups_[i])) lookups.add(lookups_[i]);
    places.emplace(lookups_[i], i);
  }
  for (const auto& row :
       work.run(k_authors, Parameters() << channel_.value() << lookups << now_ - k_recent
                                        << (answering_ == Store::Answering::maybe))) {
    const auto [from, to] = places.equal_range(sql::bytes(row[0]));
    for (auto place = from; place != to; ++place) {
      auto& evidence = evidence_[place->second];
      evidence.reporter = ReporterId(sql::number(row[1]));
      evidence.blocked = sql::truth(row[2]);
      evidence.silent = sql::truth(row[3]);
      evidence.replies_last_hour = sql::small(row[4]);
      evidence.reports_last_hour = sql::small(row[5]);
    }
  }
}

void Gathering::find_passed_on(sql::Work& work) {
  Column place(Type::integer), external_id(Type::text);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const auto& ids = posts_[i].hints.passes_on;
    for (std::size_t n = 0; n < std::min(ids.size(), k_most_references); ++n) {
      place.add(static_cast<int>(i));
      external_id.add(key_of(ids[n]));
    }
  }
  if (place.empty()) return;
  for (const auto& row :
       work.run(k_passed_on, Parameters() << channel_.value() << place << external_id)) {
    const auto at = static_cast<std::size_t>(sql::number(row[0]));
    if (evidence_[at].passes_on) continue;
    evidence_[at].passes_on = PostId(sql::number(row[1]));
    reports_[at].supported = sql::number(row[2]);
  }
}

Result<> Gathering::find_author_reports(sql::Work& work) {
  Column place(Type::integer), reporter(Type::bigint), hash(Type::bigint), brief(Type::boolean),
      answers(Type::boolean);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    if (!evidence_[i].reporter) continue;
    place.add(static_cast<int>(i));
    reporter.add(evidence_[i].reporter.value());
    hash.add(text_hash(posts_[i].text));
    brief.add(posts_[i].text.size() <= k_says_no_language_bytes);
    answers.add(posts_[i].text.size() <= k_longest_mere_answer_bytes);
  }
  if (place.empty()) return {};
  for (const auto& row :
       work.run(k_author_reports,
                Parameters() << place << reporter << hash << now_ - k_same_text_window << brief
                             << k_most_same_texts << answers << now_ - k_spoken_of
                             << (answering_ == Store::Answering::maybe) << k_looked_back)) {
    const auto at = static_cast<std::size_t>(sql::number(row[0]));
    auto& found = reports_[at];
    auto& post = posts_[at];
    found.asked = sql::number(row[1]);
    found.answered = sql::number(row[2]);
    if (!row[3].is_null()) evidence_[at].language = sql::text(row[3]);
    found.latest = sql::number(row[4]);
    const bool same = !row[5].is_null() && found.same_text == 0 &&
                      matter_of(sql::text(row[6])) == matter_of(post.hints.subject);
    if (!same) continue;
    found.same_text = sql::number(row[5]);
    TRY(identify_files(post));
    evidence_[at].same_files = sql::text(row[7]) == digests_of_files(post);
  }
  return {};
}

std::string Gathering::reports_where(std::string_view condition) {
  return std::string("SELECT ") + k_report_columns + " FROM report AS r WHERE " +
         std::string(condition);
}

std::unordered_map<std::int64_t, Report> Gathering::reports_of(sql::Work& work, const Column& ids) {
  static const std::string text = reports_where("r.id = ANY($1::bigint[])");
  static const Statement statement{"reports_by_id", text.c_str()};
  std::unordered_map<std::int64_t, Report> found;
  for (const auto& row : work.run(statement, Parameters() << ids)) {
    auto report = read_report(row);
    found.emplace(report.id.value(), std::move(report));
  }
  return found;
}

// What is written to a report that was merged belongs where its matter is worked on.
void Gathering::follow_merged(sql::Work& work) {
  Column merged(Type::bigint);
  const auto look = [&](const std::optional<Report>& report) {
    if (report && report->merged_into) merged.add(report->id.value());
  };
  for (const auto& evidence : evidence_) {
    look(evidence.thread);
    look(evidence.same_text);
    look(evidence.latest);
    look(evidence.supported);
  }
  if (merged.empty()) return;
  std::unordered_map<std::int64_t, std::int64_t> roots;
  Column ids(Type::bigint);
  for (const auto& row : work.run(k_roots, Parameters() << merged)) {
    roots.emplace(sql::number(row[0]), sql::number(row[1]));
    ids.add(sql::number(row[1]));
  }
  const auto found = reports_of(work, ids);
  const auto follow = [&](std::optional<Report>& report, ReportId& from) {
    if (!report || !report->merged_into) return;
    const auto root = roots.find(report->id.value());
    if (root == roots.end() || !found.contains(root->second)) return;
    from = report->id;
    report = found.at(root->second);
  };
  for (auto& evidence : evidence_) {
    follow(evidence.thread, evidence.followed);
    follow(evidence.same_text, evidence.same_text_merged);
    follow(evidence.latest, evidence.latest_merged);
    ReportId joined;
    follow(evidence.supported, joined);
  }
}

void Gathering::read_reports(sql::Work& work) {
  static constexpr std::array<std::pair<std::int64_t Ids::*, std::optional<Report> Evidence::*>, 6>
      k_places = {{{&Ids::thread, &Evidence::thread},
                   {&Ids::asked, &Evidence::asked},
                   {&Ids::answered, &Evidence::answered},
                   {&Ids::same_text, &Evidence::same_text},
                   {&Ids::latest, &Evidence::latest},
                   {&Ids::supported, &Evidence::supported}}};
  Column ids(Type::bigint);
  for (const auto& report : reports_) {
    for (const auto& [id, place] : k_places) {
      if (report.*id != 0) ids.add(report.*id);
    }
  }
  if (ids.empty()) return;
  const auto found = reports_of(work, ids);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    auto& evidence = evidence_[i];
    for (const auto& [id, place] : k_places) {
      if (const auto at = found.find(reports_[i].*id); at != found.end()) {
        evidence.*place = at->second;
      }
    }
    if (!evidence.thread) {
      evidence.thread_by = ThreadBy::none;
      continue;
    }
    evidence.thread_is_own = evidence.thread_is_own ||
                             (evidence.reporter && evidence.thread->reporter == evidence.reporter);
    evidence.guest = evidence.guest && !evidence.thread_is_own;
  }
}

std::string digests_of_files(const Post& post) {
  std::vector<std::string_view> digests;
  for (const auto& attachment : post.attachments) digests.push_back(attachment.sha256);
  std::ranges::sort(digests);
  std::string all;
  for (const auto digest : digests) all += digest;
  return all;
}

ExternalId apart_id(const Post& post) {
  if (!post.hints.edition.empty()) return ExternalId(post.hints.edition);
  constexpr std::size_t k_digest_bytes = 8;
  const auto digest = sha256(post.text + digests_of_files(post));
  std::array<char, 2 * k_digest_bytes + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(digest.data()),
                 k_digest_bytes);
  return ExternalId(post.id.value() + '#' + hex.data());
}

Result<std::vector<Evidence>> Store::gather(const ChannelName& channel, std::span<Post> posts,
                                            Store::Answering answering) {
  if (posts.empty()) return std::vector<Evidence>{};
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<Evidence>> {
    return Gathering(*inside_, channel, posts, answering).run(work);
  });
}

}  // namespace kanal
