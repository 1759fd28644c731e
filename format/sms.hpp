#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kanal {

/// A text as short messages carry it (3GPP TS 23.040 §9.2.3.24): GSM-7 where it can be said in it,
/// else UCS-2 with surrogates.
struct SmsText {
  enum class Coding : std::uint8_t { gsm7, ucs2 };
  Coding coding = Coding::gsm7;
  std::string text;       ///< UTF-8, as the phone will show it
  std::size_t units = 0;  ///< septets, or UTF-16 units
  /// Septets (one a byte) or UTF-16BE of each message; none splits a character. With more than one,
  /// each leaves room for the six bytes that say which part it is.
  std::vector<std::string> segments;
};

inline constexpr std::size_t k_sms_septets = 160;
inline constexpr std::size_t k_sms_part_septets = 153;
inline constexpr std::size_t k_sms_units = 70;
inline constexpr std::size_t k_sms_part_units = 67;

/// Typographic marks become the plain ones where that makes the text GSM-7; letters are kept.
SmsText fit_sms(std::string_view text);
inline constexpr std::size_t k_any_segments = static_cast<std::size_t>(-1);
/// The segments of a text sent as UCS-2 although it need not be; a text that takes more of them
/// ends in "...".
std::vector<std::string> wide_segments(std::string_view text,
                                       std::size_t most_segments = k_any_segments);
/// fit_sms with at most `most_segments`: a longer text ends in "...".
SmsText fit_sms(std::string_view text, std::size_t most_segments);

}  // namespace kanal
