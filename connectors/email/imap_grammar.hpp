#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"

namespace kanal::email {

using Uid = std::uint32_t;

/// One response of a server (RFC 3501 §7).
struct ImapResponse {
  std::string line;  ///< literals stand as "{n}\r\n" and their bytes in `literals`
  std::vector<std::string> literals;
  bool cut = false;  ///< a literal was longer than may be kept
};
/// What a FETCH response says of one mail; what it leaves out is absent.
struct ImapFetch {
  Uid uid = 0;
  std::optional<std::uint64_t> size_bytes;
  std::optional<Time> arrived;
  /// Absent for NIL, too: a mail that the server cannot give out (§7.4.2) is not one of no bytes.
  std::optional<std::string> body;
};

/// Takes a FETCH response apart, and its body out of it. Nothing when it is none, names no mail,
/// or holds more values than any answer to a question of ours.
std::optional<ImapFetch> read_fetch(ImapResponse& response);
/// How long the literal is that a line announces at its end: "{123}" or "{123+}" (§4.3, RFC 7888).
std::optional<std::size_t> announced_literal(std::string_view line);
/// The number that stands behind `name` in a response code: "[UIDVALIDITY 7]".
std::optional<std::uint32_t> code_number(std::string_view line, std::string_view name);
/// Digits and nothing else.
std::optional<std::uint64_t> number_of(std::string_view text);
/// Likewise of 32 bits, as a UID is; nothing when it is larger, rather than another mail's.
std::optional<std::uint32_t> small_number_of(std::string_view text);

/// A quoted string (§4.3), without what must not stand in one.
std::string quote(std::string_view text);
/// A time's day in UTC, as a search takes it ("1-Feb-2026").
std::string print_date(Time time);
/// Numbers as a set ("3:7,9"), rising.
std::string print_set(std::span<const Uid> uids);
/// A folder's name as it goes over the wire (§5.1.3).
std::string to_modified_utf7(std::string_view name);

}  // namespace kanal::email
