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
/// "2 Januari 2026".
std::string day_words(std::chrono::year_month_day day, std::string_view language);
/// "2 Januari 2026, 10.04" at an offset from UTC.
std::string date_words(Time time, std::chrono::minutes offset, std::string_view language);
/// "07": of a clock.
std::string two_digits(long number);
/// "12 people passed it on"; empty when nobody did, or the viewer is not to know.
std::string support_words(const std::optional<int>& support, std::string_view language);
std::string_view health_words(Health health, std::string_view language);
/// What to do about it; empty when nothing needs doing. `said` is what the reader is told besides:
/// where that says what to do, it is not said again.
std::string health_advice(Health health, std::string_view said, std::string_view language);

}  // namespace kanal
