#include "tests/sandbox/twitter/world.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/rfc3339.hpp"
#include "core/text.hpp"

namespace kanal::sandbox::twitter {

namespace {

constexpr std::int64_t k_epoch_ms = 1'288'834'974'657;
constexpr int k_time_shift = 22;

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool names(std::string_view text, char mark, std::string_view name) {
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
    auto end = at + 1;
    while (end < text.size() && is_name(text[end])) ++end;
    const bool free = at == 0 || !is_name(text[at - 1]);
    if (free && equals_ignoring_case(text.substr(at + 1, end - at - 1), name)) return true;
  }
  return false;
}

std::uint32_t code_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  std::uint32_t point = first & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more && at < text.size(); ++i) {
    point = point << 6U | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  }
  return point;
}

bool is_flag_letter(std::uint32_t point) {
  return point >= 0x1F1E6 && point <= 0x1F1FF;
}

bool is_light(std::uint32_t point) {
  return point <= 4351 || (point >= 8192 && point <= 8205) || (point >= 8208 && point <= 8223) ||
         (point >= 8242 && point <= 8247);
}

/// One query, read from left to right: terms side by side must all fit, OR binds less than that.
class Query {
 public:
  Query(const World& world, const Post& post, std::string_view text)
      : world_(world), post_(post), rest_(text) {}

  std::optional<bool> fits() {
    const bool whole = either();
    skip();
    if (failed_ || !rest_.empty()) return std::nullopt;
    return whole;
  }

 private:
  void skip() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }
  bool either() {
    bool any = all();
    for (skip(); rest_.starts_with("OR "); skip()) {
      rest_.remove_prefix(3);
      const bool next = all();
      any = any || next;
    }
    return any;
  }
  bool all() {
    bool every = true;
    bool some = false;
    for (skip(); !rest_.empty() && rest_.front() != ')' && !rest_.starts_with("OR "); skip()) {
      const bool next = term();
      every = every && next;
      some = true;
    }
    failed_ = failed_ || !some;
    return every;
  }
  bool term() {
    const bool negated = rest_.starts_with('-');
    if (negated) rest_.remove_prefix(1);
    if (!rest_.starts_with('(')) return negated != atom(word());
    rest_.remove_prefix(1);
    const bool inside = either();
    skip();
    failed_ = failed_ || !rest_.starts_with(')');
    if (!rest_.empty()) rest_.remove_prefix(1);
    return negated != inside;
  }
  std::string_view word() {
    std::size_t end = 0;
    bool quoted = false;
    while (end < rest_.size() && (quoted || (rest_[end] != ' ' && rest_[end] != ')'))) {
      quoted = quoted != (rest_[end] == '"');
      ++end;
    }
    const auto found = rest_.substr(0, end);
    rest_.remove_prefix(end);
    failed_ = failed_ || found.empty();
    return found;
  }
  bool atom(std::string_view word) {
    const auto after = [&](std::string_view prefix) { return word.substr(prefix.size()); };
    if (word.starts_with("from:")) return is(post_.author, after("from:"));
    if (word.starts_with("to:")) {
      const auto* parent = post_.reply_to ? world_.find(*post_.reply_to) : nullptr;
      return parent != nullptr && is(parent->author, after("to:"));
    }
    if (word.starts_with("conversation_id:")) {
      return to_text(post_.conversation) == after("conversation_id:");
    }
    if (word.starts_with("in_reply_to_tweet_id:")) {
      return post_.reply_to && to_text(*post_.reply_to) == after("in_reply_to_tweet_id:");
    }
    if (word.starts_with("quotes_of_tweet_id:")) {
      return post_.quotes && to_text(*post_.quotes) == after("quotes_of_tweet_id:");
    }
    if (word.starts_with("url:")) {
      const auto* quoted = post_.quotes ? world_.find(*post_.quotes) : nullptr;
      const auto* author = quoted != nullptr ? world_.user(quoted->author) : nullptr;
      return author != nullptr && word.find(author->username) != std::string_view::npos;
    }
    if (word == "is:retweet") return post_.repeats.has_value();
    if (word == "is:quote") return post_.quotes.has_value();
    if (word == "is:reply") return post_.reply_to.has_value();
    if (word == "has:media") return !post_.pictures.empty();
    if (word.starts_with('@')) return names(post_.text, '@', after("@"));
    if (word.starts_with('#')) return names(post_.text, '#', after("#"));
    if (word.find(':') != std::string_view::npos) failed_ = true;
    if (word.size() > 1 && word.starts_with('"')) word = word.substr(1, word.size() - 2);
    return to_lower_ascii(post_.text).find(to_lower_ascii(word)) != std::string::npos;
  }
  [[nodiscard]] bool is(std::string_view id, std::string_view named) const {
    if (named.starts_with('@')) named.remove_prefix(1);
    const auto* user = world_.user(id);
    return id == named || (user != nullptr && equals_ignoring_case(user->username, named));
  }

  const World& world_;
  const Post& post_;
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

World::World() {
  users_["1000"] = {"1000", "kanal", "Kanal"};
}

User& World::person(const std::string& username) {
  for (auto& [id, user] : users_) {
    if (equals_ignoring_case(user.username, username)) return user;
  }
  const auto id = std::to_string(2'000 + users_.size());
  return users_[id] = {id, username, username};
}

void World::rename(const std::string& id, std::string username, std::string name) {
  auto& user = users_[id];
  user.id = id;
  user.username = std::move(username);
  user.name = std::move(name);
}

const User* World::user(std::string_view id) const {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : &found->second;
}

const User* World::user_named(std::string_view username) const {
  for (const auto& [id, user] : users_) {
    if (equals_ignoring_case(user.username, username)) return &user;
  }
  return nullptr;
}

std::chrono::milliseconds World::now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch()) +
         ahead_;
}

PostNumber World::next_number() {
  const auto by_time = static_cast<PostNumber>(now().count() - k_epoch_ms) << k_time_shift;
  last_ = std::max(by_time, last_ + 1);
  return last_;
}

Post& World::add(Post post) {
  post.id = next_number();
  if (post.at.count() == 0) post.at = now();
  if (post.versions.empty()) post.versions = {post.id};
  const auto* parent = post.reply_to ? find(*post.reply_to) : nullptr;
  if (post.conversation == 0)
    post.conversation = parent != nullptr ? parent->conversation : post.id;
  return posts_[post.id] = std::move(post);
}

Post* World::edit(PostNumber id, std::string text) {
  const auto found = posts_.find(id);
  if (found == posts_.end() || found->second.deleted || found->second.superseded) return nullptr;
  Post next = found->second;
  next.text = std::move(text);
  auto& made = add(std::move(next));
  made.versions.push_back(made.id);
  for (const auto version : made.versions) {
    auto& each = posts_[version];
    each.versions = made.versions;
    each.superseded = version != made.id;
  }
  return &made;
}

bool World::remove(PostNumber id) {
  const auto found = posts_.find(id);
  if (found == posts_.end() || found->second.deleted) return false;
  for (const auto version : found->second.versions) posts_[version].deleted = true;
  return true;
}

const Post* World::find(PostNumber id) const {
  const auto found = posts_.find(id);
  return found == posts_.end() || found->second.deleted ? nullptr : &found->second;
}

bool World::mentions(const Post& post, const User& user) const {
  return names(post.text, '@', user.username);
}

bool World::summons(const Post& post, const User& user) const {
  if (post.author == user.id || mentions(post, user)) return true;
  const auto* quoted = post.quotes ? find(*post.quotes) : nullptr;
  return quoted != nullptr && quoted->author == user.id;
}

Message& World::say(std::string from, std::string to, std::string text,
                    std::vector<Picture> pictures) {
  messages_.push_back(
      {next_number(), std::move(from), std::move(to), std::move(text), now(), std::move(pictures)});
  return messages_.back();
}

std::size_t link_length(std::string_view text, bool inside_word) {
  if (text.starts_with("http://") || text.starts_with("https://")) {
    return std::min(text.find_first_of(" \n"), text.size());
  }
  if (inside_word) return 0;
  std::size_t end = 0;
  while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                               text[end] == '-' || text[end] == '.')) {
    ++end;
  }
  auto host = text.substr(0, end);
  while (host.ends_with('.')) host.remove_suffix(1);
  for (const auto* top : {".go.id", ".co.id", ".or.id", ".com", ".org", ".net"}) {
    if (host.size() > std::string_view(top).size() && host.ends_with(top)) return host.size();
  }
  return 0;
}

std::size_t weight_of(std::string_view text) {
  constexpr std::size_t k_link = 23;
  std::size_t weight = 0;
  constexpr std::uint32_t k_keycap = 0x20E3;
  bool joined = false;
  bool is_word = false;
  bool is_half_flag = false;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto length = link_length(text.substr(at), is_word); length > 0) {
      at += length;
      weight += k_link;
      continue;
    }
    const auto point = code_point(text, at);
    is_word = point < 0x80 && (is_name(static_cast<char>(point)) || point == '@' || point == '.');
    const bool part = point == 0x200D || point == 0xFE0F || (point >= 0x1F3FB && point <= 0x1F3FF);
    const bool ends_flag = is_half_flag && is_flag_letter(point);
    is_half_flag = is_flag_letter(point) && !ends_flag;
    // A digit and the key around it are one sign of two.
    if (point == k_keycap) {
      weight += 1;
    } else if (!part && !joined && !ends_flag) {
      weight += is_light(point) ? 1 : 2;
    }
    joined = point == 0x200D;
  }
  return weight;
}

std::optional<bool> fits(const World& world, const Post& post, std::string_view query) {
  return Query(world, post, query).fits();
}

std::string to_text(PostNumber number) {
  return std::to_string(number);
}

std::optional<PostNumber> to_number(std::string_view text) {
  PostNumber number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string print_time(std::chrono::milliseconds at) {
  auto text = print_rfc3339(Time(std::chrono::floor<std::chrono::seconds>(at)));
  text.insert(text.size() - 1, ".000");
  return text;
}

}  // namespace kanal::sandbox::twitter
