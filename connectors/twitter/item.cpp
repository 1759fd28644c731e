#include "connectors/twitter/item.hpp"

#include <algorithm>
#include <limits>

#include "core/rfc3339.hpp"

namespace kanal::twitter {
namespace {

constexpr std::size_t k_most_pictures = 12;  ///< X lets a post have four

void note_pictures(Item& item, const Answer& around, const std::vector<std::string>& keys) {
  for (const auto& key : keys) {
    const auto medium = around.media.find(key);
    const bool is_known = medium != around.media.end();
    if (is_known && medium->second.url.empty()) continue;
    if (is_known && item.media.size() < k_most_pictures) {
      item.media.push_back(medium->second.url);
    } else {
      ++item.missing;
    }
  }
}

/// The story that may go on below a post; nothing where nobody called us to it himself.
std::optional<Story> story_begun_by(const Tweet& tweet, const Item& item) {
  if (item.source != Source::mentions || item.piece.posts.empty()) return std::nullopt;
  const auto& hints = item.piece.posts.front().hints;
  const bool begins = hints.passed_on.empty() && hints.automatic.empty();
  if (!begins || tweet.author.empty()) return std::nullopt;
  const auto root = tweet.conversation == 0 ? tweet.identity() : tweet.conversation;
  return Story{tweet.identity(), root, tweet.author};
}

Item gap(Source source, TweetId since, TweetId before, std::string_view why,
         std::string_view advice) {
  const auto from = std::to_string(since);
  const auto to = std::to_string(before);
  JsonWriter payload;
  payload.begin_object().member("after", from).member("before", to).end_object();
  Item item;
  item.source = source;
  item.id = since;
  item.piece.unreadable.push_back(
      {ExternalId("gap:" + from + ":" + to), payload.take(),
       std::string(why) + ": those between " + print_rfc3339(time_of(since)) + " and " +
           print_rfc3339(time_of(before)) + " may be missing. " + std::string(advice)});
  return item;
}

}  // namespace

Item Items::of_tweet(Source source, const Tweet& tweet, const Answer& around, TweetId story) const {
  Item item;
  item.source = source;
  const auto entrance = source == Source::mentions ? "@" + settings_.handle : std::string("search");
  translation_.add(tweet, around, entrance, item.piece, story);
  note_pictures(item, around, translation_.media_of(tweet, around, story));
  if (story == 0) item.told = translation_.told_with(tweet, around);
  return item;
}

std::vector<Item> Items::of_answer(Source source, TweetId since, const Answer& answer) const {
  std::vector<Item> items;
  for (const auto& tweet : answer.tweets) {
    auto& item = items.emplace_back(of_tweet(source, tweet, answer));
    item.id = item.number = tweet.id;
    item.story = story_begun_by(tweet, item);
  }
  for (const auto& message : answer.messages) {
    auto& item = items.emplace_back();
    item.id = item.number = message.id;
    translation_.add(message, answer, item.piece);
    note_pictures(item, answer, message.media);
  }
  for (const auto& each : answer.unreadable) {
    auto& item = items.emplace_back();
    item.number = parse_tweet_id(each.id.value()).value_or(0);
    item.id = std::max(item.number, since);
    item.piece.unreadable.push_back(each);
  }
  // A number from the future would make us deaf to all that comes until then.
  const auto likely = first_tweet_id_of(clock_.now() + std::chrono::days(1));
  for (auto& item : items) {
    item.source = source;
    if (item.id > likely) item.id = since;
  }
  std::ranges::stable_sort(items, {}, &Item::id);
  return items;
}

Item Items::of_gap(Source source, TweetId since, const Answer& answer, std::string_view why) const {
  auto oldest = std::numeric_limits<TweetId>::max();
  for (const auto& each : answer.tweets) oldest = std::min(oldest, each.id);
  for (const auto& each : answer.messages) oldest = std::min(oldest, each.id);
  for (const auto& each : answer.unreadable) {
    oldest = std::min(oldest, parse_tweet_id(each.id.value()).value_or(oldest));
  }
  auto advice = "Fetch them within seven days: kanal channel backfill " + channel_.value() +
                " --from " + print_rfc3339(time_of(since));
  if (settings_.authorisation == "oauth2") {
    advice += " (with authorisation = \"oauth1\" or \"app_only\" in its settings)";
  }
  if (source == Source::messages) advice = "No command fetches direct messages: look on X.";
  return gap(source, since, oldest, why, advice);
}

Item Items::of_unsearched(TweetId since, Time searched_from) {
  return gap(Source::search, since, first_tweet_id_of(searched_from),
             "Nothing was searched for in so long, and X searches seven days back only",
             "No command fetches them: look on X.");
}

Item Items::of_deletions(Source source, TweetId since, std::span<const TweetId> gone) {
  Item item;
  item.source = source;
  item.id = since;
  for (const auto id : gone) {
    auto& signal = item.piece.signals.emplace_back();
    signal.kind = Signal::Kind::deletion;
    signal.subject = ExternalId(std::to_string(id));
  }
  return item;
}

}  // namespace kanal::twitter
