#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "config/organisation.hpp"
#include "connectors/connector.hpp"
#include "core/report.hpp"
#include "core/result.hpp"
#include "router/pipeline.hpp"
#include "store/store.hpp"

namespace kanal {

/// What somebody wants done to a report.
struct Command {
  Event event = Event::note;
  Actor actor;
  std::string reason;
  std::string words;
  bool asks = false;  ///< an interim word that is a question to the reporter, and to nobody else
  /// To go with the words (router/files.hpp says with which); each spooled in `file`, which is
  /// cleaned in place and taken over.
  std::vector<Attachment> files;
  AgencyId agency;
  UnitId unit;
  ReportId other;  ///< of a reporter: their own one, which was merged into this
  std::optional<int> rating;
  // for Event::correct
  std::optional<std::string> title;
  std::optional<CategoryId> category;
  std::optional<KindId> kind;
  std::optional<bool> anonymous;
  std::optional<bool> confidential;
  int expected_steps = 0;  ///< the history length that the actor saw; 0: whatever it is now
};

/// A report as somebody saw it who chose it from a list.
struct Sighting {
  TrackingCode code;
  int steps = 0;  ///< Command::expected_steps
};

/// Pure: the change that the command makes, or why it may not be made (words for the actor).
Result<Change> decide_act(const Report& report, const Command& command,
                          const Organisation& organisation, Time now);

/// The report that is worked on in its place once it was merged; else itself.
Result<Report> root_of(Store& store, Report report);

/// A reply that an act would owe to the report's reporter, in the ways that it may arrive.
struct Arrival {
  ChannelName channel;
  std::string subject;
  std::vector<Appearance> ways;
};
struct Rehearsal {
  std::vector<Arrival> arrivals;
  std::size_t others = 0;  ///< reporters of merged reports who are told of it as well
};

/// Officers', reporters' and timers' acts. Thread-safe.
class Casework {
 public:
  Casework(Store& store, const Organisation& organisation, const Clock& clock,
           std::string public_url);
  /// Checks the table and the actor's remit, writes, owes the replies. The error says why not;
  /// `uncertain` when the database went away for good while it was written.
  Result<Report> act(ReportId report, const Command& command);
  /// What the act would tell, and how that would arrive; nothing is written, sent or kept. The
  /// error says why the act may not be done.
  Result<Rehearsal> rehearse(ReportId report, const Command& command);
  /// What the report's own reporter writes on its page: does what the same words do by mail, and
  /// where the matter of a merged report is worked on. What only asks how it stands is not kept:
  /// the page says so.
  enum class Heard { said, asked_only, too_late };  ///< too_late: it stays closed, and is kept
  Result<Heard> reply(ReportId report, std::string_view words);
  /// The report that a merged one, however often, was merged into; any other is itself.
  Result<Report> worked_on(Report report);
  /// The same act on many reports (200 at most) at once or on none; those on which it may not be
  /// done are left out, and those that others have worked on since. No reporter is told: this is
  /// for floods of spam, and for taking such an act back. Offices that have them are.
  Result<std::vector<Report>> act_on_all(std::span<const Sighting> sightings,
                                         const Command& command);
  /// How many reports a call moves at most, so that a mass that runs out at once holds nothing up.
  static constexpr int k_most_moved = 500;
  /// Carries out the timers that have run out, `k_most_moved` at most or until a stop is asked for;
  /// the count of reports moved.
  Result<int> run_timers(const std::stop_token& stop = {});
  /// Tells, once each, the reporters whose reports have stayed unsolved for the organisation's
  /// `ombudsman_after_days` that they may turn to the Ombudsman (Perpres 76/2013); how many, as
  /// with `run_timers`.
  Result<int> advise_unsolved(const std::stop_token& stop = {});
  /// Wordings and lengths of the channels, to owe replies in.
  void know(ChannelRules rules);
  /// Who shows how replies of that channel arrive; outlives this. Of others they arrive as worded.
  void know(const ChannelName& channel, const Previewer& previewer);

 private:
  struct Inside;
  std::shared_ptr<Inside> inside_;
};

}  // namespace kanal
