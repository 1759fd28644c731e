#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/post.hpp"
#include "core/reply.hpp"
#include "core/result.hpp"

// The bodies of requests, both ways. Pure, but for the files of a report, which are read.
namespace kanal::webhook {

/// {"type", "timestamp", "data"}: "report.handed_over" to an office, else "reply". Error `drop`:
/// the address is none.
Result<std::string> print_message(const Reply& reply, Time now);

/// A request's body as a post: "complaint", or "office.answer", whose author is the channel itself.
/// `id`: its webhook-id. The payload of the post gives the same post by `read_payload`.
Result<Post> read_message(std::string_view id, std::string_view body, const ChannelName& channel);
Result<Post> read_payload(std::string_view payload, const ChannelName& channel);

}  // namespace kanal::webhook
