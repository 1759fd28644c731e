#include "connectors/twitter/tweet.hpp"

#include <algorithm>
#include <charconv>

#include "core/rfc3339.hpp"
#include "core/text.hpp"

namespace kanal::twitter {
namespace {

constexpr std::int64_t k_epoch_ms = 1'288'834'974'657;
constexpr int k_time_shift = 22;
constexpr std::size_t k_most_items = 1000;
constexpr std::size_t k_most_parts = 100;
constexpr std::size_t k_most_text_bytes = 200'000;
constexpr std::size_t k_most_payload_bytes = 1U << 20U;

/// The member under its older or its newer name.
const Json* either(const Json& of, std::string_view older, std::string_view newer) {
  const auto* found = of.find(older);
  return found != nullptr ? found : of.find(newer);
}

const std::vector<Json>& list_of(const Json* of) {
  static const std::vector<Json> k_none;
  return of != nullptr && of->type == Json::Type::array ? of->array : k_none;
}

std::optional<double> degrees_of(const Json& value) {
  if (value.type == Json::Type::number) return value.number;
  if (value.type == Json::Type::integer) return static_cast<double>(value.integer);
  return std::nullopt;
}

/// A link that stands in the text as X shortens them; nothing for what could not.
std::optional<Link> link_of(const Json& from) {
  constexpr std::size_t k_longest = 4096;
  Link link{from.text("url"), scrub_utf8(from.text("expanded_url")),
            from.find("media_key") != nullptr};
  if (!link.url.starts_with("http") || link.url.size() > k_longest) return std::nullopt;
  if (link.expanded.size() > k_longest) link.expanded.clear();
  return link;
}

void read_entities(const Json* entities, Tweet& tweet) {
  if (entities == nullptr) return;
  for (const auto& each : list_of(entities->find("urls"))) {
    if (tweet.links.size() == k_most_parts) break;
    if (auto link = link_of(each)) tweet.links.push_back(std::move(*link));
  }
  for (const auto& each : list_of(entities->find("mentions"))) {
    if (tweet.mentions.size() == k_most_parts) break;
    tweet.mentions.push_back(to_lower_ascii(each.text("username")));
  }
  for (const auto& each : list_of(entities->find("hashtags"))) {
    if (tweet.hashtags.size() == k_most_parts) break;
    tweet.hashtags.push_back(each.text("tag"));
  }
}

void read_references(const Json& from, Tweet& tweet) {
  for (const auto& each : list_of(either(from, "referenced_tweets", "referenced_posts"))) {
    const auto id = parse_tweet_id(each.text("id"));
    const auto type = each.text("type");
    if (!id || tweet.references.size() == k_most_parts) continue;
    if (type == "replied_to") tweet.references.push_back({Reference::Kind::replied_to, *id});
    if (type == "quoted") tweet.references.push_back({Reference::Kind::quoted, *id});
    if (type == "retweeted") tweet.references.push_back({Reference::Kind::retweeted, *id});
  }
}

void read_versions(const Json& from, Tweet& tweet) {
  for (const auto& each :
       list_of(either(from, "edit_history_tweet_ids", "edit_history_post_ids"))) {
    const auto id = parse_tweet_id(each.string);
    if (id && tweet.versions.size() < k_most_parts) tweet.versions.push_back(*id);
  }
  std::ranges::sort(tweet.versions);
  if (tweet.versions.empty()) tweet.versions.push_back(tweet.id);
}

void read_geo(const Json* geo, Tweet& tweet) {
  if (geo == nullptr) return;
  tweet.place = geo->text("place_id");
  const auto* point = geo->find("coordinates");
  const auto& pair = list_of(point != nullptr ? point->find("coordinates") : nullptr);
  if (pair.size() != 2) return;
  // GeoJSON (RFC 7946 §3.1.1): longitude comes first.
  const auto longitude = degrees_of(pair[0]);
  const auto latitude = degrees_of(pair[1]);
  if (!latitude || !longitude || std::abs(*latitude) > 90 || std::abs(*longitude) > 180) return;
  tweet.latitude = latitude;
  tweet.longitude = longitude;
}

std::vector<std::string> media_of(const Json& from) {
  std::vector<std::string> keys;
  const auto* attachments = from.find("attachments");
  for (const auto& key :
       list_of(attachments != nullptr ? attachments->find("media_keys") : nullptr)) {
    if (keys.size() < k_most_parts) keys.push_back(key.string);
  }
  return keys;
}

std::optional<Tweet> tweet_of(const Json& from) {
  Tweet tweet;
  const auto id = parse_tweet_id(from.text("id"));
  const auto* text = from.find("text");
  if (!id || text == nullptr || text->type != Json::Type::string) return std::nullopt;
  tweet.id = *id;
  const auto* note = either(from, "note_tweet", "note_post");
  const auto* whole = note != nullptr ? note->find("text") : nullptr;
  const bool is_long = whole != nullptr && whole->type == Json::Type::string;
  tweet.text = scrub_utf8(clip_utf8(is_long ? whole->string : text->string, k_most_text_bytes));
  if (is_long) read_entities(note->find("entities"), tweet);
  // The short text knows the links of pictures and quotations; the long one has neither.
  read_entities(from.find("entities"), tweet);
  read_versions(from, tweet);
  read_references(from, tweet);
  read_geo(from.find("geo"), tweet);
  tweet.author = scrub_utf8(from.text("author_id"));
  tweet.language = from.text("lang");
  tweet.conversation = parse_tweet_id(from.text("conversation_id")).value_or(0);
  tweet.created_at = parse_rfc3339(from.text("created_at"));
  tweet.media = media_of(from);
  tweet.raw = from;
  return tweet;
}

std::optional<Message> message_of(const Json& from) {
  Message message;
  const auto id = parse_tweet_id(from.text("id"));
  if (!id) return std::nullopt;
  message.id = *id;
  message.sender = scrub_utf8(from.text("sender_id"));
  message.text = scrub_utf8(clip_utf8(from.text("text"), k_most_text_bytes));
  const auto* entities = from.find("entities");
  for (const auto& each : list_of(entities != nullptr ? entities->find("urls") : nullptr)) {
    if (message.links.size() == k_most_parts) break;
    if (auto link = link_of(each)) message.links.push_back(std::move(*link));
  }
  message.media = media_of(from);
  message.created_at = parse_rfc3339(from.text("created_at"));
  message.raw = from;
  return message;
}

void read_includes(const Json& from, Answer& answer) {
  for (const auto& each : list_of(from.find("users"))) {
    Account account{scrub_utf8(each.text("id")), scrub_utf8(each.text("username")),
                    scrub_utf8(each.text("name")), each};
    if (!account.id.empty() && answer.accounts.size() < k_most_items) {
      answer.accounts.insert_or_assign(account.id, std::move(account));
    }
  }
  for (const auto& each : list_of(either(from, "tweets", "posts"))) {
    if (answer.referenced.size() == k_most_items) break;
    if (auto tweet = tweet_of(each)) answer.referenced.insert_or_assign(tweet->id, *tweet);
  }
  for (const auto& each : list_of(from.find("media"))) {
    auto url = each.text("url");
    if (url.empty()) url = each.text("preview_image_url");
    Medium medium{each.text("media_key"), each.text("type"), std::move(url),
                  scrub_utf8(each.text("alt_text")), each};
    if (!medium.key.empty() && answer.media.size() < k_most_items) {
      answer.media.insert_or_assign(medium.key, std::move(medium));
    }
  }
  for (const auto& each : list_of(from.find("places"))) {
    if (answer.spots.size() == k_most_items) break;
    answer.spots.insert_or_assign(each.text("id"), Spot{scrub_utf8(each.text("full_name")), each});
  }
}

void read_item(const Json& item, Answer& answer) {
  const auto type = item.text("event_type");
  if (!type.empty()) {
    if (type != "MessageCreate") return;
    if (auto message = message_of(item)) {
      answer.messages.push_back(std::move(*message));
      return;
    }
  } else if (auto tweet = tweet_of(item)) {
    answer.tweets.push_back(std::move(*tweet));
    return;
  }
  auto payload = print_json(item).substr(0, k_most_payload_bytes);
  auto id = item.text("id");
  if (id.empty()) id = "unnamed:" + std::to_string(std::hash<std::string>{}(payload));
  answer.unreadable.push_back({ExternalId(scrub_utf8(clip_utf8(id, 100))), std::move(payload),
                               "the post has no number or no text"});
}

void write_json(JsonWriter& out, const Json& value) {
  switch (value.type) {
    case Json::Type::null:
      out.null();
      break;
    case Json::Type::boolean:
      out.value(value.boolean);
      break;
    case Json::Type::integer:
      out.value(value.integer);
      break;
    case Json::Type::number:
      out.value(value.number);
      break;
    case Json::Type::string:
      out.value(value.string);
      break;
    case Json::Type::array:
      out.begin_array();
      for (const auto& each : value.array) write_json(out, each);
      out.end_array();
      break;
    case Json::Type::object:
      out.begin_object();
      for (const auto& [key, each] : value.object) write_json(out.key(key), each);
      out.end_object();
      break;
  }
}

}  // namespace

std::optional<TweetId> parse_tweet_id(std::string_view text) {
  TweetId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool whole = !text.empty() && error == std::errc() && end == text.data() + text.size();
  if (!whole || id == 0) return std::nullopt;
  return id;
}

TweetId first_tweet_id_of(Time time) {
  const auto at_ms =
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count() - k_epoch_ms;
  return at_ms <= 0 ? 1 : static_cast<TweetId>(at_ms) << k_time_shift;
}

Time time_of(TweetId id) {
  const auto at_ms = static_cast<std::int64_t>(id >> k_time_shift) + k_epoch_ms;
  return Time(std::chrono::milliseconds(at_ms));
}

std::optional<TweetId> Tweet::reference(Reference::Kind kind) const {
  for (const auto& each : references) {
    if (each.kind == kind) return each.id;
  }
  return std::nullopt;
}

Result<Answer> parse_answer(std::string_view body) {
  auto json = Json::parse(body);
  if (!json || json->type != Json::Type::object) {
    return fail(Remedy::retry, "X answered with something that is not JSON");
  }
  Answer answer;
  if (const auto* includes = json->find("includes")) read_includes(*includes, answer);
  const auto* data = json->find("data");
  if (data != nullptr && data->type == Json::Type::object) read_item(*data, answer);
  for (const auto& item : list_of(data)) {
    if (answer.tweets.size() + answer.messages.size() == k_most_items) break;
    read_item(item, answer);
  }
  for (const auto& each : list_of(json->find("errors"))) {
    if (!each.text("type").ends_with("/resource-not-found")) continue;
    const auto of = each.text("resource_type");
    if (!of.empty() && of != "tweet" && of != "post") continue;
    const auto id = parse_tweet_id(each.text("resource_id"));
    if (id && answer.missing.size() < k_most_items) answer.missing.push_back(*id);
  }
  if (const auto* meta = json->find("meta")) answer.next_token = meta->text("next_token");
  return answer;
}

std::string unescape(std::string_view text) {
  constexpr std::pair<std::string_view, char> k_signs[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto sign = std::ranges::find_if(
        k_signs, [&](const auto& each) { return text.starts_with(each.first); });
    if (sign != std::end(k_signs)) {
      plain += sign->second;
      text.remove_prefix(sign->first.size());
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

std::string print_json(const Json& value) {
  JsonWriter out;
  write_json(out, value);
  return out.take();
}

}  // namespace kanal::twitter
