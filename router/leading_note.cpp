#include "router/leading_note.hpp"

#include "core/tracking_code.hpp"
#include "router/moves.hpp"

namespace kanal {

Result<Change> leading_note(const Report& report, const Report& other, std::string_view reason,
                            const Actor& who, const Organisation& organisation, Time now) {
  Command note;
  note.event = Event::note;
  note.actor = who;
  note.words = "#" + grouped(other.code);
  note.reason = reason;
  Change change;
  change.after = report;
  change.expected_steps = report.steps;
  auto entry = TRY(move_report(change.after, note, organisation, now));
  entry.other = other.id;
  change.entries.push_back(std::move(entry));
  return change;
}

}  // namespace kanal
