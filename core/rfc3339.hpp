#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace kanal {

/// RFC 3339 §5.6 with a zone, from year 1 to 9999 in UTC; nothing when it is not one.
std::optional<Time> parse_rfc3339(std::string_view text);
/// In UTC ("2026-01-02T03:04:05Z"; microseconds only when there are any), or at an offset.
std::string print_rfc3339(Time time, std::chrono::minutes offset = {});

}  // namespace kanal
