#pragma once

#include <istream>
#include <optional>
#include <string>
#include <string_view>

namespace kanal::app {

/// The first line of standard input; from a terminal it is asked for and not shown.
std::string read_hidden(std::string_view what);
/// The same, asked for a second time on a terminal, where nobody sees a slip of the finger; nothing
/// when the two differ.
std::optional<std::string> read_hidden_twice(std::string_view what);

/// Whether reading ended because it went wrong, before the end.
bool broke_off(const std::istream& input);

}  // namespace kanal::app
