#include "tests/sandbox/office/office.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "core/rfc3339.hpp"
#include "format/json.hpp"

namespace kanal::sandbox {

namespace office {
namespace {

// Made up, and the same at every start.
constexpr std::string_view k_secret = "whsec_c2FuZGJveC1vZmZpY2Utd2ViaG9vay1zZWNyZXQ=";
constexpr std::string_view k_key = "sandbox-office-open311-key";
constexpr std::string_view k_token = "Bearer sandbox-office-lapor-token";

constexpr auto k_places = std::to_array<std::string_view>({"webhook", "open311", "lapor"});
constexpr auto k_statuses = std::to_array<std::string_view>({"401", "404", "429", "500", "503"});
constexpr auto k_faults =
    std::to_array<std::string_view>({"401", "404", "429", "500", "503", "lost_answer", "slow"});
constexpr std::size_t k_most_listed = 200;

std::string print(system_clock::time_point at) {
  return print_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(at));
}

/// Of no system before this one: the bridge asks on about what those were handed.
std::int64_t first_number() {
  return std::chrono::floor<std::chrono::seconds>(system_clock::now()).time_since_epoch().count();
}

void print(JsonWriter& json, std::string_view by, const System& system, const Handed& handed) {
  json.begin_object().member("id", std::string(by) + "-" + handed.id).member("by", by);
  json.member("title", handed.title).member("text", handed.text).member("place", handed.place);
  json.key("can").begin_array();
  for (const auto event : system.events()) json.value(event);
  json.end_array().key("steps").begin_array();
  for (const auto& step : handed.steps) {
    json.begin_object().member("by_office", step.by_office).member("event", step.event);
    json.member("words", step.words).member("at", print(step.at)).end_object();
  }
  json.end_array().end_object();
}

}  // namespace

Offices::Offices(const Ports& ports)
    : faults_(k_faults, k_places),
      webhook_(std::string(k_secret)),
      open311_(std::string(k_key), first_number()),
      lapor_(std::string(k_token), first_number()),
      offices_{{k_places[0], webhook_}, {k_places[1], open311_}, {k_places[2], lapor_}},
      face_(ports.channel, [this](const Request& request) { return answer(request); }) {}

std::vector<std::pair<std::string, std::string>> Offices::addresses() const {
  return {{"url", face_.url()},
          {"webhook_url", face_.url() + "/webhook"},
          {"webhook_secret", std::string(k_secret)},
          {"open311_url", face_.url() + "/open311"},
          {"open311_key", std::string(k_key)},
          {"lapor_url", face_.url() + "/lapor"},
          {"lapor_token", std::string(k_token)},
          {"control", face_.url() + "/control"}};
}

Answer Offices::answer(const Request& request) {
  constexpr std::string_view k_control = "/control/";
  if (request.path.starts_with(k_control)) {
    const auto called = request.method + " " + request.path.substr(k_control.size());
    return control(request, called);
  }
  for (const auto& office : offices_) {
    if (request.path.starts_with("/" + std::string(office.name))) return serve(office, request);
  }
  return refused(404, "there is no " + request.path);
}

Answer Offices::serve(const Named& office, const Request& request) {
  for (const auto status : k_statuses) {
    if (!faults_.next(status, office.name)) continue;
    int number = 0;
    std::from_chars(status.data(), status.data() + status.size(), number);
    return refused(number, "as ordered");
  }
  const auto path = std::string_view(request.path).substr(1 + office.name.size());
  Answer answer;
  {
    const std::scoped_lock lock(mutex_);
    answer = office.system.answer(request, path);
  }
  if (faults_.next("lost_answer", office.name)) answer = refused(500, "as ordered");
  if (const auto slow = faults_.next("slow", office.name)) answer.delay = slow->delay;
  return answer;
}

Answer Offices::control(const Request& request, std::string_view called) {
  if (called == "POST faults") return faults_.order(request);
  if (called == "DELETE faults") return faults_.forget();
  const std::scoped_lock lock(mutex_);
  if (called == "GET reports") return reports();
  if (called == "GET forms") return form();
  if (called == "POST forms") {
    const auto body = parse_body(request);
    if (body.text("as").empty() || body.text("bridge").empty()) {
      return refused(400, "as whom, and to which bridge?");
    }
    webhook_.fill_in_form(body);
    return told();
  }
  constexpr std::string_view k_act = "POST reports/";
  if (called.starts_with(k_act)) return act(called.substr(k_act.size()), request);
  return refused(404, "there is no " + std::string(called));
}

Answer Offices::act(std::string_view id, const Request& request) {
  const auto dash = std::min(id.find('-'), id.size());
  const auto office = std::ranges::find(offices_, id.substr(0, dash), &Named::name);
  if (office == offices_.end()) return refused(404, "there is no report " + std::string(id));
  const auto body = parse_body(request);
  const Act act{body.text("event"), body.text("words"), body.text("bridge")};
  const auto events = office->system.events();
  if (std::ranges::count(events, act.event) == 0) return unknown("event", act.event, events);
  if (&office->system == &webhook_ && act.bridge.empty()) return refused(400, "to which bridge?");
  if (office->system.act(id.substr(std::min(dash + 1, id.size())), act)) return told();
  return refused(404, "there is no report " + std::string(id));
}

Answer Offices::reports() const {
  struct Listed {
    const Named* office;
    Handed handed;
  };
  std::vector<Listed> all;
  for (const auto& office : offices_) {
    for (auto& handed : office.system.handed()) all.push_back({&office, std::move(handed)});
  }
  std::ranges::stable_sort(all, {},
                           [](const Listed& each) { return each.handed.steps.front().at; });
  const auto newest = std::span(all).last(std::min(all.size(), k_most_listed));
  JsonWriter json;
  json.begin_object().key("reports").begin_array();
  for (const auto& each : newest) {
    print(json, each.office->name, each.office->system, each.handed);
  }
  return told(json.end_array().end_object().take());
}

Answer Offices::form() const {
  JsonWriter json;
  json.begin_object().key("lines").begin_array();
  for (const auto& line : webhook_.form()) {
    json.begin_object().member("by_bridge", line.by_bridge).member("person", line.person);
    json.member("text", line.text).member("state", line.state).member("at", print(line.at));
    json.end_object();
  }
  return told(json.end_array().end_object().take());
}

}  // namespace office

std::unique_ptr<FarSide> make_office(const Ports& ports);
std::unique_ptr<FarSide> make_office(const Ports& ports) {
  return std::make_unique<office::Offices>(ports);
}

}  // namespace kanal::sandbox
