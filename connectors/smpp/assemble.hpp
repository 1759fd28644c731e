#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>

#include "connectors/connector.hpp"
#include "connectors/smpp/message.hpp"
#include "connectors/smpp/recipients.hpp"
#include "connectors/smpp/state.hpp"

namespace kanal::smpp {

/// How a channel's messages are read.
struct Reading {
  Codings codings;
  IdForm receipt_ids = IdForm::text;
  std::string region = "ID";
  std::chrono::seconds wait_for_parts{600};
};

/// A message that lies here unanswered.
struct Incoming {
  Raw raw;
  std::uint64_t fingerprint = 0;
};

/// What is known of answers: a message whose answer arrived may come again as a new one; what is
/// settled, by the time of its answer, is forgotten by the cursor too.
struct Answers {
  std::set<std::uint64_t> arrived;
  std::map<std::uint64_t, Time> settled;
  /// Those to our own messages come from these; nullptr: from anybody.
  const Recipients* recipients = nullptr;
};

struct Turn {
  Batch batch;               ///< with the cursor after it
  std::size_t taken = 0;     ///< of the incoming, from the front: to be answered after the commit
  std::size_t given_up = 0;  ///< posts of parts that could not wait for others, for want of room
  std::size_t disbelieved = 0;  ///< receipts from where the message did not go
};

/// What becomes of the messages at hand: whole ones are posts, parts are held until they are all
/// there, it has taken too long or there is no room, receipts are signals, repeated ones nothing.
/// No more of all than the budget has. Pure.
Turn assemble(const Cursor& since, const State& state, std::span<const Incoming* const> incoming,
              const Answers& answers, const Budget& budget, Time now, const Reading& reading,
              const Keys& keys);

/// What a receipt tells; nothing while its message is still on its way.
std::optional<Signal> signal_of(const Notice& notice, const Reading& reading);

/// One post of all parts that are there; what is missing is marked in the text. `parts` are of one
/// message, or one message alone.
Post make_post(std::span<const Raw> parts, ExternalId id, Time at, const Reading& reading);

}  // namespace kanal::smpp
