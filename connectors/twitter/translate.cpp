#include "connectors/twitter/translate.hpp"

#include <algorithm>
#include <set>

#include "core/rfc3339.hpp"
#include "core/text.hpp"

namespace kanal::twitter {
namespace {

constexpr std::size_t k_longest_text = 100'000;
constexpr std::size_t k_longest_payload = 1U << 20U;
constexpr std::size_t k_longest_story = 25;
constexpr std::size_t k_least_own_letters = 12;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_name(text[length])) ++length;
  return length;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    if (text.size() > 2 * k_longest_text) return;
    text.replace(at, what.size(), by);
  }
}

/// A link that X put there for what is attached, not one that the author wrote.
bool stands_for(const Link& link, const Tweet& tweet) {
  if (link.is_media) return true;
  for (const auto* part : {"/photo/", "/video/"}) {
    if (link.expanded.find("/status/" + std::to_string(tweet.id) + part) != std::string::npos) {
      return true;
    }
  }
  const auto id = tweet.reference(Reference::Kind::quoted).value_or(tweet.id);
  return link.expanded.ends_with("/status/" + std::to_string(id));
}

/// The same of a direct message.
bool stands_for_file(const Link& link) {
  return link.is_media || link.expanded.find("/messages/media/") != std::string::npos;
}

std::string with_links(std::string text, const std::vector<Link>& links, const Tweet* of) {
  for (const auto& link : links) {
    const bool own = of != nullptr ? stands_for(link, *of) : stands_for_file(link);
    replace_all(text, link.url,
                own                     ? std::string()
                : link.expanded.empty() ? link.url
                                        : link.expanded);
  }
  return unescape(text);
}

/// "@kanal @other Jalan rusak": whom an answer goes to is no part of what it says.
std::string_view without_callees(std::string_view text) {
  text = trim(text);
  while (text.starts_with('@')) {
    const auto length = name_length(text.substr(1));
    if (length == 0) break;
    text = trim(text.substr(1 + length));
  }
  return text;
}

/// "#LAPOR … @kanal": the form that people were taught.
std::string_view without_form(std::string_view text, std::string_view handle) {
  constexpr std::string_view k_tag = "#lapor";
  if (equals_ignoring_case(text.substr(0, k_tag.size()), k_tag) &&
      name_length(text.substr(1)) == k_tag.size() - 1) {
    text = without_callees(text.substr(k_tag.size()));
  }
  const auto at = text.rfind('@');
  if (at != std::string_view::npos && equals_ignoring_case(text.substr(at + 1), handle)) {
    text = trim(text.substr(0, at));
  }
  return text;
}

std::size_t letters_in(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '@' || c == '#') {
      at += name_length(text.substr(at + 1));
    } else if (text.substr(at).starts_with("http://") || text.substr(at).starts_with("https://")) {
      at = std::min(text.find_first_of(" \n", at), text.size());
    } else if (is_name(c) || static_cast<unsigned char>(c) >= 0xC0) {
      ++count;
    }
  }
  return count;
}

std::string compact(std::string_view text) {
  std::string plain;
  for (const char c : to_lower_ascii(text)) {
    if (is_name(c) && c != '_') plain += c;
  }
  return plain;
}

/// Of what was told together: the first that says exactly where, else the first that says it at
/// all.
std::optional<Place> place_of(const std::vector<const Tweet*>& told, const Answer& around) {
  std::optional<Place> found;
  for (const auto* each : told) {
    Place place;
    place.latitude = each->latitude;
    place.longitude = each->longitude;
    const auto spot = around.spots.find(each->place);
    if (spot != around.spots.end()) place.address = spot->second.name;
    if (place.latitude) return place;
    if (!found && !place.address.empty()) found = std::move(place);
  }
  return found;
}

/// Of somebody else's post no more than what tells that it is not the author's own.
void write_other(JsonWriter& out, const Tweet& tweet) {
  out.begin_object().member("id", std::to_string(tweet.id)).member("author_id", tweet.author);
  out.member("text", "").key("edit_history_tweet_ids").begin_array();
  for (const auto id : tweet.versions) out.value(std::to_string(id));
  out.end_array().end_object();
}

std::string language_of(const std::string& said) {
  // X writes Indonesian as it was named until 1989.
  if (said == "in" || said == "id") return "id";
  return said == "en" ? "en" : "";
}

}  // namespace

Translation::Translation(const Settings& settings, const Organisation& organisation)
    : handle_(to_lower_ascii(settings.handle)), organisation_(organisation) {
  for (const auto& bot : settings.bots) bots_.push_back(to_lower_ascii(bot));
  for (const std::string_view tag : settings.hashtags) {
    hashtags_.push_back(to_lower_ascii(tag.substr(tag.starts_with('#') ? 1 : 0)));
  }
}

bool Translation::is_ours(const std::string& author, const Answer& around) const {
  if (!account_.empty() && author == account_) return true;
  const auto found = around.accounts.find(author);
  return found != around.accounts.end() && equals_ignoring_case(found->second.username, handle_);
}

bool Translation::calls_us(const Tweet& tweet) const {
  if (std::ranges::find(tweet.mentions, handle_) != tweet.mentions.end()) return true;
  // Without entities the text has to do.
  const auto text = to_lower_ascii(tweet.text);
  const auto called = "@" + handle_;
  for (auto at = text.find(called); at != std::string::npos; at = text.find(called, at + 1)) {
    const auto end = at + called.size();
    if (end == text.size() || !is_name(text[end])) return true;
  }
  return false;
}

bool Translation::quotes_us(const Tweet& tweet, const Answer& around) const {
  const auto quoted = tweet.reference(Reference::Kind::quoted);
  const auto original = quoted ? around.referenced.find(*quoted) : around.referenced.end();
  return original != around.referenced.end() && is_ours(original->second.author, around);
}

/// Whether it is to be read though it does not call us.
bool Translation::is_searched_for(const Tweet& tweet, const Answer& around) const {
  return quotes_us(tweet, around) ||
         std::ranges::any_of(tweet.hashtags, [&](const std::string& tag) {
           return std::ranges::find(hashtags_, to_lower_ascii(tag)) != hashtags_.end();
         });
}

/// The post that this one goes on from, when it is the same author's and did not call us itself.
const Tweet* Translation::told_before(const Tweet& tweet, const Answer& around) const {
  const auto parent = tweet.reference(Reference::Kind::replied_to);
  const auto found = parent ? around.referenced.find(*parent) : around.referenced.end();
  if (found == around.referenced.end()) return nullptr;
  const auto& before = found->second;
  const bool same = !before.author.empty() && before.author == tweet.author;
  return same && !calls_us(before) ? &before : nullptr;
}

std::vector<const Tweet*> Translation::story(const Tweet& tweet, const Answer& around) const {
  std::vector<const Tweet*> told{&tweet};
  while (told.size() < k_longest_story) {
    const auto* before = told_before(*told.back(), around);
    if (before == nullptr || before->id >= told.back()->id) break;
    told.push_back(before);
  }
  std::ranges::reverse(told);
  return told;
}

std::vector<const Tweet*> Translation::told_in(const Tweet& tweet, const Answer& around,
                                               TweetId story_id) const {
  if (story_id != 0) return {&tweet};
  return story(tweet, around);
}

std::vector<TweetId> Translation::missing_of_story(const Tweet& tweet, const Answer& around) const {
  std::vector<TweetId> missing;
  const auto told = story(tweet, around);
  if (told.size() < 2) return missing;
  const auto is_unknown = [&](const std::string& key) { return !around.media.contains(key); };
  for (const auto* each : told) {
    if (each != &tweet && std::ranges::any_of(each->media, is_unknown)) missing.push_back(each->id);
  }
  const auto parent = told.front()->reference(Reference::Kind::replied_to);
  const bool is_whole = !parent || told.size() >= k_longest_story ||
                        around.referenced.contains(*parent) ||
                        std::ranges::find(around.missing, *parent) != around.missing.end();
  if (!is_whole) missing.push_back(*parent);
  return missing;
}

std::vector<std::string> Translation::media_of(const Tweet& tweet, const Answer& around,
                                               TweetId story_id) const {
  std::vector<std::string> keys;
  for (const auto* each : told_in(tweet, around, story_id)) {
    keys.insert(keys.end(), each->media.begin(), each->media.end());
  }
  return keys;
}

bool Translation::goes_on(const Tweet& tweet, const Answer& around) const {
  const auto parent = tweet.reference(Reference::Kind::replied_to);
  const auto found = parent ? around.referenced.find(*parent) : around.referenced.end();
  return found != around.referenced.end() && !tweet.author.empty() &&
         found->second.author == tweet.author && !calls_us(tweet) && !is_ours(tweet.author, around);
}

std::vector<TweetId> Translation::told_with(const Tweet& tweet, const Answer& around) const {
  std::vector<TweetId> ids;
  if (!calls_us(tweet)) return ids;
  for (const auto* each : story(tweet, around)) {
    if (each != &tweet) ids.push_back(each->id);
  }
  return ids;
}

std::string Translation::words(const Tweet& tweet) const {
  const auto whole = with_links(tweet.text, tweet.links, &tweet);
  return std::string(without_form(without_callees(whole), handle_));
}

std::set<std::string> Translation::agencies_called(const std::string& tag) const {
  std::set<std::string> called;
  const auto wanted = compact(tag);
  if (wanted.size() < 2) return called;
  const auto fits = [&](const std::string& name) { return compact(name) == wanted; };
  for (const auto& agency : organisation_.agencies) {
    if (fits(agency.id.value()) || fits(agency.short_name) ||
        std::ranges::any_of(agency.aliases, fits)) {
      called.insert(agency.id.value());
    }
  }
  for (const auto& unit : organisation_.units) {
    if (fits(unit.id.value()) || fits(unit.short_name)) called.insert(unit.agency.value());
  }
  return called;
}

std::string Translation::agency_of(const std::vector<const Tweet*>& told) const {
  std::optional<std::set<std::string>> meant;
  for (const auto* each : told) {
    for (const auto& tag : each->hashtags) {
      const auto called = agencies_called(tag);
      if (called.empty()) continue;
      // What several agencies have is told by another tag, and two that contradict each other say
      // nothing.
      if (!meant) meant = called;
      std::erase_if(*meant, [&](const std::string& agency) { return !called.contains(agency); });
    }
  }
  return meant && meant->size() == 1 ? *meant->begin() : std::string();
}

void Translation::name_author(Author& author, const Answer& around, Hints& hints) const {
  const auto found = around.accounts.find(author.id.value());
  if (found == around.accounts.end()) return;
  author.handle = found->second.username;
  author.name = found->second.name;
  const auto lower = to_lower_ascii(author.handle);
  if (std::ranges::find(bots_, lower) != bots_.end()) {
    hints.automatic = "@" + author.handle + " is on the list of bots";
  }
}

Hints Translation::hints_of(const Tweet& tweet, const std::vector<const Tweet*>& told,
                            const Answer& around, const std::string& own_words) const {
  Hints hints;
  const auto refer = [&](TweetId id) {
    // A later version answers to the name of the first.
    const auto found = around.referenced.find(id);
    const ExternalId named(
        std::to_string(found == around.referenced.end() ? id : found->second.identity()));
    if (std::ranges::find(hints.references, named) == hints.references.end()) {
      hints.references.push_back(named);
    }
  };
  const auto parent = told.front()->reference(Reference::Kind::replied_to);
  const auto quoted = tweet.reference(Reference::Kind::quoted);
  const bool is_of_ours = quotes_us(tweet, around);
  // What it takes along may be stored: with another post that took it along, or by itself.
  for (auto each = told.rbegin() + 1; each != told.rend(); ++each) {
    refer((*each)->id);
    hints.told.emplace_back(std::to_string((*each)->identity()));
  }
  if (parent) refer(*parent);
  if (is_of_ours) refer(*quoted);
  if (tweet.conversation != 0 && tweet.conversation != tweet.id && parent) {
    refer(tweet.conversation);
  }
  const auto pass_on = [&](TweetId id, std::string_view how) {
    hints.passed_on = how;
    std::vector<TweetId> known_as{id};
    const auto found = around.referenced.find(id);
    if (found != around.referenced.end()) known_as = found->second.versions;
    for (const auto each : known_as) hints.passes_on.emplace_back(std::to_string(each));
  };
  if (const auto retweeted = tweet.reference(Reference::Kind::retweeted)) {
    pass_on(*retweeted, "a retweet");
  } else if (quoted && !is_of_ours && letters_in(own_words) < k_least_own_letters &&
             tweet.media.empty()) {
    pass_on(*quoted, "a quotation without words of its own");
  } else if (parent && own_words.empty() && tweet.media.empty()) {
    hints.suspicion = "It calls us to somebody else's post and says nothing itself.";
  }
  hints.agency = agency_of(told);
  return hints;
}

/// The post and what it needs to be read again, as one answer of the API.
std::string Translation::payload_of(const Tweet& tweet, const std::vector<const Tweet*>& told,
                                    const Answer& around, TweetId story_id) const {
  JsonWriter out;
  out.begin_object().key("data").begin_array().raw(print_json(tweet.raw)).end_array();
  if (story_id != 0) out.member(k_story_member, std::to_string(story_id));
  const auto alone = out.text() + "}";
  out.key("includes").begin_object();
  std::set<TweetId> others;
  std::vector<std::string> keys;
  std::set<std::string> places;
  for (const auto* each : told) {
    others.insert(each->id);
    places.insert(each->place);
    keys.insert(keys.end(), each->media.begin(), each->media.end());
  }
  for (const auto& each : tweet.references) others.insert(each.id);
  others.erase(tweet.id);
  std::set<std::string> people{tweet.author};
  out.key("tweets").begin_array();
  for (const auto id : others) {
    const auto found = around.referenced.find(id);
    if (found == around.referenced.end()) continue;
    const auto& other = found->second;
    if (is_ours(other.author, around)) people.insert(other.author);
    if (other.author == tweet.author) {
      out.raw(print_json(other.raw));
    } else {
      write_other(out, other);
    }
  }
  out.end_array().key("users").begin_array();
  for (const auto& [id, account] : around.accounts) {
    if (people.contains(id)) out.raw(print_json(account.raw));
  }
  out.end_array().key("media").begin_array();
  for (const auto& key : keys) {
    const auto found = around.media.find(key);
    if (found != around.media.end()) out.raw(print_json(found->second.raw));
  }
  out.end_array().key("places").begin_array();
  for (const auto& place : places) {
    const auto spot = around.spots.find(place);
    if (spot != around.spots.end()) out.raw(print_json(spot->second.raw));
  }
  out.end_array().end_object().end_object();
  auto text = out.take();
  return text.size() <= k_longest_payload ? text : alone;
}

void Translation::add(const Tweet& tweet, const Answer& around, std::string_view entrance,
                      Batch& batch, TweetId story_id) const {
  if (is_ours(tweet.author, around)) return;
  const bool goes_on_only = story_id != 0;
  const auto told = told_in(tweet, around, story_id);
  const auto own_words = words(tweet);
  Post post;
  post.id = ExternalId(std::to_string(tweet.identity()));
  post.hints = hints_of(tweet, told, around, own_words);
  // Whatever else it is below may be no report.
  if (goes_on_only) post.hints.references = {ExternalId(std::to_string(story_id))};
  if (!post.hints.references.empty()) post.in_reply_to = post.hints.references.front();
  if (tweet.id != tweet.identity()) post.hints.edition = std::to_string(tweet.id);
  const bool calls = calls_us(tweet);
  post.hints.goes_on =
      goes_on_only || (!calls && !post.hints.edition.empty() && !is_searched_for(tweet, around));
  if (goes_on_only || (!calls && !quotes_us(tweet, around))) {
    post.hints.uncalled = true;
    post.hints.unanswered = "its author did not call us with it";
  }
  post.hints.entrance = entrance;
  post.author.id = ExternalId(tweet.author.empty() ? "unknown:" + post.id.value() : tweet.author);
  name_author(post.author, around, post.hints);
  std::string whole;
  for (const auto* each : told) {
    const auto said = each == &tweet ? own_words : words(*each);
    if (!post.text.empty() && !said.empty()) post.text += "\n";
    post.text += said;
    if (!whole.empty()) whole += "\n";
    whole += with_links(each->text, each->links, each);
  }
  post.text = std::string(clip_utf8(post.text, k_longest_text));
  whole = std::string(clip_utf8(trim(whole), k_longest_text));
  if (whole != post.text) post.full_text = std::move(whole);
  post.language = language_of(tweet.language);
  post.place = place_of(told, around);
  post.posted_at = tweet.created_at.value_or(time_of(tweet.identity()));
  post.payload = payload_of(tweet, told, around, story_id);
  batch.posts.push_back(std::move(post));
}

void Translation::add(const Message& message, const Answer& around, Batch& batch) const {
  if (is_ours(message.sender, around)) return;
  Post post;
  post.id = ExternalId(std::string(k_message_prefix) + std::to_string(message.id));
  post.author.id =
      ExternalId(message.sender.empty() ? "unknown:" + post.id.value() : message.sender);
  name_author(post.author, around, post.hints);
  post.hints.entrance = "dm";
  post.hints.threadless = true;
  post.text = std::string(
      clip_utf8(trim(with_links(message.text, message.links, nullptr)), k_longest_text));
  post.posted_at = message.created_at.value_or(time_of(message.id));
  JsonWriter out;
  out.begin_object().key("data").begin_array().raw(print_json(message.raw)).end_array();
  out.key("includes").begin_object().key("users").begin_array();
  const auto account = around.accounts.find(message.sender);
  if (account != around.accounts.end()) out.raw(print_json(account->second.raw));
  out.end_array().key("media").begin_array();
  for (const auto& key : message.media) {
    const auto found = around.media.find(key);
    if (found != around.media.end()) out.raw(print_json(found->second.raw));
  }
  out.end_array().end_object().end_object();
  post.payload = out.take();
  batch.posts.push_back(std::move(post));
}

}  // namespace kanal::twitter
