#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kanal {

/// Tells this process and, a few times a second at most, all nodes that something was committed. A
/// hint only: it may come late, twice or never. Has a session and a thread of its own, so that no
/// transaction of the intake waits for the queue of NOTIFY.
class Notifier {
 public:
  explicit Notifier(std::string url);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// Something was committed here. Never blocks.
  void touch();
  /// `wake` runs on the notifier's thread and must not call this. An empty one: all are forgotten,
  /// and none runs any more once this returns.
  void listen(std::function<void()> wake);

 private:
  void work(const std::stop_token& stop);
  void wake_all();

  std::string url_;
  int event_;
  std::mutex mutex_;
  std::vector<std::function<void()>> wakes_;
  std::jthread thread_;
};

}  // namespace kanal
