#include "app/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/text.hpp"

namespace kanal::app {

namespace {

// Of one or two bytes, or of three for U+202A to U+202E and U+2066 to U+2069; else 0.
std::size_t bytes_of_control(std::string_view text) {
  const auto at = [&](std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
  };
  if (at(0) < 0x20 || at(0) == 0x7F) return 1;
  if (at(0) == 0xC2 && at(1) >= 0x80 && at(1) < 0xA0) return 2;
  const bool embeds = at(0) == 0xE2 && at(1) == 0x80 && at(2) >= 0xAA && at(2) <= 0xAE;
  const bool isolates = at(0) == 0xE2 && at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9;
  return embeds || isolates ? 3 : 0;
}

std::string escaped(std::string_view control) {
  const auto byte = [&](std::size_t index) {
    return static_cast<unsigned>(static_cast<unsigned char>(control[index]));
  };
  std::array<char, 8> text{};
  if (control.size() == 3) {
    std::snprintf(text.data(), text.size(), "\\u%04X",
                  0x2000U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU));
  } else {
    std::snprintf(text.data(), text.size(), "\\x%02X", byte(control.size() - 1));
  }
  return text.data();
}

std::string printable(std::string_view text, std::string_view kept) {
  const auto whole = scrub_utf8(text);
  std::string_view rest = whole;
  std::string out;
  while (!rest.empty()) {
    const auto control = bytes_of_control(rest);
    const auto taken = rest.substr(0, std::max<std::size_t>(control, 1));
    const bool plain = control == 0 || kept.find(rest.front()) != std::string_view::npos;
    out += plain ? std::string(taken) : escaped(taken);
    rest.remove_prefix(taken.size());
  }
  return out;
}

}  // namespace

std::string printable_line(std::string_view text) {
  return printable(text, "");
}

std::string printable_text(std::string_view text) {
  return printable(text, "\n\t");
}

}  // namespace kanal::app
