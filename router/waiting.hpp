#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <vector>

#include "router/intake.hpp"

namespace kanal {

/// What one caller brought, and who hears what became of it.
struct IntakeRequest {
  ChannelName channel;
  Received received;
  std::function<void(Result<Ingested>)> done;
};

/// Requests that wait for their commit, given out in groups of one channel, in their order. Groups
/// that are out at the same time have nothing to do with each other. Thread-safe.
class WaitingRequests {
 public:
  struct Group {
    ChannelName channel;
    std::vector<IntakeRequest> requests;
    std::vector<std::string> names;
  };

  /// `workers`: how many take groups at the same time.
  explicit WaitingRequests(std::size_t workers) : workers_(workers) {}
  /// False, and the request is left as it is, when too many wait.
  bool add(IntakeRequest& request);
  /// Waits for requests; nothing once a stop is asked for and none waits. Those who were together
  /// last time are waited for a moment, the single one never.
  std::optional<Group> next(const std::stop_token& stop);
  /// To be called with each group that was given out, after its commit.
  void finished(const Group& group);
  void wake() { changed_.notify_all(); }

 private:
  struct Waiting {
    IntakeRequest request;
    std::vector<std::string> names;
  };
  struct Channel {
    std::unordered_set<std::string> out;  ///< names of the groups that are out
    std::size_t requests_out = 0;
    std::size_t waiting = 0;
    std::size_t last = 0;  ///< size of the group that came back last
    std::chrono::steady_clock::time_point finished;
  };
  [[nodiscard]] bool is_free(const Waiting& waiting) const;
  [[nodiscard]] const Waiting* first_free() const;
  std::size_t share(const Channel& channel) const;
  Group take(const ChannelName& name, Channel& channel);

  const std::size_t workers_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Waiting> waiting_;
  std::map<ChannelName, Channel> channels_;
};

}  // namespace kanal
