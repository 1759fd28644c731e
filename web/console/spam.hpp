#pragma once

#include <string>
#include <string_view>

#include "web/console/desk.hpp"

namespace kanal::console {

/// What ticking a report in a list says: which, and as it was seen there.
std::string tick_of(const View& view);
/// Offers to take back the act whose reports the address tells (`undo`), which leads on to `to`.
void draw_undo(const Visit& visit, Block page, std::string_view to);

}  // namespace kanal::console
