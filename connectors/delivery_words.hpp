#pragma once

#include <string>
#include <string_view>

#include "core/post.hpp"

namespace kanal {

/// What a report of delivery says of a text message, for people: `state` as the network or the
/// gateway calls it, in brackets unless it is a bare number. Of what was delivered: nothing.
std::string told_of_delivery(Signal::Kind kind, std::string_view state);

}  // namespace kanal
