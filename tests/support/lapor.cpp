#include "tests/support/lapor.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace kanal::test {
namespace {

constexpr std::string_view k_complaints = "/complaints/";

std::string number_of_files(std::string_view body, std::int64_t& next) {
  constexpr std::string_view k_file = "filename=\"";
  JsonWriter json;
  json.begin_object().key("results").begin_object().key("docs").begin_array();
  for (auto at = body.find(k_file); at != std::string_view::npos; at = body.find(k_file, at + 1)) {
    json.begin_object().member("id", next++).end_object();
  }
  return json.end_array().end_object().end_object().take();
}

}  // namespace

LaporApi::Said LaporApi::answer(std::string_view method, std::string_view path,
                                std::string_view body) {
  if (!path.starts_with(k_complaints)) return {404, "{}"};
  const auto rest = path.substr(k_complaints.size());
  if (method == "POST" && rest == "complaint/file") {
    return {200, number_of_files(body, next_file_)};
  }
  if (method == "POST" && rest == "complaint") {
    auto told = Json::parse(body);
    if (!told || told->text("content").empty()) return {422, R"({"message":"content"})"};
    complaints_.push_back({std::to_string(next_number_++), std::move(*told)});
    return {200, R"({"results":{"complaint_id":)" + complaints_.back().number + "}}"};
  }
  const auto slash = rest.find('/');
  const auto* const complaint = find(rest.substr(0, slash));
  if (method != "GET" || complaint == nullptr) return {404, "{}"};
  JsonWriter json;
  json.begin_object().key("results");
  if (rest.substr(slash) == "/complaint") {
    json.begin_object().member("status_name", complaint->status).end_object();
  } else {
    json.begin_array();
    for (const auto& words : complaint->followups) {
      json.begin_object().member("content", words).end_object();
    }
    json.end_array();
  }
  return {200, json.end_object().take()};
}

bool LaporApi::says(std::string_view number, std::string status, std::string words) {
  auto* const complaint = find(number);
  if (complaint == nullptr) return false;
  complaint->status = std::move(status);
  if (!words.empty()) complaint->followups.push_back(std::move(words));
  return true;
}

LaporApi::Complaint* LaporApi::find(std::string_view number) {
  const auto found = std::ranges::find(complaints_, number, &Complaint::number);
  return found == complaints_.end() ? nullptr : &*found;
}

}  // namespace kanal::test
