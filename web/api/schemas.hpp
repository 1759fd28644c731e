#pragma once

#include <map>
#include <string>

namespace kanal::api {

/// JSON Schemas (2020-12) of what the operations answer, by name. Closed: a test holds the answers
/// of the real bridge against them.
const std::map<std::string, std::string>& schemas();

}  // namespace kanal::api
