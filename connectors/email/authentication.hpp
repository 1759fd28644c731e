#pragma once

#include <string_view>

#include "connectors/email/mime.hpp"

namespace kanal::email {

/// Whether the server that took the mail in found it to come from the domain of its From: DMARC
/// passed for that domain (RFC 7489), or, where that was not looked at, DKIM or SPF of it or of one
/// above it. Nobody vouches for a mail of several authors. Believed is only the topmost
/// Authentication-Results (RFC 8601) of `authserv_id`, as what stands below it may have come with
/// the mail. Reads any bytes; false when nobody says so.
bool vouched_for(const ParsedMail& mail, std::string_view authserv_id);

}  // namespace kanal::email
