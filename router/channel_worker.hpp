#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/quiet_hours.hpp"
#include "router/intake.hpp"
#include "router/outbox.hpp"
#include "router/pipeline.hpp"
#include "store/store.hpp"

namespace kanal {

struct WorkerOptions {
  /// Between polls that bring nothing, unless the connector's own pace is quicker (Paced).
  std::chrono::milliseconds interval{15'000};
  std::chrono::milliseconds wait{5'000};             ///< how long a poll may sit waiting for a push
  std::chrono::milliseconds outbox_interval{5'000};  ///< between looks that nobody asked for
  std::chrono::milliseconds lease{60'000};
  std::chrono::milliseconds least_backoff{1'000};
  std::chrono::milliseconds most_backoff{300'000};
  int most_attempts = 20;  ///< of one reply, before it is given up
  /// Open reports with one office's system that are asked after; where there are more, the channel
  /// says so.
  int most_followed = 50'000;
  /// Messages that wait until their source can be told of them; beyond that no more are read.
  std::size_t most_untold = 10'000;
  std::uint64_t seed = 0;  ///< of the jitter; 0: by the channel's name
  /// Where the channel sends a test message that must come back to it; empty: nowhere.
  std::string canary_address;
  OfficeAddress office_address;  ///< as OutboxOptions has it
  std::chrono::seconds canary_every{std::chrono::hours(6)};
  std::optional<QuietHours> quiet;
};

/// Works one channel on a thread of its own, which is the only one to call the connector: lease,
/// poll, ingest, tell the source, send what is owed and the test messages. A channel's faults stay
/// its own: it waits longer and longer (with jitter) and goes on unaided, while its health says
/// what is wrong.
class ChannelWorker {
 public:
  struct Parts {
    Store& store;
    Intake& intake;  ///< knows the channel already
    const Clock& clock;
    Connector& connector;  ///< outlives the worker
    ChannelName channel;
    std::string node;  ///< this process's name in leases and claims
    WorkerOptions options;
  };
  explicit ChannelWorker(Parts parts);
  /// Stops after the connector's current call.
  ~ChannelWorker();
  ChannelWorker(const ChannelWorker&) = delete;
  ChannelWorker& operator=(const ChannelWorker&) = delete;

  void start();
  /// Ends without waiting; the destructor waits. For stopping many at once.
  void ask_to_stop();
  /// Something may be owed, or the channel was paused or resumed: look at once. From any thread.
  void wake();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace kanal
