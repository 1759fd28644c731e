#include "tests/support/wire.hpp"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace kanal::test {

namespace {

constexpr int k_look_ms = 50;

int connect_to(std::uint16_t port) {
  const int out = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(out, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0) return out;
  ::close(out);
  return -1;
}

bool send_all(int to, const char* bytes, std::size_t count) {
  while (count > 0) {
    const auto sent = ::send(to, bytes, count, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    count -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace

Wire::Wire(std::uint16_t target_port) : target_(target_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof name;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&name), size) != 0 ||
      ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    throw std::runtime_error("no proxy");
  }
  port_ = ntohs(name.sin_port);
  accepter_ = std::thread([this] { accept_all(); });
}

Wire::~Wire() {
  stopping_ = true;
  accepter_.join();
  for (auto& each : threads_) each.join();
  ::close(listener_);
}

void Wire::at(From from, std::string word, When when, std::function<void()> then) {
  const std::scoped_lock lock(mutex_);
  trap_ = {from, std::move(word), when, std::move(then)};
  happened_ = false;
}

void Wire::kills(pid_t victim, const Step& step) {
  at(step.from, step.word, step.when, [victim] { ::kill(victim, SIGKILL); });
}

void Wire::accept_all() {
  while (!stopping_) {
    pollfd wait{listener_, POLLIN, 0};
    if (::poll(&wait, 1, k_look_ms) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) threads_.emplace_back([this, client] { carry(client); });
  }
}

void Wire::carry(int client) {
  const int server = connect_to(target_);
  std::string from_client;
  std::string from_server;
  std::array<pollfd, 2> wait{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
  bool open = server >= 0;
  while (open && !stopping_) {
    if (::poll(wait.data(), wait.size(), k_look_ms) <= 0) continue;
    if (wait[0].revents != 0) open = pass(client, server, From::client, from_client);
    if (open && wait[1].revents != 0) open = pass(server, client, From::server, from_server);
  }
  ::close(client);
  if (server >= 0) ::close(server);
}

bool Wire::pass(int from, int to, From who, std::string& tail) {
  std::array<char, 65536> bytes{};
  const auto count = ::recv(from, bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  std::function<void()> then;
  auto when = When::before;
  {
    const std::scoped_lock lock(mutex_);
    if (trap_.then && trap_.from == who) {
      // A word may be torn between two reads.
      tail.append(bytes.data(), static_cast<std::size_t>(count));
      if (tail.find(trap_.word) != std::string::npos) {
        then = std::move(trap_.then);
        trap_.then = nullptr;
        when = trap_.when;
        tail.clear();
      } else if (tail.size() > trap_.word.size()) {
        tail.erase(0, tail.size() - trap_.word.size());
      }
    } else {
      tail.clear();
    }
  }
  if (then && when == When::before) {
    then();
    happened_ = true;
    return false;
  }
  const bool sent = send_all(to, bytes.data(), static_cast<std::size_t>(count));
  if (then) {
    then();
    happened_ = true;
  }
  return sent;
}

}  // namespace kanal::test
