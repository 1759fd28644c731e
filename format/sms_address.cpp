#include "format/sms_address.hpp"

#include <algorithm>
#include <iterator>

#include "core/text.hpp"
#include "format/phone_number.hpp"

namespace kanal {

bool is_answerable_number(std::string_view number) {
  constexpr std::size_t k_least_digits = 8;
  constexpr std::size_t k_most_digits = 20;  // E.164 has 15; what operators add comes before them
  if (number.starts_with('+')) number.remove_prefix(1);
  return number.size() >= k_least_digits && number.size() <= k_most_digits &&
         std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

SmsSender sms_sender(std::string_view written, std::string_view region) {
  constexpr std::size_t k_most_bytes = 64;
  const auto plain = trim(written);
  if (auto number = to_e164(plain, region)) return {std::move(*number), true};
  // The library's tables may lack it.
  std::string bare;
  std::ranges::copy_if(plain, std::back_inserter(bare), [](char c) {
    return std::string_view(" -().").find(c) == std::string_view::npos;
  });
  if (is_answerable_number(bare)) return {std::move(bare), true};
  return {scrub_utf8(clip_utf8(plain, k_most_bytes)), false};
}

}  // namespace kanal
