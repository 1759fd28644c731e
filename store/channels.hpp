#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/id.hpp"
#include "core/post.hpp"
#include "core/usage.hpp"

namespace kanal {

enum class Health : std::uint8_t {
  connecting,
  working,
  waiting,
  throttled,
  credentials_refused,
  failing,
  paused,
};
std::string_view name(Health);

/// A channel being read again from a date, beside its worker.
struct BackfillRecord {
  Time from;
  Cursor cursor;           ///< how far it has come, as its kind prints it
  std::int64_t posts = 0;  ///< read so far
  Time at;                 ///< when it last got on
  /// Whoever read has broken off: a turn takes no such time.
  [[nodiscard]] bool stands_still(Time now) const { return now - at > std::chrono::minutes(10); }
};

struct ChannelRecord {
  ChannelName name;
  Cursor cursor;
  Health health = Health::connecting;
  Time health_since;
  std::string said;  ///< by the far side, or what else is wrong; what to do is the health's to say
  bool paused = false;
  std::optional<Time> last_success;
  std::optional<Time> last_post;
  std::int64_t posts_today = 0;
  std::int64_t posts_usual = 0;        ///< median of the same time of day over the last fortnight
  std::optional<Time> canary_sent;     ///< the newest test message to itself
  std::optional<Time> canary_missing;  ///< the first that was sent since one last arrived
  std::optional<Time> canary_seen;     ///< when one last arrived
  Usage usage;                         ///< as its worker last knew it
  Cursor used_apart;                   ///< beside its worker, as its kind prints it (Metered)
  /// Messages to the offices that reports are with now which failed, or have long been in doubt,
  /// and which nobody has given up.
  std::int64_t offices_untold = 0;
  std::optional<BackfillRecord> backfill;  ///< until it has come to its end
};

}  // namespace kanal
