#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/office.hpp"
#include "core/reply.hpp"

// What an office's own system is told of a report in words, where it takes no more than that.
namespace kanal {

/// Why a confidential report goes no such way.
inline constexpr std::string_view k_not_outside =
    "a confidential report is not handed to another system: its officers work on it in the console";

/// Stands in the last line of what one reply says, and of no other's, so that it is found again. It
/// has letters alone: a system that blots numbers out of what it shows leaves it whole.
std::string marker_of(const Reply& reply);
/// Whether a text ends in the line that the marker stands in, of any bridge.
bool ends_in_marker(std::string_view text);

/// The complaint, its deadline, and the marker; of what is too long the end in front of the marker
/// is cut. `notice`: what the reply tells, or none; `earlier`: what the system calls the request
/// that it was handed before; empty: none. Nobody's name is in it.
std::string describe(const Reply& reply, const std::optional<OfficeNotice>& notice,
                     std::string_view earlier, std::size_t most_bytes,
                     std::chrono::minutes utc_offset);
/// What is new, and the marker.
std::string describe_news(const Reply& reply, const OfficeNotice& notice, std::size_t most_bytes);

}  // namespace kanal
