#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace kanal {

/// Where a report stands (shared reference: SP4N-LAPOR!'s states). Stored by name, never by number.
enum class State : std::uint8_t {
  received,
  needs_info,
  at_agency,
  at_unit,
  returned,
  in_progress,
  answered,
  closed,
  reopened,
  merged,
  archived,
  rejected,
};

enum class Event : std::uint8_t {
  receive,        ///< a post became this report
  verify,         ///< disposed to an agency
  hold,           ///< data is asked of the reporter
  complete,       ///< the reporter answered a hold, also after it ran out
  expire_hold,    ///< no answer to a hold in time
  dispose,        ///< disposed by the agency to a unit
  accept,         ///< the unit has begun
  give_back,      ///< not ours: returned with a reason
  interim,        ///< news without a change of state
  answer,         ///< the unit's answer
  dispute,        ///< the reporter says BELUM / NO
  confirm,        ///< the reporter says it is solved
  expire_answer,  ///< nobody spoke for long after an answer
  rate,           ///< 1 to 5; closes an answered report
  reopen,
  merge,
  unmerge,
  archive,
  restore,
  reject,
  appeal,
  escalate,  ///< the deadline has passed: the supervisor is told
  advise,    ///< open for so long that the reporter is told of the Ombudsman
  comment,   ///< the reporter adds to the report
  note,      ///< officers among themselves
  correct,   ///< title, category, kind, place or flags changed
};

enum class Role : std::uint8_t {
  system,
  reporter,
  monitor,
  national_admin,
  agency_admin,
  liaison,
  connector_admin,
  auditor,
};

/// Which clock a state starts; lengths in working days are data (core/deadline.hpp).
enum class Timer : std::uint8_t {
  none,
  verification,
  completion,  ///< for the reporter, while on hold
  disposition,
  follow_up,
  rerouting,
  resolution,  ///< depends on the report's kind
  silence,     ///< after an answer, until the report closes by itself
};

/// Which text the reporter is owed (core/wording.hpp).
enum class Wording : std::uint8_t {
  none,
  received,
  hold,
  agency,
  unit,
  returned,
  progress,
  answered,
  overdue,
  closed,
  archived,
  merged,
  reopened,
  rejected,
  joined,  ///< the post was added to an existing report
  interim,
  help,     ///< what can be sent; asked for with BANTUAN or HELP
  stopped,  ///< nothing more is sent, as asked with STOP
  resumed,  ///< it is again, as asked with MULAI or START
  ombudsman,
  rated,     ///< closed by the mark that the reporter gave
  standing,  ///< how a report stands for which no other text says it; asked for with STATUS
  unknown,   ///< there is no report of the number that was asked about
  too_late,  ///< it stays closed: the time to reopen it is over, or it was reopened before
  asked,     ///< an interim word of the office that is a question
};

class Roles {
 public:
  constexpr Roles(std::initializer_list<Role> roles) {
    for (auto role : roles) bits_ = static_cast<std::uint16_t>(bits_ | bit(role));
  }
  [[nodiscard]] constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }

 private:
  static constexpr std::uint16_t bit(Role role) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(role));
  }
  std::uint16_t bits_ = 0;
};

/// What an act must bring along.
struct Needs {
  bool reason = false;
  bool text = false;  ///< words for the reporter
  bool agency = false;
  bool unit = false;
  bool report = false;  ///< another report (merge)
  bool rating = false;
};

/// One permitted move: in `from`, `who` may cause `event`, and the report is then in `to`.
struct Move {
  State from;
  Event event;
  State to;
  Roles who;
  Timer timer;      ///< the clock that runs from now; `none` stops it unless `keeps_timer`
  Wording wording;  ///< what the reporter is told
  Needs needs;
  bool keeps_timer = false;
};

/// The whole table; docs/lifecycle.md and the console's buttons are made from it.
std::span<const Move> lifecycle();
/// The permitted move, or nothing. Where a report may go back to one of two states (complete,
/// restore, unmerge), one that an agency has goes to the agency, any other to be verified.
std::optional<Move> find_move(State from, Event event, Role who, bool has_agency = false);

std::string_view name(State);
std::string_view name(Event);
std::string_view name(Role);
std::string_view name(Timer);
std::string_view name(Wording);
std::optional<State> state_of(std::string_view name);
std::optional<Event> event_of(std::string_view name);
std::optional<Role> role_of(std::string_view name);
std::optional<Timer> timer_of(std::string_view name);
std::optional<Wording> wording_of(std::string_view name);

}  // namespace kanal
