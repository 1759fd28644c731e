#include "web/demo/offices.hpp"

#include <algorithm>
#include <array>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "web/demo/talk.hpp"

namespace kanal::demo {
namespace {

constexpr std::size_t k_most_reports = 10;
constexpr std::size_t k_most_office_bytes = 1500;
constexpr std::string_view k_mail = "mail-";

/// What the stand-in calls its systems.
std::string by_of(const std::string& system) {
  return system == "open311" ? "open311_client" : system;
}

OfficeStep step_of(const Json& json) {
  const auto* const by_office = json.find("by_office");
  return {by_office != nullptr && by_office->boolean, json.text("event"), json.text("words"),
          parse_rfc3339(json.text("at"))};
}

/// "[#123456789012] …", as the subjects of our mails to offices begin.
std::string code_of(std::string_view subject) {
  const auto begin = subject.find("[#");
  const auto end = subject.find(']', std::min(begin, subject.size()));
  return end == std::string_view::npos ? std::string()
                                       : std::string(subject.substr(begin + 2, end - begin - 2));
}

/// The report's own title in it: "A report to work on: TITLE [#123456789012]".
std::string title_of(std::string_view subject) {
  subject = subject.substr(0, subject.find(" [#"));
  const auto colon = subject.find(": ");
  return std::string(colon == std::string_view::npos ? subject : subject.substr(colon + 2));
}

std::string_view command_of(std::string_view event) {
  if (event == "proceed") return "PROSES\n";
  if (event == "ask") return "TANYA\n";
  return event == "not_ours" ? "BUKAN KAMI\n" : "SELESAI\n";
}

}  // namespace

bool OwnSystems::any() const {
  const bool stands = !stage_.office_control.empty() || !stage_.email_control.empty();
  return stands && std::ranges::any_of(organisation_.units, [](const Unit& unit) {
           return static_cast<bool>(unit.handed_over);
         });
}

std::string OwnSystems::office(std::string_view by) const {
  const auto found = std::ranges::find(organisation_.units, by,
                                       [](const Unit& unit) { return unit.handed_over.by; });
  return found == organisation_.units.end() ? std::string() : found->short_name;
}

Result<std::vector<HandedReport>> OwnSystems::mailed() const {
  std::vector<HandedReport> reports;
  if (stage_.office_address.empty()) return reports;
  const auto url = stage_.email_control + "/mails?of=" + percent_encode(stage_.office_address);
  const auto told = TRY(order(http_, "GET", url));
  const auto all = TRY(Json::parse(told));
  for (const auto& mail : all.list("mails")) {
    const bool by_office = mail.text("by") == stage_.office_address;
    const auto id = std::string(k_mail) + code_of(mail.text("subject"));
    auto report = std::ranges::find(reports, id, &HandedReport::id);
    if (report == reports.end()) {
      if (by_office || id == k_mail) continue;
      report = reports.insert(
          reports.end(), {id, "email", title_of(mail.text("subject")), mail.text("text"), {}, {}});
      report->steps.push_back({false, "handed", {}, parse_rfc3339(mail.text("at"))});
    } else {
      report->steps.push_back(
          {by_office, "mail", mail.text("text"), parse_rfc3339(mail.text("at"))});
    }
    if (!by_office) report->last_mail = mail.text("id");
  }
  return reports;
}

Result<std::vector<HandedReport>> OwnSystems::reports() const {
  auto reports = TRY(mailed());
  if (!stage_.office_control.empty()) {
    const auto told = TRY(order(http_, "GET", stage_.office_control + "/reports"));
    const auto all = TRY(Json::parse(told));
    for (const auto& each : all.list("reports")) {
      HandedReport report{
          each.text("id"), by_of(each.text("by")), each.text("title"), each.text("text"), {}, {}};
      for (const auto& step : each.list("steps")) report.steps.push_back(step_of(step));
      if (!report.steps.empty()) reports.push_back(std::move(report));
    }
  }
  std::ranges::stable_sort(reports, std::ranges::greater(),
                           [](const HandedReport& each) { return each.steps.front().at; });
  if (reports.size() > k_most_reports) reports.resize(k_most_reports);
  for (auto& report : reports) {
    report.text = clip_utf8(trim(report.text), k_most_office_bytes);
    for (auto& step : report.steps) step.words = clip_utf8(trim(step.words), k_most_office_bytes);
  }
  return reports;
}

Result<> OwnSystems::act(const std::string& id, const std::string& event,
                         const std::string& words) const {
  if (id.starts_with(k_mail)) return answer_mail(id, event, words);
  JsonWriter body;
  body.begin_object().member("event", event).member("words", words);
  body.member("bridge", stage_.office_channel).end_object();
  TRY(order(http_, "POST", stage_.office_control + "/reports/" + percent_encode(id), body.take()));
  return {};
}

Result<> OwnSystems::answer_mail(const std::string& id, const std::string& event,
                                 const std::string& words) const {
  const auto all = TRY(mailed());
  const auto report = std::ranges::find(all, id, &HandedReport::id);
  if (report == all.end()) return fail(Remedy::drop, "there is no such report");
  JsonWriter body;
  body.begin_object().member("as", stage_.office_address).member("to", stage_.address);
  body.member("subject", "Re: " + report->title + " [#" + id.substr(k_mail.size()) + "]");
  body.member("in_reply_to", report->last_mail);
  body.member("text", std::string(command_of(event)) + words).end_object();
  TRY(order(http_, "POST", stage_.email_control + "/mails", body.take()));
  return {};
}

}  // namespace kanal::demo
