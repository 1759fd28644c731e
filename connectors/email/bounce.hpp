#pragma once

#include <optional>
#include <string>

#include "connectors/email/mime.hpp"
#include "connectors/email/tokens.hpp"
#include "core/post.hpp"

namespace kanal::email {

/// What a delivery report (RFC 3464) or a reader's notification (RFC 8098) says about a reply of
/// ours. The reply is found by Original-Envelope-Id, by the Message-ID of the returned headers, or
/// by `return_key`, the verified key in the address it came to; nothing when it is none of ours:
/// keys are signed, so nobody can make up a bounce for a reply that he did not get. Somebody's mail
/// that holds such a report is none.
std::optional<Signal> read_bounce(const ParsedMail& mail, const Tokens& tokens,
                                  const std::optional<std::string>& return_key);

}  // namespace kanal::email
