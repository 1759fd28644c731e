#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "connectors/connector.hpp"
#include "core/result.hpp"
#include "router/filing.hpp"
#include "router/settling.hpp"
#include "router/unstored.hpp"
#include "store/store.hpp"

namespace kanal {

/// Keeps on disk what is pushed while the store is away, and stores it in its order, on a thread of
/// its own, once the store is back. Thread-safe; outlived by what it is given.
class Keeping {
 public:
  Keeping(std::unique_ptr<Unstored> unstored, Settling& settling, Store& store);
  ~Keeping();
  /// True from the first message that was kept until each that is kept was tried again.
  [[nodiscard]] bool is_away() const { return away_; }
  /// What each post's sender is told if it is kept.
  [[nodiscard]] std::vector<TrackingCode> codes_of(const ChannelName& channel,
                                                   std::span<const Post> posts) const;
  /// Filings that wait, one a post, under these numbers; or why it could not be kept.
  Result<Ingested> keep(const ChannelName& channel, Received received,
                        std::span<const TrackingCode> codes);

 private:
  void store_kept(const std::stop_token& stop);
  enum class Outcome {
    stored,
    apart,        ///< it never can be
    passed_over,  ///< its channel is not ours to work, now
  };
  /// A round through what waits; false when some could not be stored, which are tried again.
  bool store_all(const std::stop_token& stop);
  Result<Outcome> store_again(const std::string& name);
  void log_failure(const std::string& name, const Error& error);

  std::unique_ptr<Unstored> unstored_;
  Settling& settling_;
  Store& store_;
  std::atomic<bool> away_ = false;
  std::string tried_last_;             ///< in a round that was broken off
  std::set<std::string> failing_;      ///< why has been said
  std::set<std::string> passed_over_;  ///< their channels are not ours to work
  std::mutex mutex_;
  std::condition_variable_any one_more_kept_;
  std::jthread thread_;
};

}  // namespace kanal
