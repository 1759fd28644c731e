#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/email/settings.hpp"
#include "connectors/email/tokens.hpp"
#include "core/clock.hpp"
#include "core/reply.hpp"
#include "core/result.hpp"

namespace kanal::email {

/// A mail ready to be handed to a server.
struct Outgoing {
  std::string sender;       ///< MAIL FROM
  std::string recipient;    ///< RCPT TO
  std::string envelope_id;  ///< ENVID
  std::string message_id;   ///< without angle brackets
  std::string data;         ///< lines end in CRLF; ASCII; not yet dot-stuffed
};

/// What a reply's files may have, in bytes, where a mail may have so many (0: nobody says).
std::uint64_t room_for_files(std::uint64_t most_mail_bytes);

/// Writes a reply as a mail. The same reply always has the same Message-ID. Fails with `drop` when
/// its address is none that mail can be sent to; nothing in the reply can add a header or a line
/// to the dialogue. Of files that have more than `most_file_bytes`, a line tells how many stayed
/// behind.
Result<Outgoing> compose(const Reply& reply, const Settings& settings, const Tokens& tokens,
                         Time now, std::uint64_t most_file_bytes = room_for_files(0));

/// RFC 2047 encoded words where the text is not plain ASCII, folded below 78 columns.
std::string encode_header_text(std::string_view text, std::size_t used_columns);
/// RFC 2045 §6.7, with CRLF line ends.
std::string quoted_printable(std::string_view text);

}  // namespace kanal::email
