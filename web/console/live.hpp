#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/id.hpp"
#include "net/http_server.hpp"

namespace kanal::console {

/// Tells open pages that something was committed, so that they look again; what it was they must
/// ask for, as anybody would. At most once a second, whatever happens. Thread-safe.
class Live {
 public:
  explicit Live(std::chrono::milliseconds between = std::chrono::seconds(1));
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  /// Whether one more page of the officer may follow. Pages that were closed make room.
  [[nodiscard]] bool has_room(OfficerId officer);
  /// A reader is let go of after some minutes and comes back, so that one whose session has ended
  /// does not.
  void add(OfficerId officer, std::shared_ptr<EventStream> reader);
  /// Something was committed. Never blocks for long.
  void touch();

 private:
  struct Reader {
    OfficerId officer;
    std::shared_ptr<EventStream> stream;
    std::chrono::steady_clock::time_point since;
  };
  /// With the lock held.
  [[nodiscard]] bool fits(OfficerId officer) const;
  void work(const std::stop_token& stop);

  std::chrono::milliseconds between_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Reader> readers_;
  bool touched_ = false;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace kanal::console
