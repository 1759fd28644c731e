#include "web/demo/talk.hpp"

#include <algorithm>
#include <array>
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

/// Where a medium is played, and as whom.
struct Place {
  Medium medium;
  std::string_view name;
  std::string DemoStage::*control;
  std::string_view path;  ///< that is said to
  std::string_view heard;
  std::string Citizen::*as;
  /// Where the far side posts to, of one that calls the bridge.
  std::string DemoStage::*bridge = nullptr;
};

constexpr auto k_places = std::to_array<Place>(
    {{Medium::twitter, "x", &DemoStage::twitter_control, "/posts", "/timeline", &Citizen::handle},
     {Medium::email, "mail", &DemoStage::email_control, "/mails", "/mails?of=", &Citizen::address},
     {Medium::sms, "sms", &DemoStage::sms_control, "/texts", "/texts", &Citizen::phone},
     {Medium::gateway, "gateway", &DemoStage::gateway_control, "/texts", "/texts",
      &Citizen::second_phone, &DemoStage::gateway_channel},
     {Medium::form, "agency", &DemoStage::office_control, "/forms", "/forms", &Citizen::form_user,
      &DemoStage::office_channel}});

const Place& place_of(Medium medium) {
  return *std::ranges::find(k_places, medium, &Place::medium);
}

Said said_of(const Json& json, bool by_office) {
  const auto text = json.text("text");
  return {json.text("id"), by_office, json.text("subject"),
          std::string(clip_utf8(trim(text), k_most_shown_bytes)), parse_rfc3339(json.text("at"))};
}

std::vector<Said> tweets(const Json& timeline, const Citizen& citizen, const std::string& handle) {
  std::vector<Said> talk;
  std::set<std::string> own;
  for (const auto& post : timeline.list("posts")) {
    const auto by = post.text("by");
    if (by == citizen.handle) {
      own.insert(post.text("id"));
      talk.push_back(said_of(post, false));
    } else if (by == handle && own.contains(post.text("in_reply_to"))) {
      talk.push_back(said_of(post, true));
    }
  }
  for (const auto& message : timeline.list("messages")) {
    const bool by_office = message.text("by") == handle;
    if (message.text(by_office ? "to" : "by") != citizen.handle) continue;
    talk.push_back(said_of(message, by_office));
    talk.back().direct = true;
  }
  std::ranges::stable_sort(talk, {}, &Said::at);
  return talk;
}

std::vector<Said> texts(const Json& all, const std::string& phone) {
  std::vector<Said> talk;
  for (const auto& text : all.list("sent")) {
    if (text.text("as") == phone) talk.push_back(said_of(text, false));
  }
  for (const auto& text : all.list("shown")) {
    if (text.text("to") == phone) talk.push_back(said_of(text, true));
  }
  std::ranges::stable_sort(talk, {}, &Said::at);
  return talk;
}

std::vector<Said> mails(const Json& all, const Citizen& citizen) {
  std::vector<Said> talk;
  for (const auto& mail : all.list("mails")) {
    talk.push_back(said_of(mail, mail.text("by") != citizen.address));
  }
  return talk;
}

std::vector<Said> form_lines(const Json& all, const Citizen& citizen) {
  std::vector<Said> talk;
  for (const auto& line : all.list("lines")) {
    const auto* const by_office = line.find("by_bridge");
    if (line.text("person") != citizen.form_user || by_office == nullptr) continue;
    talk.push_back(said_of(line, by_office->boolean));
  }
  return talk;
}

}  // namespace

std::string_view name(Medium medium) {
  return place_of(medium).name;
}

std::optional<Medium> medium_of(std::string_view wanted) {
  const auto* const found = std::ranges::find(k_places, wanted, &Place::name);
  if (found == k_places.end()) return std::nullopt;
  return found->medium;
}

bool has_threads(Medium medium) {
  return medium == Medium::twitter || medium == Medium::email;
}

const std::string& Citizen::as(Medium medium) const {
  return this->*place_of(medium).as;
}

Citizen citizen_of(std::string_view key, std::string_view office) {
  std::uint64_t number = 0;
  for (const char c : key.substr(0, 12)) number = number * 31 + static_cast<unsigned char>(c);
  const auto digits = std::to_string(10'000'000 + number % 90'000'000);
  const auto mark = std::string(key.substr(0, 4));
  const auto domain = std::string(office.substr(std::min(office.find('@'), office.size())));
  return {"warga_" + mark, "+62812" + digits, "+62813" + digits, "warga." + mark + domain,
          "warga-" + mark};
}

Result<std::string> order(Http& http, const std::string& method, const std::string& url,
                          const std::string& body) {
  HttpCall call;
  call.method = method;
  call.url = url;
  call.body = body;
  call.timeout_ms = k_patience;
  call.allow_private = true;
  auto reply = TRY(http.fetch(call));
  if (reply.status != 200) return fail(Remedy::drop, "the far side answered " + reply.body);
  return std::move(reply.body);
}

const std::string& FarSides::control(Medium medium) const {
  return stage_.*place_of(medium).control;
}

Result<std::vector<Said>> FarSides::talk(Medium medium, const Citizen& citizen) const {
  auto url = control(medium) + std::string(place_of(medium).heard);
  if (url.ends_with('=')) url += percent_encode(citizen.as(medium));
  const auto told = TRY(order(http_, "GET", url));
  const auto all = TRY(Json::parse(told));
  auto talk = medium == Medium::twitter ? tweets(all, citizen, stage_.handle)
              : medium == Medium::email ? mails(all, citizen)
              : medium == Medium::form  ? form_lines(all, citizen)
                                        : texts(all, citizen.as(medium));
  if (talk.size() > k_most_shown) {
    talk.erase(talk.begin(), talk.end() - static_cast<std::ptrdiff_t>(k_most_shown));
  }
  return talk;
}

Result<> FarSides::say(Medium medium, const Citizen& citizen, const Saying& saying) const {
  const auto& place = place_of(medium);
  const bool direct = medium == Medium::twitter && saying.direct;
  auto text = saying.text;
  const auto called = "@" + stage_.handle;
  if (medium == Medium::twitter && !direct &&
      to_lower_ascii(text).find(to_lower_ascii(called)) == std::string::npos) {
    text = called + " " + text;
  }
  JsonWriter body;
  body.begin_object().member("as", citizen.as(medium)).member("text", text);
  if (medium == Medium::sms) body.member("to", stage_.number);
  if (medium == Medium::gateway) body.member("to", stage_.gateway_number);
  if (medium == Medium::email) body.member("to", stage_.address).member("subject", saying.subject);
  if (place.bridge != nullptr) body.member("bridge", stage_.*place.bridge);
  if (!saying.in_reply_to.empty()) body.member("in_reply_to", saying.in_reply_to);
  const auto path = direct ? std::string("/messages") : std::string(place.path);
  TRY(order(http_, "POST", control(medium) + path, body.end_object().take()));
  return {};
}

}  // namespace kanal::demo
