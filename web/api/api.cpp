#include "web/parts.hpp"

namespace kanal {

std::vector<Route> api_routes(WebParts /*parts*/) {
  return {};
}

}  // namespace kanal
