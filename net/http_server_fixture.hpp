#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <openssl/ssl.h>

#include "core/text.hpp"
#include "net/http_server.hpp"
#include "tests/support/peak_memory.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/scratch.hpp"

namespace kanal {

/// Far beyond what anything here takes: only what never comes runs into it.
inline constexpr std::chrono::seconds k_patience{120};

template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + k_patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// What a server said to one request. `status` is 0 when the connection ended first.
struct RawReply {
  int status = 0;
  std::string head;
  std::string body;

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto line : split(head, '\n')) {
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      if (equals_ignoring_case(line.substr(0, colon), name)) {
        return std::string(trim(line.substr(colon + 1)));
      }
    }
    return {};
  }
};

/// A client that says any bytes whatever.
class RawClient {
 public:
  RawClient() : RawClient(AF_INET) {}
  explicit RawClient(int family) : socket_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // A server that does not read must not hold the test.
    const timeval limit{k_patience.count(), 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  explicit RawClient(std::uint16_t port, SSL_CTX* tls = nullptr, SSL_SESSION* session = nullptr)
      : RawClient(AF_INET) {
    connect(port);
    if (tls == nullptr) return;
    tls_ = SSL_new(tls);
    SSL_set_fd(tls_, socket_);
    if (session != nullptr) SSL_set_session(tls_, session);
    connected_ = connected_ && SSL_connect(tls_) == 1;
  }
  RawClient(RawClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)),
        tls_(std::exchange(other.tls_, nullptr)),
        connected_(other.connected_),
        buffer_(std::move(other.buffer_)) {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() {
    SSL_free(tls_);
    if (socket_ >= 0) ::close(socket_);
  }

  bool connect(std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(port);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
    return connected_;
  }
  bool connect_by_six(std::uint16_t port) {
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_addr = in6addr_loopback;
    name.sin6_port = htons(port);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
    return connected_;
  }
  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] SSL* tls() const { return tls_; }
  [[nodiscard]] int socket() const { return socket_; }

  /// False when the server takes no more.
  // NOLINTNEXTLINE(readability-make-member-function-const): it changes the far side
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count =
          tls_ != nullptr
              ? static_cast<ssize_t>(SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())))
              : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  /// The next response; `head_only` for those to HEAD. An interim response counts as one.
  RawReply read(bool head_only = false) {
    RawReply reply;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return reply;
    }
    reply.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    reply.status = std::atoi(reply.head.c_str() + std::string_view("HTTP/1.1 ").size());
    const auto length = reply.header("content-length");
    const auto wanted = head_only ? 0 : static_cast<std::size_t>(std::atoll(length.c_str()));
    while (buffer_.size() < wanted && more()) {
    }
    reply.body = buffer_.substr(0, wanted);
    buffer_.erase(0, wanted);
    return reply;
  }
  RawReply ask(std::string_view request, bool head_only = false) {
    send(request);
    return read(head_only);
  }
  /// All that comes until `text` has; up to and including it. Empty when it never does.
  std::string read_until(std::string_view text) {
    for (;;) {
      const auto at = buffer_.find(text);
      if (at != std::string::npos) {
        auto found = buffer_.substr(0, at + text.size());
        buffer_.erase(0, at + text.size());
        return found;
      }
      if (!more()) return {};
    }
  }
  /// All that comes until the server closes.
  std::string read_all() {
    while (more()) {
    }
    return std::exchange(buffer_, {});
  }
  /// Waits until the server closes; false when it keeps the connection open or says more.
  bool is_closed() {
    while (more()) {
    }
    return ended_ && buffer_.empty();
  }
  /// Nothing has come and nobody hung up.
  [[nodiscard]] bool is_open() const {
    pollfd waited{socket_, POLLIN | POLLRDHUP, 0};
    return ::poll(&waited, 1, 0) == 0;
  }
  void end_sending() const { ::shutdown(socket_, SHUT_WR); }
  /// Goes away as a program does that was killed: with a reset.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(socket_, -1));
  }

 private:
  bool more() {
    char bytes[16384];
    const auto receive = [&] {
      return tls_ != nullptr ? static_cast<ssize_t>(SSL_read(tls_, bytes, sizeof bytes))
                             : ::recv(socket_, bytes, sizeof bytes, 0);
    };
    auto count = receive();
    while (count < 0 && errno == EINTR) count = receive();
    if (count > 0) buffer_.append(bytes, static_cast<std::size_t>(count));
    if (count <= 0) ended_ = count == 0 || errno == ECONNRESET || errno == EPIPE;
    return count > 0;
  }

  int socket_;
  SSL* tls_ = nullptr;
  bool connected_ = false;
  bool ended_ = false;
  std::string buffer_;
};

/// A directory for uploads.
struct Spool : Scratch {
  [[nodiscard]] std::size_t files() const {
    const std::filesystem::directory_iterator files(path());
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }
  [[nodiscard]] std::filesystem::path write(const std::string& name,
                                            const std::string& text) const {
    std::ofstream(path() / name, std::ios::binary) << text;
    return path() / name;
  }
};

inline Route on_get(std::string pattern, std::function<Response(const Request&)> handle) {
  return {.method = "GET",
          .pattern = std::move(pattern),
          .handle = std::move(handle),
          .handle_later = {}};
}

inline Route on_post(std::string pattern, BodyKind body, std::uint64_t most_bytes,
                     std::function<Response(const Request&)> handle) {
  return {.method = "POST",
          .pattern = std::move(pattern),
          .body = body,
          .most_bytes = most_bytes,
          .handle = std::move(handle),
          .handle_later = {}};
}

inline std::unique_ptr<HttpServer> serve(HttpServerOptions options, std::vector<Route> routes) {
  options.port = 0;
  auto server = HttpServer::start(std::move(options), std::move(routes));
  if (!server) std::abort();
  return std::move(*server);
}

inline std::string get(std::string_view target, std::string_view headers = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: kanal.test\r\n" + std::string(headers) +
         "\r\n";
}

inline std::string post(std::string_view target, std::string_view type, std::string_view body,
                        std::string_view headers = "") {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: kanal.test\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(headers) +
         "\r\n" + std::string(body);
}

inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

}  // namespace kanal
