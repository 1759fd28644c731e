#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <catch2/catch.hpp>

namespace kanal {

/// Does one thing with the first connection that it gets.
class FarPeer {
 public:
  explicit FarPeer(std::function<void(int socket)> deed, int most_buffered_bytes = 0) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (most_buffered_bytes > 0) {
      ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &most_buffered_bytes,
                   sizeof most_buffered_bytes);
    }
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&name), size) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
    thread_ = std::jthread([this, deed = std::move(deed)] {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      deed(socket);
      ::close(socket);
    });
  }
  FarPeer(const FarPeer&) = delete;
  FarPeer& operator=(const FarPeer&) = delete;
  ~FarPeer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

/// What the socket cannot take at once is lost with the connection.
inline void say(int socket, const std::string& bytes) {
  (void)::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

/// Until the other side is gone.
inline void listen_to(int socket) {
  char byte = 0;
  while (::recv(socket, &byte, 1, 0) > 0) {
  }
}

}  // namespace kanal
