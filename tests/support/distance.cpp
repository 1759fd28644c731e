#include "tests/support/distance.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <deque>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace kanal::test {

namespace {

using std::chrono::steady_clock;

constexpr int k_look_ms = 50;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return name;
}

void send_at_once(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

struct Parcel {
  steady_clock::time_point due;
  std::string bytes;
};

int wait_ms(const std::deque<Parcel>& parcels) {
  if (parcels.empty()) return k_look_ms;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(parcels.front().due - steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, k_look_ms));
}

bool send_all(int to, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto count = ::send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

Distance::Distance(std::uint16_t target_port, std::chrono::microseconds one_way)
    : target_(target_port), one_way_(one_way) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto name = loopback(0);
  socklen_t size = sizeof name;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&name), size) != 0 ||
      ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    throw std::runtime_error("no proxy");
  }
  port_ = ntohs(name.sin_port);
  accepter_ = std::thread([this] { accept_all(); });
}

Distance::~Distance() {
  stopping_ = true;
  accepter_.join();
  for (auto& each : threads_) each.join();
  for (const int socket : sockets_) ::close(socket);
  ::close(listener_);
}

steady_clock::time_point Distance::first_connection() const {
  return steady_clock::time_point(std::chrono::nanoseconds(first_ns_));
}

void Distance::accept_all() {
  while (!stopping_) {
    pollfd wait{listener_, POLLIN, 0};
    if (::poll(&wait, 1, k_look_ms) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    std::int64_t none = 0;
    first_ns_.compare_exchange_strong(none, steady_clock::now().time_since_epoch().count());
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto name = loopback(target_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
      ::close(client);
      ::close(server);
      continue;
    }
    send_at_once(client);
    send_at_once(server);
    sockets_.insert(sockets_.end(), {client, server});
    threads_.emplace_back([this, client, server] { carry(client, server); });
    threads_.emplace_back([this, client, server] { carry(server, client); });
  }
}

void Distance::carry(int from, int to) {
  std::deque<Parcel> parcels;
  std::array<char, 65536> bytes{};
  bool open = true;
  while ((open || !parcels.empty()) && !stopping_) {
    pollfd wait{open ? from : -1, POLLIN, 0};
    if (::poll(&wait, 1, wait_ms(parcels)) > 0) {
      const auto count = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
      open = count > 0;
      if (open) {
        parcels.push_back({steady_clock::now() + one_way_,
                           std::string(bytes.data(), static_cast<std::size_t>(count))});
      }
    }
    while (!parcels.empty() && parcels.front().due <= steady_clock::now()) {
      if (!send_all(to, parcels.front().bytes)) return;
      parcels.pop_front();
    }
  }
  ::shutdown(to, SHUT_WR);
}

}  // namespace kanal::test
