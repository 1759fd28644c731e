#include "connectors/kind.hpp"

#include <algorithm>
#include <array>

#include "connectors/kind_of.hpp"

namespace kanal {

std::span<const Kind* const> kinds() {
  static const std::array all = {
#define KANAL_KIND(name) &name##_kind(),
#include "connectors/kinds.def"
#undef KANAL_KIND
  };
  return all;
}

const Kind* find_kind(std::string_view name) {
  const auto found =
      std::ranges::find(kinds(), name, [](const Kind* kind) { return kind->name(); });
  return found == kinds().end() ? nullptr : *found;
}

}  // namespace kanal
