#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The seven-bit alphabet of mobile phones (3GPP TS 23.038 §6.2.1), one septet a byte as SMPP
// carries it.
namespace kanal::gsm7 {

/// National tables by their number (§6.2.1.2.4); those of the Latin script.
enum class Language : std::uint8_t { none = 0, turkish = 1, spanish = 2, portuguese = 3 };

/// Which tables stand in for the default alphabet and for its extension.
struct Shift {
  Language locking = Language::none;
  Language single = Language::none;
  friend bool operator==(Shift, Shift) = default;
};

/// UTF-8 without NUL. An escape to nothing is read as the phones do: the character itself.
std::string decode(std::string_view septets, Shift shift = {});
/// Nothing when the tables lack a character.
std::optional<std::string> encode(std::string_view text, Shift shift = {});

inline constexpr char k_escape = 0x1B;

}  // namespace kanal::gsm7
