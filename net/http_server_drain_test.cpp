#include <atomic>
#include <condition_variable>
#include <mutex>

#include <catch2/catch.hpp>

#include "net/http_server_fixture.hpp"

namespace kanal {
namespace {

using std::chrono::milliseconds;

/// Requests wait here until the test lets them go.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait_for(lock, k_patience, [this] { return open_; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool holds(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, k_patience, [&] { return waiting_ == count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

TEST_CASE("a draining server answers all that it was asked, and takes no more") {
  Gate gate;
  HttpServerOptions options;
  options.workers = 20;
  options.drain_timeout_ms = milliseconds(60'000);
  std::vector<Route> routes;
  routes.push_back(on_get("/", [](const Request&) { return Response::text(200, "quick"); }));
  routes.push_back(on_get("/slow", [&](const Request&) {
    gate.pass();
    return Response::text(200, "done");
  }));
  const auto server = serve(options, std::move(routes));
  RawClient idle(server->port());
  CHECK(idle.ask(get("/")).status == 200);
  std::vector<RawClient> asking;
  for (int each = 0; each < 20; ++each) {
    asking.emplace_back(server->port());
    asking.back().send(get("/slow"));
  }
  REQUIRE(gate.holds(20));

  std::thread draining([&] { server->drain(); });
  CHECK(idle.is_closed());
  CHECK(eventually([&] { return !RawClient(server->port()).connected(); }));
  for (const auto& each : asking) CHECK(each.is_open());
  gate.open();
  int answered = 0;
  for (auto& each : asking) {
    const auto reply = each.read();
    if (reply.status == 200 && reply.header("connection") == "close") ++answered;
    each.end_sending();
  }
  draining.join();
  CHECK(answered == 20);
}

TEST_CASE("a request on its way when draining begins is still answered") {
  HttpServerOptions options;
  std::vector<Route> routes;
  routes.push_back(on_post("/raw", BodyKind::raw, 100, [](const Request& request) {
    return Response::text(200, request.body);
  }));
  const auto server = serve(options, std::move(routes));
  RawClient client(server->port());
  client.send(
      "POST /raw HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  REQUIRE(client.read().status == 100);
  client.send("hello");
  std::thread draining([&] { server->drain(); });
  CHECK(eventually([&] { return !RawClient(server->port()).connected(); }));
  client.send("world");
  CHECK(client.read().body == "helloworld");
  client.end_sending();
  draining.join();
}

TEST_CASE("draining ends at its deadline, whoever still waits") {
  Gate gate;
  HttpServerOptions options;
  options.drain_timeout_ms = milliseconds(200);
  std::vector<Route> routes;
  routes.push_back(on_get("/slow", [&](const Request&) {
    gate.pass();
    return Response::text(200, "done");
  }));
  auto server = serve(options, std::move(routes));
  RawClient client(server->port());
  client.send(get("/slow"));
  REQUIRE(gate.holds(1));
  std::thread draining([&] { server->drain(); });
  CHECK(client.is_closed());
  gate.open();
  draining.join();
  server.reset();
}

TEST_CASE("after draining no handler runs any more") {
  std::atomic<bool> drained{false};
  std::atomic<bool> late{false};
  Gate gate;
  HttpServerOptions options;
  options.workers = 1;
  options.drain_timeout_ms = milliseconds(100);
  std::vector<Route> routes;
  routes.push_back(on_get("/", [&](const Request&) {
    gate.pass();
    std::this_thread::sleep_for(milliseconds(100));
    if (drained) late = true;
    return Response::text(200, "");
  }));
  auto server = serve(options, std::move(routes));
  std::vector<RawClient> clients;
  for (int each = 0; each < 5; ++each) {
    clients.emplace_back(server->port());
    clients.back().send(get("/"));
  }
  REQUIRE(gate.holds(1));
  std::thread opening([&] {
    std::this_thread::sleep_for(milliseconds(300));
    gate.open();
  });
  server->drain();
  drained = true;
  opening.join();
  server.reset();
  CHECK_FALSE(late);
}

TEST_CASE("an answer that comes after the server's end goes nowhere") {
  std::optional<Responder> kept;
  std::mutex mutex;
  HttpServerOptions options;
  options.drain_timeout_ms = milliseconds(50);
  std::vector<Route> routes;
  routes.push_back({.method = "GET",
                    .pattern = "/later",
                    .handle = {},
                    .handle_later = [&](const std::shared_ptr<Request>&, Responder responder) {
                      const std::scoped_lock lock(mutex);
                      kept.emplace(std::move(responder));
                    }});
  auto server = serve(options, std::move(routes));
  RawClient client(server->port());
  client.send(get("/later"));
  CHECK(eventually([&] {
    const std::scoped_lock lock(mutex);
    return kept.has_value();
  }));
  server.reset();
  (*kept)(Response::text(200, "too late"));
  kept.reset();
  CHECK(client.is_closed());
}

TEST_CASE("servers start and stop under load without losing their footing") {
  for (int round = 0; round < 20; ++round) {
    HttpServerOptions options;
    options.drain_timeout_ms = milliseconds(1);
    std::vector<Route> routes;
    routes.push_back(on_get("/", [](const Request&) { return Response::text(200, "ok"); }));
    auto server = serve(options, std::move(routes));
    std::vector<RawClient> clients;
    for (int each = 0; each < 20; ++each) {
      clients.emplace_back(server->port());
      clients.back().send(each % 2 == 0 ? get("/") : "GET / HTTP/1.1\r\n");
    }
    CHECK(clients.front().read().status == 200);
    server.reset();
    for (auto& each : clients) each.read_all();
  }
}

}  // namespace
}  // namespace kanal
