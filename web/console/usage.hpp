#pragma once

#include "core/usage.hpp"
#include "web/console/desk.hpp"

namespace kanal::console {

/// What a channel has used of what its far side bills: bars, what is left, when it starts anew, and
/// what to do where little is left.
void draw_usage(const Visit& visit, Block row, const ChannelName& channel, const Usage& usage);

}  // namespace kanal::console
