#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "net/body.hpp"
#include "net/http_server.hpp"
#include "net/route.hpp"
#include "net/worker_pool.hpp"

namespace kanal {

/// What a connection can be asked for from outside its strand.
class Peer {
 public:
  explicit Peer(std::string from) : source(std::move(from)) {}
  virtual ~Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  const std::string source;  ///< as Hub::source_of says
  virtual void drain() = 0;
  virtual void close() = 0;
  /// Closes unless a request has begun meanwhile.
  virtual void give_way() = 0;
  /// Since when a request is waited for; zero while one is served.
  std::atomic<std::chrono::steady_clock::duration> waits_since{
      std::chrono::steady_clock::now().time_since_epoch()};
};

/// Says what ended `doing`, if anything did: a coroutine on its own has nobody else to tell.
void log_failure(std::string_view doing, const std::exception_ptr& failure);

/// What need not be said more often than once an hour. Safe from any thread.
class Hourly {
 public:
  bool is_due();

 private:
  std::atomic<std::chrono::steady_clock::duration> last_{};
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

  /// A bare sentence where there is no page, or it fails.
  [[nodiscard]] Response page(const Request& request, int status, std::string_view detail) const;
  /// To log and metrics. It never throws.
  void observe(const Request& request, int status, std::uint64_t bytes,
               std::chrono::steady_clock::time_point since) const;
  void enter(const std::shared_ptr<Peer>& peer);
  /// From the peer's destructor.
  void leave(Peer& peer);
  [[nodiscard]] bool trusts(std::string_view address) const;
  /// On whose account an address is; empty for a trusted proxy, which many stand behind.
  [[nodiscard]] std::string source_of(std::string_view address) const;
  void warn_of_unreadable_hop(std::string_view proxy) const;
  /// Whether one more connection has a place, if need be that of the one that has waited longest to
  /// say what it wants: slow heads and kept connections cannot take all. Who has too many gives up
  /// one of their own.
  enum class Room { free, full, full_for_source };
  Room make_room(const std::string& source);
  void for_each_peer(const std::function<void(Peer&)>& work);
  /// False when some are left after so long.
  bool wait_until_empty(std::chrono::milliseconds patience);

 private:
  friend class Share;
  friend class Seat;
  struct Bytes {
    std::uint64_t held = 0;
    std::uint64_t spooled = 0;
  };
  void count(const std::string& source, bool one_more);
  void warn_of_proxy(const std::string& source);

  Hourly proxy_warning_;
  mutable Hourly hop_warning_;
  std::mutex mutex_;  // for the three below
  std::condition_variable changed_;
  std::map<Peer*, std::weak_ptr<Peer>> peers_;
  std::map<std::string, std::size_t> taken_;  ///< by source
  std::mutex bodies_mutex_;                   // for the two below
  Bytes bytes_;
  std::map<std::string, Bytes> bytes_of_;  ///< by source
};

/// The seat that a request from behind a trusted proxy takes, as a connection of its own would.
class Seat {
 public:
  explicit Seat(Hub& hub) : hub_(hub) {}
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat();
  /// False when the source has as many as it may.
  bool take(const std::string& source);

 private:
  Hub& hub_;
  std::string source_;
};

/// What one request's body takes of what all bodies, and those of its source, may hold together.
class Share {
 public:
  Share(Hub& hub, std::string source) : hub_(hub), source_(std::move(source)) {}
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  ~Share() { take(0, 0); }
  /// False when there is no room for so much; then it holds nothing more, so that of two bodies
  /// that grow at once one is refused and not both.
  bool grow(const Request& request, const Body& body) {
    return take(held_bytes(request) + body.held_bytes(), body.spooled_bytes());
  }

 private:
  bool take(std::uint64_t held, std::uint64_t spooled);

  Hub& hub_;
  std::string source_;
  std::uint64_t held_ = 0;
  std::uint64_t spooled_ = 0;
};

}  // namespace kanal
