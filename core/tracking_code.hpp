#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/id.hpp"

namespace kanal {

/// How long a tracking code is.
inline constexpr std::size_t k_code_digits = 12;

/// Eleven digits and a check digit (Damm, which finds every single error and swap). `random` must
/// be unpredictable: the code is what a stranger would have to guess.
TrackingCode make_tracking_code(std::uint64_t random);
/// Accepts spaces, dots and dashes between the digits, and a leading '#'; nothing when the check
/// digit is wrong.
std::optional<TrackingCode> parse_tracking_code(std::string_view text);
/// In groups of four, as people read it out.
std::string grouped(const TrackingCode& code);

}  // namespace kanal
