#include <optional>

#include <catch2/catch.hpp>

#include "net/address.hpp"
#include "net/http_server_fixture.hpp"

namespace kanal {
namespace {

/// One of loopback's many addresses.
RawClient from(unsigned last, std::uint16_t port) {
  RawClient client;
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(0x7f000000U | last);
  REQUIRE(::bind(client.socket(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
  REQUIRE(client.connect(port));
  return client;
}

HttpServerOptions narrow() {
  HttpServerOptions options;
  options.most_per_address = 3;
  options.most_held_bytes_per_address = 500'000;
  return options;
}

std::unique_ptr<HttpServer> taking(HttpServerOptions options) {
  std::vector<Route> routes;
  routes.push_back(on_get("/", [](const Request&) { return Response::text(200, ""); }));
  routes.push_back(on_post("/raw", BodyKind::raw, 1U << 20U, [](const Request& request) {
    return Response::text(200, std::to_string(request.body.size()));
  }));
  return serve(std::move(options), std::move(routes));
}

/// Begins a request and sends none of its body.
void hold(RawClient& client, std::size_t bytes = 9, const std::string& headers = "") {
  client.send("POST /raw HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(bytes) + "\r\n" +
              headers + "Expect: 100-continue\r\n\r\n");
  REQUIRE(client.read().status == 100);
}

std::string forwarded(const std::string& address) {
  return "X-Forwarded-For: " + address + "\r\n";
}

TEST_CASE("one address takes no more than its places, and others are served") {
  const auto server = taking(narrow());
  std::vector<RawClient> held;
  for (int each = 0; each < 3; ++each) {
    held.push_back(from(2, server->port()));
    hold(held.back());
  }
  const auto refused = from(2, server->port()).read();
  CHECK(refused.status == 429);
  CHECK(refused.header("retry-after") == "2");
  CHECK(from(3, server->port()).ask(get("/")).status == 200);
  for (const auto& each : held) CHECK(each.is_open());
  held.clear();
  CHECK(eventually([&] { return from(2, server->port()).ask(get("/")).status == 200; }));
}

TEST_CASE("an address with too many waiting connections gives up its own, not another's") {
  const auto server = taking(narrow());
  auto other = from(3, server->port());
  CHECK(other.ask(get("/")).status == 200);
  std::vector<RawClient> slow;
  for (int each = 0; each < 12; ++each) {
    slow.push_back(from(2, server->port()));
    CHECK(slow.back().ask(get("/")).status == 200);
    slow.back().send("GET / HTTP/1.1\r\n");
  }
  CHECK(slow.front().is_closed());
  CHECK(other.is_open());
}

TEST_CASE("a trusted proxy is not bounded, and each client behind it is") {
  auto options = narrow();
  options.trusted_proxies = {"127.0.0.2"};
  const auto server = taking(options);
  std::vector<RawClient> held;
  for (int each = 0; each < 12; ++each) {
    held.push_back(from(2, server->port()));
    hold(held.back(), 9, forwarded("198.51.100." + std::to_string(each % 4)));
  }
  const auto refused = from(2, server->port()).ask(get("/", forwarded("198.51.100.1")));
  CHECK(refused.status == 429);
  CHECK(refused.header("retry-after") == "2");
  CHECK(from(2, server->port()).ask(get("/", forwarded("198.51.100.9"))).status == 200);
  CHECK(from(2, server->port()).ask(get("/")).status == 200);
  held.clear();
  CHECK(eventually([&] {
    return from(2, server->port()).ask(get("/", forwarded("198.51.100.1"))).status == 200;
  }));
}

TEST_CASE("the bodies of one address leave room for those of others") {
  const auto server = taking(narrow());
  const std::string most(400'000, 'x');
  std::optional<RawClient> holding;
  const auto hold_most = [&] {
    holding.emplace(from(2, server->port()));
    hold(*holding, 800'000);
    holding->send(most);
  };
  hold_most();
  const auto ask = [&](unsigned last) {
    return from(last, server->port()).ask(post("/raw", "text/plain", most)).status;
  };
  // Whichever of the two comes second is refused.
  CHECK(eventually([&] {
    if (!holding->is_open()) hold_most();
    return ask(2) == 503;
  }));
  CHECK(ask(3) == 200);
  CHECK(holding->is_open());
  holding->reset();
  CHECK(eventually([&] { return ask(2) == 200; }));
}

TEST_CASE("a customer has one IPv4 address or sixty-four bits of IPv6") {
  CHECK(customer_of("198.51.100.7") == "198.51.100.7");
  CHECK(customer_of("::ffff:198.51.100.7") == "198.51.100.7");
  CHECK(customer_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(customer_of("2001:db8:1:2::9") == customer_of("2001:db8:1:2:3:4:5:6"));
  CHECK(customer_of("2001:db8:1:3::9") != customer_of("2001:db8:1:2::9"));
}

TEST_CASE("a network has twenty-four bits of IPv4 or forty-eight of IPv6") {
  CHECK(network_of("198.51.100.7") == "198.51.100.0/24");
  CHECK(network_of("::ffff:198.51.100.7") == "198.51.100.0/24");
  CHECK(network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1::/48");
  CHECK(network_of("unix") == "unix");
}

}  // namespace
}  // namespace kanal
