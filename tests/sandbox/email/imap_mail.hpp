#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tests/sandbox/email/imap_words.hpp"
#include "tests/sandbox/email/post_office.hpp"

namespace kanal::sandbox::email {

/// A mail of the folder that a session has open, and its place in it.
struct Placed {
  const Mail& mail;
  std::uint32_t sequence = 0;
};

/// One item of FETCH ("UID", "BODY.PEEK[HEADER]<0.100>") as an answer shows it; nothing when it is
/// not known (RFC 3501 §6.4.5; of structures only ENVELOPE).
std::optional<std::string> print_item(const Placed& placed, std::string_view item);
/// Whether asking for it marks the mail as seen.
bool marks_seen(std::string_view item);

/// Whether a mail answers all keys of SEARCH (RFC 3501 §6.4.4). `last` is what "*" means among
/// sequence numbers and uids. Nothing when a key is not known.
struct LastNumbers {
  std::uint32_t sequence = 0;
  Uid uid = 0;
};
std::optional<bool> answers(const Placed& placed, std::span<const Word> keys,
                            const LastNumbers& last);

std::string print_flags(const Flags& flags);

}  // namespace kanal::sandbox::email
