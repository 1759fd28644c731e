#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace kanal::sandbox::email {

/// A connection that was taken: lines and bytes both ways. One thread, but for `cut`. Who says
/// nothing for half an hour is gone, as is who takes nothing for a minute.
class Wire {
 public:
  explicit Wire(int socket) : socket_(socket) {}
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// Without its end; nothing when the other side is gone or its line longer than `most_bytes`.
  std::optional<std::string> read_line(std::size_t most_bytes);
  std::optional<std::string> read_exactly(std::size_t count);
  /// Whether there is something to read, or the other side is gone; waits so long for it.
  bool wait(std::chrono::milliseconds most);
  /// False when the other side is gone.
  bool write(std::string_view bytes);
  /// Ends it, at once, from any thread.
  void cut();

 private:
  bool receive(std::chrono::milliseconds patience);

  int socket_;
  std::string buffer_;
};

/// Listens on 127.0.0.1 and serves each connection on a thread of its own; at most 64 at once,
/// further ones are closed.
class Door {
 public:
  using Serve = std::function<void(Wire&)>;
  /// 0: a port that the system gives. Throws when it cannot listen.
  Door(std::uint16_t port, Serve serve);
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Cuts all connections.
  void hang_up();

 private:
  struct Guest {
    explicit Guest(int socket) : wire(socket) {}
    Wire wire;
    std::thread thread;
    std::atomic<bool> gone{false};
  };
  void take_all();

  Serve serve_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::list<Guest> guests_;
  std::atomic<bool> closing_{false};
  std::thread taker_;  // last: it uses all the others
};

}  // namespace kanal::sandbox::email
