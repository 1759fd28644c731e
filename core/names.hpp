#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>

namespace kanal {

/// The name of an enum's value, of a table that has one for each, in their order.
template <class Enum>
std::string_view name_in(std::span<const std::string_view> names, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  if (index >= names.size()) std::abort();
  return names[index];
}

/// The value that has this name.
template <class Enum>
std::optional<Enum> find_in(std::span<const std::string_view> names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace kanal
