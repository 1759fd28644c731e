#include "tests/sandbox/gateway/gateway.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string_view>

#include "config/keys.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "format/sms.hpp"
#include "format/unicode.hpp"

namespace kanal::sandbox {

namespace gateway {
namespace {

using std::chrono::system_clock;

// Made up, and the same at every start.
constexpr std::string_view k_user = "kanal";
constexpr std::string_view k_password = "sandbox-kannel-password";
constexpr std::string_view k_secret = "sandbox-kannel-secret-address";
constexpr auto k_faults = std::to_array<std::string_view>(
    {"refused", "full", "lost_answer", "slow", "undeliverable", "silent", "twice"});
constexpr std::size_t k_most_kept = 1000;

std::string print(system_clock::time_point at) {
  return print_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(at));
}

Answer said(int status, std::string words) {
  Answer answer;
  answer.status = status;
  answer.type = "text/html";
  answer.body = std::move(words);
  return answer;
}

template <class Texts>
void keep_newest(Texts& texts) {
  if (texts.size() > k_most_kept) texts.pop_front();
}

}  // namespace

Kannel::Kannel(const Ports& ports)
    : faults_(k_faults),
      face_(ports.channel, [this](const Request& request) { return answer(request); }) {}

std::vector<std::pair<std::string, std::string>> Kannel::addresses() const {
  return {{"url", face_.url()},
          {"send_url", face_.url() + "/cgi-bin/sendsms"},
          {"user", std::string(k_user)},
          {"password", std::string(k_password)},
          {"secret", std::string(k_secret)},
          {"control", face_.url() + "/control"}};
}

Answer Kannel::answer(const Request& request) {
  const auto called = request.method + " " + request.path;
  if (called == "POST /cgi-bin/sendsms") return take(request);
  if (called == "POST /control/texts") return post(request);
  if (called == "GET /control/texts") return texts();
  if (called == "POST /control/faults") return faults_.order(request);
  if (called == "DELETE /control/faults") return faults_.forget();
  return refused(404, "there is no " + called);
}

Answer Kannel::take(const Request& request) {
  const bool known = request.header("x-kannel-username") == k_user &&
                     request.header("x-kannel-password") == k_password;
  if (!known || faults_.next("refused")) return said(403, "Authorization failed for sendsms");
  if (request.header("x-kannel-to").empty()) {
    return said(400, "Missing receiver number, rejected");
  }
  if (faults_.next("full")) return said(503, "Temporal failure, try again later.");
  show(request);
  if (faults_.next("lost_answer")) return said(500, "");
  auto answer = said(202, "0: Accepted for delivery");
  if (const auto slow = faults_.next("slow")) answer.delay = slow->delay;
  return answer;
}

void Kannel::show(const Request& request) {
  const auto text = fit_sms(request.body);
  int number = 0;
  {
    const std::scoped_lock lock(mutex_);
    number = ++last_;
    shown_.push_back({number, request.header("x-kannel-to"), request.header("x-kannel-from"),
                      text.text, text.segments.size(), system_clock::now()});
    keep_newest(shown_);
  }
  constexpr unsigned k_delivered = 1;
  constexpr unsigned k_failed = 2;
  const auto status = faults_.next("undeliverable") ? k_failed : k_delivered;
  const auto mask = request.header("x-kannel-dlr-mask");
  unsigned wanted = 0;
  std::from_chars(mask.data(), mask.data() + mask.size(), wanted);
  Parcel report{"GET", request.header("x-kannel-dlr-url"), {}, {}};
  const auto place = report.url.find("%d");
  if ((wanted & status) == 0 || place == std::string::npos || faults_.next("silent")) return;
  report.url.replace(place, 2, std::to_string(status));
  courier_.carry(std::move(report), [this, number](int told) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find(shown_, number, &Shown::number);
    if (found != shown_.end()) found->told = told;
  });
}

Answer Kannel::post(const Request& request) {
  const auto body = parse_body(request);
  const auto bridge = body.text("bridge");
  const auto as = body.text("as");
  if (bridge.empty() || as.empty()) return refused(400, "as whom, and to which bridge?");
  const auto text = fit_sms(body.text("text"));
  const bool wide = text.coding == SmsText::Coding::ucs2;
  const auto now = system_clock::now();
  Sent sent{0, as, text_in(body, "to", "1709"), text.text, now};
  {
    const std::scoped_lock lock(mutex_);
    sent.number = ++last_;
    sent_.push_back(sent);
    keep_newest(sent_);
  }
  // What Kannel makes of post-url = ".../SECRET?from=%p&to=%P&id=%I&ts=%T&coding=%c&charset=%C".
  const auto charset = std::string(wide ? "UTF-16BE" : "UTF-8");
  const auto id = to_hex(random_bytes(16));
  const auto at = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  Parcel parcel;
  parcel.url = bridge + "/" + std::string(k_secret) + "?from=" + percent_encode(as) +
               "&to=" + percent_encode(sent.to) + "&id=" + id + "&ts=" + std::to_string(at) +
               "&coding=" + (wide ? "2" : "0") + "&charset=" + charset;
  parcel.type = "text/plain; charset=" + charset;
  parcel.body = wide ? to_utf16be(text.text) : text.text;
  const auto tell = [this, number = sent.number](int status) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find(sent_, number, &Sent::number);
    if (found != sent_.end()) found->status = status;
  };
  if (faults_.next("twice")) courier_.carry(parcel, tell);
  courier_.carry(std::move(parcel), tell);
  return told();
}

Answer Kannel::texts() const {
  const std::scoped_lock lock(mutex_);
  JsonWriter json;
  json.begin_object().key("shown").begin_array();
  for (const auto& each : shown_) {
    json.begin_object().member("to", each.to).member("from", each.from).member("text", each.text);
    json.member("segments", each.segments).member("at", print(each.at));
    json.member("told", each.told).end_object();
  }
  json.end_array().key("sent").begin_array();
  for (const auto& each : sent_) {
    json.begin_object().member("as", each.as).member("to", each.to).member("text", each.text);
    json.member("at", print(each.at)).member("status", each.status).end_object();
  }
  return told(json.end_array().end_object().take());
}

}  // namespace gateway

std::unique_ptr<FarSide> make_gateway(const Ports& ports);
std::unique_ptr<FarSide> make_gateway(const Ports& ports) {
  return std::make_unique<gateway::Kannel>(ports);
}

}  // namespace kanal::sandbox
