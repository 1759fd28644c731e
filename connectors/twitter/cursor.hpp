#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/twitter/ledger.hpp"
#include "connectors/twitter/stories.hpp"
#include "connectors/twitter/tweet.hpp"
#include "core/post.hpp"

namespace kanal::twitter {

/// How far the account has been read, and what must survive with it: the token that replaced the
/// last one, and what was used up. It is committed with the posts, wherever the channel runs.
struct Position {
  TweetId mentions = 0;  ///< the newest that was taken; what follows is new
  TweetId found = 0;
  TweetId messages = 0;
  std::string account;       ///< the number of our own account
  std::string account_of;    ///< the credential and name that it was found by
  std::string sealed_token;  ///< OAuth 2.0: what Authorisation needs, under the installation's key
  Spent spent;
  std::vector<Story> stories;  ///< that may go on, oldest first
  /// The last stored post that was asked after in a round that is under way; empty: none is.
  std::string checked;
  Time round_began;  ///< the latest round of asking after stored posts
};

Cursor print_position(const Position& position);
/// Nothing when the cursor is empty or not one of ours.
std::optional<Position> parse_position(const Cursor& cursor);

/// The setting `start_from`: "now", "all", a date or a time (RFC 3339). The number that reading
/// starts behind; nothing when it is none of these.
std::optional<TweetId> parse_start(const std::string& text, Time now);

}  // namespace kanal::twitter
