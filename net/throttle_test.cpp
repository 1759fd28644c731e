#include "net/throttle.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

namespace kanal {
namespace {

using namespace std::chrono_literals;

constexpr Time k_now{std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};
constexpr Rate k_plenty{1e6, 1e6};

TEST_CASE("an address has its burst, and one token more when it has flowed in") {
  Throttle throttle({2, 60}, k_plenty);
  CHECK(throttle.admit("203.0.113.9", k_now) == Admission::admitted);
  CHECK(throttle.admit("203.0.113.9", k_now) == Admission::admitted);
  CHECK(throttle.admit("203.0.113.9", k_now) == Admission::peer_is_over);
  CHECK(throttle.admit("203.0.113.10", k_now) == Admission::admitted);
  CHECK(throttle.admit("203.0.113.9", k_now + 59s) == Admission::peer_is_over);
  CHECK(throttle.admit("203.0.113.9", k_now + 61s) == Admission::admitted);
  CHECK(throttle.admit("203.0.113.9", k_now + 61s) == Admission::peer_is_over);
}

TEST_CASE("no bucket ever holds more than its burst") {
  Throttle throttle({2, 60}, k_plenty);
  CHECK(throttle.admit("203.0.113.9", k_now) == Admission::admitted);
  const auto later = k_now + 1000h;
  CHECK(throttle.admit("203.0.113.9", later) == Admission::admitted);
  CHECK(throttle.admit("203.0.113.9", later) == Admission::admitted);
  CHECK(throttle.admit("203.0.113.9", later) == Admission::peer_is_over);
}

TEST_CASE("an IPv6 network of 64 bits counts as one address") {
  Throttle throttle({1, 60}, k_plenty);
  CHECK(throttle.admit("2001:db8:1:2::1", k_now) == Admission::admitted);
  CHECK(throttle.admit("2001:db8:1:2:aaaa:bbbb:cccc:dddd", k_now) == Admission::peer_is_over);
  CHECK(throttle.admit("2001:db8:1:3::1", k_now) == Admission::admitted);
}

TEST_CASE("IPv4 addresses in the clothes of IPv6 do not share a bucket") {
  Throttle throttle({1, 60}, k_plenty);
  CHECK(throttle.admit("::ffff:203.0.113.9", k_now) == Admission::admitted);
  CHECK(throttle.admit("203.0.113.9", k_now) == Admission::peer_is_over);
  CHECK(throttle.admit("::ffff:203.0.113.10", k_now) == Admission::admitted);
}

TEST_CASE("all together have a bucket too, and a refusal by it takes no room") {
  Throttle throttle(k_plenty, {3, 3600});
  for (int i = 0; i < 3; ++i) {
    CHECK(throttle.admit("203.0.113." + std::to_string(i), k_now) == Admission::admitted);
  }
  for (int i = 3; i < 50; ++i) {
    CHECK(throttle.admit("203.0.113." + std::to_string(i), k_now) == Admission::all_are_over);
  }
  CHECK(throttle.peers() == 3);
  CHECK(throttle.admit("203.0.113.77", k_now + 1s) == Admission::admitted);
}

TEST_CASE("a flood from very many addresses costs no more memory than ten thousand") {
  Throttle throttle({1, 1}, k_plenty);
  for (int i = 0; i < 12'000; ++i) {
    const auto peer = "10." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".1";
    throttle.admit(peer, k_now);
  }
  CHECK(throttle.peers() == 10'000);
}

TEST_CASE("a clock that goes back gives nothing away") {
  Throttle throttle({1, 60}, k_plenty);
  CHECK(throttle.admit("203.0.113.9", k_now) == Admission::admitted);
  CHECK(throttle.admit("203.0.113.9", k_now - 1h) == Admission::peer_is_over);
  CHECK(throttle.admit("203.0.113.9", k_now + 30s) == Admission::peer_is_over);
}

}  // namespace
}  // namespace kanal
