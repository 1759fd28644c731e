#pragma once

#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// Other people's servers, started on loopback for a test.
namespace kanal::test {

/// Ports that were free a moment ago, all different.
template <std::size_t count>
std::array<std::uint16_t, count> free_ports() {
  std::array<int, count> sockets{};
  std::array<std::uint16_t, count> ports{};
  for (std::size_t i = 0; i < count; ++i) {
    sockets[i] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(sockets[i], reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(sockets[i], reinterpret_cast<sockaddr*>(&address), &size);
    ports[i] = ntohs(address.sin_port);
  }
  for (const int socket : sockets) ::close(socket);
  return ports;
}

bool listens(std::uint16_t port);

/// A child that ends when we do, unless it changes its user. What it says goes to `log`.
pid_t spawn(std::initializer_list<std::string> command, const std::filesystem::path& log);

}  // namespace kanal::test
