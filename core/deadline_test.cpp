#include "core/deadline.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "core/rfc3339.hpp"

namespace kanal {
namespace {

Time at(std::string_view text) {
  return parse_rfc3339(text).value();
}

TEST_CASE("a deadline skips weekends and the day it starts on") {
  const WorkCalendar calendar;
  // Thursday: Friday, Monday, Tuesday.
  CHECK(print_rfc3339(calendar.deadline(at("2026-01-08T09:00:00+07:00"), 3), calendar.utc_offset) ==
        "2026-01-13T23:59:59+07:00");
  // A complaint on Saturday counts from Monday.
  CHECK(print_rfc3339(calendar.deadline(at("2026-01-10T09:00:00+07:00"), 1), calendar.utc_offset) ==
        "2026-01-12T23:59:59+07:00");
}

TEST_CASE("a deadline skips holidays") {
  using namespace std::chrono;
  const std::array holidays{2026y / January / 1};
  const WorkCalendar calendar{hours{7}, holidays};
  CHECK(print_rfc3339(calendar.deadline(at("2025-12-31T09:00:00+07:00"), 1), calendar.utc_offset) ==
        "2026-01-02T23:59:59+07:00");
  CHECK(calendar.days_between(at("2025-12-31T09:00:00+07:00"), at("2026-01-05T01:00:00+07:00")) ==
        2);
}

TEST_CASE("the day is the office's, not Greenwich's") {
  const WorkCalendar calendar;
  // 23:30 on Sunday in Greenwich is Monday morning in Jakarta.
  CHECK(print_rfc3339(calendar.deadline(at("2026-01-11T23:30:00Z"), 1), calendar.utc_offset) ==
        "2026-01-13T23:59:59+07:00");
}

TEST_CASE("a deadline of n working days is n working days away, whatever the holidays") {
  using namespace std::chrono;
  const bool held = rc::check([](const std::vector<std::uint8_t>& free_days,
                                 std::uint32_t minutes_in, std::uint8_t count, bool east) {
    std::vector<year_month_day> holidays;
    for (const auto day : free_days) holidays.emplace_back(sys_days{2026y / 1 / 1} + days{day});
    std::sort(holidays.begin(), holidays.end());
    const WorkCalendar calendar{hours{east ? 9 : 7}, holidays};
    const Time start = sys_days{2026y / 1 / 1} + minutes{minutes_in % (365 * 24 * 60)};
    const int length = 1 + count % 60;
    const auto end = calendar.deadline(start, length);
    RC_ASSERT(end > start);
    RC_ASSERT(calendar.days_between(start, end) == length);
    const auto last = local_days{floor<days>((end + calendar.utc_offset).time_since_epoch())};
    RC_ASSERT(calendar.works(last));
    RC_ASSERT(calendar.deadline(start, length + 1) > end);
    RC_ASSERT(calendar.deadline(start + minutes{1}, length) >= end);
  });
  CHECK(held);
}

TEST_CASE("zones are known by name or by offset") {
  using std::chrono::minutes;
  CHECK(utc_offset_of("Asia/Jakarta") == minutes{420});
  CHECK(utc_offset_of("Asia/Jayapura") == minutes{540});
  CHECK(utc_offset_of("-03:30") == minutes{-210});
  CHECK(utc_offset_of("nonsense") == minutes{0});
}

}  // namespace
}  // namespace kanal
