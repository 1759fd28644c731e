#pragma once

#include <chrono>
#include <memory>

#include "core/clock.hpp"
#include "router/alarms.hpp"
#include "router/casework.hpp"
#include "store/store.hpp"

namespace kanal {

/// Runs out the reports' timers, watches the channels and makes what has come in findable by its
/// words, on a thread of its own.
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
