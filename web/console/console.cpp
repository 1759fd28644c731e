#include "web/parts.hpp"

namespace kanal {

std::vector<Route> console_routes(WebParts /*parts*/) {
  return {};
}

}  // namespace kanal
