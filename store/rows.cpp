#include "store/rows.hpp"

#include <array>
#include <unordered_map>

namespace kanal {
namespace {

template <class Enum, std::size_t count>
std::optional<Enum> find_name(std::string_view text) {
  for (std::size_t number = 0; number < count; ++number) {
    if (name(static_cast<Enum>(number)) == text) return static_cast<Enum>(number);
  }
  return std::nullopt;
}

constexpr std::size_t k_timers = static_cast<std::size_t>(Timer::silence) + 1;
constexpr std::size_t k_audiences = 3;
constexpr std::size_t k_fates = 8;
constexpr std::size_t k_healths = 7;

constexpr sql::Statement k_attachments{"attachments",
                                       "SELECT post, name, type, size_bytes, sha256"
                                       " FROM attachment WHERE post = ANY($1::bigint[])"
                                       " ORDER BY post, position"};

constexpr sql::Statement k_line_files{"line_files",
                                      "SELECT report, step, name, type, size_bytes, sha256"
                                      " FROM entry_file WHERE report = ANY($1::bigint[])"
                                      " ORDER BY report, step, position"};

template <class Name>
Name named(const pqxx::field& field) {
  return Name(sql::text(field));
}

}  // namespace

const char* const k_report_columns =
    "r.id, r.code, r.steps, r.head, r.state, r.timer, micros(r.due_at), r.overdue, r.kind,"
    " r.category, r.agency, r.unit, r.channel, r.reporter, r.title, r.text, r.language,"
    " r.latitude, r.longitude, r.address, r.anonymous, r.confidential, r.hops, r.reopenings,"
    " r.rating, r.merged_into, micros(r.received_at), micros(r.updated_at),"
    " micros(r.state_since)";

Report read_report(const pqxx::row& row, int first) {
  int next = first;
  const auto field = [&] { return row[next++]; };
  Report report;
  report.id = ReportId(sql::number(field()));
  report.code = named<TrackingCode>(field());
  report.steps = sql::small(field());
  report.head = sql::digest(field());
  report.state = state_of(sql::text(field())).value_or(State::received);
  report.timer = find_name<Timer, k_timers>(sql::text(field())).value_or(Timer::none);
  report.due_at = sql::maybe_time(field());
  report.overdue = sql::truth(field());
  report.kind = named<KindId>(field());
  report.category = named<CategoryId>(field());
  report.agency = named<AgencyId>(field());
  report.unit = named<UnitId>(field());
  report.channel = named<ChannelName>(field());
  report.reporter = ReporterId(sql::number(field()));
  report.title = sql::text(field());
  report.text = sql::text(field());
  report.language = sql::text(field());
  const auto latitude = sql::maybe_real(field());
  const auto longitude = sql::maybe_real(field());
  const auto address = field();
  if (latitude || longitude || !address.is_null()) {
    report.place = Place{latitude, longitude, sql::text(address)};
  }
  report.anonymous = sql::truth(field());
  report.confidential = sql::truth(field());
  report.hops = sql::small(field());
  report.reopenings = sql::small(field());
  const auto rating = field();
  if (!rating.is_null()) report.rating = sql::small(rating);
  report.merged_into = ReportId(sql::number(field()));
  report.received_at = sql::time(field());
  report.updated_at = sql::time(field());
  report.state_since = sql::time(field());
  return report;
}

const char* const k_entry_columns =
    "e.step, micros(e.at), e.role, e.officer, e.actor_agency, e.actor_unit, e.event,"
    " e.from_state, e.to_state, e.agency, e.unit, e.post, e.other, e.reason, e.words_hash,"
    " e.audience, e.previous, e.hash, w.salt, w.words,"
    // Under whatever name they left an address, and in doubt somebody else.
    " coalesce(e.role = 'reporter' AND (SELECT a.id <> r.reporter AND NOT EXISTS ("
    "   SELECT FROM contact AS k WHERE k.report = r.id AND k.reporter = r.reporter"
    "   AND k.channel = a.channel AND k.lookup = a.lookup)"
    "  FROM report AS r, reporter AS a WHERE r.id = e.report"
    "  AND a.id = coalesce((SELECT p.reporter FROM post AS p WHERE p.id = e.post),"
    "   (SELECT c.reporter FROM report AS c WHERE c.id = e.other), r.reporter)), true)";

StoredEntry read_entry(const pqxx::row& row) {
  int next = 0;
  const auto field = [&] { return row[next++]; };
  StoredEntry stored;
  auto& entry = stored.entry;
  entry.step = sql::small(field());
  entry.at = sql::time(field());
  entry.actor.role = role_of(sql::text(field())).value_or(Role::system);
  entry.actor.officer = OfficerId(sql::number(field()));
  entry.actor.agency = named<AgencyId>(field());
  entry.actor.unit = named<UnitId>(field());
  entry.event = event_of(sql::text(field())).value_or(Event::note);
  entry.from = state_of(sql::text(field())).value_or(State::received);
  entry.to = state_of(sql::text(field())).value_or(State::received);
  entry.agency = named<AgencyId>(field());
  entry.unit = named<UnitId>(field());
  entry.post = PostId(sql::number(field()));
  entry.other = ReportId(sql::number(field()));
  entry.reason = sql::text(field());
  stored.words_hash = sql::bytes(field());
  entry.audience =
      find_name<Audience, k_audiences>(sql::text(field())).value_or(Audience::officers);
  entry.previous = sql::digest(field());
  entry.hash = sql::digest(field());
  const auto salt = field();
  stored.salt = sql::bytes(salt);
  entry.words = sql::text(field());
  entry.by_another = sql::truth(field());
  stored.erased = !stored.words_hash.empty() && salt.is_null();
  return stored;
}

const char* const k_post_columns =
    "p.id, p.channel, p.external_id, p.reporter, p.fate, p.reason, p.report, p.text, p.full_text,"
    " p.subject, p.stages, micros(p.posted_at), micros(p.received_at), p.erased,"
    " asks_confidence(p), p.code, p.quiet";

PostRecord read_post(const pqxx::row& row) {
  int next = 0;
  const auto field = [&] { return row[next++]; };
  PostRecord post;
  post.id = PostId(sql::number(field()));
  post.channel = named<ChannelName>(field());
  post.external_id = named<ExternalId>(field());
  post.author = ReporterId(sql::number(field()));
  post.fate = fate_of(sql::text(field())).value_or(Fate::held);
  post.reason = sql::text(field());
  post.report = ReportId(sql::number(field()));
  post.text = sql::text(field());
  post.full_text = sql::text(field());
  post.subject = sql::text(field());
  post.stages = sql::text(field());
  post.posted_at = sql::time(field());
  post.received_at = sql::time(field());
  post.erased = sql::truth(field());
  post.confidential = sql::truth(field());
  post.code = named<TrackingCode>(field());
  post.quiet = sql::truth(field());
  if (post.full_text.empty()) post.full_text = post.text;
  return post;
}

void attach(sql::Work& work, std::vector<PostRecord>& posts) {
  if (posts.empty()) return;
  sql::Column ids(sql::Type::bigint, posts.size());
  std::unordered_map<std::int64_t, PostRecord*> by_id;
  for (auto& post : posts) {
    ids.add(post.id.value());
    by_id[post.id.value()] = &post;
  }
  for (const auto& row : work.run(k_attachments, sql::Parameters() << ids)) {
    by_id.at(sql::number(row[0]))->attachments.push_back(read_file(row, 1));
  }
}

void read_line_files(sql::Work& work, const sql::Column& reports,
                     const std::function<void(ReportId, int step, Attachment)>& take) {
  for (const auto& row : work.run(k_line_files, sql::Parameters() << reports)) {
    take(ReportId(sql::number(row[0])), sql::small(row[1]), read_file(row, 2));
  }
}

Attachment read_file(const pqxx::row& row, int first) {
  Attachment file;
  file.name = sql::text(row[first]);
  file.type = sql::text(row[first + 1]);
  file.size_bytes = static_cast<std::uint64_t>(sql::number(row[first + 2]));
  file.sha256 = sql::text(row[first + 3]);
  return file;
}

std::string_view name(Audience audience) {
  constexpr std::array<std::string_view, k_audiences> names{"everyone", "reporter", "officers"};
  return names.at(static_cast<std::size_t>(audience));
}

std::string_view name(Signal::Kind kind) {
  constexpr std::array<std::string_view, 5> names{"delivered", "failed", "delayed", "deleted",
                                                  "edited"};
  return names.at(static_cast<std::size_t>(kind));
}

std::string_view name(Fate fate) {
  constexpr std::array<std::string_view, k_fates> names{
      "report", "joined", "repeated", "screened", "held", "quarantined", "office", "errand"};
  return names.at(static_cast<std::size_t>(fate));
}

std::string_view name(Health health) {
  constexpr std::array<std::string_view, k_healths> names{
      "connecting", "working", "waiting", "throttled", "credentials_refused", "failing", "paused"};
  return names.at(static_cast<std::size_t>(health));
}

std::optional<ReplyState> reply_state_of(std::string_view text) {
  return find_name<ReplyState, k_reply_states.size()>(text);
}
std::optional<Fate> fate_of(std::string_view text) {
  return find_name<Fate, k_fates>(text);
}
Health health_of(std::string_view text) {
  return find_name<Health, k_healths>(text).value_or(Health::connecting);
}

}  // namespace kanal
