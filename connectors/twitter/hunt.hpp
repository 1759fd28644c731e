#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/twitter/tweet.hpp"

namespace kanal::twitter {

/// A look that goes through all pages, and may take several turns.
struct Hunt {
  TweetId since = 0;  ///< what is asked for is newer
  std::string token;  ///< of the page that comes next
  Answer found;
  std::vector<TweetId> gone;  ///< as the pages said
  int pages = 0;
  int empty_pages = 0;     ///< in a row
  bool all_pages = false;  ///< what is left is to complete the stories

  /// Takes what is new of a page; whether it is the last one that is read.
  bool take(Answer page);
  /// Whether more came than is read in one look.
  [[nodiscard]] bool was_too_much() const {
    const bool any = !found.tweets.empty() || !found.messages.empty() || !found.unreadable.empty();
    return all_pages && !token.empty() && any;
  }
};

inline constexpr std::string_view k_too_much = "More came at once than is read in one look";

Hunt hunt_from(TweetId since);

/// Puts what else was found behind what there is.
void append(Answer& all, Answer&& more);

}  // namespace kanal::twitter
