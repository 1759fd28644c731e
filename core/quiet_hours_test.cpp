#include "core/quiet_hours.hpp"

#include <catch2/catch.hpp>

namespace kanal {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::minutes k_wita{8 * 60};

// 2 March 2026 in Singaraja.
Time local(std::chrono::minutes of_day) {
  return std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + of_day - k_wita;
}

TEST_CASE("quiet hours over midnight end on the morning after") {
  const auto quiet = parse_quiet_hours("21:00-06:00", k_wita).value();
  CHECK_FALSE(quiet.end_of(local(20h + 59min)));
  CHECK(quiet.end_of(local(21h)) == local(30h));
  CHECK(quiet.end_of(local(23h + 59min)) == local(30h));
  CHECK(quiet.end_of(local(24h)) == local(30h));
  CHECK(quiet.end_of(local(5h + 59min)) == local(6h));
  CHECK_FALSE(quiet.end_of(local(6h)));
}

TEST_CASE("quiet hours within a day end on that day") {
  const auto quiet = parse_quiet_hours("12:00-13:30", k_wita).value();
  CHECK_FALSE(quiet.end_of(local(11h + 59min)));
  CHECK(quiet.end_of(local(12h)) == local(13h + 30min));
  CHECK_FALSE(quiet.end_of(local(13h + 30min)));
}

TEST_CASE("what names no part of a day is no quiet hours") {
  for (const auto* text : {"", "21:00", "21:00-", "21-06", "9:00-10:00", "24:00-06:00",
                           "21:60-06:00", "21:00-21:00", "21:00-06:00 ", "aa:bb-cc:dd"}) {
    INFO(text);
    CHECK_FALSE(parse_quiet_hours(text, {}));
  }
}

}  // namespace
}  // namespace kanal
