#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/twitter/settings.hpp"
#include "connectors/twitter/source.hpp"
#include "connectors/twitter/stories.hpp"
#include "connectors/twitter/translate.hpp"
#include "core/clock.hpp"

namespace kanal::twitter {

/// A post on its way out, or what else is told of a source, and the number that the position moves
/// to with it.
struct Item {
  Source source = Source::mentions;
  TweetId id = 0;
  TweetId number = 0;  ///< X's own; 0: it has none that can be believed
  Batch piece;
  std::vector<std::string> media;   ///< addresses of pictures, fetched when it goes out
  std::size_t missing = 0;          ///< of them, those that could not be had
  std::optional<Story> story = {};  ///< which it begins
  TweetId addition = 0;             ///< its number, when it goes on from one
  TweetId goes_on_from = 0;         ///< which one that is
  std::vector<TweetId> told = {};   ///< what it takes along

  [[nodiscard]] bool is_empty() const {
    return piece.posts.empty() && piece.unreadable.empty() && piece.signals.empty();
  }
};

/// Makes items of what X shows.
class Items {
 public:
  Items(ChannelName channel, const Settings& settings, const Clock& clock,
        const Translation& translation)
      : channel_(std::move(channel)),
        settings_(settings),
        clock_(clock),
        translation_(translation) {}

  /// All that a source showed behind `since`, oldest first.
  [[nodiscard]] std::vector<Item> of_answer(Source source, TweetId since,
                                            const Answer& answer) const;
  /// One post, without a place of its own. `story`: as for Translation::add.
  [[nodiscard]] Item of_tweet(Source source, const Tweet& tweet, const Answer& around,
                              TweetId story = 0) const;
  /// That what came between `since` and the oldest of the answer may be missing, and what a person
  /// can do about it.
  [[nodiscard]] Item of_gap(Source source, TweetId since, const Answer& answer,
                            std::string_view why) const;
  /// That what a search would have found between `since` and the time from which on X searches is
  /// missing.
  [[nodiscard]] static Item of_unsearched(TweetId since, Time searched_from);
  /// That posts are there no more.
  [[nodiscard]] static Item of_deletions(Source source, TweetId since,
                                         std::span<const TweetId> gone);

 private:
  ChannelName channel_;
  const Settings& settings_;
  const Clock& clock_;
  const Translation& translation_;
};

}  // namespace kanal::twitter
