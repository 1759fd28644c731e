#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <openssl/ssl.h>

#include "core/text.hpp"

namespace kanal {

/// What the far side does about one request: says `bytes`, then closes, waits for the next one, or
/// falls silent until the caller goes away.
struct Answer {
  enum class Then { next, close, silence, drip };
  std::string bytes;
  Then then = Then::next;
};

inline Answer plain_answer(const std::string& body, const std::string& head = "200 OK",
                           const std::string& headers = "") {
  return {"HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
          headers + "\r\n" + body};
}

/// A raw server on loopback: a thread a connection, each request handed to `answer`.
class FarSide {
 public:
  /// `request` counts all requests from 0.
  using Script = std::function<Answer(const std::string& text, int request)>;

  explicit FarSide(Script script, SSL_CTX* tls = nullptr) : script_(std::move(script)), tls_(tls) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&name), size) != 0) std::abort();
    if (::listen(listener_, 64) != 0) std::abort();
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
    thread_ = std::thread([this] { accept_all(); });
  }
  FarSide(const FarSide&) = delete;
  FarSide& operator=(const FarSide&) = delete;
  ~FarSide() {
    over_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (auto& each : serving_) each.join();
    ::close(listener_);
  }

  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return std::string(tls_ != nullptr ? "https" : "http") +
           "://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  struct Connection {
    int socket = -1;
    SSL* tls = nullptr;
    Connection(int accepted, SSL_CTX* context) : socket(accepted) {
      if (context == nullptr) return;
      tls = SSL_new(context);
      SSL_set_fd(tls, socket);
      (void)SSL_accept(tls);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
      SSL_free(tls);
      ::close(socket);
    }
    bool read(std::string& into) const {
      char bytes[4096];
      const auto count = tls != nullptr ? SSL_read(tls, bytes, sizeof bytes)
                                        : static_cast<int>(::recv(socket, bytes, sizeof bytes, 0));
      if (count > 0) into.append(bytes, static_cast<std::size_t>(count));
      return count > 0;
    }
    bool write(const std::string& bytes) const {
      if (bytes.empty()) return true;
      if (tls != nullptr) return SSL_write(tls, bytes.data(), static_cast<int>(bytes.size())) > 0;
      return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
             static_cast<ssize_t>(bytes.size());
    }
  };

  void accept_all() {
    while (!over_) {
      const int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (accepted < 0) return;
      ++connections_;
      serving_.emplace_back([this, accepted] { serve(accepted); });
    }
  }

  void serve(int accepted) {
    const Connection connection(accepted, tls_);
    std::string buffer;
    while (wait_for_more(connection, buffer)) {
      const auto length = request_length(buffer);
      if (length == 0) continue;
      const auto text = buffer.substr(0, length);
      buffer.erase(0, length);
      int number = 0;
      {
        const std::lock_guard lock(mutex_);
        number = static_cast<int>(requests_.size());
        requests_.push_back(text);
      }
      const auto answer = script_(text, number);
      if (!connection.write(answer.bytes) || answer.then == Answer::Then::close) return;
      while (answer.then == Answer::Then::silence && wait_for_more(connection, buffer)) {
      }
      while (answer.then == Answer::Then::drip && !over_ && connection.write("x")) {
        pollfd waited{connection.socket, POLLRDHUP, 0};
        if (::poll(&waited, 1, 5) > 0) return;
      }
    }
  }

  bool wait_for_more(const Connection& connection, std::string& buffer) const {
    while (!over_) {
      pollfd waited{connection.socket, POLLIN, 0};
      if (::poll(&waited, 1, 20) > 0) return connection.read(buffer);
    }
    return false;
  }

  /// Zero until the whole request is there.
  static std::size_t request_length(const std::string& buffer) {
    const auto end = buffer.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    const auto head = to_lower_ascii(buffer.substr(0, end));
    const auto field = head.find("\r\ncontent-length:");
    const auto body = field == std::string::npos ? 0 : std::stoul(head.substr(field + 17));
    return buffer.size() >= end + 4 + body ? end + 4 + body : 0;
  }

  Script script_;
  SSL_CTX* tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> serving_;
  std::thread thread_;
};

}  // namespace kanal
