#pragma once

#include <string>

#include "net/http_server.hpp"

namespace kanal {

/// "id" or "en": what the address says, else what was chosen before, else what the browser wants.
std::string language_of(const Request& request);
/// Keeps the language that the address names, by a cookie of a year.
void remember_language(const Request& request, Response& response);

}  // namespace kanal
