#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "connectors/twitter/tweet.hpp"

namespace kanal::twitter {

/// A post that called us, whose author may go on below it without calling us again.
struct Story {
  TweetId id = 0;
  TweetId conversation = 0;
  std::string author;  ///< the account's number
  int added = 0;       ///< posts that its author has added
  TweetId newest = 0;  ///< of those; what is found again is not counted again
  friend bool operator==(const Story&, const Story&) = default;
};

/// So many are followed at once; beyond that the oldest are given up.
inline constexpr std::size_t k_most_stories = 140;

/// Whoever adds more is told of once, and followed no longer: each post found costs.
inline constexpr int k_most_additions = 25;

/// What the recent search is asked for a page of stories, and behind which number.
struct StoryQuery {
  std::string query;
  TweetId since = 0;
};
std::vector<StoryQuery> queries_for(std::span<const Story> stories);

/// Which story a post belongs to: at first the posts that begin one.
std::map<TweetId, TweetId> stories_by_post(std::span<const Story> stories);

}  // namespace kanal::twitter
