#include "tests/sandbox/office/webhook.hpp"

#include <algorithm>
#include <array>

#include "config/keys.hpp"
#include "connectors/standard_webhook.hpp"
#include "core/rfc3339.hpp"
#include "format/encode.hpp"
#include "tests/sandbox/control.hpp"

namespace kanal::sandbox::office {
namespace {

constexpr std::chrono::seconds k_skew{300};
constexpr std::size_t k_id_bytes = 12;
constexpr std::size_t k_most_lines = 1000;

Time now() {
  return std::chrono::time_point_cast<Time::duration>(system_clock::now());
}

std::string place_of(const Json& report) {
  const auto* const place = report.find("place");
  return place == nullptr ? std::string() : place->text("address");
}

}  // namespace

WebhookSystem::WebhookSystem(std::string secret) : secret_(std::move(secret)) {}

Answer WebhookSystem::answer(const Request& request, std::string_view /*path*/) {
  if (request.method != "POST") return refused(405, "POST");
  Delivery delivery;
  delivery.body = request.body;
  delivery.headers.assign(request.headers.begin(), request.headers.end());
  const std::array secrets{secret_};
  if (!verify_standard_webhook(delivery, secrets, k_skew, now())) return refused(401, "signature");
  const auto message = parse_body(request);
  const auto* const data = message.find("data");
  if (data == nullptr) return refused(400, "data");
  if (!seen_.insert(request.header("webhook-id")).second) return told();
  const auto type = message.text("type");
  if (type == "report.handed_over") take(*data);
  if (type == "reply") {
    keep({true, data->text("to"), data->text("text"), data->text("state"), system_clock::now()});
  }
  return told();
}

void WebhookSystem::take(const Json& data) {
  const auto code = data.text("code");
  auto found = std::ranges::find(
      reports_, code, [](const Report& each) -> const std::string& { return each.handed.id; });
  if (found == reports_.end()) {
    found = reports_.insert(reports_.end(), Report());
    found->handed.id = code;
  }
  auto& handed = found->handed;
  found->key = data.text("key");
  const auto* const report = data.find("report");
  if (report == nullptr) {
    handed.steps.push_back({false, "told", data.text("text"), system_clock::now()});
    return;
  }
  if (const auto title = report->text("title"); !title.empty()) handed.title = title;
  if (const auto text = report->text("text"); !text.empty()) handed.text = text;
  if (const auto place = place_of(*report); !place.empty()) handed.place = place;
  handed.steps.push_back({false, report->text("news"), report->text("words"), system_clock::now()});
}

std::vector<Handed> WebhookSystem::handed() const {
  std::vector<Handed> all;
  for (const auto& each : reports_) all.push_back(each.handed);
  return all;
}

bool WebhookSystem::act(std::string_view id, const Act& act) {
  const auto found = std::ranges::find(
      reports_, id, [](const Report& each) -> const std::string& { return each.handed.id; });
  if (found == reports_.end()) return false;
  JsonWriter body;
  body.begin_object().member("type", "office.answer").member("timestamp", print_rfc3339(now()));
  body.key("data").begin_object().member("key", found->key).member("event", act.event);
  body.member("words", act.words).end_object().end_object();
  push(act.bridge, body.take());
  found->handed.steps.push_back({true, act.event, act.words, system_clock::now()});
  return true;
}

void WebhookSystem::fill_in_form(const Json& told) {
  const auto as = told.text("as");
  JsonWriter body;
  body.begin_object().member("type", "complaint").member("timestamp", print_rfc3339(now()));
  body.key("data").begin_object().member("text", told.text("text"));
  if (const auto address = told.text("address"); !address.empty()) body.member("address", address);
  body.key("author").begin_object().member("id", as);
  for (const auto* key : {"name", "phone", "email"}) {
    if (const auto value = told.text(key); !value.empty()) body.member(key, value);
  }
  push(told.text("bridge"), body.end_object().end_object().end_object().take());
  keep({false, as, told.text("text"), {}, system_clock::now()});
}

void WebhookSystem::keep(Line line) {
  form_.push_back(std::move(line));
  if (form_.size() > k_most_lines) form_.erase(form_.begin());
}

void WebhookSystem::push(const std::string& bridge, std::string body) {
  Parcel parcel;
  parcel.url = bridge;
  parcel.type = "application/json";
  parcel.headers = [secret = secret_, id = "msg-" + to_hex(random_bytes(k_id_bytes)), body] {
    const auto at = std::to_string(
        std::chrono::floor<std::chrono::seconds>(system_clock::now()).time_since_epoch().count());
    return std::map<std::string, std::string>{
        {"webhook-id", id},
        {"webhook-timestamp", at},
        {"webhook-signature", standard_signature(secret, id, at, body)}};
  };
  parcel.body = std::move(body);
  courier_.carry(std::move(parcel));
}

}  // namespace kanal::sandbox::office
