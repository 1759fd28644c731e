#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "net/peer_fixture.hpp"
#include "net/pipe.hpp"

namespace kanal {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds k_timeout{700};
constexpr milliseconds k_pause{50};
constexpr std::size_t k_pieces = 40;  // longer in all than the timeout

std::unique_ptr<Pipe> dial(const FarPeer& peer) {
  PeerAddress to;
  to.host = "127.0.0.1";
  to.port = peer.port();
  to.tls = false;
  auto pipe = make_dialer()->dial(to);
  REQUIRE(pipe);
  return std::move(*pipe);
}

/// The longest time between two ticks.
class Gaps {
 public:
  void tick() {
    const auto now = Steady::now();
    if (last_) longest_ = std::max(longest_, now - *last_);
    last_ = now;
  }
  /// Whether this machine itself kept the pace.
  [[nodiscard]] bool are_short_for(milliseconds timeout) const { return longest_ < timeout / 2; }

 private:
  std::optional<Steady::time_point> last_;
  Steady::duration longest_{};
};

constexpr int k_most_rounds = 5;  ///< each for a slower machine

TEST_CASE("what comes steadily over a slow line is read to its end") {
  const std::string piece(4096, 'x');
  bool steady = false;
  for (int round = 1; round <= k_most_rounds && !steady; ++round) {
    const auto timeout = round * k_timeout;
    const auto pieces = static_cast<std::size_t>(round) * k_pieces;
    Gaps gaps;
    Result<std::string> bytes;
    const auto began = Steady::now();
    {
      const FarPeer peer([&](int socket) {
        for (std::size_t i = 0; i < pieces; ++i) {
          gaps.tick();
          say(socket, piece);
          std::this_thread::sleep_for(k_pause);
        }
        gaps.tick();
        listen_to(socket);
      });
      const auto pipe = dial(peer);
      bytes = pipe->read_exactly(pieces * piece.size(), timeout);
    }
    steady = gaps.are_short_for(timeout);
    if (!steady) continue;
    INFO((bytes ? "" : bytes.error().message));
    REQUIRE(bytes);
    CHECK(bytes->size() == pieces * piece.size());
    CHECK(Steady::now() - began > timeout);
  }
  CHECK(steady);
}

TEST_CASE("what a slow line takes steadily is sent to its end") {
  constexpr std::size_t k_bytes = 16U << 20U;
  constexpr std::size_t k_least_a_pause = 200'000;
  bool steady = false;
  for (int round = 1; round <= k_most_rounds && !steady; ++round) {
    const auto timeout = round * k_timeout;
    Gaps gaps;
    Result<> sent;
    std::size_t taken = 0;
    const auto began = Steady::now();
    {
      const FarPeer peer(
          [&](int socket) {
            std::string into(k_least_a_pause, '\0');
            while (taken < k_bytes) {
              gaps.tick();
              const auto count = ::recv(socket, into.data(), into.size(), MSG_WAITALL);
              if (count <= 0) break;
              taken += static_cast<std::size_t>(count);
              std::this_thread::sleep_for(k_pause);
            }
            gaps.tick();
          },
          64 << 10);
      const auto pipe = dial(peer);
      sent = pipe->write(std::string(k_bytes, 'x'), timeout);
    }
    steady = gaps.are_short_for(timeout);
    if (!steady) continue;
    INFO((sent ? "" : sent.error().message));
    CHECK(sent);
    CHECK(taken == k_bytes);
    CHECK(Steady::now() - began > timeout);
  }
  CHECK(steady);
}

TEST_CASE("a peer that falls silent in the middle is given up in time") {
  const FarPeer peer([&](int socket) {
    say(socket, std::string(100'000, 'x'));
    listen_to(socket);
  });
  const auto pipe = dial(peer);
  const auto began = Steady::now();
  const auto bytes = pipe->read_exactly(100'000'000, k_timeout);
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error().remedy == Remedy::retry);
  CHECK(bytes.error().message.find("in time") != std::string::npos);
  CHECK(Steady::now() - began < 60 * k_timeout);
}

TEST_CASE("a peer that trickles is given up, however steadily") {
  const FarPeer peer([&](int socket) {
    while (::send(socket, "x", 1, MSG_NOSIGNAL) == 1) std::this_thread::sleep_for(k_pause / 5);
  });
  const auto pipe = dial(peer);
  const auto began = Steady::now();
  CHECK_FALSE(pipe->read_exactly(4096, k_timeout));
  CHECK(Steady::now() - began < 60 * k_timeout);
}

}  // namespace
}  // namespace kanal
