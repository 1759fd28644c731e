#include "connectors/office.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/digest.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal {
namespace {

constexpr std::size_t k_most_words = 60'000;
constexpr std::size_t k_most_key = 200;
constexpr std::string_view k_version = "f1";
constexpr std::size_t k_digest_letters = 16;
// Twice as long as its reporter may have a report opened again.
constexpr std::chrono::hours k_kept_after{60 * 24};

std::int64_t seconds_of(Time at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

// What an office wants, as the first line that says so in a mail.
struct Wish {
  std::string_view event;
  std::string_view line;
};
constexpr auto k_wishes = std::to_array<Wish>({{"answer", "SELESAI"},
                                               {"proceed", "PROSES"},
                                               {"ask", "TANYA"},
                                               {"not_ours", "BUKAN KAMI"},
                                               {"unclear", "STATUS"}});

std::optional<Place> read_place(const Json* place) {
  if (place == nullptr || place->type != Json::Type::object) return std::nullopt;
  const auto number = [&](std::string_view key) -> std::optional<double> {
    const auto* found = place->find(key);
    if (found == nullptr) return std::nullopt;
    if (found->type == Json::Type::integer) return static_cast<double>(found->integer);
    if (found->type == Json::Type::number) return found->number;
    return std::nullopt;
  };
  return Place{number("latitude"), number("longitude"), place->text("address")};
}

}  // namespace

std::optional<OfficeNotice> read_office_notice(std::string_view text) {
  const auto json = Json::parse(text);
  if (!json || json->text("news").empty()) return std::nullopt;
  const auto* anonymous = json->find("anonymous");
  return OfficeNotice{json->text("news"),
                      json->text("words"),
                      json->text("title"),
                      json->text("text"),
                      json->text("category"),
                      json->text("due_at"),
                      json->text("received_at"),
                      anonymous != nullptr && anonymous->boolean,
                      read_place(json->find("place"))};
}

Result<Post> post_of(const OfficeWord& word, const ChannelName& channel) {
  if (word.key.empty() || word.key.size() > k_most_key) {
    return fail(Remedy::drop, "the key is missing");
  }
  const auto wish = std::ranges::find(k_wishes, word.event, &Wish::event);
  if (wish == k_wishes.end()) {
    return fail(Remedy::drop, "the event is none of an office's");
  }
  Post post;
  post.id = ExternalId(word.id);
  post.author.id = ExternalId(channel.value());
  post.hints.thread_token = word.key;
  const std::string words(clip_utf8(scrub_utf8(trim(word.words)), k_most_words));
  post.text = std::string(wish->line) + '\n' + words;
  post.posted_at = word.at;
  JsonWriter out;
  out.begin_object().member("id", word.id);
  out.member("key", word.key).member("event", word.event);
  out.member("words", words);
  out.member("at", print_rfc3339(word.at)).end_object();
  post.payload = out.take();
  return post;
}

Result<OfficeWord> read_office_word(std::string_view payload) {
  const auto json = Json::parse(payload);
  const auto at = json ? parse_rfc3339(json->text("at")) : std::nullopt;
  if (!at || json->text("id").empty() || json->text("id").size() > k_most_key) {
    return fail(Remedy::drop, "not an office's word as they are kept");
  }
  return OfficeWord{json->text("id"), json->text("key"), json->text("event"), json->text("words"),
                    *at};
}

void Questions::failed(Error error) {
  constexpr int k_most_in_silence = 3;
  const bool halts = error.remedy == Remedy::throttled || error.remedy == Remedy::reconfigure;
  if (!failure_ || halts) failure_ = std::move(error);
  ++failures_;
  ended_ = ended_ || halts || (!heard_ && failures_ >= k_most_in_silence);
}

Result<> Questions::outcome() const {
  if (failure_ && (ended_ || !heard_)) return tl::unexpected(*failure_);
  return {};
}

Followed Followed::read(const Cursor& cursor) {
  Followed followed;
  const auto json = Json::parse(cursor.value);
  if (!json || json->text("v") != k_version) return followed;
  const auto* marks = json->find("marks");
  if (marks == nullptr) return followed;
  for (const auto& [id, mark] : marks->object) {
    if (mark.array.size() < 3) continue;
    followed.marks_[id] = {static_cast<int>(mark.array[0].integer), mark.array[1].string,
                           mark.array[2].string, mark.array.size() > 3 ? mark.array[3].integer : 0,
                           mark.array.size() > 4 ? mark.array[4].integer : 0};
  }
  return followed;
}

Cursor Followed::print() const {
  JsonWriter out;
  out.begin_object().member("v", k_version).key("marks").begin_object();
  for (const auto& [id, mark] : marks_) {
    if (mark.newest.empty() && mark.request.empty()) continue;
    out.key(id).begin_array().value(mark.words).value(mark.newest);
    out.value(mark.request);
    if (mark.left_at_s != 0 || mark.open_since_s != 0) out.value(mark.left_at_s);
    if (mark.open_since_s != 0) out.value(mark.open_since_s);
    out.end_array();
  }
  out.end_object().end_object();
  return {out.take()};
}

void Followed::keep(std::span<const Outstanding> sent, Time now) {
  std::set<std::string_view> there;
  for (const auto& each : sent) there.insert(each.id.value());
  for (auto& [id, mark] : marks_) {
    if (there.contains(id)) {
      mark.left_at_s = 0;
    } else if (mark.left_at_s == 0) {
      mark.left_at_s = seconds_of(now);
    }
  }
  const auto oldest = seconds_of(now - k_kept_after);
  std::erase_if(marks_, [&](const auto& each) {
    const auto& mark = each.second;
    return mark.left_at_s != 0 && (mark.words == 0 || mark.left_at_s < oldest);
  });
}

bool Followed::is_news(Mark& mark, std::string_view said) {
  auto newest = to_hex(digest(Hash::sha256, said)).substr(0, k_digest_letters);
  if (mark.words > 0 && mark.newest == newest) return false;
  ++mark.words;
  mark.newest = std::move(newest);
  return true;
}

bool Followed::is_news(Mark& mark, const Outstanding& about, const OfficeWord& word,
                       std::optional<Time> said_at) {
  auto said = word.event + '\n' + word.words;
  if (about.reopened_at) {
    // Far sides count in seconds.
    const auto reopened_at_s = seconds_of(*about.reopened_at);
    const bool answers = word.event == "answer";
    if (!answers) mark.open_since_s = reopened_at_s;
    if (answers && said_at && seconds_of(*said_at) < reopened_at_s) return false;
    if (answers && mark.open_since_s == reopened_at_s) {
      said += '\n' + std::to_string(reopened_at_s);
    }
  }
  return is_news(mark, said);
}

}  // namespace kanal
