#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "net/http_server.hpp"

namespace kanal {

/// The request's query as an address has it, without the fields of these names.
std::string query_without(const Request& request, std::initializer_list<std::string_view> names);

}  // namespace kanal
