#include "connectors/twitter/questions.hpp"

#include <algorithm>
#include <set>

#include "core/rfc3339.hpp"

namespace kanal::twitter {
namespace {

constexpr int k_most_pages = 60;  ///< in one turn
constexpr int k_most_steps_back = 25;
constexpr std::chrono::hours k_search_reach{7 * 24};
constexpr std::chrono::seconds k_search_lag{15};

std::string page_size(std::int64_t most, std::int64_t least) {
  return std::to_string(std::clamp<std::int64_t>(most, least, 100));
}

std::vector<TweetId> numbers_in(const Answer& answer) {
  std::vector<TweetId> ids;
  for (const auto& tweet : answer.tweets) ids.push_back(tweet.id);
  for (const auto& message : answer.messages) ids.push_back(message.id);
  return ids;
}

std::string whole_seconds(Time time) {
  return print_rfc3339(Time(std::chrono::floor<std::chrono::seconds>(time)));
}

}  // namespace

std::string search_query(const Settings& settings, bool calls) {
  std::string any;
  const auto add = [&](const std::string& term) { any += (any.empty() ? "" : " OR ") + term; };
  if (calls) add("@" + settings.handle);
  for (const auto& tag : settings.hashtags) add(tag.starts_with('#') ? tag : "#" + tag);
  if (settings.quotations) add("url:\"x.com/" + settings.handle + "/status\"");
  return "(" + any + ") -is:retweet -from:" + settings.handle;
}

Time oldest_searchable(Time now) {
  return now - k_search_reach + std::chrono::minutes(1);
}

Plan Questions::plan(std::chrono::milliseconds usual, double price_usd) const {
  const auto now = clock_.now();
  return plan_reading(ledger_.total(now), settings_.caps, usual, price_usd, now);
}

std::int64_t Questions::room_for(double price_usd) const {
  const auto now = clock_.now();
  return room_for_reads(ledger_.total(now), settings_.caps, price_usd, now);
}

Result<> Questions::afford(const Plan& plan) const {
  if (plan.dry.empty()) return {};
  return fail(
      Remedy::throttled,
      plan.dry + "; reading goes on at " + print_rfc3339(plan.until) + " or when it is raised.",
      std::chrono::ceil<std::chrono::milliseconds>(plan.until - clock_.now()));
}

Result<Answer> Questions::page(Source source, const std::string& account, const Hunt& hunt,
                               std::int64_t most) {
  if (source == Source::search) return search(search_query(settings_, false), hunt, most);
  if (source == Source::messages) {
    Api::Parameters parameters = {{"max_results", page_size(most, 1)},
                                  {"event_types", "MessageCreate"},
                                  {"dm_event.fields",
                                   "id,text,event_type,created_at,sender_id,dm_conversation_id,"
                                   "attachments,entities"},
                                  {"expansions", "sender_id,attachments.media_keys"},
                                  {"media.fields", "media_key,preview_image_url,type,url"},
                                  {"user.fields", "name,username"}};
    if (!hunt.token.empty()) parameters.emplace_back("pagination_token", hunt.token);
    return api_.read("dm_events", "/2/dm_events", parameters);
  }
  Api::Parameters parameters = {{"max_results", page_size(most, 5)}};
  if (!hunt.token.empty()) parameters.emplace_back("pagination_token", hunt.token);
  if (hunt.since > 1) parameters.emplace_back("since_id", std::to_string(hunt.since));
  return api_.read_posts("mentions", "/2/users/" + account + "/mentions", std::move(parameters),
                         {counted_as_, settings_.prices.mention_usd});
}

Api::Parameters Questions::search_for(const std::string& query, const Hunt& hunt,
                                      std::int64_t most) const {
  Api::Parameters parameters = {{"query", query}, {"max_results", page_size(most, 10)}};
  if (!hunt.token.empty()) parameters.emplace_back("pagination_token", hunt.token);
  return parameters;
}

Result<Answer> Questions::read_search(Api::Parameters parameters) {
  return api_.read_posts("search", "/2/tweets/search/recent", std::move(parameters),
                         {counted_as_, settings_.prices.found_usd});
}

Result<Answer> Questions::search(const std::string& query, const Hunt& hunt, std::int64_t most) {
  auto parameters = search_for(query, hunt, most);
  if (hunt.since > 1 && time_of(hunt.since) > oldest_searchable(clock_.now())) {
    parameters.emplace_back("since_id", std::to_string(hunt.since));
  }
  return read_search(std::move(parameters));
}

Result<Answer> Questions::search_between(Time from, Time to, const Hunt& hunt, std::int64_t most) {
  auto parameters = search_for(search_query(settings_, true), hunt, most);
  parameters.emplace_back("start_time", whole_seconds(from));
  if (to + k_search_lag < clock_.now()) parameters.emplace_back("end_time", whole_seconds(to));
  return read_search(std::move(parameters));
}

Result<bool> Questions::turn_pages(Hunt& hunt, std::int64_t most_reads, double price_usd,
                                   const Page& page) {
  for (int pages = 0; pages < k_most_pages; ++pages) {
    if (most_reads < k_least_page) return false;
    auto answer = page(most_reads);
    if (!answer) {
      // It may be our place among the pages that X no longer knows.
      if (answer.error().remedy == Remedy::reconfigure) hunt = hunt_from(hunt.since);
      return tl::unexpected(std::move(answer).error());
    }
    most_reads -= ledger_.count_reads(counted_as_, numbers_in(*answer), price_usd, clock_.now());
    if (hunt.take(std::move(*answer))) return true;
  }
  return false;
}

Result<Answer> Questions::look_up(std::span<const TweetId> ids) {
  std::string asked;
  for (const auto id : ids) asked += (asked.empty() ? "" : ",") + std::to_string(id);
  const Bill bill{counted_as_, settings_.prices.found_usd};
  auto found = TRY(api_.read_posts("lookup", "/2/tweets", {{"ids", asked}}, bill));
  ledger_.count_reads(bill.channel, numbers_in(found), bill.price_usd, clock_.now());
  return found;
}

Result<> Questions::complete_stories(Answer& answer) {
  std::set<TweetId> asked;
  for (int step = 0; step < k_most_steps_back; ++step) {
    std::vector<TweetId> wanted;
    for (const auto& tweet : answer.tweets) {
      for (const auto id : translation_.missing_of_story(tweet, answer)) {
        const bool is_asked = asked.contains(id) || std::ranges::find(wanted, id) != wanted.end();
        if (!is_asked && std::ssize(wanted) < k_most_lookups) wanted.push_back(id);
      }
    }
    // Without money for it a story is told from where it called us.
    const auto room = static_cast<std::size_t>(room_for(settings_.prices.found_usd));
    if (wanted.size() > room) wanted.resize(room);
    if (wanted.empty()) return {};
    asked.insert(wanted.begin(), wanted.end());
    auto found = TRY(look_up(wanted));
    for (auto& tweet : found.tweets) {
      std::erase(wanted, tweet.id);
      answer.referenced.insert_or_assign(tweet.id, std::move(tweet));
    }
    found.tweets.clear();
    append(answer, std::move(found));
    // Whatever did not come will not come: protected, or gone without a word.
    std::ranges::copy(wanted, std::back_inserter(answer.missing));
  }
  return {};
}

}  // namespace kanal::twitter
