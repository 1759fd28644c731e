#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config/organisation.hpp"
#include "core/visibility.hpp"
#include "router/casework.hpp"
#include "web/api/shape.hpp"

namespace kanal::api {

/// The members of an event's body.
Shape event_shape();

/// An event as a body asks for it: who asks, and which report `other` is, are yet to be filled in.
struct AskedEvent {
  Command command;
  std::optional<TrackingCode> other;
};

/// Pure: an event from members that fit its shape. What the event has no use for is a fault, as it
/// would be lost.
tl::expected<AskedEvent, Unfit> to_event(const Given& given);
/// The same from the body itself.
tl::expected<AskedEvent, Unfit> read_event(std::string_view body);

/// Pure: what the move needs and the event did not bring, by the names of the body's members.
std::vector<Fault> missing_needs(const Move& move, const AskedEvent& asked, const Report& report,
                                 const Organisation& organisation);

}  // namespace kanal::api
