#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace kanal {

/// What a channel's record says is wrong with it: no successful turn for too long, far fewer posts
/// than usual, a test message to itself that did not arrive, or a cap that is nearly used up.
struct Alarm {
  ChannelName channel;
  enum class Kind { stale, low_volume, canary_late, nearly_used_up } kind = Kind::stale;
  std::string message;  ///< in English, for the log and for programs
};
std::string_view name(Alarm::Kind);

struct AlarmLimits {
  std::chrono::minutes stale_after{15};
  std::chrono::minutes canary_within{30};  ///< a test message has to arrive
  std::int64_t least_usual = 20;  ///< posts by this time of day, below which volume says nothing
  int low_percent = 20;           ///< of the usual volume
  /// The channels to watch, and for how long each may bring no post (0: for ever); none: all are.
  std::map<ChannelName, std::chrono::hours> quiet_after;
  /// No silence counts from before it: the bridge was down. None: a channel that never worked
  /// counts from when its health became what it is.
  std::optional<Time> watched_since;
};
/// Pure. Paused channels raise none.
std::vector<Alarm> alarms(const std::vector<ChannelRecord>& channels, Time now,
                          const AlarmLimits& limits);

}  // namespace kanal
