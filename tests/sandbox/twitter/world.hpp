#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kanal::sandbox::twitter {

using Seconds = std::chrono::seconds;
using PostNumber = std::uint64_t;

struct User {
  std::string id;
  std::string username;
  std::string name;
};

struct Picture {
  std::string key;
  std::string type = "photo";
  std::string bytes;
  std::string alt_text;
};

struct Spot {
  std::string id;
  std::string full_name;
  double latitude = 0;
  double longitude = 0;
};

/// A post as its author wrote it; what of it an answer shows is decided in answers.cpp.
struct Post {
  PostNumber id = 0;
  std::string author;  ///< a user's id
  std::string text;    ///< links written out, nothing escaped
  std::chrono::milliseconds at{0};
  std::optional<PostNumber> reply_to;
  std::optional<PostNumber> quotes;
  std::optional<PostNumber> repeats;  ///< a retweet
  PostNumber conversation = 0;
  std::vector<Picture> pictures;
  std::optional<Spot> spot;
  bool exact_spot = false;       ///< coordinates and not only a place
  std::string language = "und";  ///< as X guessed it
  std::vector<PostNumber> versions;
  bool superseded = false;  ///< a later version stands
  bool deleted = false;
};

struct Message {
  PostNumber id = 0;
  std::string from;
  std::string to;
  std::string text;
  std::chrono::milliseconds at{0};
  std::vector<Picture> pictures;
};

/// What stands on the far side: people, posts, messages. Not for several threads.
class World {
 public:
  World();

  [[nodiscard]] const User& bridge() const { return *user("1000"); }
  User& person(const std::string& username);  ///< made when there is none
  void rename(const std::string& id, std::string username, std::string name);
  [[nodiscard]] const User* user(std::string_view id) const;
  [[nodiscard]] const User* user_named(std::string_view username) const;

  Post& add(Post post);
  /// A new version under a new number (at most five, within 30 minutes in real life).
  Post* edit(PostNumber id, std::string text);
  bool remove(PostNumber id);
  [[nodiscard]] const Post* find(PostNumber id) const;  ///< nothing when deleted
  [[nodiscard]] const std::map<PostNumber, Post>& posts() const { return posts_; }
  /// Whether the post's text names this user.
  [[nodiscard]] bool mentions(const Post& post, const User& user) const;
  /// Whether an app of `user` may answer it: its author named the user or quoted one of theirs.
  [[nodiscard]] bool summons(const Post& post, const User& user) const;

  Message& say(std::string from, std::string to, std::string text,
               std::vector<Picture> pictures = {});
  [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }

  [[nodiscard]] std::chrono::milliseconds now() const;
  void advance(Seconds by) { ahead_ += by; }

 private:
  PostNumber next_number();
  std::map<std::string, User, std::less<>> users_;
  std::map<PostNumber, Post> posts_;
  std::vector<Message> messages_;
  Seconds ahead_{0};
  PostNumber last_ = 0;
};

/// How long a link is that begins here: with a scheme, or an address of a common top domain alone.
std::size_t link_length(std::string_view text, bool inside_word);

/// Weight of a post by the public rules: 1 for Latin and the like, 2 for the rest, 23 for a link.
std::size_t weight_of(std::string_view text);

/// Whether a post fits a query of the recent search; nothing when the query cannot be read.
std::optional<bool> fits(const World& world, const Post& post, std::string_view query);

std::string to_text(PostNumber number);
std::optional<PostNumber> to_number(std::string_view text);
std::string print_time(std::chrono::milliseconds at);

}  // namespace kanal::sandbox::twitter
