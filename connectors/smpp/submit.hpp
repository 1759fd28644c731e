#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/smpp/message.hpp"
#include "connectors/smpp/session.hpp"
#include "core/clock.hpp"
#include "core/reply.hpp"

namespace kanal::smpp {

enum class LongMessages : std::uint8_t { udh, sar, payload };

/// How a channel's answers are sent.
struct Sending {
  Address source;
  Codings codings;
  IdForm submit_ids = IdForm::text;
  LongMessages long_messages = LongMessages::udh;
  std::size_t most_segments = 3;
  std::size_t window = 10;
  std::chrono::milliseconds timeout_ms{30'000};
};

/// The submit_sm of a reply, one a segment. A receipt is asked for with the last one only, as a
/// reply has one state. Nothing when the address is no number.
std::vector<Message> compose(const Reply& reply, const Sending& sending);

/// What a phone shows of it, and how many segments it takes.
Appearance appearance_of(const Reply& reply, const Sending& sending);

/// Sends replies over several sessions at once, within each one's window. Remembers which segments
/// of a reply were taken, so that trying again sends only the others.
class Submitter {
 public:
  Submitter(Sending sending, const Clock& clock) : sending_(std::move(sending)), clock_(clock) {}
  /// One result a reply, in order.
  std::vector<Result<Receipt>> send(std::span<Session* const> sessions,
                                    std::span<const Reply> replies);

 private:
  struct Progress {
    std::vector<bool> taken;
    std::string last_id;
  };
  struct Round;

  Sending sending_;
  const Clock& clock_;
  std::map<std::string, Progress> begun_;  ///< by the reply's key
};

}  // namespace kanal::smpp
