#pragma once

#include <chrono>
#include <functional>
#include <mutex>

namespace kanal {

using Time = std::chrono::sys_time<std::chrono::microseconds>;
/// Of a clock that nobody sets: tells how long something takes, never what day it is.
using Moment = std::chrono::steady_clock::time_point;

/// Where the time comes from; injected, so that tests decide what time it is. Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
  [[nodiscard]] virtual Moment steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }
  [[nodiscard]] Moment steady() const override { return std::chrono::steady_clock::now(); }
};

/// Stands still until it is moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  [[nodiscard]] Time now() const override {
    std::scoped_lock lock(mutex_);
    return now_;
  }
  [[nodiscard]] Moment steady() const override {
    std::scoped_lock lock(mutex_);
    return steady_;
  }
  void advance(std::chrono::microseconds by) {
    std::scoped_lock lock(mutex_);
    now_ += by;
    steady_ += by;
  }
  /// As somebody sets the machine's clock: no time passes.
  void set(Time now) {
    std::scoped_lock lock(mutex_);
    now_ = now;
  }

 private:
  mutable std::mutex mutex_;
  Time now_;
  Moment steady_{};
};

}  // namespace kanal
