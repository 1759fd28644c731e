#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace kanal {

/// "1 report", "2 reports" in English; `many` where it is not `one` and an s.
template <std::integral Number>
std::string count_of(Number number, std::string_view one, std::string_view many = {}) {
  auto text = std::to_string(number) + " ";
  if (number == 1) return text.append(one);
  return many.empty() ? text.append(one).append("s") : text.append(many);
}

}  // namespace kanal
