#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/post.hpp"
#include "core/result.hpp"
#include "format/json.hpp"

namespace kanal::twitter {

/// The numbers of posts grow with time (their upper bits are milliseconds), beyond 2^53.
using TweetId = std::uint64_t;
std::optional<TweetId> parse_tweet_id(std::string_view text);
/// The smallest number that a post of this time can have, and back.
TweetId first_tweet_id_of(Time time);
Time time_of(TweetId id);

struct Link {
  std::string url;       ///< as it stands in the text ("https://t.co/…")
  std::string expanded;  ///< where it leads
  bool is_media = false;
};

struct Reference {
  enum class Kind { replied_to, quoted, retweeted };
  Kind kind = Kind::replied_to;
  TweetId id = 0;
};

/// A post of the API in either dialect, nothing of it judged.
struct Tweet {
  TweetId id = 0;
  std::vector<TweetId> versions;  ///< edit history, oldest first; at least `id`
  std::string author;             ///< the account's number
  std::string text;               ///< all of it (note_tweet), still escaped
  std::vector<Link> links;
  std::vector<std::string> mentions;  ///< user names in lower case
  std::vector<std::string> hashtags;
  std::string language;
  TweetId conversation = 0;
  std::optional<Time> created_at;
  std::vector<Reference> references;
  std::vector<std::string> media;  ///< keys
  std::string place;               ///< its id
  std::optional<double> latitude;
  std::optional<double> longitude;
  Json raw;

  [[nodiscard]] std::optional<TweetId> reference(Reference::Kind kind) const;
  [[nodiscard]] TweetId identity() const { return versions.front(); }
};

struct Account {
  std::string id;
  std::string username;
  std::string name;
  Json raw;
};

struct Medium {
  std::string key;
  std::string type;
  std::string url;  ///< of the picture, or of a film's still
  std::string description;
  Json raw;
};

struct Spot {
  std::string name;
  Json raw;
};

/// A direct message.
struct Message {
  TweetId id = 0;
  std::string sender;
  std::string text;
  std::vector<Link> links;
  std::vector<std::string> media;  ///< keys
  std::optional<Time> created_at;
  Json raw;
};

/// One answer of the API. What in it cannot be read is set apart and stops nothing.
struct Answer {
  std::vector<Tweet> tweets;  ///< in the far side's order
  std::vector<Message> messages;
  std::map<TweetId, Tweet> referenced;
  std::map<std::string, Account> accounts;
  std::map<std::string, Medium> media;
  std::map<std::string, Spot> spots;
  std::vector<TweetId> missing;  ///< asked for and not there any more
  std::vector<Unreadable> unreadable;
  std::string next_token;
};

/// Reads lists and single posts, with "tweet" or "post" names. The error: it is no answer at all.
Result<Answer> parse_answer(std::string_view body);

/// `&amp;`, `&lt;` and `&gt;` undone, once.
std::string unescape(std::string_view text);
/// A value as compact JSON.
std::string print_json(const Json& value);

}  // namespace kanal::twitter
