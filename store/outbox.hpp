#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/post.hpp"
#include "core/reply.hpp"

namespace kanal {

struct OutboxRecord {
  Reply reply;
  ReplyState state = ReplyState::owed;
  int attempts = 0;
  int earlier_attempts = 0;  ///< of them, those before a person had it sent again
  Time due_at;
  std::optional<Time> settled_at;
  std::string detail;
  std::optional<int> segments;  ///< that it took, where a channel counts them
  int claims = 0;               ///< so far; only grows
};

/// The text messages that went out on a channel.
struct SentSegments {
  std::int64_t replies = 0;
  std::int64_t segments = 0;
};

/// A message to an office, as its far side knows it.
struct OfficeMessage {
  std::string key;
  ExternalId external_id;
  std::string language;
  std::optional<Time> reopened_at;  ///< when the report was opened again last, after an answer
};

struct OfficeMessages {
  std::vector<OfficeMessage> messages;
  bool all = true;  ///< false: there are more than were asked for
};

/// How the sending of a claimed reply ended, or what was found out of one in doubt. Nothing happens
/// when it was claimed again since.
struct Settlement {
  OutboxId id;
  ReplyState state = ReplyState::sent;
  ExternalId external_id;
  std::string detail;
  std::optional<Time> retry_at;  ///< with ReplyState::owed
  bool counts = true;            ///< as an attempt
  int segments = 0;              ///< that it took; 0: not counted
  bool in_private = false;       ///< Receipt::in_private
  /// OutboxRecord::claims of what was looked at; none: this process's own claim.
  std::optional<int> claims = {};
};

/// What a person decides about a reply that waits for one.
enum class Verdict : std::uint8_t { went_out, send_again, give_up };

}  // namespace kanal
