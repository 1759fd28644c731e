#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/report.hpp"

namespace kanal {

/// Who looks. `is_reporter`: proven to be this report's reporter (secret link, own thread).
struct Viewer {
  Role role = Role::system;
  AgencyId agency;
  UnitId unit;
  bool is_public = true;     ///< nobody in particular
  bool is_reporter = false;  ///< of the report looked at
  static Viewer anyone() { return {}; }
  static Viewer own_reporter() { return {Role::reporter, {}, {}, false, true}; }
  static Viewer officer(const Actor& actor) {
    return {actor.role, actor.agency, actor.unit, false, false};
  }
};

/// Where it goes: the same viewer may see less in one output than in another. `office`: the own
/// mailbox or system of an office, which lies outside this house.
enum class Output : std::uint8_t { page, api, reply, exported, log, office };

/// What may be shown; everything that may not is absent, not masked. The only way from a report to
/// any output.
struct View {
  bool visible = false;  ///< false: not even that it exists
  TrackingCode code;
  State state = State::received;
  std::string status_colour;
  std::string timeliness_colour;
  std::optional<Time> due_at;
  bool overdue = false;
  std::string title;
  std::string text;
  std::optional<Place> place;
  CategoryId category;
  KindId kind;
  AgencyId agency;
  UnitId unit;
  ChannelName channel;
  bool anonymous = false;
  bool confidential = false;
  bool may_see_identity = false;  ///< through Store::identity, which records it
  bool may_see_attachments = false;
  bool may_see_officers = false;
  std::optional<int> rating;
  std::optional<int> support;  ///< how many people passed it on, where that was asked for
  bool unheard = false;        ///< Store::unheard, where that was asked for
  Time received_at;
  Time updated_at;
  int steps = 0;               ///< how long the whole history is: what an act expects; officers'
  std::vector<Entry> history;  ///< the lines, words and files that the viewer may read
};

/// `support`: Store::supports of the report, for outputs that tell it.
View view(const Report& report, std::span<const Entry> history, const Viewer& viewer, Output output,
          std::optional<int> support = {});

/// The file of a line, both named by the numbers of an address; null unless the viewer may see it.
const Attachment* find_file(const View& seen, std::string_view step, std::string_view number);

/// Whether everybody may read a report in this state, unless it is confidential.
bool is_published(State state);

/// Whether the viewer may read confidential reports and who wrote them. Who may not must not find
/// them either, by words, or by a sender's name.
bool may_read_confidential(const Viewer& viewer);

/// What the viewer may do now, from the lifecycle table and the report's place.
std::vector<Move> permitted(const Report& report, const Viewer& viewer, Time now);

inline constexpr int k_most_reopenings = 1;  ///< by the reporter
inline constexpr std::chrono::days k_reopen_within{30};
/// Reporters may reopen once, within thirty days; the national admin always.
bool may_reopen(const Report& report, Role who, Time now);

/// Without the keys of reporters' own links (https://host/r/CODE?k=KEY), which replies tell and
/// mails quote: whoever has one acts as the reporter. Of every text that `view` does not give.
std::string without_own_keys(std::string_view text);

/// Stands where something was taken out.
inline constexpr std::string_view k_blot = "█████";

/// For logs: numbers that could be a phone, NIK or mail address are blotted out.
std::string redact_personal(std::string_view text);
/// The same for what a far side said of a message; its status codes (RFC 3463) stay.
std::string redact_detail(std::string_view detail);

}  // namespace kanal
