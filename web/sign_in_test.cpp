#include "web/console/console_fixture.hpp"

namespace kanal::testing {
namespace {

constexpr std::string_view k_right = ConsoleWorld::k_password;

struct Doors : ConsoleWorld {
  std::string browser;  ///< one that putu has signed in with

  Doors() {
    hire("putu", Role::national_admin);
    hire("made", Role::monitor);
    browser = sign_in("putu");
  }
  Response fail_at(const std::string& user, const std::string& from,
                   const std::string& cookies = {}) {
    peer = from;
    return log_in(user, "wrong", cookies);
  }
  bool lets_in(const std::string& user, const std::string& from, const std::string& cookies = {}) {
    peer = from;
    return log_in(user, k_right, cookies).status == 303;
  }
};

std::string host(int network, int number = 1) {
  return "198.51." + std::to_string(network) + "." + std::to_string(number);
}

TEST_CASE("a stranger's wrong passwords shut their own network out and nobody else") {
  Doors doors;
  for (int i = 1; i <= 5; ++i) CHECK(doors.fail_at("putu", host(7, i)).status == 403);
  CHECK(doors.fail_at("putu", host(7, 99)).status == 429);
  CHECK_FALSE(doors.lets_in("putu", host(7)));
  CHECK(doors.lets_in("putu", host(8)));
  CHECK(doors.lets_in("made", host(7)));
  doors.clock.advance(std::chrono::minutes(1));
  CHECK(doors.lets_in("putu", host(7)));
}

TEST_CASE("networks of IPv6 are told apart by their first 48 bits") {
  Doors doors;
  for (int i = 1; i <= 5; ++i) doors.fail_at("putu", "2001:db8:1:" + std::to_string(i) + "::1");
  CHECK_FALSE(doors.lets_in("putu", "2001:db8:1:ffff::9"));
  CHECK(doors.lets_in("putu", "2001:db8:2::1"));
}

TEST_CASE("who is locked out is told for how long, and each further failure takes longer") {
  Doors doors;
  for (int i = 0; i < 5; ++i) doors.fail_at("putu", host(7));
  for (const int minutes : {1, 2, 4, 8, 16, 32, 60, 60}) {
    const auto locked = doors.fail_at("putu", host(7));
    CHECK(locked.status == 429);
    CHECK(ConsoleWorld::header(locked, "Retry-After") == std::to_string(minutes * 60));
    CHECK(says(locked, "Coba lagi dalam " + std::to_string(minutes) + " menit"));
    doors.clock.advance(std::chrono::minutes(minutes));
    CHECK(doors.fail_at("putu", host(7)).status == 403);
  }
  doors.clock.advance(std::chrono::hours(25));
  CHECK(doors.fail_at("putu", host(7)).status == 403);
  CHECK(doors.fail_at("putu", host(7)).status == 403);
}

TEST_CASE("a user who does not exist is locked out alike") {
  Doors doors;
  for (int i = 0; i < 5; ++i) doors.fail_at("nobody", host(7));
  const auto unknown = doors.fail_at("nobody", host(7));
  for (int i = 0; i < 5; ++i) doors.fail_at("made", host(8));
  const auto known = doors.fail_at("made", host(8));
  CHECK(unknown.status == known.status);
  CHECK(ConsoleWorld::between(unknown.body, "role=\"alert\"", "</p>") ==
        ConsoleWorld::between(known.body, "role=\"alert\"", "</p>"));
}

TEST_CASE("a network that tries many accounts is shut out of all, but for browsers known there") {
  Doors doors;
  for (int i = 0; i < 50; ++i) doors.fail_at("guess" + std::to_string(i), host(7));
  CHECK_FALSE(doors.lets_in("made", host(7)));
  CHECK(doors.lets_in("made", host(8)));
  CHECK(doors.lets_in("putu", host(7), doors.browser));
}

TEST_CASE("an account that many networks try is shut to all, but for browsers known to it") {
  Doors doors;
  for (int i = 0; i < 100; ++i) doors.fail_at("putu", host(i));
  CHECK_FALSE(doors.lets_in("putu", "203.0.113.1"));
  CHECK(doors.lets_in("putu", "203.0.113.1", doors.browser));
  CHECK(doors.lets_in("made", "203.0.113.1"));
  CHECK(doors.store->officer("putu").value()->locked_until > doors.clock.now());
}

TEST_CASE("a known browser has five failures of its own, and speaks for its account alone") {
  Doors doors;
  for (int i = 0; i < 5; ++i) doors.fail_at("made", host(7));
  CHECK_FALSE(doors.lets_in("made", host(7), doors.browser));
  for (int i = 0; i < 5; ++i) CHECK(doors.fail_at("putu", host(i), doors.browser).status == 403);
  CHECK_FALSE(doors.lets_in("putu", host(9), doors.browser));
  CHECK(doors.lets_in("putu", host(9)));
}

TEST_CASE("a browser is known for a year, and by nothing that was not given out") {
  Doors doors;
  const auto at = doors.browser.find("kanal_device");
  REQUIRE(at != std::string::npos);
  const auto device = doors.browser.substr(at);
  CHECK(doors.browser.find("putu") == std::string::npos);
  for (int i = 0; i < 5; ++i) doors.fail_at("putu", host(7));
  for (const auto byte : {device.find('=') + 1, device.find('.') + 1, device.size() - 2}) {
    auto forged = device;
    forged[byte] = forged[byte] == '1' ? '2' : '1';
    CHECK_FALSE(doors.lets_in("putu", host(7), forged));
  }
  CHECK(doors.lets_in("putu", host(7), device));
  doors.clock.advance(std::chrono::days(366));
  for (int i = 0; i < 5; ++i) doors.fail_at("putu", host(7));
  CHECK_FALSE(doors.lets_in("putu", host(7), device));
}

TEST_CASE("the cookie of a known browser is for us alone") {
  Doors doors;
  doors.peer = host(1);
  const auto in = doors.log_in("putu", k_right);
  bool found = false;
  for (const auto& [name, value] : in.headers) {
    if (name != "Set-Cookie" || !value.starts_with("kanal_device")) continue;
    found = true;
    for (const auto* part : {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"}) {
      CHECK(value.find(part) != std::string::npos);
    }
  }
  CHECK(found);
}

TEST_CASE("a new password forgets the failures") {
  Doors doors;
  for (int i = 0; i < 100; ++i) doors.fail_at("made", host(i));
  CHECK_FALSE(doors.lets_in("made", "203.0.113.1"));
  auto made = doors.store->officer("made").value().value();
  made.password_hash = hash_password("another good sentence").value();
  REQUIRE(doors.store->save_officer(made));
  CHECK(doors.log_in("made", "another good sentence").status == 303);
}

TEST_CASE("failures of long ago are kept nowhere") {
  Doors doors;
  for (int i = 0; i < 9; ++i) doors.fail_at("x" + std::to_string(i), host(i));
  doors.clock.advance(std::chrono::hours(25));
  doors.fail_at("y", host(1));
  CHECK(doors.database.ask("SELECT count(*) FROM sign_in_failure") == "3");
}

}  // namespace
}  // namespace kanal::testing
