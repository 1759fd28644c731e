#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/post.hpp"

namespace kanal::email {

/// How far a folder has been read. UIDs mean something only under their UIDVALIDITY (RFC 3501
/// §2.3.1.1): when that or the folder changes, reading starts again from `since`, and the posts
/// that are known already are recognised by their ids.
struct Position {
  std::uint32_t uid_validity = 0;
  std::uint32_t last = 0;     ///< the highest UID that has been read
  std::uint32_t first = 1;    ///< the lowest UID that reading started with
  std::uint32_t begun = 0;    ///< what comes from this UID on came after reading had started
  std::optional<Time> since;  ///< of what was there, mail that arrived earlier is none of ours
  std::string folder;
  std::vector<std::uint32_t> refused;  ///< lately, and not given out: to be left unread; rising
};

/// Whether a mail is one that the channel is to read. `arrived`: as the mail server says, if it
/// does.
bool is_meant(const Position& position, std::uint32_t uid, std::optional<Time> arrived);

/// Remembers UIDs that were refused; of many only the highest.
void add_refused(Position& position, const std::vector<std::uint32_t>& uids);

Cursor print_position(const Position& position);
/// Nothing when the cursor is empty or not one of ours.
std::optional<Position> parse_position(const Cursor& cursor);

/// The setting `start_from`: "now", "all", a date or a time (RFC 3339).
struct Start {
  bool now = false;
  std::optional<Time> since;
};
std::optional<Start> parse_start(const std::string& text);

}  // namespace kanal::email
