#include "web/console/acts.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/language.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "router/files.hpp"

namespace kanal::console {
namespace {

constexpr std::size_t k_most_words_bytes = 40'000;
constexpr std::size_t k_most_reason_bytes = 500;
constexpr std::size_t k_most_name_bytes = 300;

// What an officer most likely wants stands first.
constexpr auto k_order = std::to_array<Event>(
    {Event::verify, Event::dispose, Event::accept, Event::answer, Event::complete, Event::reopen,
     Event::restore, Event::unmerge, Event::appeal, Event::interim, Event::hold, Event::give_back,
     Event::merge, Event::archive, Event::reject, Event::note, Event::correct});

std::size_t rank_of(const ActForm& form) {
  const auto event = form.redirects ? Event::give_back : form.event;
  return static_cast<std::size_t>(std::ranges::find(k_order, event) - k_order.begin());
}

std::string text_of(const Request& request, std::string_view name) {
  return scrub_utf8(trim(request.form_value(name)));
}
std::string text_of(const Request& request, std::string_view name, std::size_t most) {
  return scrub_utf8(clip_utf8(trim(request.form_value(name)), most));
}

/// The newest line that tells by which rule the report goes where; without an agency where it went
/// at once.
std::optional<Suggestion> routed_by(const View& view) {
  constexpr std::string_view k_suggested = "suggested: ";
  constexpr std::string_view k_rule = "rule: ";
  for (auto entry = view.history.rbegin(); entry != view.history.rend(); ++entry) {
    std::string_view reason = entry->reason;
    if (reason.starts_with(k_rule))
      return Suggestion{{}, std::string(reason.substr(k_rule.size()))};
    const auto suggested = reason.rfind(k_suggested);
    if (suggested == std::string_view::npos) continue;
    reason.remove_prefix(suggested + k_suggested.size());
    const auto open = reason.find(" (");
    if (open == std::string_view::npos) return std::nullopt;
    auto rule = reason.substr(open + 2);
    if (rule.ends_with(')')) rule.remove_suffix(1);
    return Suggestion{AgencyId(std::string(reason.substr(0, open))), std::string(rule)};
  }
  return std::nullopt;
}

}  // namespace

std::vector<ActForm> act_forms(const Report& report, const Viewer& viewer, Time now) {
  std::vector<ActForm> forms;
  for (const auto& move : permitted(report, viewer, now)) {
    if (std::ranges::count(forms, move.event, &ActForm::event) > 0) continue;
    ActForm form;
    form.event = move.event;
    form.needs = move.needs;
    form.takes_words = move.needs.text;
    form.takes_files = kanal::takes_files(move.event);
    form.tells_reporter = move.wording != Wording::none;
    form.redirects = form.event == Event::verify    ? !report.agency.empty()
                     : form.event == Event::dispose ? !report.unit.empty()
                                                    : false;
    forms.push_back(form);
  }
  std::ranges::stable_sort(forms, {}, rank_of);
  return forms;
}

std::optional<Typed> read_typed(const Request& request, std::string_view event) {
  const auto known = event_of(event);
  if (!known) return std::nullopt;
  Typed typed;
  typed.event = *known;
  const auto steps = request.form_value("expected_steps");
  std::from_chars(steps.data(), steps.data() + steps.size(), typed.expected_steps);
  typed.words = text_of(request, "words");
  typed.reason = text_of(request, "reason");
  typed.agency = text_of(request, "agency", k_most_name_bytes);
  typed.unit = text_of(request, "unit", k_most_name_bytes);
  typed.other = text_of(request, "other", k_most_name_bytes);
  typed.title = text_of(request, "title", k_most_name_bytes);
  typed.category = text_of(request, "category", k_most_name_bytes);
  typed.kind = text_of(request, "kind", k_most_name_bytes);
  typed.anonymous = !request.form_value("anonymous").empty();
  typed.confidential = !request.form_value("confidential").empty();
  return typed;
}

std::string missing_words(const ActForm& form, const Typed& typed, std::string_view language) {
  const auto say = [&](std::string_view indonesian, std::string_view english) {
    return std::string(pick(language, indonesian, english));
  };
  if (typed.words.size() > k_most_words_bytes) {
    return say("Terlalu panjang: paling banyak sekitar 40.000 huruf.",
               "That is too long: about 40,000 letters at most.");
  }
  if (typed.reason.size() > k_most_reason_bytes) {
    return say("Terlalu panjang: paling banyak sekitar 500 huruf.",
               "That is too long: about 500 letters at most.");
  }
  if (form.needs.agency && typed.agency.empty()) {
    return say("Pilih instansinya.", "Choose the agency.");
  }
  if (form.needs.unit && typed.unit.empty()) return say("Pilih unitnya.", "Choose the unit.");
  if (form.needs.reason && typed.reason.empty()) return say("Tulis alasannya.", "Say why.");
  if (form.needs.text && typed.words.empty()) return say("Tulis sesuatu.", "Write something.");
  if (form.needs.report && !parse_tracking_code(typed.other)) {
    const bool whole = std::ranges::count_if(typed.other, [](char c) {
                         return c >= '0' && c <= '9';
                       }) == static_cast<std::ptrdiff_t>(k_code_digits);
    return whole ? say("Nomor itu tidak ada; periksa lagi kedua belas angkanya.",
                       "There is no such number; check its twelve digits again.")
                 : say("Tulis nomor laporan yang lain: dua belas angka.",
                       "Give the other report's number: twelve digits.");
  }
  return {};
}

Command command_of(const Typed& typed, const ActForm& form, const Actor& actor) {
  Command command;
  command.event = typed.event;
  command.actor = actor;
  command.expected_steps = typed.expected_steps;
  if (form.takes_words) command.words = typed.words;
  if (form.needs.reason) command.reason = typed.reason;
  if (form.needs.agency) command.agency = AgencyId(typed.agency);
  if (form.needs.unit) command.unit = UnitId(typed.unit);
  if (typed.event == Event::correct) {
    if (!typed.title.empty()) command.title = typed.title;
    command.category = CategoryId(typed.category);
    command.kind = KindId(typed.kind);
    command.anonymous = typed.anonymous;
    command.confidential = typed.confidential;
  }
  return command;
}

std::optional<Suggestion> suggestion_of(const View& view) {
  const auto suggested = routed_by(view);
  if (!suggested || suggested->agency.empty() || !view.agency.empty()) return std::nullopt;
  return suggested;
}

UsualUnit usual_unit(const Organisation& organisation, const View& view) {
  const auto of_agency = [&](const UnitId& id) {
    const auto* unit = organisation.unit(id);
    return unit != nullptr && unit->agency == view.agency;
  };
  if (const auto routed = routed_by(view)) {
    const auto rule = std::ranges::find(organisation.rules, routed->rule, &RoutingRule::name);
    if (rule != organisation.rules.end() && of_agency(rule->unit)) return {rule->unit, rule->name};
  }
  const auto* category = organisation.category(view.category);
  if (category != nullptr && of_agency(category->unit)) return {category->unit, "category"};
  return {};
}

}  // namespace kanal::console
