#include "connectors/email/flowed.hpp"

#include <algorithm>
#include <cstddef>

#include "core/text.hpp"

namespace kanal::email {

std::string unflow(std::string_view text, bool delsp) {
  std::string out;
  out.reserve(text.size());
  bool flows = false;
  std::size_t depth_before = 0;
  for (auto line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto depth = std::min(line.find_first_not_of('>'), line.size());
    line.remove_prefix(depth);
    if (line.starts_with(' ')) line.remove_prefix(1);
    const bool signature = line == "-- ";
    const bool goes_on = flows && depth == depth_before && !signature;
    if (!goes_on) {
      if (!out.empty()) out += '\n';
      out.append(depth, '>');
      if (depth > 0) out += ' ';
    }
    flows = line.ends_with(' ') && !signature;
    depth_before = depth;
    if (flows && delsp) line.remove_suffix(1);
    out += line;
  }
  return out;
}

}  // namespace kanal::email
