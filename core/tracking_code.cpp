#include "core/tracking_code.hpp"

#include <array>
#include <string>

namespace kanal {
namespace {

constexpr std::uint64_t k_codes = 100'000'000'000;

/// H. M. Damm's quasigroup of order 10 ("Total anti-symmetrische Quasigruppen", 2004).
constexpr std::array<std::array<std::uint8_t, 10>, 10> k_damm{{{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
                                                               {7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
                                                               {4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
                                                               {1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
                                                               {6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
                                                               {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
                                                               {5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
                                                               {8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
                                                               {9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
                                                               {2, 5, 8, 1, 4, 3, 6, 7, 9, 0}}};

std::uint8_t damm(std::string_view digits) {
  std::uint8_t interim = 0;
  for (const char digit : digits)
    interim = k_damm.at(interim).at(static_cast<std::size_t>(digit - '0'));
  return interim;
}

}  // namespace

TrackingCode make_tracking_code(std::uint64_t random) {
  std::string digits(k_code_digits - 1, '0');
  auto rest = random % k_codes;
  for (auto place = digits.rbegin(); place != digits.rend(); ++place, rest /= 10) {
    *place = static_cast<char>('0' + rest % 10);
  }
  digits += static_cast<char>('0' + damm(digits));
  return TrackingCode(std::move(digits));
}

std::optional<TrackingCode> parse_tracking_code(std::string_view text) {
  std::string digits;
  bool first = true;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != ' ' && c != '.' && c != '-' && !(c == '#' && first)) {
      return std::nullopt;
    }
    first = first && (c == ' ');
    if (digits.size() > k_code_digits) return std::nullopt;
  }
  if (digits.size() != k_code_digits || damm(digits) != 0) return std::nullopt;
  return TrackingCode(std::move(digits));
}

std::string grouped(const TrackingCode& code) {
  std::string result;
  for (std::size_t i = 0; i < code.value().size(); ++i) {
    if (i != 0 && i % 4 == 0) result += '-';
    result += code.value()[i];
  }
  return result;
}

}  // namespace kanal
