#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/organisation.hpp"
#include "core/visibility.hpp"
#include "net/http_server.hpp"
#include "router/casework.hpp"

namespace kanal::console {

/// One form of the report page.
struct ActForm {
  Event event = Event::note;
  Needs needs;
  bool takes_words = false;     ///< a text may be written, needed or not
  bool takes_files = false;     ///< with the words
  bool tells_reporter = false;  ///< what is written, or that it happened
  bool redirects = false;       ///< the report is with somebody, and goes to another
};

/// What an officer has filled in.
struct Typed {
  Event event = Event::note;
  int expected_steps = 0;
  std::string words;
  std::string reason;
  std::string agency;
  std::string unit;
  std::string other;  ///< a tracking code
  std::string title;
  std::string category;
  std::string kind;
  bool anonymous = false;
  bool confidential = false;
};

/// Pure. The acts that the lifecycle permits this viewer now, the most likely first.
std::vector<ActForm> act_forms(const Report& report, const Viewer& viewer, Time now);

/// Nothing when the address names no act.
std::optional<Typed> read_typed(const Request& request, std::string_view event);
/// What is still missing, or too long, in words; empty when it can be tried.
std::string missing_words(const ActForm& form, const Typed& typed, std::string_view language);
/// Without `other`, which the caller looks up.
Command command_of(const Typed& typed, const ActForm& form, const Actor& actor);

/// The agency that the intake suggested, and by which rule; from the report's first line.
struct Suggestion {
  AgencyId agency;
  std::string rule;
};
std::optional<Suggestion> suggestion_of(const View& view);
/// The unit that the rule which routed the report names, or else its category, when it is one of
/// the report's agency; with the rule.
struct UsualUnit {
  UnitId unit;
  std::string rule;
};
UsualUnit usual_unit(const Organisation& organisation, const View& view);

}  // namespace kanal::console
