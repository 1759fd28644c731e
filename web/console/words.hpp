#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/organisation.hpp"
#include "core/lifecycle.hpp"
#include "core/reply.hpp"
#include "core/size_words.hpp"
#include "router/alarms.hpp"
#include "store/store.hpp"

namespace kanal::console {

/// A fixed text of the pages' templates, where `{{key}}` stands for it.
struct Label {
  std::string_view key;
  std::string_view indonesian;
  std::string_view english;
};
std::span<const Label> labels();

/// What officers call a state; the reporter's words for it are site::state_words.
std::string_view state_words(State state, std::string_view language);
/// Tabler's colour of a View's `status_colour`.
std::string_view badge_of(std::string_view status_colour);
std::string_view role_words(Role role, std::string_view language);
std::string_view fate_words(Fate fate, std::string_view language);
std::string alarm_words(const Alarm& alarm, std::string_view language);
/// What a step of a connection test tried, or found.
std::string step_words(std::string_view step, std::string_view language);
std::string_view reply_badge(ReplyState state);
std::string_view reply_words(ReplyState state, std::string_view language);
std::string_view stage_words(std::string_view stage, std::string_view language);

/// What a button of this act says, what it asks to be written, and what it did.
std::string_view act_words(Event event, std::string_view language);
/// The same of passing on what is with somebody already.
std::string_view redirect_words(Event event, std::string_view language);
std::string_view act_prompt(Event event, std::string_view language);
std::string_view act_done(Event event, std::string_view language);

/// What the pipeline or the casework noted, in the reader's language where it is known.
std::string reason_words(std::string_view reason, const Organisation& organisation,
                         std::string_view language);
/// What went wrong: in Indonesian the kind of trouble where it is known, with the English words
/// that were said of it as `detail`; else what `reason_words` makes of them, and no detail.
struct Trouble {
  std::string words;
  std::string detail;
};
Trouble trouble_words(std::string_view said, const Organisation& organisation,
                      std::string_view language);
/// Why an act was refused, in the reader's language where it is known.
std::string refusal_words(std::string_view message, std::string_view language);

std::string agency_name(const Organisation& organisation, const AgencyId& id);
std::string unit_name(const Organisation& organisation, const UnitId& id);
std::string category_name(const Organisation& organisation, const CategoryId& id,
                          std::string_view language);
std::string kind_name(const Organisation& organisation, const KindId& id,
                      std::string_view language);

/// "hari ini 10.04", "kemarin 10.04", "2 Jan", "2 Jan 2025".
std::string short_date(Time time, Time now, std::chrono::minutes offset, std::string_view language);
/// "lewat 2 hari", "hari ini", "besok", "3 hari lagi".
std::string due_words(Time due, Time now, std::chrono::minutes offset, std::string_view language);

}  // namespace kanal::console
