#pragma once

#include <string>
#include <string_view>

namespace kanal::app {

/// What strangers wrote, for a person's terminal: what would steer it, or turn the direction of the
/// text around, stands there as "\x1B" or "\u202E"; broken UTF-8 as U+FFFD.
std::string printable_line(std::string_view text);
/// The same with its lines and tabs as they are.
std::string printable_text(std::string_view text);

}  // namespace kanal::app
