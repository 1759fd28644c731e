#include "format/sms_address.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "format/phone_number.hpp"

namespace kanal {

SmsSender sms_sender(std::string_view written, std::string_view region) {
  // Below that it is a service's number anywhere; above, one that the library's tables lack.
  constexpr std::ptrdiff_t k_least_digits = 8;
  constexpr std::size_t k_most_bytes = 64;
  const auto plain = trim(written);
  if (auto number = to_e164(plain, region)) return {std::move(*number), true};
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool only_digits = std::ranges::all_of(plain, [&](char c) {
    return is_digit(c) || std::string_view("+ -().").find(c) != std::string_view::npos;
  });
  const auto digits = std::ranges::count_if(plain, is_digit);
  return {scrub_utf8(clip_utf8(plain, k_most_bytes)), only_digits && digits >= k_least_digits};
}

}  // namespace kanal
