#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/clock.hpp"

namespace kanal {

/// A part of every day, in a zone of fixed offset from UTC; may run over midnight.
struct QuietHours {
  std::chrono::minutes from{0};   ///< since midnight
  std::chrono::minutes until{0};  ///< another than `from`
  std::chrono::minutes utc_offset{0};

  /// When the quiet that holds at `now` ends; nothing when none does. `until` itself is not quiet.
  [[nodiscard]] std::optional<Time> end_of(Time now) const;
};

/// "21:00-06:00"; nothing when it is not of that form or takes no time.
std::optional<QuietHours> parse_quiet_hours(std::string_view text, std::chrono::minutes utc_offset);

}  // namespace kanal
