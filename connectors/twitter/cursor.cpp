#include "connectors/twitter/cursor.hpp"

#include "core/rfc3339.hpp"
#include "format/encode.hpp"

namespace kanal::twitter {
namespace {

constexpr std::string_view k_version = "x1";
// The far side's clock may be behind ours, and a number of the future is refused.
constexpr std::chrono::seconds k_clock_slack{30};

}  // namespace

Cursor print_position(const Position& position) {
  JsonWriter out;
  out.begin_object().member("v", k_version);
  out.member("mentions", std::to_string(position.mentions));
  if (position.found != 0) out.member("found", std::to_string(position.found));
  if (position.messages != 0) {
    out.member("messages", std::to_string(position.messages));
  }
  if (!position.account.empty()) out.member("account", position.account);
  if (!position.account_of.empty()) out.member("of", position.account_of);
  if (!position.sealed_token.empty()) {
    out.member("token", to_base64(position.sealed_token));
  }
  if (position.round_began != Time{}) {
    out.member("round", print_rfc3339(position.round_began));
  }
  if (!position.checked.empty()) out.member("checked", position.checked);
  if (!position.stories.empty()) {
    out.key("stories").begin_array();
    for (const auto& story : position.stories) {
      out.begin_array().value(std::to_string(story.id)).value(std::to_string(story.conversation));
      out.value(story.author).value(story.added).value(std::to_string(story.newest)).end_array();
    }
    out.end_array();
  }
  const auto& spent = position.spent;
  out.key("spent").begin_array();
  for (const auto number :
       {spent.day, spent.month, spent.reads_today, spent.reads_this_month, spent.posts_today,
        spent.posts_this_month, spent.microdollars_this_month, spent.rechecks_today,
        spent.microdollars_today}) {
    out.value(number);
  }
  out.end_array().end_object();
  return {out.take()};
}

std::optional<Position> parse_position(const Cursor& cursor) {
  const auto json = Json::parse(cursor.value);
  if (!json || json->text("v") != k_version) return std::nullopt;
  Position position;
  position.mentions = parse_tweet_id(json->text("mentions")).value_or(0);
  position.found = parse_tweet_id(json->text("found")).value_or(0);
  position.messages = parse_tweet_id(json->text("messages")).value_or(0);
  position.account = json->text("account");
  position.account_of = json->text("of");
  position.sealed_token = from_base64(json->text("token")).value_or("");
  const auto* spent = json->find("spent");
  if (spent != nullptr && spent->array.size() >= 7) {
    const auto at = [&](std::size_t place) {
      return place < spent->array.size() ? spent->array[place].integer : 0;
    };
    position.spent = {at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8)};
  }
  const auto* stories = json->find("stories");
  for (const auto& each : stories != nullptr ? stories->array : std::vector<Json>()) {
    if (each.array.size() < 3) continue;
    const auto id = parse_tweet_id(each.array[0].string);
    const auto conversation = parse_tweet_id(each.array[1].string);
    const auto added = each.array.size() > 3 ? static_cast<int>(each.array[3].integer) : 0;
    const auto newest = each.array.size() > 4 ? parse_tweet_id(each.array[4].string) : std::nullopt;
    if (id && conversation) {
      position.stories.push_back(
          {*id, *conversation, each.array[2].string, added, newest.value_or(0)});
    }
  }
  position.checked = json->text("checked");
  position.round_began = parse_rfc3339(json->text("round")).value_or(Time{});
  return position;
}

std::optional<TweetId> parse_start(const std::string& text, Time now) {
  if (text == "now") return first_tweet_id_of(now - k_clock_slack);
  if (text == "all") return 1;
  const auto time = parse_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (!time) return std::nullopt;
  return first_tweet_id_of(*time);
}

}  // namespace kanal::twitter
