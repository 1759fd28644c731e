#pragma once

#include <string>
#include <string_view>

#include "config/reader.hpp"

namespace kanal {

/// JSON Schema (draft 2020-12) of what a description allows.
std::string print_schema(const Description& description, std::string_view title);
/// A Markdown table of the settings below `path` ("channel.NAME"), tables after it.
std::string print_documentation(const Description& description, std::string_view path);

}  // namespace kanal
