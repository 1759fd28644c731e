#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/reply.hpp"

// What an office's own system is told of a report in words, where it takes no more than that.
namespace kanal {

/// Why a confidential report goes no such way.
inline constexpr std::string_view k_not_outside =
    "a confidential report is not handed to another system: its officers work on it in the console";

/// Stands at the end of what one reply says, and of no other's, so that it is found again.
std::string marker_of(const Reply& reply);

/// The complaint, its deadline, and the marker; of what is too long the end in front of the marker
/// is cut. `earlier`: what the system calls the request that it was handed before; empty: none.
/// Nobody's name is in it.
std::string describe(const Reply& reply, std::string_view earlier, std::size_t most_characters);
/// What is new, and the marker.
std::string describe_news(const Reply& reply, std::size_t most_characters);

}  // namespace kanal
