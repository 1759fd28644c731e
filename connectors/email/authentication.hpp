#pragma once

#include <string_view>

#include "connectors/email/mime.hpp"

namespace kanal::email {

enum class Vouching { none, vouched, refuted };

/// What the server that took the mail in found out about the domain of its From. `vouched`: DMARC
/// passed for that domain (RFC 7489), or, where that was not looked at, DKIM or SPF of it or of one
/// above it. `refuted`: DMARC failed. Nobody vouches for a mail of several authors. Believed is
/// only the topmost Authentication-Results (RFC 8601) of `authserv_id`, as what stands below it may
/// have come with the mail. Reads any bytes; `none` when nobody says anything.
Vouching vouching_of(const ParsedMail& mail, std::string_view authserv_id);

}  // namespace kanal::email
