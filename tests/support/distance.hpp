#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace kanal::test {

/// A TCP proxy on loopback that is as far away as it is told: every byte arrives so much later, in
/// order, and as many of them may be under way as there are. Narrows nothing but time.
class Distance {
 public:
  Distance(std::uint16_t target_port, std::chrono::microseconds one_way);
  ~Distance();
  Distance(const Distance&) = delete;
  Distance& operator=(const Distance&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// When the first connection came.
  [[nodiscard]] std::chrono::steady_clock::time_point first_connection() const;

 private:
  void accept_all();
  void carry(int from, int to);

  std::uint16_t target_;
  std::chrono::microseconds one_way_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> first_ns_{0};
  std::vector<std::thread> threads_;
  std::vector<int> sockets_;
  std::thread accepter_;
};

}  // namespace kanal::test
