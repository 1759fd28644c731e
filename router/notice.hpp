#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/visibility.hpp"

namespace kanal {

/// What an office's own system is told of a report.
struct Notice {
  std::string_view news;  ///< "handed", "back", "added", "overdue", "taken", or why not done
  std::string_view words;
  const View& seen;                        ///< by the office, outside this house
  std::vector<std::string_view> possible;  ///< what it may answer now
};

/// As one JSON object.
std::string print_notice(const Notice& notice);

}  // namespace kanal
