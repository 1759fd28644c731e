#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "core/clock.hpp"

namespace kanal {

/// The days on which offices work: Monday to Friday less `holidays` (ascending), in a zone of fixed
/// offset from UTC (Indonesia knows no daylight saving).
struct WorkCalendar {
  std::chrono::minutes utc_offset{7 * 60};
  std::span<const std::chrono::year_month_day> holidays;

  [[nodiscard]] bool works(std::chrono::local_days day) const;
  /// The end of the working day that is `days` working days after the day of `start`; the starting
  /// day is not counted, and a start on a free day counts from the next working day's eve.
  [[nodiscard]] Time deadline(Time start, int days) const;
  /// Working days between two moments, starting day excluded.
  [[nodiscard]] int days_between(Time start, Time end) const;
};

/// The first moment of the month that `now` is in.
Time start_of_month(Time now, std::chrono::minutes utc_offset);

/// Of Asia/Jakarta, Asia/Pontianak, Asia/Makassar, Asia/Jayapura, UTC, or "+07:00"; of no other.
std::optional<std::chrono::minutes> parse_time_zone(std::string_view zone);
/// The same for a zone that was checked; UTC's for any other.
std::chrono::minutes utc_offset_of(std::string_view zone);

}  // namespace kanal
