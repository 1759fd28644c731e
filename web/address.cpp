#include "web/address.hpp"

#include <algorithm>

#include "format/encode.hpp"

namespace kanal {

std::string query_without(const Request& request, std::initializer_list<std::string_view> names) {
  std::string query;
  for (const auto& [key, value] : request.fields) {
    if (std::ranges::find(names, key) != names.end()) continue;
    query += (query.empty() ? "" : "&") + percent_encode(key) + "=" + percent_encode(value);
  }
  return query;
}

}  // namespace kanal
