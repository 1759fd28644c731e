#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kanal {

inline constexpr char32_t k_replacement = 0xFFFD;

/// The first code point of a text that is not empty, which is shortened by it; a bad byte is
/// U+FFFD and one byte long.
char32_t next_point(std::string_view& text);
/// U+FFFD for what is no scalar value.
void append_utf8(std::string& text, char32_t point);

/// Big-endian, as UCS-2 messages carry it.
std::string to_utf16be(std::string_view text);
/// UTF-8 without NUL; a lone surrogate and an odd last byte become U+FFFD.
std::string from_utf16be(std::string_view bytes);
/// UTF-8 without NUL of Windows-1252's letters, which are what "Latin-1" means in practice.
std::string from_latin1(std::string_view bytes);

}  // namespace kanal
