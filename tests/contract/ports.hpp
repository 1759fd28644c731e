#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kanal::contract {

/// A port of loopback where connections are taken and nothing is ever said; `deaf` false: where
/// nobody listens, as long as this lives.
class DeadPort {
 public:
  explicit DeadPort(bool deaf) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&name), size) != 0) std::abort();
    if (deaf && ::listen(socket_, 64) != 0) std::abort();
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
  }
  ~DeadPort() { ::close(socket_); }
  DeadPort(const DeadPort&) = delete;
  DeadPort& operator=(const DeadPort&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace kanal::contract
