#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "core/id.hpp"
#include "core/reply.hpp"
#include "store/store.hpp"

namespace kanal {

using Count = std::atomic<std::uint64_t>;

/// What happened on a channel since the process began.
struct ChannelCounters {
  std::array<Count, 8> posts{};                        ///< by Fate
  std::array<Count, k_reply_states.size()> replies{};  ///< settled, by ReplyState
  Count polls{0};
  Count poll_errors{0};
  Count send_errors{0};
  Count segments{0};                          ///< text messages that replies took
  std::array<std::atomic<bool>, 6> alarms{};  ///< those that stand, by Alarm::Kind
};

/// Figures for the metrics page. Thread-safe; counting takes no lock once a channel is known.
class Counters {
 public:
  /// Upper bounds of the batch sizes counted; the last bucket has none.
  static constexpr std::array<std::size_t, 9> k_batch_bounds = {1, 2, 5, 10, 20, 50, 100, 200, 500};

  /// The address stays good.
  ChannelCounters& channel(const ChannelName& name) {
    std::scoped_lock lock(mutex_);
    auto& found = channels_[name];
    if (!found) found = std::make_unique<ChannelCounters>();
    return *found;
  }
  [[nodiscard]] std::vector<std::pair<ChannelName, const ChannelCounters*>> channels() const {
    std::vector<std::pair<ChannelName, const ChannelCounters*>> all;
    std::scoped_lock lock(mutex_);
    for (const auto& [name, counters] : channels_) all.emplace_back(name, counters.get());
    return all;
  }
  /// One commit of the intake and the posts in it.
  void count_batch(std::size_t posts) {
    std::size_t bucket = 0;
    while (bucket < k_batch_bounds.size() && posts > k_batch_bounds.at(bucket)) ++bucket;
    ++batches.at(bucket);
    batched_posts += posts;
  }

  std::array<Count, k_batch_bounds.size() + 1> batches{};
  Count batched_posts{0};
  Count intake_retries{0};  ///< batches gathered again because a report had moved on
  Count intake_splits{0};   ///< batches halved to find a guilty post
  Count intake_refused{0};  ///< requests turned away because the queue was full
  Count kept_on_disk{0};    ///< requests that wait for the store now
  Count timers_moved{0};
  Count timer_errors{0};
  std::atomic<bool> certificate_ends{false};  ///< the alarm about the bridge's own one stands

 private:
  mutable std::mutex mutex_;
  std::map<ChannelName, std::unique_ptr<ChannelCounters>> channels_;
};

/// The process's own.
Counters& counters();

}  // namespace kanal
