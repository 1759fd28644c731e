#include "tests/sandbox/office/open311.hpp"

#include <algorithm>
#include <map>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::sandbox::office {
namespace {

using Fields = std::map<std::string, std::string>;

constexpr std::string_view k_service = "umum";

Fields fields_of(const Request& request) {
  Fields fields;
  for (auto& [name, value] : parse_form(request.body).value_or(FormFields())) fields[name] = value;
  return fields;
}

std::string print_whole_seconds(system_clock::time_point at) {
  return print_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(
      std::chrono::floor<std::chrono::seconds>(at)));
}

Answer document(SparkWriter& out, Markup markup, int status = 200) {
  Answer answer;
  answer.status = status;
  answer.type =
      markup == Markup::json ? "application/json; charset=utf-8" : "text/xml; charset=utf-8";
  answer.body = out.take();
  return answer;
}

Answer fault(Markup markup, int status, std::string_view why) {
  SparkWriter out(markup);
  out.begin_list("errors", "error").begin_record();
  out.member("code", std::to_string(status)).member("description", why);
  out.end_record().end_list();
  return document(out, markup, status);
}

Answer services(Markup markup) {
  SparkWriter out(markup);
  out.begin_list("services", "service").begin_record();
  out.member("service_code", k_service).member("service_name", "Pengaduan umum");
  out.member("description", "Semua pengaduan").member("metadata", false);
  out.member("type", "realtime").member("keywords", "").member("group", "");
  out.end_record().end_list();
  return document(out, markup);
}

}  // namespace

Open311System::Open311System(std::string key, std::int64_t first_number)
    : key_(std::move(key)), next_number_(first_number) {}

Answer Open311System::answer(const Request& request, std::string_view path) {
  const bool json = path.ends_with(".json");
  const auto markup = json ? Markup::json : Markup::xml;
  if (!json && !path.ends_with(".xml")) return fault(markup, 404, "no such format");
  path = path.substr(0, path.rfind('.'));
  const auto called = request.method + " " + std::string(path);
  if (called == "GET /services") return services(markup);
  if (called == "GET /requests") return list(request, {}, markup);
  constexpr std::string_view k_one = "GET /requests/";
  if (called.starts_with(k_one)) return list(request, called.substr(k_one.size()), markup);
  if (request.method == "POST" && fields_of(request)["api_key"] != key_) {
    return fault(markup, 403, "api_key was not found");
  }
  if (called == "POST /requests") return make(request, markup);
  if (called == "POST /servicerequestupdates") return update(request, markup);
  return fault(markup, 404, "there is no " + called);
}

Answer Open311System::make(const Request& request, Markup markup) {
  auto fields = fields_of(request);
  if (fields["service_code"] != k_service) return fault(markup, 404, "service_code not found");
  const bool has_place = fields.contains("lat") || fields.contains("address_string");
  if (!has_place) return fault(markup, 400, "lat and long or address_string is needed");
  Made made;
  made.service = fields["service_code"];
  made.changed_at = system_clock::now();
  auto& handed = made.handed;
  handed.id = std::to_string(next_number_++);
  handed.text = fields["description"];
  handed.title = handed.text.substr(0, handed.text.find('\n'));
  handed.place = fields["address_string"];
  handed.steps.push_back({false, "handed", {}, made.changed_at});
  requests_.push_back(made);
  SparkWriter out(markup);
  out.begin_list("service_requests", "request").begin_record();
  out.member("service_request_id", handed.id).member("service_notice", "");
  out.member("account_id", "").end_record().end_list();
  return document(out, markup);
}

Answer Open311System::update(const Request& request, Markup markup) {
  auto fields = fields_of(request);
  auto* const made = find(fields["service_request_id"]);
  if (made == nullptr) return fault(markup, 404, "service_request_id not found");
  const auto status = to_lower_ascii(fields["status"]);
  made->changed_at = system_clock::now();
  if (status == "reopen") made->notes.clear();
  if (status == "reopen") made->status = "open";
  if (status == "cancelled") made->status = "closed";
  made->handed.steps.push_back({false, status, fields["description"], made->changed_at});
  SparkWriter out(markup);
  out.begin_list("service_request_updates", "request_update").begin_record();
  out.member("update_id", fields["update_id"]).end_record().end_list();
  return document(out, markup);
}

void Open311System::print(SparkWriter& out, const Made& made) {
  out.begin_record();
  out.member("service_request_id", made.handed.id).member("status", made.status);
  out.member("status_notes", made.notes).member("service_code", made.service);
  out.member("description", made.handed.text).member("address", made.handed.place);
  out.member("requested_datetime", print_whole_seconds(made.handed.steps.front().at));
  out.member("updated_datetime", print_whole_seconds(made.changed_at));
  out.end_record();
}

Answer Open311System::list(const Request& request, std::string_view id, Markup markup) const {
  const auto wanted =
      id.empty() ? request.parameter("service_request_id").value_or("") : std::string(id);
  const auto ids = split(wanted, ',');
  SparkWriter out(markup);
  out.begin_list("service_requests", "request");
  std::size_t shown = 0;
  for (const auto& made : requests_) {
    if (!wanted.empty() && std::ranges::count(ids, std::string_view(made.handed.id)) == 0) continue;
    ++shown;
    print(out, made);
  }
  if (!id.empty() && shown == 0) return fault(markup, 404, "service_request_id not found");
  out.end_list();
  return document(out, markup);
}

std::vector<Handed> Open311System::handed() const {
  std::vector<Handed> all;
  for (const auto& each : requests_) all.push_back(each.handed);
  return all;
}

bool Open311System::act(std::string_view id, const Act& act) {
  auto* const made = find(id);
  if (made == nullptr) return false;
  made->status = act.event == "answer"     ? "closed"
                 : act.event == "not_ours" ? "not_councils_responsibility"
                                           : "open";
  // A request that is open and without notes is one that nobody has looked at.
  const bool silent = act.event == "proceed" && act.words.empty();
  made->notes = silent ? "Dalam pengerjaan." : act.words;
  made->changed_at = system_clock::now();
  made->handed.steps.push_back({true, act.event, made->notes, made->changed_at});
  return true;
}

Open311System::Made* Open311System::find(std::string_view id) {
  const auto found = std::ranges::find(
      requests_, id, [](const Made& each) -> const std::string& { return each.handed.id; });
  return found == requests_.end() ? nullptr : &*found;
}

}  // namespace kanal::sandbox::office
