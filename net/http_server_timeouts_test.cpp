#include <atomic>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "net/http_server_fixture.hpp"

namespace kanal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<Route> simple_routes() {
  std::vector<Route> routes;
  routes.push_back(on_get("/", [](const Request&) { return Response::text(200, "ok"); }));
  routes.push_back(on_get(
      "/large", [](const Request&) { return Response::text(200, std::string(16U << 20U, 'x')); }));
  routes.push_back(on_post("/raw", BodyKind::raw, 1U << 20U,
                           [](const Request&) { return Response::text(200, "ok"); }));
  return routes;
}

/// All limits far away; each test brings one near.
HttpServerOptions patient() {
  HttpServerOptions options;
  options.header_timeout_ms = options.body_chunk_timeout_ms = options.body_timeout_ms =
      options.idle_timeout_ms = milliseconds(600'000);
  return options;
}

/// Sends `piece` for as long as the server takes it; what was sent in all.
std::size_t drip(RawClient& client, std::string_view piece) {
  std::size_t count = 0;
  const auto end = std::chrono::steady_clock::now() + k_patience;
  while (client.is_open() && std::chrono::steady_clock::now() < end && client.send(piece)) {
    count += piece.size();
    std::this_thread::sleep_for(milliseconds(20));
  }
  return count;
}

TEST_CASE("a head must be whole in its time, however steadily its bytes come") {
  auto options = patient();
  options.header_timeout_ms = milliseconds(400);
  const auto server = serve(options, simple_routes());
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\n");
  drip(client, "X: y\r\n");
  CHECK(client.read().status == 408);
  CHECK(client.is_closed());
}

TEST_CASE("slow and endless heads end one after another, and the server stays sound") {
  auto options = patient();
  options.header_timeout_ms = milliseconds(500);
  const auto server = serve(options, simple_routes());
  for (int each = 0; each < 5; ++each) {
    CHECK(RawClient(server->port()).ask("GET / HTTP/1.1\r\n").status == 408);
    const auto status = RawClient(server->port()).ask(std::string(20'000, 'x')).status;
    CHECK((status == 431 || status == 408));
  }
  CHECK(eventually([&] { return RawClient(server->port()).ask(get("/")).status == 200; }));
}

TEST_CASE("a connection that never says anything is closed") {
  auto options = patient();
  options.header_timeout_ms = milliseconds(200);
  const auto server = serve(options, simple_routes());
  RawClient client(server->port());
  CHECK(client.is_closed());
}

TEST_CASE("empty lines before a request do not stretch its time") {
  auto options = patient();
  options.header_timeout_ms = seconds(2);
  options.idle_timeout_ms = seconds(2);
  const auto server = serve(options, simple_routes());
  RawClient client(server->port());
  CHECK(client.ask(get("/")).status == 200);
  drip(client, "\r\n");
  CHECK_FALSE(client.is_open());
}

TEST_CASE("a few empty lines before a request are passed over, and no more") {
  const auto server = serve(patient(), simple_routes());
  RawClient client(server->port());
  CHECK(client.ask("\r\n\r\n" + get("/")).status == 200);
  CHECK(client.ask("\r\n" + get("/")).status == 200);
  std::string lines;
  for (int each = 0; each < 100; ++each) lines += "\r\n";
  CHECK(client.ask(lines + get("/")).status == 400);
  CHECK(client.is_closed());
  RawClient endless(server->port());
  CHECK(drip(endless, lines) < 1000 * lines.size());
}

TEST_CASE("hundreds of slow heads are all gone in time, and nobody waits for them") {
  auto options = patient();
  options.header_timeout_ms = milliseconds(1500);
  const auto server = serve(options, simple_routes());
  std::vector<RawClient> slow;
  for (int each = 0; each < 400; ++each) {
    slow.emplace_back(server->port());
    slow.back().send("GET / HTTP/1.1\r\nX: ");
  }
  CHECK(RawClient(server->port()).ask(get("/")).status == 200);
  CHECK(eventually([&] {
    return std::ranges::none_of(slow, [](const RawClient& each) { return each.is_open(); });
  }));
  CHECK(RawClient(server->port()).ask(get("/")).status == 200);
}

TEST_CASE("a kept connection is closed when nothing is asked on it") {
  auto options = patient();
  options.idle_timeout_ms = milliseconds(200);
  const auto server = serve(options, simple_routes());
  RawClient client(server->port());
  CHECK(client.ask(get("/")).header("connection") == "keep-alive");
  CHECK(client.is_closed());
}

TEST_CASE("the time of a next request's head starts with its first byte") {
  auto options = patient();
  options.header_timeout_ms = seconds(2);
  const auto server = serve(options, simple_routes());
  bool in_time = false;
  // Not judged where this machine itself was too slow.
  for (int tries = 0; tries < 10 && !in_time; ++tries) {
    RawClient client(server->port());
    CHECK(client.ask(get("/")).status == 200);
    std::this_thread::sleep_for(seconds(3));
    const auto began = std::chrono::steady_clock::now();
    client.send("GET / HTTP/1.1\r\n");
    std::this_thread::sleep_for(milliseconds(50));
    const auto status = client.ask("Host: a\r\n\r\n").status;
    in_time = std::chrono::steady_clock::now() - began < seconds(1);
    if (in_time) CHECK(status == 200);
  }
  CHECK(in_time);
}

TEST_CASE("a body that stops coming is not waited for") {
  auto options = patient();
  options.body_chunk_timeout_ms = milliseconds(200);
  const auto server = serve(options, simple_routes());
  RawClient client(server->port());
  client.send("POST /raw HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx");
  CHECK(client.read().status == 408);
  CHECK(client.is_closed());
}

TEST_CASE("a body must be whole in its time, however steadily its bytes come") {
  auto options = patient();
  options.body_timeout_ms = milliseconds(400);
  const auto server = serve(options, simple_routes());
  RawClient client(server->port());
  client.send("POST /raw HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  CHECK(drip(client, "x") < 100'000);
  CHECK(client.read().status == 408);
}

TEST_CASE("a client that does not read its answer is let go") {
  auto options = patient();
  options.body_chunk_timeout_ms = milliseconds(300);
  std::atomic<int> ended{0};
  options.observe = [&](const Request&, int, std::uint64_t, std::chrono::microseconds) { ++ended; };
  const auto server = serve(options, simple_routes());
  RawClient client(server->port());
  client.send(get("/large"));
  CHECK(eventually([&] { return ended == 1; }));
  CHECK(RawClient(server->port()).ask(get("/")).status == 200);
}

TEST_CASE("clients that reset in the middle of an answer are cleaned up after") {
  std::atomic<int> ended{0};
  auto options = patient();
  options.observe = [&](const Request&, int, std::uint64_t, std::chrono::microseconds) { ++ended; };
  const auto server = serve(options, simple_routes());
  const auto before = open_descriptors();
  for (int each = 0; each < 20; ++each) {
    RawClient client(server->port());
    client.send(get("/large"));
    CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
    client.reset();
  }
  CHECK(eventually([&] { return ended == 20; }));
  CHECK(eventually([&] { return open_descriptors() <= before; }));
}

TEST_CASE("when every place is taken by a request, a new client is told to come again") {
  auto options = patient();
  options.most_connections = 4;
  const auto server = serve(options, simple_routes());
  std::vector<RawClient> held;
  for (int each = 0; each < 4; ++each) {
    held.emplace_back(server->port());
    held.back().send("POST /raw HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n" +
                     std::string("Expect: 100-continue\r\n\r\n"));
    REQUIRE(held.back().read().status == 100);
  }
  const auto turned_away = RawClient(server->port()).read();
  CHECK(turned_away.status == 503);
  CHECK(turned_away.header("retry-after") == "2");
  // As clients do: the request first, and all of it.
  for (int each = 0; each < 20; ++each) {
    RawClient asking(server->port());
    asking.send(post("/raw", "text/plain", std::string(300'000, 'x')));
    CHECK(asking.read().status == 503);
  }
  for (const auto& each : held) CHECK(each.is_open());
  held.clear();
  CHECK(eventually([&] { return RawClient(server->port()).ask(get("/")).status == 200; }));
}

TEST_CASE("places that are taken by who does not ask are given to who does") {
  auto options = patient();
  options.most_connections = 4;
  const auto server = serve(options, simple_routes());
  std::vector<RawClient> held;
  for (int each = 0; each < 4; ++each) {
    held.emplace_back(server->port());
    CHECK(held.back().ask(get("/")).status == 200);
    held.back().send(each % 2 == 0 ? "" : "GET / HTTP/1.1\r\n");
  }
  for (int each = 0; each < 20; ++each) {
    CHECK(RawClient(server->port()).ask(get("/")).status == 200);
  }
  CHECK(held.front().is_closed());
}

TEST_CASE("who gives up their place has not begun a request, or has its answer") {
  std::atomic<int> handled{0};
  auto options = patient();
  options.most_connections = 4;
  std::vector<Route> routes;
  routes.push_back(on_get("/", [&](const Request&) {
    ++handled;
    return Response::text(200, "ok");
  }));
  const auto server = serve(options, std::move(routes));
  std::atomic<int> answered{0};
  std::vector<std::thread> clients;
  for (int each = 0; each < 8; ++each) {
    clients.emplace_back([&] {
      for (int round = 0; round < 40; ++round) {
        RawClient client(server->port());
        for (int asked = 0; asked < 5; ++asked) {
          if (client.ask(get("/")).status != 200) break;
          ++answered;
        }
      }
    });
  }
  for (auto& each : clients) each.join();
  CHECK(handled > 0);
  CHECK(handled == answered);
}

TEST_CASE("a body may take longer than its time when it comes at a good pace") {
  auto options = patient();
  options.body_timeout_ms = seconds(2);
  const auto server = serve(options, simple_routes());
  RawClient client(server->port());
  client.send("POST /raw HTTP/1.1\r\nHost: a\r\nContent-Length: 320000\r\n\r\n");
  for (int each = 0; each < 100; ++each) {
    client.send(std::string(3200, 'x'));
    std::this_thread::sleep_for(milliseconds(30));
  }
  CHECK(client.read().status == 200);
}

std::chrono::microseconds spent_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

TEST_CASE("a server out of descriptors waits idly, and takes what waits once it has some again") {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const auto server = serve(patient(), simple_routes());
  CHECK(RawClient(server->port()).ask(get("/")).status == 200);
  std::vector<RawClient> waiting;
  for (int each = 0; each < 4; ++each) waiting.emplace_back(server->port());
  for (auto& each : waiting) CHECK(each.ask(get("/")).status == 200);
  RawClient late;
  // The next descriptor is one too many for the server; the system takes the connection for it.
  const int next = ::dup(late.socket());
  ::close(next);
  const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  const bool connected = late.connect(server->port());
  late.send(get("/"));
  constexpr milliseconds k_watched{500};
  const auto began = std::chrono::steady_clock::now();
  const auto spent_before = spent_cpu();
  std::this_thread::sleep_for(k_watched);
  const auto spent = spent_cpu() - spent_before;
  const auto passed = std::chrono::steady_clock::now() - began;
  const bool waits = late.is_open();
  std::vector<int> statuses;
  for (auto& each : waiting) statuses.push_back(each.ask(get("/")).status);
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(connected);
  CHECK(waits);
  CHECK(spent < passed / 4);
  CHECK(statuses == std::vector<int>(4, 200));
  CHECK(late.read().status == 200);
}

}  // namespace
}  // namespace kanal
