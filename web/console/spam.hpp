#pragma once

#include <string_view>

#include "web/console/desk.hpp"

namespace kanal::console {

/// Offers to take back the act whose reports the address names (`undo`), which leads on to `to`.
void draw_undo(const Visit& visit, Block page, std::string_view to);

}  // namespace kanal::console
