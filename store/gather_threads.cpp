#include <charconv>
#include <set>

#include "store/contacts.hpp"
#include "store/gathering.hpp"
#include "store/rows.hpp"

// Which report a post belongs to, by what it names.
namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

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

constexpr Statement k_named_is_own{
    "named_is_own",
    "SELECT n.place FROM unnest($2::integer[], $3::bigint[], $4::bytea[])"
    " AS n (place, report, lookup) JOIN report AS r ON r.id = n.report"
    " WHERE EXISTS (SELECT FROM reporter AS a WHERE a.id = r.reporter"
    "   AND a.channel = $1::text AND a.lookup = n.lookup)"
    " OR EXISTS (SELECT FROM contact AS k WHERE k.report = r.id AND k.channel = $1::text"
    "   AND k.lookup = n.lookup)"};

constexpr Statement k_offices{
    "offices",
    "SELECT t.place, a.sealed FROM unnest($2::integer[], $3::bigint[], $4::integer[], $5::text[])"
    " AS t (place, report, step, rest)"
    " JOIN outbox AS o ON o.report = t.report AND o.step = t.step AND o.channel = $1::text"
    "  AND key_rest(o) = t.rest"
    " JOIN reporter AS a ON a.id = o.reporter"};

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

// Whether something that its people say of a report that stands so is told to them all.
bool may_be_told_of(State state) {
  return std::ranges::any_of(lifecycle(), [&](const Move& move) {
    return move.from == state && move.who.has(Role::reporter) && move.wording != Wording::none;
  });
}

}  // namespace

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

bool Gathering::is_of_thread(std::size_t place) const {
  const auto& thread = evidence_[place].thread;
  return thread && thread->code.value() == posts_[place].hints.tracking_code;
}

// Anybody may ask how a report stands; what they are told is for the pipeline to say.
void Gathering::find_named(sql::Work& work) {
  Column codes(Type::text);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const auto& code = posts_[i].hints.tracking_code;
    if (!code.empty() && !is_of_thread(i)) codes.add(code);
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
  Column place(Type::integer), report(Type::bigint), lookup(Type::bytes);
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const auto named = found.find(posts_[i].hints.tracking_code);
    if (is_of_thread(i) || named == found.end()) continue;
    evidence_[i].named = named->second;
    place.add(static_cast<int>(i));
    report.add(named->second.id.value());
    lookup.add(lookups_[i]);
  }
  if (place.empty()) return;
  for (const auto& row :
       work.run(k_named_is_own, Parameters() << channel_.value() << place << report << lookup)) {
    evidence_[static_cast<std::size_t>(sql::number(row[0]))].named_is_own = true;
  }
}

}  // namespace kanal
