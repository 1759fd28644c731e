#include "format/unicode.hpp"

#include <array>
#include <cstdint>

#include "core/text.hpp"

namespace kanal {
namespace {

constexpr std::array<char32_t, 32> k_windows_1252 = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

bool is_high(char32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(char32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

void append_unit(std::string& bytes, char32_t unit) {
  bytes += static_cast<char>(unit >> 8U);
  bytes += static_cast<char>(unit & 0xFFU);
}

}  // namespace

char32_t next_point(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 1 || !is_utf8(text.substr(0, length)) || text.size() < length) {
    text.remove_prefix(1);
    return lead < 0x80 ? lead : k_replacement;
  }
  char32_t point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    point = (point << 6U) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
  }
  text.remove_prefix(length);
  return point;
}

void append_utf8(std::string& text, char32_t point) {
  if (point == 0 || point > 0x10FFFF || is_high(point) || is_low(point)) point = k_replacement;
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xC0U | (point >> 6U));
    text += static_cast<char>(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    text += static_cast<char>(0xE0U | (point >> 12U));
    text += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
    text += static_cast<char>(0x80U | (point & 0x3FU));
  } else {
    text += static_cast<char>(0xF0U | (point >> 18U));
    text += static_cast<char>(0x80U | ((point >> 12U) & 0x3FU));
    text += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
    text += static_cast<char>(0x80U | (point & 0x3FU));
  }
}

std::string to_utf16be(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * 2);
  while (!text.empty()) {
    const auto point = next_point(text);
    if (point < 0x10000) {
      append_unit(bytes, point);
    } else {
      append_unit(bytes, 0xD800 + ((point - 0x10000) >> 10U));
      append_unit(bytes, 0xDC00 + ((point - 0x10000) & 0x3FFU));
    }
  }
  return bytes;
}

std::string from_utf16be(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  const auto unit_at = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<std::uint8_t>(bytes[i]) << 8U |
                                 static_cast<std::uint8_t>(bytes[i + 1]));
  };
  std::size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) {
    const auto unit = unit_at(at);
    if (is_high(unit) && at + 3 < bytes.size() && is_low(unit_at(at + 2))) {
      append_utf8(text, 0x10000 + ((unit - 0xD800) << 10U) + (unit_at(at + 2) - 0xDC00));
      at += 2;
    } else {
      append_utf8(text, unit);
    }
  }
  if (at < bytes.size()) append_utf8(text, k_replacement);
  return text;
}

std::string from_latin1(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char each : bytes) {
    const auto byte = static_cast<std::uint8_t>(each);
    append_utf8(text, byte >= 0x80 && byte < 0xA0 ? k_windows_1252.at(byte - 0x80U) : byte);
  }
  return text;
}

}  // namespace kanal
