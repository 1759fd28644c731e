#include "core/deadline.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"

namespace kanal {

namespace {

using std::chrono::days;
using std::chrono::local_days;

local_days day_of(Time time, std::chrono::minutes utc_offset) {
  return local_days{std::chrono::floor<days>((time + utc_offset).time_since_epoch())};
}

}  // namespace

bool WorkCalendar::works(local_days day) const {
  const std::chrono::weekday weekday{day};
  if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) return false;
  return !std::binary_search(holidays.begin(), holidays.end(), std::chrono::year_month_day{day});
}

Time WorkCalendar::deadline(Time start, int count) const {
  auto day = day_of(start, utc_offset);
  for (int left = std::max(count, 1); left > 0;) {
    day += days{1};
    if (works(day)) --left;
  }
  const auto midnight_after = (day + days{1}).time_since_epoch();
  return Time{std::chrono::duration_cast<Time::duration>(midnight_after)} - utc_offset -
         std::chrono::seconds{1};
}

int WorkCalendar::days_between(Time start, Time end) const {
  const auto last = day_of(end, utc_offset);
  int count = 0;
  for (auto day = day_of(start, utc_offset) + days{1}; day <= last; day += days{1}) {
    if (works(day)) ++count;
  }
  return count;
}

Time start_of_month(Time now, std::chrono::minutes utc_offset) {
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(now + utc_offset)};
  return std::chrono::sys_days(day.year() / day.month() / 1) - utc_offset;
}

std::optional<std::chrono::minutes> parse_time_zone(std::string_view zone) {
  using std::chrono::hours;
  using std::chrono::minutes;
  if (zone == "Asia/Jakarta" || zone == "Asia/Pontianak") return hours{7};
  if (zone == "Asia/Makassar") return hours{8};
  if (zone == "Asia/Jayapura") return hours{9};
  if (zone == "UTC") return minutes{0};
  if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':') {
    int hour = 0;
    int minute = 0;
    const auto* text = zone.data();
    const auto first = std::from_chars(text + 1, text + 3, hour);
    const auto second = std::from_chars(text + 4, text + 6, minute);
    const bool whole = first.ptr == text + 3 && second.ptr == text + 6;
    if (whole && hour >= 0 && hour <= 14 && minute >= 0 && minute < 60) {
      const auto offset = hours{hour} + minutes{minute};
      return zone[0] == '-' ? -offset : offset;
    }
  }
  return std::nullopt;
}

std::chrono::minutes utc_offset_of(std::string_view zone) {
  return parse_time_zone(zone).value_or(std::chrono::minutes{0});
}

}  // namespace kanal
