#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "router/casework.hpp"
#include "store/store.hpp"

namespace kanal {

/// What the channels' records say is wrong with them, in words for the log and the console.
struct Alarm {
  ChannelName channel;
  enum class Kind { stale, low_volume } kind = Kind::stale;
  std::string message;
};
struct AlarmLimits {
  std::chrono::minutes stale_after{15};
  std::int64_t least_usual = 20;  ///< posts by this time of day, below which volume says nothing
  int low_percent = 20;           ///< of the usual volume
  /// The channels to watch, and for how long each may bring no post (0: for ever); none: all are.
  std::map<ChannelName, std::chrono::hours> quiet_after;
};
/// Pure. Paused channels and those that never worked yet raise none.
std::vector<Alarm> alarms(const std::vector<ChannelRecord>& channels, Time now,
                          const AlarmLimits& limits);

/// Runs out the reports' timers and watches the channels, on a thread of its own.
class Timers {
 public:
  Timers(Casework& casework, Store& store, const Clock& clock,
         std::chrono::milliseconds every = std::chrono::seconds(30), AlarmLimits limits = {});
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  /// Look at once.
  void wake();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace kanal
