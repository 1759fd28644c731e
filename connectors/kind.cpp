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

std::vector<HandingKind> handing_kinds() {
  std::vector<HandingKind> handing;
  for (const auto* kind : kinds()) {
    const auto way = kind->manner().handing;
    if (way != Handing::none) handing.push_back({kind->name(), way == Handing::writes});
  }
  return handing;
}

void add_wrong(const Table& table, const Description& description, WrongSettings wrong,
               Problems& problems) {
  const auto told = problems;
  const auto is_undecided = [&](const Description::Item& item) {
    return !item.choices.empty() && is_told(told, table.problem(item.key, {}));
  };
  if (std::ranges::any_of(description.items, is_undecided)) return;
  for (auto& [key, message] : wrong) {
    auto problem = table.problem(key, std::move(message));
    if (!is_told(told, problem)) problems.push_back(std::move(problem));
  }
}

}  // namespace kanal
