#include "tests/sandbox/twitter/answers.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::sandbox::twitter {

namespace {

constexpr std::size_t k_short_post = 280;
constexpr std::size_t k_shown_of_long = 270;

std::set<std::string, std::less<>> list_of(const Request& request, std::string_view name) {
  std::set<std::string, std::less<>> found;
  const auto text = request.parameter(name).value_or("");
  for (const auto part : split(text, ',')) {
    if (!trim(part).empty()) found.emplace(trim(part));
  }
  return found;
}

value list(const std::vector<value>& items) {
  return value::array(items);
}

value list(const std::map<std::string, value>& items) {
  std::vector<value> all;
  for (const auto& [key, item] : items) all.push_back(item);
  return value::array(all);
}

std::int64_t points_in(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; });
}

/// What X makes of a text: links shortened, three signs escaped, with a list of what stands where.
struct Written {
  std::string text;
  std::vector<value> urls, mentions, hashtags;

  void link(const std::string& expanded, const std::string& key, std::size_t number) {
    auto entity = value::object(true);
    entity["start"] = value::number(points_in(text));
    auto code = to_hex(std::to_string(std::hash<std::string>{}(expanded)));
    const auto url = "https://t.co/" + code.substr(0, 9) + std::to_string(number % 10);
    text += url;
    entity["end"] = value::number(points_in(text));
    entity["url"] = value::string(url);
    entity["expanded_url"] = value::string(expanded);
    entity["display_url"] = value::string(expanded.substr(expanded.find("//") + 2));
    if (!key.empty()) entity["media_key"] = value::string(key);
    urls.push_back(std::move(entity));
  }
  [[nodiscard]] value entities() const {
    auto all = value::object(true);
    if (!urls.empty()) all["urls"] = list(urls);
    if (!mentions.empty()) all["mentions"] = list(mentions);
    if (!hashtags.empty()) all["hashtags"] = list(hashtags);
    return all;
  }
};

std::size_t name_length(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
    ++end;
  }
  return end;
}

void write_entity(Written& written, const World& world, char mark, std::string_view name) {
  auto entity = value::object(true);
  entity["start"] = value::number(points_in(written.text));
  written.text += mark + std::string(name);
  entity["end"] = value::number(points_in(written.text));
  if (mark == '#') {
    entity["tag"] = value::string(std::string(name));
    written.hashtags.push_back(std::move(entity));
    return;
  }
  entity["username"] = value::string(std::string(name));
  if (const auto* user = world.user_named(name)) entity["id"] = value::string(user->id);
  written.mentions.push_back(std::move(entity));
}

Written written(const World& world, std::string_view plain) {
  Written written;
  for (std::size_t at = 0; at < plain.size();) {
    const auto rest = plain.substr(at);
    const bool inside_word = at > 0 && (name_length(plain.substr(at - 1, 1)) > 0 ||
                                        plain[at - 1] == '@' || plain[at - 1] == '.');
    if (const auto end = link_length(rest, inside_word); end > 0) {
      const std::string typed(rest.substr(0, end));
      const bool is_bare = typed.find("//") == std::string::npos;
      written.link(is_bare ? "http://" + typed : typed, "", written.urls.size());
      at += end;
      continue;
    }
    const auto length =
        rest.front() == '@' || rest.front() == '#' ? name_length(rest.substr(1)) : 0;
    if (length > 0) {
      write_entity(written, world, rest.front(), rest.substr(1, length));
      at += 1 + length;
      continue;
    }
    switch (rest.front()) {
      case '&':
        written.text += "&amp;";
        break;
      case '<':
        written.text += "&lt;";
        break;
      case '>':
        written.text += "&gt;";
        break;
      default:
        written.text += rest.front();
    }
    ++at;
  }
  return written;
}

std::string status_url(const World& world, const Post& post) {
  const auto* author = world.user(post.author);
  return "https://x.com/" + (author != nullptr ? author->username : std::string("i")) + "/status/" +
         to_text(post.id);
}

value reference(const char* type, PostNumber id) {
  auto one = value::object(true);
  one["type"] = value::string(type);
  one["id"] = value::string(to_text(id));
  return one;
}

}  // namespace

Wanted wanted_by(const Request& request, std::optional<Dialect> forced) {
  Wanted wanted;
  const bool asks_new = request.parameter("post.fields").has_value();
  wanted.dialect = forced.value_or(asks_new ? Dialect::posts : Dialect::tweets);
  const bool is_new = wanted.dialect == Dialect::posts;
  wanted.fields = list_of(request, is_new ? "post.fields" : "tweet.fields");
  wanted.expansions = list_of(request, "expansions");
  wanted.media_fields = list_of(request, "media.fields");
  wanted.place_fields = list_of(request, "place.fields");
  wanted.user_fields = list_of(request, "user.fields");
  return wanted;
}

value shown(const User& user, const std::set<std::string, std::less<>>& fields) {
  auto one = value::object(true);
  one["id"] = value::string(user.id);
  one["name"] = value::string(user.name);
  one["username"] = value::string(user.username);
  if (fields.contains("verified")) one["verified"] = value::boolean(false);
  return one;
}

value shown(const Picture& picture, const std::set<std::string, std::less<>>& fields,
            const std::string& base_url) {
  auto one = value::object(true);
  one["media_key"] = value::string(picture.key);
  one["type"] = value::string(picture.type);
  const auto* where = picture.type == "photo" ? "url" : "preview_image_url";
  if (fields.contains(where))
    one[where] = value::string(base_url + "/media/" + picture.key + ".png");
  if (fields.contains("alt_text") && !picture.alt_text.empty()) {
    one["alt_text"] = value::string(picture.alt_text);
  }
  return one;
}

value shown(const World& world, const Message& message,
            const std::set<std::string, std::less<>>& fields) {
  auto said = written(world, message.text);
  for (const auto& picture : message.pictures) {
    if (!said.text.empty()) said.text += ' ';
    said.link("https://x.com/messages/media/" + to_text(message.id), picture.key, said.urls.size());
  }
  auto one = value::object(true);
  one["id"] = value::string(to_text(message.id));
  one["event_type"] = value::string("MessageCreate");
  one["text"] = value::string(said.text);
  if (fields.contains("entities")) one["entities"] = said.entities();
  if (fields.contains("attachments") && !message.pictures.empty()) {
    std::vector<value> keys;
    for (const auto& picture : message.pictures) keys.push_back(value::string(picture.key));
    one["attachments"]["media_keys"] = list(keys);
  }
  const auto pair = std::minmax(message.from, message.to);
  if (fields.contains("sender_id")) one["sender_id"] = value::string(message.from);
  if (fields.contains("created_at")) one["created_at"] = value::string(print_time(message.at));
  if (fields.contains("dm_conversation_id")) {
    one["dm_conversation_id"] = value::string(pair.first + "-" + pair.second);
  }
  return one;
}

Page::Page(const World& world, Wanted wanted, std::string base_url)
    : world_(world), wanted_(std::move(wanted)), base_url_(std::move(base_url)) {}

value Page::shown(const Post& post) {
  const bool is_new = wanted_.dialect == Dialect::posts;
  const auto asks = [&](std::string_view field) { return wanted_.fields.contains(field); };
  const auto expands = [&](std::string_view field) { return wanted_.expansions.contains(field); };
  auto plain = post.text;
  const auto* repeated = post.repeats ? world_.find(*post.repeats) : nullptr;
  if (repeated != nullptr) {
    const auto* author = world_.user(repeated->author);
    plain = "RT @" + (author != nullptr ? author->username : "i") + ": " + repeated->text;
  }
  const bool is_long = weight_of(plain) > k_short_post;
  const auto whole = written(world_, plain);
  auto brief = is_long ? written(world_, clip_utf8(plain, k_shown_of_long)) : whole;
  if (is_long) brief.text += "…";
  if (is_long) {
    brief.text += " ";
    brief.link(status_url(world_, post), "", brief.urls.size());
  }
  if (const auto* quoted = post.quotes ? world_.find(*post.quotes) : nullptr) {
    brief.text += " ";
    brief.link(status_url(world_, *quoted), "", brief.urls.size());
  }
  for (std::size_t i = 0; i < post.pictures.size(); ++i) {
    brief.text += i == 0 ? " " : "";
    if (i == 0) brief.link(status_url(world_, post) + "/photo/1", post.pictures[0].key, 9);
  }

  auto one = value::object(true);
  one["id"] = value::string(to_text(post.id));
  one["text"] = value::string(brief.text);
  std::vector<value> versions;
  for (const auto version : post.versions) versions.push_back(value::string(to_text(version)));
  one[is_new ? "edit_history_post_ids" : "edit_history_tweet_ids"] = list(versions);
  if (asks("author_id") || expands("author_id")) one["author_id"] = value::string(post.author);
  if (asks("created_at")) one["created_at"] = value::string(print_time(post.at));
  if (asks("conversation_id")) one["conversation_id"] = value::string(to_text(post.conversation));
  if (asks("lang")) one["lang"] = value::string(post.language);
  if (asks("entities") && brief.entities().size() > 0) one["entities"] = brief.entities();
  const auto* parent = post.reply_to ? world_.find(*post.reply_to) : nullptr;
  if (parent != nullptr && (asks("in_reply_to_user_id") || expands("in_reply_to_user_id"))) {
    one["in_reply_to_user_id"] = value::string(parent->author);
  }
  std::vector<value> references;
  if (post.repeats) references.push_back(reference("retweeted", *post.repeats));
  if (post.quotes) references.push_back(reference("quoted", *post.quotes));
  if (post.reply_to) references.push_back(reference("replied_to", *post.reply_to));
  const auto* by = is_new ? "referenced_posts" : "referenced_tweets";
  if (!references.empty() &&
      (asks(by) || expands(is_new ? "referenced_posts" : "referenced_tweets.id"))) {
    one[by] = list(references);
  }
  if (is_long && asks(is_new ? "note_post" : "note_tweet")) {
    auto note = value::object(true);
    note["text"] = value::string(whole.text);
    if (whole.entities().size() > 0) note["entities"] = whole.entities();
    one[is_new ? "note_post" : "note_tweet"] = note;
  }
  if (!post.pictures.empty() && (asks("attachments") || expands("attachments.media_keys"))) {
    std::vector<value> keys;
    for (const auto& picture : post.pictures) keys.push_back(value::string(picture.key));
    one["attachments"]["media_keys"] = list(keys);
  }
  if (post.spot && (asks("geo") || expands("geo.place_id"))) {
    auto geo = value::object(true);
    if (post.exact_spot) {
      geo["coordinates"]["type"] = value::string("Point");
      geo["coordinates"]["coordinates"] =
          value::array({value::number(post.spot->longitude), value::number(post.spot->latitude)});
    }
    geo["place_id"] = value::string(post.spot->id);
    one["geo"] = geo;
  }
  return one;
}

void Page::include(const Post& post) {
  const auto expands = [&](std::string_view field) { return wanted_.expansions.contains(field); };
  if (expands("author_id")) {
    if (const auto* author = world_.user(post.author)) {
      users_[author->id] = twitter::shown(*author, wanted_.user_fields);
    }
  }
  if (expands("attachments.media_keys")) {
    for (const auto& picture : post.pictures) {
      media_[picture.key] = twitter::shown(picture, wanted_.media_fields, base_url_);
    }
  }
  if (expands("geo.place_id") && post.spot) {
    auto one = value::object(true);
    one["id"] = value::string(post.spot->id);
    one["full_name"] = value::string(post.spot->full_name);
    if (wanted_.place_fields.contains("geo")) {
      const auto& spot = *post.spot;
      const auto corner = [](double degrees) { return value::number(degrees); };
      one["geo"]["type"] = value::string("Feature");
      one["geo"]["properties"] = value::object();
      one["geo"]["bbox"] =
          value::array({corner(spot.longitude - 0.05), corner(spot.latitude - 0.05),
                        corner(spot.longitude + 0.05), corner(spot.latitude + 0.05)});
    }
    places_[post.spot->id] = one;
  }
}

void Page::add(const Post& post) {
  data_.push_back(shown(post));
  include(post);
  const auto* wanted =
      wanted_.dialect == Dialect::posts ? "referenced_posts" : "referenced_tweets.id";
  if (!wanted_.expansions.contains(wanted)) return;
  for (const auto& other : {post.reply_to, post.quotes, post.repeats}) {
    if (!other) continue;
    if (const auto* found = world_.find(*other)) {
      posts_[to_text(*other)] = shown(*found);
      include(*found);
    } else {
      miss(to_text(*other), true);
    }
  }
}

void Page::miss(const std::string& id, bool deleted) {
  const bool is_new = wanted_.dialect == Dialect::posts;
  auto one = value::object(true);
  one["title"] = value::string("Not Found Error");
  one["type"] = value::string("https://api.x.com/2/problems/resource-not-found");
  one["detail"] = value::string("Could not find " + std::string(is_new ? "post" : "tweet") +
                                " with ids: [" + id + "].");
  one["resource_type"] = value::string(is_new ? "post" : "tweet");
  one["resource_id"] = value::string(id);
  one["parameter"] = value::string(deleted ? "referenced_tweets.id" : "ids");
  one["value"] = value::string(id);
  errors_.push_back(one);
}

value Page::finish(bool single) {
  auto body = value::object(true);
  if (!data_.empty()) body["data"] = single ? data_.front() : list(data_);
  auto includes = value::object(true);
  if (!users_.empty()) includes["users"] = list(users_);
  if (!posts_.empty()) {
    includes[wanted_.dialect == Dialect::posts ? "posts" : "tweets"] = list(posts_);
  }
  if (!media_.empty()) includes["media"] = list(media_);
  if (!places_.empty()) includes["places"] = list(places_);
  if (includes.size() > 0) body["includes"] = includes;
  if (!errors_.empty()) body["errors"] = list(errors_);
  return body;
}

value problem(int status, const std::string& title, const std::string& detail,
              const std::string& kind) {
  auto one = value::object(true);
  one["title"] = value::string(title);
  one["detail"] = value::string(detail);
  one["type"] =
      value::string(kind.empty() ? "about:blank" : "https://api.x.com/2/problems/" + kind);
  one["status"] = value::number(status);
  return one;
}

std::string print(const value& what) {
  return what.serialize();
}

}  // namespace kanal::sandbox::twitter
