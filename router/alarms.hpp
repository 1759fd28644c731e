#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "store/store.hpp"

namespace kanal {

/// What a channel's record says is wrong with it: no successful turn for too long, far fewer posts
/// than usual, a test message to itself that did not arrive, a cap that is nearly used up, messages
/// to offices that did not go out, or a credential that ends soon or has ended; or that the bridge
/// itself has hardly any room left.
struct Alarm {
  ChannelName channel;  ///< none: of the bridge itself
  enum class Kind {
    stale,
    low_volume,
    canary_late,
    nearly_used_up,
    offices_untold,
    credential_ends,
    disk_nearly_full
  } kind = Kind::stale;
  std::string message;                                ///< in English, for the log and for programs
  std::int64_t untold = 0;                            ///< messages to offices
  std::optional<std::chrono::year_month_day> ends{};  ///< the credential; none: nobody knows when
};
std::string_view name(Alarm::Kind);

struct AlarmLimits {
  std::chrono::minutes stale_after{15};
  std::chrono::minutes canary_within{30};  ///< a test message has to arrive
  std::int64_t least_usual = 20;  ///< posts by this time of day, below which volume says nothing
  int low_percent = 20;           ///< of the usual volume
  /// For how long each channel that is watched may bring no post (0: for ever); none: all are
  /// watched.
  std::optional<std::map<ChannelName, std::chrono::hours>> quiet_after;
  /// No silence counts from before it: the bridge was down. None: a channel that never worked
  /// counts from when its health became what it is.
  std::optional<Time> watched_since;
  /// The day on which a channel's credential ends, for those that say so.
  std::map<ChannelName, std::chrono::year_month_day> credential_ends;
  std::chrono::minutes utc_offset{7 * 60};  ///< where those days begin
  /// Until when the bridge's own certificate is valid, or why it cannot be used any more; none: it
  /// presents none.
  std::function<Result<Time>()> certificate_end;
  std::uint64_t least_free_bytes = 512U << 20U;  ///< of the disk that the data lies on
  /// What is free there now; none: nobody can tell.
  std::function<std::optional<std::uint64_t>()> free_bytes;
};
/// Pure. Paused channels raise none.
std::vector<Alarm> alarms(const std::vector<ChannelRecord>& channels, Time now,
                          const AlarmLimits& limits);
/// Of the bridge itself: about the certificate that it presents, and the room that it has.
std::vector<Alarm> own_alarms(Time now, const AlarmLimits& limits);

}  // namespace kanal
