#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <catch2/catch.hpp>

#include "router/channel_worker.hpp"
#include "router/connector_fixture.hpp"

namespace kanal::testing {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline WorkerOptions quick() {
  WorkerOptions options;
  options.interval = milliseconds(20);
  options.wait = milliseconds(0);
  options.outbox_interval = milliseconds(20);
  options.least_backoff = milliseconds(10);
  options.most_backoff = milliseconds(40);
  options.seed = 1;
  return options;
}

inline std::unique_ptr<ChannelWorker> start(Office& office, Connector& connector,
                                            const ChannelName& channel = ChannelName("mail"),
                                            WorkerOptions options = quick()) {
  auto worker = std::make_unique<ChannelWorker>(ChannelWorker::Parts{
      *office.store, office.intake, office.clock, connector, channel, "node", options});
  worker->start();
  return worker;
}

inline ChannelRecord record(const Office& office) {
  return office.store->channel(office.mail).value();
}

inline bool becomes(const Office& office, Health health) {
  return eventually([&] { return record(office).health == health; });
}

/// Wakes the worker as the bridge does; to be made after it.
class Wired {
 public:
  Wired(Office& office, ChannelWorker& worker) : store_(*office.store) {
    store_.on_change([this, &worker, &office](const auto& concerned) {
      if (concerned.contains(office.mail)) worker.wake();
      ++changes_;
    });
  }
  ~Wired() { store_.on_change({}); }
  /// Until what has been committed by now was told.
  void after(const std::function<void()>& commit) {
    const int before = changes_;
    commit();
    REQUIRE(eventually([&] { return changes_ > before; }));
  }

 private:
  Store& store_;
  std::atomic<int> changes_{0};
};

/// Nothing that failed once is tried again while the test runs.
inline WorkerOptions patient() {
  auto options = quick();
  options.least_backoff = options.most_backoff = hours(1);
  return options;
}

inline void turn_once(ScriptedConnector& connector) {
  const int before = connector.polls;
  REQUIRE(eventually([&] { return connector.polls > before + 1; }));
}

}  // namespace kanal::testing
