#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kanal {

/// What one of something costs.
struct Price {
  std::int64_t millionths = 0;
  std::string currency;  ///< three capital letters (ISO 4217)
};

/// "350 IDR", "0.0079 USD"; nothing when it is not of that form, or has more than six decimals or
/// nine digits before them.
std::optional<Price> parse_price(std::string_view text);
/// "1050 IDR", "0.0158 USD": as many decimals as it has, two at least if any.
std::string print_cost(const Price& price, std::int64_t count);

}  // namespace kanal
