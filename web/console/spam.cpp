#include "web/console/spam.hpp"

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "core/tracking_code.hpp"

namespace kanal::console {
namespace {

constexpr std::size_t k_most_at_once = 200;
constexpr std::string_view k_why = "spam";

std::vector<TrackingCode> codes_of(std::string_view text) {
  std::vector<TrackingCode> codes;
  for (const auto word : split(text, ' ')) {
    auto code = parse_tracking_code(word);
    if (code) codes.push_back(std::move(*code));
    if (codes.size() == k_most_at_once) break;
  }
  return codes;
}

std::string ticked(const Visit& visit) {
  std::string all;
  for (const auto& part : visit.request.form) {
    if (part.name == "reports") all += part.value + " ";
  }
  return all;
}

// What an officer may not see, they cannot name either.
Result<std::vector<TrackingCode>> seen_among(const Visit& visit, std::vector<TrackingCode> codes) {
  ReportFilter filter;
  filter.most = static_cast<int>(codes.size());
  filter.codes = std::move(codes);
  std::vector<TrackingCode> seen;
  if (filter.codes.empty()) return seen;
  for (const auto& report : TRY(visit.desk.parts.store.find_reports(filter))) {
    if (view(report, {}, visit.viewer(), Output::page).visible) seen.push_back(report.code);
  }
  return seen;
}

Result<Response> act(const Visit& visit) {
  const auto how = visit.request.form_value("how");
  if (how != "spam" && how != "undo") return missing(visit);
  const bool undoes = how == "undo";
  auto to = visit.request.form_value("to");
  if (!is_own_address(to)) to = "/console?tab=all";
  Command command;
  command.event = undoes ? Event::restore : Event::archive;
  command.actor = visit.session.actor();
  command.reason = k_why;
  const auto codes = TRY(seen_among(visit, codes_of(ticked(visit))));
  const auto moved = TRY(visit.desk.parts.casework.act_on_all(codes, command));
  if (moved.empty()) {
    return tell(visit, 422, visit.say("Tidak ada yang berubah", "Nothing has changed"),
                visit.say("Centang dulu laporan yang dimaksud. Yang sudah diubah orang lain "
                          "dilewati.",
                          "Tick the reports first. What others have changed is left out."),
                to);
  }
  const bool with_senders =
      !visit.request.form_value("block").empty() && visit.may(Ability::block_senders);
  std::set<ReporterId> senders;
  std::string names;
  for (const auto& report : moved) {
    names += (names.empty() ? "" : ".") + report.code.value();
    if (with_senders) senders.insert(report.reporter);
  }
  for (const auto sender : senders) {
    TRY(visit.desk.parts.store.block(sender, !undoes, command.actor, k_why));
  }
  if (undoes) return done(to, "undone");
  to += (to.find('?') == std::string::npos ? "?" : "&") + std::string("undo=") + names;
  return Response::redirect(to + (with_senders ? "&unblock=1" : ""));
}

}  // namespace

void draw_undo(const Visit& visit, Block page, std::string_view to) {
  std::string asked = visit.request.field("undo");
  std::replace(asked.begin(), asked.end(), '.', ' ');
  const auto codes = codes_of(asked);
  if (codes.empty()) return;
  std::string names;
  for (const auto& code : codes) names += code.value() + " ";
  auto undo = page.add("UNDO");
  undo.set("UNDO_TO", to);
  undo.set("UNDO_CODES", names);
  undo.set("UNDO_WORDS",
           std::to_string(codes.size()) + std::string(visit.say(" laporan diarsipkan sebagai spam.",
                                                                " reports archived as spam.")));
  undo.show_if("UNDO_BLOCK", !visit.request.field("unblock").empty());
}

void add_spam(std::vector<Route>& routes, const SharedDesk& desk) {
  routes.push_back(form_route(desk, "/console/spam", Ability::read_reports, [](Visit& visit) {
    auto drawn = act(visit);
    return drawn ? std::move(*drawn) : failure(visit, drawn.error());
  }));
}

}  // namespace kanal::console
