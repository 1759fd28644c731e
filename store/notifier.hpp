#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/post.hpp"

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

  using Channels = std::set<ChannelName>;
  using Wake = std::function<void(const Channels& concerned)>;

  /// Something was committed here: the channels' workers have something to do. Waits for no I/O.
  void touch(const Channels& concerned = {});
  /// `wake` runs on the notifier's thread and must not call this. An empty one: all are forgotten,
  /// and none runs any more once this returns.
  void listen(Wake wake);

 private:
  void work(const std::stop_token& stop);
  void wake_all(const Channels& concerned);
  Channels take_touched();

  std::string url_;
  int event_;
  std::mutex mutex_;
  std::vector<Wake> wakes_;
  std::mutex touched_mutex_;
  Channels touched_;
  std::jthread thread_;
};

}  // namespace kanal
