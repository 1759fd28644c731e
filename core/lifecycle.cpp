#include "core/lifecycle.hpp"

#include <array>

#include "core/names.hpp"

namespace kanal {

namespace {

using enum Role;

constexpr Roles k_triage{national_admin};
constexpr Roles k_agency{agency_admin, national_admin};
constexpr Roles k_unit{liaison, agency_admin};
constexpr Roles k_merging{monitor, agency_admin, national_admin};
constexpr Roles k_writers{monitor, national_admin, agency_admin, liaison};
constexpr Roles k_editors{monitor, national_admin, agency_admin};
constexpr Roles k_reporter{reporter};
constexpr Roles k_system{system};

constexpr Needs k_nothing{};
constexpr Needs k_reason{.reason = true};
constexpr Needs k_text{.text = true};
constexpr Needs k_agency_named{.agency = true};
constexpr Needs k_unit_named{.unit = true};
constexpr Needs k_other{.report = true};
constexpr Needs k_rating{.rating = true};

using S = State;
using E = Event;
using T = Timer;
using W = Wording;

constexpr auto k_moves = std::to_array<Move>({
    // Belum terverifikasi
    {S::received, E::receive, S::received, k_system, T::verification, W::received, k_nothing},
    {S::received,
     E::verify,
     S::at_agency,
     {national_admin, system},
     T::disposition,
     W::agency,
     k_agency_named},
    {S::received, E::hold, S::needs_info, k_triage, T::completion, W::hold, k_text},
    {S::received, E::archive, S::archived, k_triage, T::none, W::archived, k_reason},
    {S::received, E::reject, S::rejected, k_triage, T::none, W::rejected, k_reason},
    {S::received, E::merge, S::merged, k_merging, T::none, W::merged, k_other},
    {S::received, E::escalate, S::received, k_system, T::none, W::none, k_nothing, true},
    {S::received, E::advise, S::received, k_system, T::none, W::ombudsman, k_nothing, true},
    // Tertunda
    {S::needs_info,
     E::complete,
     S::received,
     {reporter, national_admin, agency_admin},
     T::verification,
     W::none,
     k_nothing},
    {S::needs_info,
     E::complete,
     S::at_agency,
     {reporter, national_admin, agency_admin},
     T::disposition,
     W::none,
     k_nothing},
    {S::needs_info, E::comment, S::needs_info, k_reporter, T::none, W::none, k_nothing, true},
    {S::needs_info, E::expire_hold, S::archived, k_system, T::none, W::archived, k_nothing},
    {S::needs_info, E::archive, S::archived, k_agency, T::none, W::archived, k_reason},
    {S::needs_info, E::merge, S::merged, k_merging, T::none, W::merged, k_other},
    // Terverifikasi
    {S::at_agency,
     E::dispose,
     S::at_unit,
     {agency_admin, system},
     T::follow_up,
     W::unit,
     k_unit_named},
    {S::at_agency, E::verify, S::at_agency, k_triage, T::disposition, W::agency, k_agency_named},
    {S::at_agency, E::answer, S::answered, {agency_admin}, T::silence, W::answered, k_text},
    {S::at_agency, E::give_back, S::returned, {agency_admin}, T::rerouting, W::returned, k_reason},
    {S::at_agency, E::hold, S::needs_info, {agency_admin}, T::completion, W::hold, k_text},
    {S::at_agency, E::archive, S::archived, k_agency, T::none, W::archived, k_reason},
    {S::at_agency, E::merge, S::merged, k_merging, T::none, W::merged, k_other},
    {S::at_agency, E::interim, S::at_agency, {agency_admin}, T::none, W::interim, k_text, true},
    {S::at_agency, E::escalate, S::at_agency, k_system, T::none, W::overdue, k_nothing, true},
    {S::at_agency, E::advise, S::at_agency, k_system, T::none, W::ombudsman, k_nothing, true},
    // Terdisposisi, belum ditindaklanjuti
    {S::at_unit, E::accept, S::in_progress, k_unit, T::resolution, W::progress, k_nothing},
    {S::at_unit, E::answer, S::answered, k_unit, T::silence, W::answered, k_text},
    {S::at_unit, E::give_back, S::returned, k_unit, T::rerouting, W::returned, k_reason},
    {S::at_unit, E::dispose, S::at_unit, {agency_admin}, T::none, W::unit, k_unit_named, true},
    {S::at_unit, E::verify, S::at_agency, k_triage, T::disposition, W::agency, k_agency_named},
    {S::at_unit, E::interim, S::at_unit, k_unit, T::none, W::interim, k_text, true},
    {S::at_unit, E::merge, S::merged, k_merging, T::none, W::merged, k_other},
    {S::at_unit, E::escalate, S::at_unit, k_system, T::none, W::overdue, k_nothing, true},
    {S::at_unit, E::advise, S::at_unit, k_system, T::none, W::ombudsman, k_nothing, true},
    // Bukan wewenang
    {S::returned, E::verify, S::at_agency, k_triage, T::disposition, W::agency, k_agency_named},
    {S::returned, E::dispose, S::at_unit, {agency_admin}, T::follow_up, W::unit, k_unit_named},
    {S::returned, E::give_back, S::returned, {agency_admin}, T::rerouting, W::none, k_reason},
    {S::returned, E::archive, S::archived, k_triage, T::none, W::archived, k_reason},
    {S::returned, E::merge, S::merged, k_merging, T::none, W::merged, k_other},
    {S::returned, E::escalate, S::returned, k_system, T::none, W::none, k_nothing, true},
    {S::returned, E::advise, S::returned, k_system, T::none, W::ombudsman, k_nothing, true},
    // Dalam proses
    {S::in_progress, E::interim, S::in_progress, k_unit, T::none, W::interim, k_text, true},
    {S::in_progress, E::answer, S::answered, k_unit, T::silence, W::answered, k_text},
    {S::in_progress, E::give_back, S::returned, k_unit, T::rerouting, W::returned, k_reason},
    {S::in_progress, E::dispose, S::at_unit, {agency_admin}, T::none, W::unit, k_unit_named, true},
    {S::in_progress, E::verify, S::at_agency, k_triage, T::disposition, W::agency, k_agency_named},
    {S::in_progress, E::merge, S::merged, k_merging, T::none, W::merged, k_other},
    {S::in_progress, E::escalate, S::in_progress, k_system, T::none, W::overdue, k_nothing, true},
    {S::in_progress, E::advise, S::in_progress, k_system, T::none, W::ombudsman, k_nothing, true},
    // Ditanggapi
    {S::answered, E::dispute, S::in_progress, k_reporter, T::resolution, W::progress, k_nothing},
    {S::answered, E::confirm, S::closed, k_reporter, T::none, W::closed, k_nothing},
    {S::answered, E::rate, S::closed, k_reporter, T::none, W::rated, k_rating},
    {S::answered, E::expire_answer, S::closed, k_system, T::none, W::closed, k_nothing},
    {S::answered, E::answer, S::answered, k_unit, T::silence, W::answered, k_text},
    // Selesai
    {S::closed, E::rate, S::closed, k_reporter, T::none, W::none, k_rating},
    {S::closed,
     E::reopen,
     S::reopened,
     {reporter, national_admin},
     T::follow_up,
     W::reopened,
     k_nothing},
    // Dibuka kembali
    {S::reopened,
     E::dispose,
     S::at_unit,
     {agency_admin, system},
     T::follow_up,
     W::unit,
     k_unit_named},
    {S::reopened, E::verify, S::at_agency, k_triage, T::disposition, W::agency, k_agency_named},
    {S::reopened, E::accept, S::in_progress, k_unit, T::resolution, W::progress, k_nothing},
    {S::reopened, E::answer, S::answered, k_unit, T::silence, W::answered, k_text},
    {S::reopened, E::give_back, S::returned, k_unit, T::rerouting, W::returned, k_reason},
    {S::reopened, E::interim, S::reopened, k_unit, T::none, W::interim, k_text, true},
    {S::reopened, E::merge, S::merged, k_merging, T::none, W::merged, k_other},
    {S::reopened, E::escalate, S::reopened, k_system, T::none, W::overdue, k_nothing, true},
    {S::reopened, E::advise, S::reopened, k_system, T::none, W::ombudsman, k_nothing, true},
    // Digabung, diarsipkan, ditolak
    {S::merged, E::unmerge, S::received, k_merging, T::verification, W::none, k_reason},
    {S::merged, E::unmerge, S::at_agency, k_merging, T::disposition, W::none, k_reason},
    {S::archived, E::complete, S::received, k_reporter, T::verification, W::reopened, k_nothing},
    {S::archived, E::complete, S::at_agency, k_reporter, T::disposition, W::reopened, k_nothing},
    {S::archived, E::restore, S::received, k_agency, T::verification, W::reopened, k_reason},
    {S::archived, E::restore, S::at_agency, k_agency, T::disposition, W::reopened, k_reason},
    {S::rejected, E::appeal, S::received, k_reporter, T::verification, W::reopened, k_nothing},
    {S::rejected, E::appeal, S::received, {national_admin}, T::verification, W::reopened, k_text},
    // What changes no state
    {S::received, E::comment, S::received, k_reporter, T::none, W::none, k_nothing, true},
    {S::at_agency, E::comment, S::at_agency, k_reporter, T::none, W::none, k_nothing, true},
    {S::at_unit, E::comment, S::at_unit, k_reporter, T::none, W::none, k_nothing, true},
    {S::returned, E::comment, S::returned, k_reporter, T::none, W::none, k_nothing, true},
    {S::in_progress, E::comment, S::in_progress, k_reporter, T::none, W::none, k_nothing, true},
    {S::answered, E::comment, S::answered, k_reporter, T::silence, W::none, k_nothing},
    {S::closed, E::comment, S::closed, k_reporter, T::none, W::none, k_nothing, true},
    {S::reopened, E::comment, S::reopened, k_reporter, T::none, W::none, k_nothing, true},
    {S::merged, E::comment, S::merged, k_reporter, T::none, W::none, k_nothing, true},
    {S::archived, E::comment, S::archived, k_reporter, T::none, W::none, k_nothing, true},
    {S::rejected, E::comment, S::rejected, k_reporter, T::none, W::none, k_nothing, true},
    {S::received, E::note, S::received, k_writers, T::none, W::none, k_text, true},
    {S::needs_info, E::note, S::needs_info, k_writers, T::none, W::none, k_text, true},
    {S::at_agency, E::note, S::at_agency, k_writers, T::none, W::none, k_text, true},
    {S::at_unit, E::note, S::at_unit, k_writers, T::none, W::none, k_text, true},
    {S::returned, E::note, S::returned, k_writers, T::none, W::none, k_text, true},
    {S::in_progress, E::note, S::in_progress, k_writers, T::none, W::none, k_text, true},
    {S::answered, E::note, S::answered, k_writers, T::none, W::none, k_text, true},
    {S::closed, E::note, S::closed, k_writers, T::none, W::none, k_text, true},
    {S::reopened, E::note, S::reopened, k_writers, T::none, W::none, k_text, true},
    {S::merged, E::note, S::merged, k_writers, T::none, W::none, k_text, true},
    {S::archived, E::note, S::archived, k_writers, T::none, W::none, k_text, true},
    {S::rejected, E::note, S::rejected, k_writers, T::none, W::none, k_text, true},
    {S::received, E::correct, S::received, k_editors, T::none, W::none, k_nothing, true},
    {S::needs_info, E::correct, S::needs_info, k_editors, T::none, W::none, k_nothing, true},
    {S::at_agency, E::correct, S::at_agency, k_editors, T::none, W::none, k_nothing, true},
    {S::at_unit, E::correct, S::at_unit, k_editors, T::none, W::none, k_nothing, true},
    {S::returned, E::correct, S::returned, k_editors, T::none, W::none, k_nothing, true},
    {S::in_progress, E::correct, S::in_progress, k_editors, T::none, W::none, k_nothing, true},
    {S::answered, E::correct, S::answered, k_editors, T::none, W::none, k_nothing, true},
    {S::reopened, E::correct, S::reopened, k_editors, T::none, W::none, k_nothing, true},
    {S::closed, E::correct, S::closed, k_editors, T::none, W::none, k_nothing, true},
    {S::merged, E::correct, S::merged, k_editors, T::none, W::none, k_nothing, true},
    {S::archived, E::correct, S::archived, k_editors, T::none, W::none, k_nothing, true},
    {S::rejected, E::correct, S::rejected, k_editors, T::none, W::none, k_nothing, true},
});

constexpr std::array<std::string_view, 12> k_states = {
    "received", "needs_info", "at_agency", "at_unit", "returned", "in_progress",
    "answered", "closed",     "reopened",  "merged",  "archived", "rejected"};

constexpr std::array<std::string_view, 26> k_events = {
    "receive",   "verify",  "hold",    "complete", "expire_hold", "dispose",       "accept",
    "give_back", "interim", "answer",  "dispute",  "confirm",     "expire_answer", "rate",
    "reopen",    "merge",   "unmerge", "archive",  "restore",     "reject",        "appeal",
    "escalate",  "advise",  "comment", "note",     "correct"};

constexpr std::array<std::string_view, 8> k_roles = {"system",          "reporter",     "monitor",
                                                     "national_admin",  "agency_admin", "liaison",
                                                     "connector_admin", "auditor"};

constexpr std::array<std::string_view, 8> k_timers = {"none",        "verification", "completion",
                                                      "disposition", "follow_up",    "rerouting",
                                                      "resolution",  "silence"};

constexpr std::array<std::string_view, 25> k_wordings = {
    "none",     "received", "hold",     "agency",   "unit",    "returned",  "progress",
    "answered", "overdue",  "closed",   "archived", "merged",  "reopened",  "rejected",
    "joined",   "interim",  "help",     "stopped",  "resumed", "ombudsman", "rated",
    "standing", "unknown",  "too_late", "asked"};

}  // namespace

std::span<const Move> lifecycle() {
  return k_moves;
}

std::optional<Move> find_move(State from, Event event, Role who, bool has_agency) {
  std::optional<Move> found;
  for (const auto& move : k_moves) {
    if (move.from != from || move.event != event || !move.who.has(who)) continue;
    if (!found || (has_agency && move.to == State::at_agency)) found = move;
  }
  return found;
}

std::string_view name(State state) {
  return name_in(k_states, state);
}
std::string_view name(Event event) {
  return name_in(k_events, event);
}
std::string_view name(Role role) {
  return name_in(k_roles, role);
}
std::string_view name(Timer timer) {
  return name_in(k_timers, timer);
}
std::string_view name(Wording wording) {
  return name_in(k_wordings, wording);
}
std::optional<State> state_of(std::string_view name) {
  return find_in<State>(k_states, name);
}
std::optional<Event> event_of(std::string_view name) {
  return find_in<Event>(k_events, name);
}
std::optional<Role> role_of(std::string_view name) {
  return find_in<Role>(k_roles, name);
}
std::optional<Timer> timer_of(std::string_view name) {
  return find_in<Timer>(k_timers, name);
}
std::optional<Wording> wording_of(std::string_view name) {
  return find_in<Wording>(k_wordings, name);
}

}  // namespace kanal
