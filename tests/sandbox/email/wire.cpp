#include "tests/sandbox/email/wire.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace kanal::sandbox::email {
namespace {

constexpr std::chrono::minutes k_patience{30};
constexpr std::chrono::seconds k_write_patience{60};
constexpr std::size_t k_most_guests = 64;

}  // namespace

Wire::~Wire() {
  ::close(socket_);
}

bool Wire::wait(std::chrono::milliseconds most) {
  if (!buffer_.empty()) return true;
  pollfd waited{socket_, POLLIN, 0};
  return ::poll(&waited, 1, static_cast<int>(most.count())) != 0;
}

bool Wire::receive(std::chrono::milliseconds patience) {
  pollfd waited{socket_, POLLIN, 0};
  if (::poll(&waited, 1, static_cast<int>(patience.count())) <= 0) return false;
  char bytes[16384];
  const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> Wire::read_line(std::size_t most_bytes) {
  std::size_t seen = 0;
  while (true) {
    const auto end = buffer_.find('\n', seen);
    if (end != std::string::npos) {
      if (end > most_bytes) return std::nullopt;
      auto line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    seen = buffer_.size();
    if (seen > most_bytes || !receive(k_patience)) return std::nullopt;
  }
}

std::optional<std::string> Wire::read_exactly(std::size_t count) {
  while (buffer_.size() < count) {
    if (!receive(k_write_patience)) return std::nullopt;
  }
  auto bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

bool Wire::write(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd waited{socket_, POLLOUT, 0};
    const std::chrono::milliseconds most = k_write_patience;
    if (::poll(&waited, 1, static_cast<int>(most.count())) <= 0) return false;
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Wire::cut() {
  ::shutdown(socket_, SHUT_RDWR);
}

Door::Door(std::uint16_t port, Serve serve) : serve_(std::move(serve)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  name.sin_port = ::htons(port);
  socklen_t size = sizeof name;
  auto* plain = reinterpret_cast<sockaddr*>(&name);
  if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, plain, &size) != 0) {
    ::close(listener_);
    throw std::runtime_error("port " + std::to_string(port) + " cannot be had");
  }
  port_ = ::ntohs(name.sin_port);
  taker_ = std::thread([this] { take_all(); });
}

Door::~Door() {
  closing_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  taker_.join();
  hang_up();
  for (auto& guest : guests_) guest.thread.join();
  ::close(listener_);
}

void Door::hang_up() {
  const std::scoped_lock lock(mutex_);
  for (auto& guest : guests_) guest.wire.cut();
}

void Door::take_all() {
  while (!closing_) {
    pollfd waited{listener_, POLLIN, 0};
    if (::poll(&waited, 1, -1) <= 0 || closing_) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::scoped_lock lock(mutex_);
    std::erase_if(guests_, [](Guest& guest) {
      if (!guest.gone) return false;
      guest.thread.join();
      return true;
    });
    if (guests_.size() >= k_most_guests) {
      ::close(socket);
      continue;
    }
    auto& guest = guests_.emplace_back(socket);
    guest.thread = std::thread([this, &guest] {
      serve_(guest.wire);
      guest.wire.cut();
      guest.gone = true;
    });
  }
}

}  // namespace kanal::sandbox::email
