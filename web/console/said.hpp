#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace kanal::console {

/// A sentence of the rooms below, which speak English, and what it is in Indonesian.
struct Said {
  std::string_view english;
  std::string_view indonesian;
};

/// Empty when it is none of them.
template <std::size_t count>
std::string_view translate(const std::array<Said, count>& words, std::string_view said) {
  const auto found = std::ranges::find(words, said, &Said::english);
  return found == words.end() ? std::string_view() : found->indonesian;
}

}  // namespace kanal::console
