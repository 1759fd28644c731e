#pragma once

#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// Other people's servers, started on loopback for a test.
namespace kanal::test {

/// Ports that nobody listens on, all different and below those that the system gives away by
/// itself: another test takes them only by the same process number.
template <std::size_t count>
std::array<std::uint16_t, count> free_ports() {
  constexpr int k_lowest = 10'000;
  int above = 32'768;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> above;
  if (above <= k_lowest + 1'000) above = 32'768;
  const int width = above - k_lowest;
  static int drawn = 0;
  std::array<std::uint16_t, count> ports{};
  for (std::size_t i = 0; i < count;) {
    const auto port = k_lowest + (::getpid() * 61 + drawn++) % width;
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      ports[i++] = static_cast<std::uint16_t>(port);
    }
    ::close(socket);
  }
  return ports;
}

bool listens(std::uint16_t port);

/// A child that ends when we do, unless it changes its user. What it says goes to `log`.
pid_t spawn(std::initializer_list<std::string> command, const std::filesystem::path& log);

}  // namespace kanal::test
