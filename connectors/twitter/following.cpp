#include "connectors/twitter/following.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace kanal::twitter {

void Following::cut_at_additions(Answer& answer) const {
  std::map<TweetId, TweetId> cut;  // a version, and the name under which it was given out
  for (const auto& [id, tweet] : answer.referenced) {
    const auto is_told = [&](TweetId version) { return additions_.contains(version); };
    if (std::ranges::any_of(tweet.versions, is_told)) cut.emplace(id, tweet.identity());
  }
  std::erase_if(answer.referenced, [&](const auto& each) { return cut.contains(each.first); });
  const auto name = [&](Tweet& tweet) {
    for (auto& reference : tweet.references) {
      const auto found = cut.find(reference.id);
      if (found != cut.end()) reference.id = found->second;
    }
  };
  for (auto& tweet : answer.tweets) name(tweet);
  for (auto& [id, tweet] : answer.referenced) name(tweet);
  for (const auto& [id, identity] : cut) answer.missing.push_back(identity);
  answer.missing.insert(answer.missing.end(), additions_.begin(), additions_.end());
}

std::vector<Item> Following::follow(Position& position, std::optional<Error>& trouble) {
  constexpr std::chrono::hours k_given_up{1};
  constexpr std::chrono::days k_may_be_called_later{1};
  std::vector<Item> items;
  const auto now = clock_.now();
  follows_ = !position.stories.empty();
  if (!follows_ || now < due_) return items;
  const auto plan = questions_.plan(settings_.search_every_s, settings_.prices.found_usd);
  due_ = now + plan.pace;
  const bool may_search = plan.dry.empty() && plan.searches;
  auto found = may_search ? find_additions(position, plan.most_reads, items) : Result<>();
  if (!found) {
    auto& error = found.error();
    due_ = now + std::max<std::chrono::milliseconds>(plan.pace, error.retry_after);
    if (!trouble && error.remedy == Remedy::reconfigure) trouble = std::move(error);
  }
  const auto until =
      now - settings_.follow_s - (found && may_search ? std::chrono::hours(0) : k_given_up);
  std::erase_if(position.stories, [&](const Story& story) { return time_of(story.id) <= until; });
  follows_ = !position.stories.empty();
  const auto oldest =
      position.stories.empty() ? std::numeric_limits<TweetId>::max() : position.stories.front().id;
  if (!items.empty()) return items;
  const auto told_again = std::min(oldest, first_tweet_id_of(now - k_may_be_called_later));
  additions_.erase(additions_.begin(), additions_.lower_bound(told_again));
  return items;
}

Result<> Following::find_additions(const Position& position, std::int64_t most_reads,
                                   std::vector<Item>& items) {
  // One who goes on and on is not to use up what is left for all others.
  constexpr std::int64_t k_most_found = 100;
  const auto price_usd = settings_.prices.found_usd;
  for (const auto& [query, since] : queries_for(position.stories)) {
    auto hunt = hunt_from(since);
    TRY(questions_.turn_pages(
        hunt, std::min(most_reads, k_most_found), price_usd,
        [&, &asked = query](std::int64_t most) { return questions_.search(asked, hunt, most); }));
    most_reads = questions_.room_for(price_usd);
    add_to_stories(position, hunt.found, items);
  }
  return {};
}

Item Following::addition_of(const Tweet& tweet, const Answer& found, TweetId story,
                            bool is_told_of) const {
  Item item;
  if (is_told_of) {
    item.piece.unreadable.push_back({ExternalId("story:" + std::to_string(story)),
                                     "{\"story\":\"" + std::to_string(story) + "\"}",
                                     "Its author has added more than " +
                                         std::to_string(k_most_additions) +
                                         " posts to this complaint: the rest stands on X alone."});
  } else {
    item = items_.of_tweet(Source::mentions, tweet, found, story);
  }
  item.addition = tweet.id;
  item.goes_on_from = story;
  return item;
}

void Following::add_to_stories(const Position& position, Answer& found,
                               std::vector<Item>& items) const {
  std::ranges::sort(found.tweets, {}, &Tweet::id);
  std::set<TweetId> told;
  for (const auto& tweet : found.tweets) {
    for (const auto id : translation_.told_with(tweet, found)) told.insert(id);
  }
  auto stories = stories_by_post(position.stories);
  std::map<TweetId, Story> added;
  for (const auto& story : position.stories) added[story.id] = story;
  for (const auto& tweet : found.tweets) {
    if (!translation_.goes_on(tweet, found)) continue;
    // Beside its story its author may talk to others.
    const auto& parent = found.referenced.at(*tweet.reference(Reference::Kind::replied_to));
    const auto story = stories.find(parent.identity());
    if (story == stories.end()) continue;
    stories.emplace(tweet.identity(), story->second);
    const bool is_queued = std::ranges::find(items, tweet.id, &Item::addition) != items.end();
    if (is_queued || told.contains(tweet.id) || additions_.contains(tweet.id)) continue;
    auto& whole = added[story->second];
    const bool is_new = tweet.id > whole.newest;
    if (is_new && ++whole.added > k_most_additions + 1) continue;
    auto item = addition_of(tweet, found, story->second, is_new && whole.added > k_most_additions);
    // Reading goes on where it stands: these are no mentions.
    item.id = position.mentions;
    items.push_back(std::move(item));
  }
}

void Following::take_note_of(const Item& item, Position& position) {
  if (item.addition != 0) {
    additions_.insert(item.addition);
    const auto story = std::ranges::find(position.stories, item.goes_on_from, &Story::id);
    if (story != position.stories.end() && item.addition > story->newest) {
      ++story->added;
      story->newest = item.addition;
    }
  }
  if (!item.story || settings_.follow_s.count() == 0) return;
  additions_.insert(item.told.begin(), item.told.end());
  // What came in last is read once more after a restart.
  if (std::ranges::find(position.stories, item.story->id, &Story::id) != position.stories.end()) {
    return;
  }
  position.stories.push_back(*item.story);
  if (position.stories.size() > k_most_stories) position.stories.erase(position.stories.begin());
}

}  // namespace kanal::twitter
