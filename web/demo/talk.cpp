#include "web/demo/talk.hpp"

#include <algorithm>
#include <set>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal::demo {
namespace {

constexpr std::chrono::milliseconds k_patience{15'000};
constexpr std::size_t k_most_shown = 100;
constexpr std::size_t k_most_shown_bytes = 4000;

const std::vector<Json>& list_in(const Json& json, std::string_view key) {
  static const std::vector<Json> k_none;
  const auto* const found = json.find(key);
  return found == nullptr ? k_none : found->array;
}

Said said_of(const Json& json, bool by_office) {
  const auto text = json.text("text");
  return {json.text("id"), by_office, json.text("subject"),
          std::string(clip_utf8(trim(text), k_most_shown_bytes)), parse_rfc3339(json.text("at"))};
}

std::vector<Said> tweets(const Json& timeline, const Citizen& citizen, const std::string& handle) {
  std::vector<Said> talk;
  std::set<std::string> own;
  for (const auto& post : list_in(timeline, "posts")) {
    const auto by = post.text("by");
    if (by == citizen.handle) {
      own.insert(post.text("id"));
      talk.push_back(said_of(post, false));
    } else if (by == handle && own.contains(post.text("in_reply_to"))) {
      talk.push_back(said_of(post, true));
    }
  }
  return talk;
}

std::vector<Said> texts(const Json& all, const Citizen& citizen) {
  std::vector<Said> talk;
  for (const auto& text : list_in(all, "sent")) {
    if (text.text("as") == citizen.phone) talk.push_back(said_of(text, false));
  }
  for (const auto& text : list_in(all, "shown")) {
    if (text.text("to") == citizen.phone) talk.push_back(said_of(text, true));
  }
  std::ranges::stable_sort(talk, {}, &Said::at);
  return talk;
}

std::vector<Said> mails(const Json& all, const Citizen& citizen) {
  std::vector<Said> talk;
  for (const auto& mail : list_in(all, "mails")) {
    talk.push_back(said_of(mail, mail.text("by") != citizen.address));
  }
  return talk;
}

}  // namespace

std::string_view name(Medium medium) {
  switch (medium) {
    case Medium::twitter:
      return "x";
    case Medium::sms:
      return "sms";
    case Medium::email:
      break;
  }
  return "mail";
}

std::optional<Medium> medium_of(std::string_view wanted) {
  const auto* const found =
      std::ranges::find_if(k_media, [&](Medium medium) { return name(medium) == wanted; });
  if (found == std::end(k_media)) return std::nullopt;
  return *found;
}

Citizen citizen_of(std::string_view key, std::string_view office) {
  std::uint64_t number = 0;
  for (const char c : key.substr(0, 12)) number = number * 31 + static_cast<unsigned char>(c);
  const auto digits = std::to_string(10'000'000 + number % 90'000'000);
  const auto mark = std::string(key.substr(0, 4));
  const auto domain = std::string(office.substr(std::min(office.find('@'), office.size())));
  return {"warga_" + mark, "+62812" + digits, "warga." + mark + domain};
}

const std::string& FarSides::control(Medium medium) const {
  switch (medium) {
    case Medium::twitter:
      return stage_.twitter_control;
    case Medium::sms:
      return stage_.sms_control;
    case Medium::email:
      break;
  }
  return stage_.email_control;
}

Result<std::string> FarSides::call(Medium medium, const std::string& method,
                                   const std::string& path, const std::string& body) const {
  HttpCall call;
  call.method = method;
  call.url = control(medium) + path;
  call.body = body;
  call.timeout_ms = k_patience;
  call.allow_private = true;
  auto reply = TRY(http_.fetch(call));
  if (reply.status != 200) return fail(Remedy::drop, "the far side answered " + reply.body);
  return std::move(reply.body);
}

Result<std::vector<Said>> FarSides::talk(Medium medium, const Citizen& citizen) const {
  const auto* const path = medium == Medium::twitter ? "/timeline"
                           : medium == Medium::sms   ? "/texts"
                                                     : "/mails?of=";
  const auto of = medium == Medium::email ? percent_encode(citizen.address) : std::string();
  const auto told = TRY(call(medium, "GET", path + of, {}));
  const auto all = TRY(Json::parse(told));
  auto talk = medium == Medium::twitter ? tweets(all, citizen, stage_.handle)
              : medium == Medium::sms   ? texts(all, citizen)
                                        : mails(all, citizen);
  if (talk.size() > k_most_shown) {
    talk.erase(talk.begin(), talk.end() - static_cast<std::ptrdiff_t>(k_most_shown));
  }
  return talk;
}

Result<> FarSides::say(Medium medium, const Citizen& citizen, const Saying& saying) const {
  const auto as = medium == Medium::twitter ? citizen.handle
                  : medium == Medium::sms   ? citizen.phone
                                            : citizen.address;
  auto text = saying.text;
  const auto called = "@" + stage_.handle;
  if (medium == Medium::twitter &&
      to_lower_ascii(text).find(to_lower_ascii(called)) == std::string::npos) {
    text = called + " " + text;
  }
  JsonWriter body;
  body.begin_object().member("as", as).member("text", text);
  if (medium == Medium::sms) body.member("to", stage_.number);
  if (medium == Medium::email) body.member("to", stage_.address).member("subject", saying.subject);
  if (!saying.in_reply_to.empty()) body.member("in_reply_to", saying.in_reply_to);
  const auto* const path = medium == Medium::twitter ? "/posts"
                           : medium == Medium::sms   ? "/texts"
                                                     : "/mails";
  TRY(call(medium, "POST", path, body.end_object().take()));
  return {};
}

}  // namespace kanal::demo
