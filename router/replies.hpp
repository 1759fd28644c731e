#pragma once

#include <string>
#include <string_view>

#include "config/organisation.hpp"
#include "core/report.hpp"
#include "core/wording.hpp"
#include "router/pipeline.hpp"

// The words of replies; the same for what the pipeline and what the casework owes.
namespace kanal {

/// A reply's occasion: the report before and after, and what was said.
struct Occasion {
  Wording wording = Wording::none;
  const Report& before;
  const Report& after;
  std::string_view words;
  std::string_view reason;
  std::string_view other_code;  ///< of the report that this one was merged into
  bool superior_told = false;   ///< that it is overdue
};

/// What the reporter is told, on a channel of these rules. Nothing of a confidential report's
/// content is in it.
Worded tell(const Occasion& occasion, std::string_view language, const ChannelRules& rules,
            const Organisation& organisation);

/// What tells how a report stands that is in this state.
Wording standing(State state);

/// What those are told whose report was merged into this one, or whose words an officer put to it:
/// not what is said to its reporter alone, nor the reporter's own way to its page. Empty when it is
/// nothing to them.
Worded tell_follower(const Occasion& occasion, std::string_view language, const ChannelRules& rules,
                     const Organisation& organisation);
/// The step of a reply that goes out in the thread of a report merged into `root`; far from the
/// steps of its own.
int step_of_follower(const Report& root);

/// The reporter's link to the report's page; empty when there is none to give.
std::string tracking_link(const Report& report, const ChannelRules& rules);

/// "2 Januari 2026" or "2 January 2026"; short: "2 Jan".
std::string print_day(Time time, const Organisation& organisation, std::string_view language,
                      bool brief);

/// "Re: …" once.
std::string answer_to(std::string_view subject);

}  // namespace kanal
