#pragma once

#include <string>

#include "format/json.hpp"

namespace kanal {

/// A text, number or truth as text; empty for anything else.
std::string plain_text(const Json& value);

}  // namespace kanal
