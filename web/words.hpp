#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/lifecycle.hpp"
#include "store/store.hpp"

// Words that the pages of citizens and those of officers, or programs, have in common.
namespace kanal {

/// What every page of a demonstration says, and calls the way to its own page.
std::string_view demonstration_words(std::string_view language);
std::string_view demonstration_link(std::string_view language);
/// What happened, as a line of the timeline.
std::string_view event_words(Event event, std::string_view language);
std::string_view event_words(const Entry& entry, std::string_view language);
/// "2 Januari 2026, 10.04 WITA" in a zone of the settings.
std::string date_words(Time time, std::string_view time_zone, std::string_view language);
/// How people call a zone of the settings: "WIB", "UTC", "+05:30".
std::string_view zone_words(std::string_view time_zone);
/// "07": of a clock.
std::string two_digits(long number);
/// In place of what stood in a report that its author, or an officer, has erased.
inline constexpr std::string_view k_erased_id = "Isinya telah dihapus.";
inline constexpr std::string_view k_erased_en = "What it said has been erased.";
std::string_view erased_words(std::string_view language);
/// "12 people", who passed it on, and that they did; empty when nobody did, or the viewer is not to
/// know.
std::string supporter_words(const std::optional<int>& support, std::string_view language);
std::string support_words(const std::optional<int>& support, std::string_view language);
std::string_view health_words(Health health, std::string_view language);
/// What to do about it; empty when nothing needs doing. `said` is what the reader is told besides:
/// where that says what to do, it is not said again.
std::string health_advice(Health health, std::string_view said, std::string_view language);

}  // namespace kanal
