#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_server.hpp"

namespace kanal {

/// Between those who push events and the connection that sends them: bounded, and over once it was
/// full. Safe from any thread; `wake` is called after each change, from whichever made it.
class EventQueue {
 public:
  explicit EventQueue(std::function<void()> wake) : wake_(std::move(wake)) {}
  bool push(std::string_view event, std::string_view data);
  [[nodiscard]] bool is_open();
  /// What waits to be sent, and whether anything can follow it.
  std::pair<std::string, bool> take();
  /// Nothing more is taken; what waits is still sent.
  void end();

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<std::string> waiting_;
  bool over_ = false;
};

/// What those who push hold: when the last lets go, the queue ends.
std::shared_ptr<EventStream> pushing_end(std::shared_ptr<EventQueue> queue);

}  // namespace kanal
