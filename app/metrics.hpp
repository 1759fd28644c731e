#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/http_server.hpp"
#include "store/store.hpp"

namespace kanal::app {

/// What the HTTP server tells of its answers. Thread-safe.
class HttpFigures {
 public:
  void observe(int status, std::uint64_t bytes, std::chrono::microseconds spent);
  struct Totals {
    std::uint64_t by_class[6];
    std::uint64_t bytes;
    std::uint64_t microseconds;
  };
  [[nodiscard]] Totals totals() const;

 private:
  std::atomic<std::uint64_t> by_class_[6]{};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> microseconds_{0};
};

/// All figures in Prometheus' text format 0.0.4. `running`: the channels whose state is told, as
/// those that are off have one too; none: all are. `free_bytes`: on the disk of the data.
std::string print_metrics(const HttpFigures& http, Store& store,
                          const std::optional<std::vector<ChannelName>>& running = {},
                          std::optional<std::uint64_t> free_bytes = {});

}  // namespace kanal::app
