#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/lifecycle.hpp"
#include "core/post.hpp"

namespace kanal {

using Digest = std::array<std::uint8_t, 32>;

/// Who did something. Officers by number; everybody else by role alone.
struct Actor {
  Role role = Role::system;
  OfficerId officer;
  AgencyId agency;  ///< the officer's; empty for national roles
  UnitId unit;
};

/// An office that reports are handed over to, in its own mailbox or system: a unit, or an agency as
/// a whole when `unit` is empty.
struct HandedTo {
  AgencyId agency;
  UnitId unit;
  /// As whom it acts: the unit's liaison officer or the agency's admin.
  [[nodiscard]] Actor actor() const {
    return {unit.empty() ? Role::agency_admin : Role::liaison, {}, agency, unit};
  }
  friend auto operator<=>(const HandedTo&, const HandedTo&) = default;
};

/// A report as it stands. `steps` counts its history; a writer names the count it has read, and is
/// refused if another has written since.
struct Report {
  ReportId id;
  TrackingCode code;
  int steps = 0;
  Digest head{};  ///< hash of the newest history entry
  State state = State::received;
  Timer timer = Timer::none;
  std::optional<Time> due_at;
  bool overdue = false;
  KindId kind;
  CategoryId category;
  AgencyId agency;
  UnitId unit;
  ChannelName channel;  ///< the one that the complaint came by
  ReporterId reporter;
  std::string title;
  std::string text;
  std::string language;
  std::optional<Place> place;
  bool anonymous = false;
  bool confidential = false;
  int hops = 0;  ///< times it was given back
  int reopenings = 0;
  std::optional<int> rating;
  ReportId merged_into;
  Time received_at;
  Time updated_at;
  Time state_since;
};

/// Whether its history is so long that what its reporters still write is no part of it: the intake
/// holds it for a person, and their page refuses it. Officers go on.
inline bool is_full(const Report& report) {
  constexpr int k_longest_history = 2000;
  return report.steps >= k_longest_history;
}

/// Who may read the words of a history entry.
enum class Audience : std::uint8_t { everyone, reporter, officers };

/// `Entry::reason` of words that their author put in the place of earlier ones.
inline constexpr std::string_view k_changed_by_author = "Its author has changed the post.";

/// `Entry::reason` of the first part of a message whose later parts came before it.
inline constexpr std::string_view k_began_later =
    "The beginning of the message came after the rest.";

/// `Entry::reason` of a reporter's line on an answer that leaves an office nothing to do.
inline constexpr std::string_view k_asks_nothing = "It says thanks, or asks how the report stands.";

/// One line of a report's history: appended, never changed. `words` are kept beside the line and
/// may be erased; the line keeps their hash.
struct Entry {
  int step = 0;
  Time at;
  Actor actor;
  Event event = Event::receive;
  State from = State::received;
  State to = State::received;
  AgencyId agency;  ///< where the event sent it
  UnitId unit;
  PostId post;
  ReportId other;      ///< merge and unmerge; of a reporter's words, the merged report
  std::string reason;  ///< a key or short text; no personal data
  std::string words;
  Audience audience = Audience::officers;
  /// A reporter's line that is not of the report's own reporter; not kept, the store tells.
  bool by_another = false;
  std::vector<Attachment> files;  ///< that an officer put to the words
  Digest previous{};
  Digest hash{};
};

}  // namespace kanal
