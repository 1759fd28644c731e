#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/keys.hpp"
#include "connectors/smpp/pdu.hpp"
#include "core/clock.hpp"
#include "core/post.hpp"
#include "core/result.hpp"

namespace kanal::smpp {

/// A deliver_sm or data_sm as it came.
struct Raw {
  Command command = Command::deliver_sm;
  std::string body;
};

/// Parts of one message that wait for the others.
struct Held {
  Time first_at;
  std::vector<Raw> parts;  ///< in the order they came
};

/// A message that is stored and whose answer may not have reached the SMSC, which then sends it
/// again.
struct Doubtful {
  std::uint64_t fingerprint = 0;
  std::int64_t at_s = 0;
};

/// A message of which parts were missing when it became a post: what comes of it later belongs to
/// that post.
struct Torn {
  std::uint64_t key = 0;  ///< of sender, destination, reference and total, keyed
  /// Of the post's id.
  std::uint64_t fingerprint = 0;
  std::uint64_t serial = 0;
  std::int64_t at_s = 0;
  std::uint64_t parts = 0;  ///< those that were there, by their numbers' bits
};

/// What a turn leaves for the next one; it is the channel's cursor and thus committed with the
/// posts. A part may be answered once it stands here: SMSCs that send one message at a time would
/// never send the next part otherwise.
struct State {
  std::uint64_t serial = 0;  ///< of the posts so far: SMPP has no ids of its own
  std::vector<Doubtful> doubtful;
  std::vector<Held> held;
  std::vector<Torn> torn;
};

/// The parts in it are sealed.
Cursor print(const State& state, const Keys& keys);
/// The empty cursor is a state that begins at `now`.
Result<State> parse_state(const Cursor& cursor, const Keys& keys, Time now);

/// The same for the same message of the same person, keyed.
std::uint64_t fingerprint(const Raw& raw, const Keys& keys);
std::uint64_t keyed_hash(std::string_view text, const Keys& keys);

}  // namespace kanal::smpp
