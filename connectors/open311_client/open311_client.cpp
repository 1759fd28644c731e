#include "connectors/open311_client/open311_client.hpp"

#include <algorithm>
#include <set>

#include "connectors/far_system.hpp"
#include "connectors/georeport.hpp"
#include "connectors/office_words.hpp"
#include "connectors/send_each.hpp"
#include "core/deadline.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::open311_client {
namespace {

using georeport::k_requests;
using georeport::k_updates;

constexpr std::size_t k_most_answer_bytes = 8U << 20U;
constexpr std::size_t k_at_once = 50;  ///< ids in one address
constexpr std::size_t k_most_a_turn = 500;
constexpr int k_most_alone_a_turn = 10;
constexpr int k_most_tokens_a_turn = 20;
constexpr std::size_t k_most_listed = 1000;
/// How far back is looked at least, and at most: a longer span the standard lets no one ask for.
constexpr std::chrono::hours k_least_span{7 * 24};
constexpr std::chrono::hours k_most_span{90 * 24};
constexpr std::chrono::hours k_clock_slack{1};
constexpr std::chrono::hours k_most_absence{24};
constexpr int k_most_doublings = 10;
/// What was read last of a request that is listed and no more.
constexpr std::string_view k_listed = "listed";

bool is_plain(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
         });
}

// The address of a POST bears no query: what it says stands in the body.
std::string without_query(std::string url) {
  url.resize(std::min(url.find('?'), url.size()));
  return url;
}

std::optional<Name> newest_request(const Reply& reply) {
  for (auto each = reply.references.rbegin(); each != reply.references.rend(); ++each) {
    if (auto name = parse_name(*each)) return name;
  }
  return std::nullopt;
}

}  // namespace

/// One round of questions.
struct Open311Client::Turn {
  std::span<const Outstanding> sent;
  Followed followed;
  Questions questions;
  std::vector<std::string> broken;  ///< ids and tokens over which the other system breaks
  std::vector<std::string> ids;  ///< of the requests, in the order of `sent`; empty: not known yet
  Batch batch;
  Time now;
  std::size_t most_posts = 0;
  int alone = 0;
  std::optional<std::size_t> left_off;  ///< the first that was to be asked about alone and was not
};

Result<std::unique_ptr<Open311Client>> Open311Client::create(ChannelName channel, Settings settings,
                                                             const Surroundings& around) {
  std::unique_ptr<Open311Client> made(
      new Open311Client(std::move(channel), std::move(settings), around));
  while (made->settings_.url.ends_with('/')) made->settings_.url.pop_back();
  made->key_ = TRY(made->settings_.api_key.reveal(&around.keys));
  if (made->key_.empty()) return fail(Remedy::reconfigure, "the api_key is empty");
  return made;
}

HttpCall Open311Client::call_to(std::string_view resource, Fields query) const {
  auto url = settings_.url + '/' + std::string(resource) + '.' + settings_.format;
  if (!settings_.jurisdiction.empty()) {
    query.emplace_back("jurisdiction_id", settings_.jurisdiction);
  }
  if (!query.empty()) url += '?' + print_form(query);
  return kanal::call_to(settings_, std::move(url), k_most_answer_bytes);
}

Result<HttpReply> Open311Client::post(std::string_view resource, Fields fields) const {
  auto call = call_to(resource, {});
  call.url = without_query(std::move(call.url));
  call.method = "POST";
  call.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  fields.insert(fields.begin(), {"api_key", key_});
  call.body = print_form(fields);
  return around_.http.fetch(call);
}

Result<Open311Client::Page> Open311Client::ask(const HttpCall& call, std::string_view item) const {
  constexpr int k_not_modified = 304;
  auto answer = around_.http.fetch(call);
  if (answer && answer->status == k_not_modified) return Page{true, {}, {}, {}};
  const auto faults = answer ? faults_of(*answer) : std::string();
  const auto reply = TRY(judge_question(std::move(answer), faults));
  auto records = read_spark(reply.body, item);
  if (!records) {
    return fail(Remedy::retry,
                "the other system's answer: " + records.error().message + "; check the url");
  }
  return Page{false, reply.header("etag"), reply.header("last-modified"), std::move(*records)};
}

Result<std::vector<SparkRecord>> Open311Client::get(std::string_view resource,
                                                    std::string_view item, Fields query) const {
  return TRY(ask(call_to(resource, std::move(query)), item)).records;
}

// Empty: it has no number yet, or the other system has forgotten it.
Result<std::string> Open311Client::id_of_token(const std::string& token) const {
  const auto records = get("tokens/" + percent_encode(token), "request", {});
  if (!records && records.error().remedy != Remedy::drop) return tl::unexpected(records.error());
  for (const auto& record : records.value_or(std::vector<SparkRecord>())) {
    const auto id = text_of(record, "service_request_id");
    if (is_name(id)) return std::string(id);
  }
  return std::string();
}

Result<Receipt> Open311Client::make(const Reply& reply, const std::optional<Name>& earlier) const {
  const auto answer =
      TRY(post(k_requests, request_fields(reply, earlier, settings_,
                                          utc_offset_of(around_.organisation.time_zone))));
  return Receipt{print_name(TRY(read_created(answer))), false};
}

Result<Receipt> Open311Client::update(const Reply& reply, const OfficeNotice& notice,
                                      const Name& earlier) const {
  auto id = earlier.id;
  if (id.empty()) id = TRY(id_of_token(earlier.token));
  if (id.empty())
    return fail(Remedy::retry, "the other system has given the request no number yet");
  const auto answer =
      TRY(post(k_updates, update_fields(reply, notice, id, settings_, around_.clock.now())));
  const auto faults = faults_of(answer);
  constexpr int k_not_found = 404;
  // In the standard's own form it is about the request; any server says so of an address.
  if (answer.status == k_not_found && !faults.empty()) {
    return fail(Remedy::drop, "the other system no longer has the request: " + faults);
  }
  TRY(judge_answer(answer, faults));
  return Receipt{ExternalId(), true};
}

Result<Receipt> Open311Client::deliver(const Reply& reply) const {
  if (!is_plain(reply.address)) return fail(Remedy::drop, "the address is none");
  if (reply.confidential) return fail(Remedy::drop, std::string(k_not_outside));
  const auto notice = read_office_notice(reply.text);
  if (!notice) return make(reply, std::nullopt);
  const auto earlier = newest_request(reply);
  if (!earlier) {
    if (notice->news == "handed") return make(reply, std::nullopt);
    if (notice->news == "taken") return fail(Remedy::drop, "the office was not handed the report");
    return fail(Remedy::retry, "the other system does not have the request yet");
  }
  if (settings_.updates) return update(reply, *notice, *earlier);
  if (notice->news == "handed" || notice->news == "back") return make(reply, earlier);
  return fail(Remedy::drop, "the other system takes no updates (`updates`): tell the office");
}

std::vector<Result<Receipt>> Open311Client::send(std::span<const Reply> replies) {
  return send_each(replies, around_.clock, [this](const Reply& reply) { return deliver(reply); });
}

Result<std::optional<Receipt>> Open311Client::confirm(const Reply& reply) {
  const auto notice = read_office_notice(reply.text);
  if (notice && settings_.updates && newest_request(reply)) {
    return fail(Remedy::uncertain, "an update cannot be found again");
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(around_.clock.now());
  const auto last = now + k_clock_slack;
  const auto earliest = std::chrono::floor<std::chrono::seconds>(reply.owed_at - k_clock_slack);
  const auto first = std::max(std::min(now - k_least_span, earliest), last - k_most_span);
  const auto listed =
      TRY(get(k_requests, "request",
              {{"start_date", print_rfc3339(first)}, {"end_date", print_rfc3339(last)}}));
  const auto marker = marker_of(reply);
  const auto older_marker = "[" + reply.key + "]";  // by which requests were marked until 0.1
  bool all_shown = first <= earliest;
  for (const auto& request : listed) {
    const auto description = text_of(request, "description");
    const auto asked_at = parse_rfc3339(text_of(request, "requested_datetime"));
    const bool may_be_it = !asked_at || *asked_at >= reply.owed_at - k_clock_slack;
    // Another bridge shows none before somebody has read it.
    all_shown = all_shown && (!description.empty() || !may_be_it);
    if (description.find(marker) == std::string_view::npos &&
        description.find(older_marker) == std::string_view::npos) {
      continue;
    }
    const auto id = text_of(request, "service_request_id");
    if (is_name(id)) return std::optional(Receipt{print_name({std::string(id), {}}), false});
  }
  if (!settings_.lists_all || !all_shown || listed.size() >= k_most_listed) {
    return fail(Remedy::uncertain, "the other system may have it without listing it");
  }
  return std::optional<Receipt>();
}

void Open311Client::weigh(Turn& turn, std::size_t one, const SparkRecord& request) {
  const auto& outstanding = turn.sent[one];
  missing_.erase(turn.ids[one]);
  const auto standing = read_standing(request, outstanding.language);
  auto& mark = turn.followed[outstanding.id];
  if (standing.listed_only && mark.words == 0) {
    mark.newest = k_listed;
    return;
  }
  const auto said_at = parse_rfc3339(text_of(request, "updated_datetime"));
  OfficeWord word{{},
                  outstanding.key,
                  standing.event,
                  standing.words,
                  std::min(said_at.value_or(turn.now), turn.now)};
  if (!Followed::is_news(mark, outstanding, word, said_at)) return;
  word.id = turn.ids[one] + '/' + std::to_string(mark.words) + '-' + mark.newest;
  auto post = post_of(word, channel_);
  if (post) turn.batch.posts.push_back(std::move(*post));
}

bool Open311Client::is_due(const Turn& turn, const std::string& name) const {
  const auto missing = missing_.find(name);
  return missing == missing_.end() || turn.now >= missing->second.again_at;
}

void Open311Client::put_off(const Turn& turn, const std::string& name) {
  auto& missing = missing_[name];
  const auto wait = settings_.poll_s * (1 << std::min(missing.times++, k_most_doublings));
  missing.again_at = turn.now + std::min<std::chrono::seconds>(wait, k_most_absence);
}

// Tokens stand for requests that the other system had not numbered yet.
void Open311Client::find_ids(Turn& turn) {
  int asked = 0;
  for (const auto& each : turn.sent) {
    auto name = parse_name(each.id).value_or(Name());
    auto& mark = turn.followed[each.id];
    const auto& own = each.id.value();
    if (name.id.empty() && mark.request.empty() && !name.token.empty() && is_due(turn, own) &&
        asked < k_most_tokens_a_turn && !turn.questions.ended()) {
      ++asked;
      auto found = id_of_token(name.token);
      if (found) {
        turn.questions.heard();
        mark.request = std::move(*found);
        if (mark.request.empty()) put_off(turn, own);
      } else {
        turn.broken.push_back(own);
        turn.questions.failed(std::move(found).error());
      }
    }
    turn.ids.push_back(name.id.empty() ? mark.request : name.id);
  }
}

// Some endpoints know no lists, and some leave out what they are about to publish.
void Open311Client::ask_alone(Turn& turn, std::size_t one) {
  const auto& id = turn.ids[one];
  if (turn.alone >= k_most_alone_a_turn) {
    if (!turn.left_off) turn.left_off = one;
    return;
  }
  ++turn.alone;
  const auto found = get(std::string(k_requests) + '/' + percent_encode(id), "request", {});
  if (!found && found.error().remedy != Remedy::drop) {
    turn.broken.push_back(id);
    return turn.questions.failed(found.error());
  }
  turn.questions.heard();
  for (const auto& request : found.value_or(std::vector<SparkRecord>())) {
    if (text_of(request, "service_request_id") == id) return weigh(turn, one, request);
  }
  put_off(turn, id);
}

HttpCall Open311Client::call_about(Turn& turn, std::span<const std::size_t> some) const {
  std::string ids;
  bool all_read = true;
  for (const auto one : some) {
    ids += (ids.empty() ? "" : ",") + turn.ids[one];
    all_read = all_read && !turn.followed[turn.sent[one].id].newest.empty();
  }
  auto call = call_to(k_requests, {{"service_request_id", ids}});
  const auto known = known_.find(call.url);
  if (known == known_.end() || !all_read) return call;
  const auto& [tag, modified] = known->second;
  if (!tag.empty()) call.headers.emplace_back("If-None-Match", tag);
  if (!modified.empty()) call.headers.emplace_back("If-Modified-Since", modified);
  return call;
}

void Open311Client::ask_about(Turn& turn, std::span<const std::size_t> some) {
  const auto call = call_about(turn, some);
  auto page = ask(call, "request");
  if (page && page->same) return turn.questions.heard();
  if (page) {
    turn.questions.heard();
  } else if (page.error().remedy != Remedy::drop) {
    turn.questions.failed(page.error());
  }
  // Whoever knows no lists says so in many ways, and one request may break a whole list: each is
  // asked for alone then.
  const auto records = page ? std::move(page->records) : std::vector<SparkRecord>();
  const auto news = turn.batch.posts.size();
  std::set<std::size_t> seen;
  for (const auto& request : records) {
    const auto one = std::ranges::find_if(some, [&](std::size_t each) {
      return turn.ids[each] == text_of(request, "service_request_id");
    });
    if (one != some.end() && seen.insert(*one).second) weigh(turn, *one, request);
  }
  for (const auto one : some) {
    if (turn.questions.ended()) break;
    if (!seen.contains(one) && is_due(turn, turn.ids[one])) ask_alone(turn, one);
  }
  // Until what was read is stored, it must be asked for in full.
  if (page && turn.batch.posts.size() == news && seen.size() == some.size()) {
    known_[call.url] = {page->tag, page->modified};
  } else {
    known_.erase(call.url);
  }
}

void Open311Client::follow_all(Turn& turn) {
  find_ids(turn);
  std::vector<std::size_t> some;
  const auto count = turn.sent.size();
  const auto this_turn = std::min(count, k_most_a_turn);
  if (next_ >= count) next_ = 0;
  const auto first = next_;
  for (std::size_t i = 0; i < this_turn && !turn.questions.ended(); ++i) {
    const auto one = (first + i) % count;
    if (!turn.ids[one].empty()) some.push_back(one);
    const bool last = i + 1 == this_turn;
    if (some.size() < k_at_once && !last) continue;
    if (!some.empty()) ask_about(turn, some);
    some.clear();
    next_ = one + 1;
    if (turn.left_off || turn.batch.posts.size() >= turn.most_posts) break;
  }
  if (turn.left_off) next_ = *turn.left_off;
}

std::optional<std::chrono::milliseconds> Open311Client::rests_for() const {
  const auto now = around_.clock.now();
  const bool rests = ask_at_ && now < *ask_at_ && *ask_at_ - now <= settings_.poll_s;
  if (!rests) return std::nullopt;
  return std::chrono::ceil<std::chrono::milliseconds>(*ask_at_ - now);
}

Result<Batch> Open311Client::follow(std::span<const Outstanding> sent, const Cursor& since,
                                    Budget budget) {
  const auto now = around_.clock.now();
  Turn turn;
  turn.sent = sent;
  turn.now = now;
  turn.most_posts = budget.posts;
  turn.batch.next = since;
  if (rests_for()) return std::move(turn.batch);
  turn.followed = Followed::read(since);
  turn.followed.keep(sent, now);
  if (known_.size() > k_most_a_turn) known_.clear();
  std::erase_if(missing_,
                [&](const auto& each) { return each.second.again_at + k_most_absence < now; });
  follow_all(turn);
  const auto outcome = turn.questions.outcome();
  if (turn.questions.any_heard()) {
    for (const auto& name : turn.broken) put_off(turn, name);
  }
  // What was read before something failed is kept; what failed is met again.
  if (!outcome && turn.batch.posts.empty()) return tl::unexpected(outcome.error());
  const bool full = turn.batch.posts.size() >= turn.most_posts;
  if (outcome && !full) ask_at_ = now + settings_.poll_s;
  turn.batch.next = turn.followed.print();
  return std::move(turn.batch);
}

Result<Batch> Open311Client::translate(std::string_view raw) const {
  Batch batch;
  const auto word = TRY(read_office_word(raw));
  batch.posts.push_back(TRY(post_of(word, channel_)));
  return batch;
}

std::vector<ProbeStep> Open311Client::probe(std::string_view /*send_to*/) {
  const std::string k_asked = "ask for its services";
  const auto services = get("services", "service", {});
  if (!services) return {{k_asked, false, services.error().message}};
  std::vector<ProbeStep> steps{{k_asked, true, {}}};
  std::set<std::string> wanted{settings_.service_code};
  for (const auto& [category, code] : settings_.services) wanted.insert(code);
  for (const auto& code : wanted) {
    const bool there = std::ranges::any_of(*services, [&](const SparkRecord& service) {
      return text_of(service, "service_code") == code;
    });
    steps.push_back({"find the service " + code, there,
                     there ? std::string() : "the other system has no such service_code"});
  }
  return steps;
}

}  // namespace kanal::open311_client
