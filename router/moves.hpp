#pragma once

#include "config/organisation.hpp"
#include "core/deadline.hpp"
#include "core/report.hpp"
#include "core/result.hpp"
#include "core/visibility.hpp"
#include "router/casework.hpp"

// How a report moves along the lifecycle's table; what the pipeline and the casework share.
namespace kanal {

inline constexpr int k_most_hops = 3;  ///< then the national admin leads

WorkCalendar calendar_of(const Organisation& organisation);

/// When a clock that starts now runs out, by the rules in force when the report came in.
std::optional<Time> due_of(Timer timer, const Report& report, const Organisation& organisation,
                           Time now);

/// Whether what is due at `due` has two working days left at most.
bool falls_due_soon(Time due, const Organisation& organisation, Time now);

/// Makes the move on `report` and returns its line of the history; or says why it may not be made,
/// and changes nothing.
Result<Entry> move_report(Report& report, const Command& command, const Organisation& organisation,
                          Time now);

}  // namespace kanal
