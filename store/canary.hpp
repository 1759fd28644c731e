#pragma once

#include <string>
#include <string_view>

namespace kanal {

/// The token of a test message that a channel sends to itself: one word that survives any alphabet.
/// Nobody can guess it.
std::string fresh_canary();

/// The first such token in a text; empty if there is none. Whether it is one of ours the store
/// knows.
std::string_view canary_in(std::string_view text);

}  // namespace kanal
