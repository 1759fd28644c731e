#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/webhook/settings.hpp"
#include "core/clock.hpp"
#include "core/post.hpp"
#include "core/reply.hpp"
#include "core/result.hpp"

// The bodies of requests, both ways. Pure, but for the files of a report, which are read.
namespace kanal::webhook {

/// {"type", "timestamp", "data"}: "report.handed_over" to an office, else "reply". Error `drop`:
/// the address is none.
Result<std::string> print_message(const Reply& reply, Time now);

/// A request as it came.
struct Message {
  std::string_view id;  ///< its webhook-id
  std::string_view at;  ///< its webhook-timestamp
  std::string_view body;
};
/// The message as a post: "complaint", or "office.answer", whose author is the channel itself. The
/// payload of the post gives the same post by `read_payload`.
Result<Post> read_message(const Message& message, const ChannelName& channel,
                          const FieldPaths& fields);
Result<Post> read_payload(std::string_view payload, const ChannelName& channel,
                          const FieldPaths& fields);

/// What each field of a body becomes, those of ours first, then what is not looked at.
std::vector<FieldNote> explain_payload(std::string_view payload, const FieldPaths& fields);

}  // namespace kanal::webhook
