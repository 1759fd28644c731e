#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "net/body.hpp"
#include "net/http_server.hpp"
#include "net/route.hpp"
#include "net/worker_pool.hpp"

namespace kanal {

/// What a connection can be asked for from outside its strand.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void drain() = 0;
  virtual void close() = 0;
  /// Since when a request is waited for; zero while one is served.
  std::atomic<std::chrono::steady_clock::duration> waits_since{
      std::chrono::steady_clock::now().time_since_epoch()};
};

/// What a server's connections share, and the account of what they take together. Outlives them.
/// Safe from any thread.
class Hub {
 public:
  Hub(HttpServerOptions given, Router routes);

  const HttpServerOptions options;
  const Router router;
  std::atomic<bool> draining{false};
  WorkerPool pool;

  [[nodiscard]] Response page(const Request& request, int status, std::string_view detail) const;
  void enter(const std::shared_ptr<Peer>& peer);
  /// From the peer's destructor.
  void leave(Peer& peer);
  /// Whether one more connection has a place, if need be that of the one that has waited longest to
  /// say what it wants: slow heads and kept connections cannot take all.
  bool make_room();
  void for_each_peer(const std::function<void(Peer&)>& work);
  /// False when some are left after so long.
  bool wait_until_empty(std::chrono::milliseconds patience);

 private:
  friend class Share;
  std::mutex mutex_;  // for the two below
  std::condition_variable changed_;
  std::map<Peer*, std::weak_ptr<Peer>> peers_;
  std::mutex bodies_mutex_;  // for the two below
  std::uint64_t held_bytes_ = 0;
  std::uint64_t spooled_bytes_ = 0;
};

/// What one request's body takes of what all bodies may hold together.
class Share {
 public:
  explicit Share(Hub& hub) : hub_(hub) {}
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  ~Share() { take(0, 0); }
  /// False when there is no room for so much; then it holds nothing more, so that of two bodies
  /// that grow at once one is refused and not both.
  bool grow(const Body& body) { return take(body.held_bytes(), body.spooled_bytes()); }

 private:
  bool take(std::uint64_t held, std::uint64_t spooled);

  Hub& hub_;
  std::uint64_t held_ = 0;
  std::uint64_t spooled_ = 0;
};

}  // namespace kanal
