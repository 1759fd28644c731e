#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <tuple>
#include <unordered_map>

#include <sodium.h>

#include "core/text.hpp"
#include "store/contacts.hpp"
#include "store/inside.hpp"
#include "store/rows.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

constexpr std::size_t k_most_references = 20;
constexpr std::size_t k_says_no_language_bytes = 20;
constexpr auto k_same_text_window = std::chrono::days(7);
constexpr auto k_recent = std::chrono::hours(1);
constexpr auto k_spoken_of = std::chrono::days(90);  ///< nobody speaks of an older report unnamed
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

// (place in the batch, way found, nearness, report): by token; by the ids of our replies and of
// stored posts; by tracking code, for the report's own people only.
constexpr Statement k_threads{
    "threads",
    "SELECT t.place, 1 AS way, 0 AS nearness, r.id"
    " FROM unnest($2::integer[], $3::bigint[]) AS t (place, report)"
    " JOIN report AS r ON r.id = t.report"
    " UNION ALL"
    " SELECT f.place, 2, f.nearness, p.report"
    " FROM unnest($4::integer[], $5::integer[], $6::text[]) AS f (place, nearness, external_id)"
    ", LATERAL (SELECT report FROM post WHERE channel = $1::text"
    "  AND post.external_id = f.external_id LIMIT 1) AS p"
    " WHERE p.report IS NOT NULL"
    " UNION ALL"
    " SELECT f.place, 2, f.nearness, p.report"
    " FROM unnest($4::integer[], $5::integer[], $6::text[]) AS f (place, nearness, external_id)"
    ", LATERAL (SELECT post FROM told WHERE channel = $1::text"
    "  AND told.external_id = f.external_id LIMIT 1) AS t JOIN post AS p ON p.id = t.post"
    " WHERE p.report IS NOT NULL"
    " UNION ALL"
    " SELECT f.place, 2, f.nearness, o.report"
    " FROM unnest($4::integer[], $5::integer[], $6::text[]) AS f (place, nearness, external_id)"
    ", LATERAL (SELECT report FROM outbox WHERE channel = $1::text"
    "  AND outbox.external_id = f.external_id AND outbox.report <> 0 LIMIT 1000) AS o"
    " UNION ALL"
    " SELECT c.place, 3, 0, r.id"
    " FROM unnest($7::integer[], $8::text[], $9::bytea[]) AS c (place, code, lookup)"
    " JOIN report AS r ON r.code = c.code"
    " WHERE EXISTS (SELECT FROM reporter AS a WHERE a.id = r.reporter"
    "   AND a.channel = $1::text AND a.lookup = c.lookup)"
    " OR EXISTS (SELECT FROM contact AS k WHERE k.report = r.id AND k.channel = $1::text"
    "   AND k.lookup = c.lookup)"
    " ORDER BY 1, 2, 3, 4"};

// A line for each of their reports with the same text, the newest first, with the subject and the
// files that it came with; one without them if there is none.
constexpr Statement k_author_reports{
    "author_reports",
    "SELECT u.place,"
    " (SELECT r.id FROM report AS r WHERE r.reporter = u.reporter AND r.state = 'needs_info'"
    "   ORDER BY r.state_since DESC, r.id DESC LIMIT 1),"
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

// Whether the author is one of the report's own people under another identity (the mail address
// that was left on a form), how often we have answered in this thread, and whether words of the
// author's are with the report already.
constexpr Statement k_thread_facts{
    "thread_facts",
    "SELECT u.place,"
    " EXISTS (SELECT FROM contact AS k WHERE k.report = u.report AND k.channel = $1::text"
    "   AND k.lookup = u.lookup),"
    " (SELECT count(*) FROM outbox AS o WHERE o.report = u.report"
    "   AND o.created_at > $5::timestamptz AND o.acknowledgement),"
    " EXISTS (SELECT FROM post AS p WHERE p.report = u.report AND p.reporter = u.reporter"
    "   AND p.fate = 'joined')"
    " FROM unnest($2::integer[], $3::bigint[], $4::bytea[], $6::bigint[])"
    " AS u (place, report, lookup, reporter)"};

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

constexpr Statement k_offices{
    "offices",
    "SELECT t.place, a.sealed FROM unnest($2::integer[], $3::bigint[], $4::integer[], $5::text[])"
    " AS t (place, report, step, rest)"
    " JOIN outbox AS o ON o.report = t.report AND o.step = t.step AND o.channel = $1::text"
    "  AND key_rest(o) = t.rest"
    " JOIN reporter AS a ON a.id = o.reporter"};

// Where reports went that were merged, however often.
constexpr Statement k_roots{
    "roots",
    "WITH RECURSIVE up AS ("
    "  SELECT id AS start, id, merged_into, 0 AS depth FROM report WHERE id = ANY($1::bigint[])"
    "  UNION ALL SELECT up.start, r.id, r.merged_into, up.depth + 1"
    "  FROM up JOIN report AS r ON r.id = up.merged_into WHERE up.depth < 8)"
    " SELECT DISTINCT ON (start) start, id FROM up ORDER BY start, depth DESC"};

std::string reports_where(std::string_view condition) {
  return std::string("SELECT ") + k_report_columns + " FROM report AS r WHERE " +
         std::string(condition);
}

std::string view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// A token taken apart: the report, and of a message of ours also the rest of its key.
struct Token {
  std::int64_t report = 0;
  int step = 0;
  std::string rest;
};

std::optional<Token> read_token(const std::string& text) {
  Token token;
  const char* const end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, token.report);
  if (text.empty() || error != std::errc()) return std::nullopt;
  if (dot == end) return token;
  const auto [second, wrong] = std::from_chars(dot + 1, end, token.step);
  if (*dot != '.' || wrong != std::errc() || second == end || *second != '.') return std::nullopt;
  token.rest.assign(second + 1, end);
  return token;
}

std::string sha256(std::string_view text) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return digest;
}

// Whether something that its people say of a report that stands so is told to them all.
bool may_be_told_of(State state) {
  return std::ranges::any_of(lifecycle(), [&](const Move& move) {
    return move.from == state && move.who.has(Role::reporter) && move.wording != Wording::none;
  });
}

/// The evidence of one batch while it is gathered.
class Gathering {
 public:
  Gathering(const Store::Inside& inside, const ChannelName& channel, std::span<Post> posts,
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

  Result<std::vector<Evidence>> run(sql::Work& work) {
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

 private:
  struct Ids {
    std::int64_t thread = 0;
    std::int64_t asked = 0;
    std::int64_t answered = 0;
    std::int64_t same_text = 0;
    std::int64_t latest = 0;
    std::int64_t supported = 0;
  };

  Result<> find_known(sql::Work& work);
  void find_authors(sql::Work& work);
  void find_threads(sql::Work& work);
  void find_passed_on(sql::Work& work);
  Result<> find_author_reports(sql::Work& work);
  void find_thread_facts(sql::Work& work);
  void read_reports(sql::Work& work);
  void follow_merged(sql::Work& work);
  void find_offices(sql::Work& work);
  void find_contacts(sql::Work& work);
  void find_named(sql::Work& work);
  static std::unordered_map<std::int64_t, Report> reports_of(sql::Work& work, const Column& ids);

  const Store::Inside& inside_;
  const ChannelName& channel_;
  std::span<Post> posts_;
  Store::Answering answering_;
  Time now_;
  std::vector<std::string> lookups_;
  std::vector<Evidence> evidence_;
  std::vector<Ids> reports_;
};

Result<> identify_files(Post& post) {
  for (auto& attachment : post.attachments) TRY(AttachmentFiles::identify(attachment));
  return {};
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

void Gathering::find_threads(sql::Work& work) {
  Column token_place(Type::integer), token_report(Type::bigint);
  Column place(Type::integer), nearness(Type::integer), external_id(Type::text);
  Column code_place(Type::integer), code(Type::text), lookup(Type::bytes);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const auto& post = posts_[i];
    const int number = static_cast<int>(i);
    if (const auto token = read_token(post.hints.thread_token)) {
      token_place.add(number);
      token_report.add(token->report);
    }
    int near = 0;
    const auto refer = [&](const ExternalId& id) {
      place.add(number);
      nearness.add(near++);
      external_id.add(key_of(id));
    };
    if (!post.hints.edition.empty()) refer(post.id);
    if (post.in_reply_to) refer(*post.in_reply_to);
    const auto count = std::min(post.hints.references.size(), k_most_references);
    for (std::size_t r = 0; r < count; ++r) refer(post.hints.references[r]);
    if (!post.hints.tracking_code.empty()) {
      code_place.add(number);
      code.add(post.hints.tracking_code);
      lookup.add(lookups_[i]);
    }
  }
  if (token_place.empty() && place.empty() && code_place.empty()) return;
  constexpr std::array ways{ThreadBy::none, ThreadBy::token, ThreadBy::reference, ThreadBy::code};
  for (const auto& row : work.run(
           k_threads, Parameters() << channel_.value() << token_place << token_report << place
                                   << nearness << external_id << code_place << code << lookup)) {
    const auto at = static_cast<std::size_t>(sql::number(row[0]));
    if (reports_[at].thread != 0) continue;
    reports_[at].thread = sql::number(row[3]);
    evidence_[at].thread_by = ways.at(static_cast<std::size_t>(sql::number(row[1])));
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
                             << k_most_same_texts << answers << now_ - k_spoken_of)) {
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

void Gathering::find_thread_facts(sql::Work& work) {
  Column place(Type::integer), report(Type::bigint), lookup(Type::bytes), reporter(Type::bigint);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    // Answers in a report that is found by its author are as many as by its thread.
    const auto where = reports_[i].thread != 0 ? reports_[i].thread : reports_[i].latest;
    if (where == 0) continue;
    place.add(static_cast<int>(i));
    report.add(where);
    lookup.add(lookups_[i]);
    reporter.add(evidence_[i].reporter.value());
  }
  if (place.empty()) return;
  for (const auto& row :
       work.run(k_thread_facts, Parameters() << channel_.value() << place << report << lookup
                                             << now_ - k_recent << reporter)) {
    const auto at = static_cast<std::size_t>(sql::number(row[0]));
    evidence_[at].thread_replies_last_hour = sql::small(row[2]);
    if (reports_[at].thread == 0) continue;
    evidence_[at].thread_is_own = sql::truth(row[1]);
    evidence_[at].guest = sql::truth(row[3]);
  }
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

// Who answers a message to an office answers for it, whoever they are.
void Gathering::find_offices(sql::Work& work) {
  Column place(Type::integer), report(Type::bigint), step(Type::integer), rest(Type::text);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const auto token = read_token(posts_[i].hints.thread_token);
    if (!token || token->rest.empty() || !evidence_[i].thread) continue;
    place.add(static_cast<int>(i));
    report.add(token->report);
    step.add(token->step);
    rest.add(token->rest);
  }
  if (place.empty()) return;
  for (const auto& row :
       work.run(k_offices, Parameters() << channel_.value() << place << report << step << rest)) {
    auto& evidence = evidence_[static_cast<std::size_t>(sql::number(row[0]))];
    const auto author = unseal_author(inside_.keys, sql::bytes(row[1]));
    if (author) evidence.handed = office_of(*author);
  }
}

// Of each report that an office or one of its people may move to where the others are told.
void Gathering::find_contacts(sql::Work& work) {
  std::set<ReportId> about;
  for (const auto& evidence : evidence_) {
    if (evidence.handed) about.insert(evidence.thread->id);
    for (const auto* report :
         {&evidence.thread, &evidence.answered, &evidence.same_text, &evidence.latest}) {
      if (*report && may_be_told_of((*report)->state)) about.insert((*report)->id);
    }
  }
  if (about.empty()) return;
  Column reports(Type::bigint);
  for (const auto id : about) reports.add(id.value());
  const auto contacts = std::make_shared<const Contacts>(read_contacts(work, reports));
  for (auto& evidence : evidence_) evidence.contacts = contacts;
}

// Anybody may ask how a report stands; what they are told is for the pipeline to say.
void Gathering::find_named(sql::Work& work) {
  Column codes(Type::text);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const auto& code = posts_[i].hints.tracking_code;
    if (!code.empty() && !evidence_[i].thread) codes.add(code);
  }
  if (codes.empty()) return;
  static const std::string text = reports_where("r.code = ANY($1::text[])");
  static const Statement statement{"reports_by_code", text.c_str()};
  std::unordered_map<std::string, Report> found;
  for (const auto& row : work.run(statement, Parameters() << codes)) {
    auto report = read_report(row);
    auto code = report.code.value();
    found.emplace(std::move(code), std::move(report));
  }
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const auto named = found.find(posts_[i].hints.tracking_code);
    if (!evidence_[i].thread && named != found.end()) evidence_[i].named = named->second;
  }
}

void Gathering::read_reports(sql::Work& work) {
  Column ids(Type::bigint);
  for (const auto& report : reports_) {
    if (report.thread != 0) ids.add(report.thread);
    if (report.asked != 0) ids.add(report.asked);
    if (report.answered != 0) ids.add(report.answered);
    if (report.same_text != 0) ids.add(report.same_text);
    if (report.latest != 0) ids.add(report.latest);
    if (report.supported != 0) ids.add(report.supported);
  }
  if (ids.empty()) return;
  const auto found = reports_of(work, ids);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    auto& evidence = evidence_[i];
    if (const auto thread = found.find(reports_[i].thread); thread != found.end()) {
      evidence.thread = thread->second;
      evidence.thread_is_own = evidence.thread_is_own ||
                               (evidence.reporter && thread->second.reporter == evidence.reporter);
      evidence.guest = evidence.guest && !evidence.thread_is_own;
    } else {
      evidence.thread_by = ThreadBy::none;
    }
    if (const auto asked = found.find(reports_[i].asked); asked != found.end()) {
      evidence.asked = asked->second;
    }
    if (const auto answered = found.find(reports_[i].answered); answered != found.end()) {
      evidence.answered = answered->second;
    }
    if (const auto same = found.find(reports_[i].same_text); same != found.end()) {
      evidence.same_text = same->second;
    }
    if (const auto latest = found.find(reports_[i].latest); latest != found.end()) {
      evidence.latest = latest->second;
    }
    if (const auto supported = found.find(reports_[i].supported); supported != found.end()) {
      evidence.supported = supported->second;
    }
  }
}

}  // namespace

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
