#pragma once

#include <string>

#include "web/console/desk.hpp"

namespace kanal::console {

/// The piece of a page by which a sender is blocked or let through again, and why they are blocked;
/// its form goes to `address`/block.
Result<std::string> draw_sender(const Visit& visit, ReporterId sender, std::string_view address);

/// Does what that form says, and leads to `address`.
Result<Response> block_sender(const Visit& visit, ReporterId sender, std::string_view address);

}  // namespace kanal::console
