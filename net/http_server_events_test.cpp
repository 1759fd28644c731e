#include <algorithm>
#include <atomic>
#include <mutex>

#include <catch2/catch.hpp>

#include "net/http_server_fixture.hpp"

namespace kanal {
namespace {

using std::chrono::milliseconds;

/// A server whose address /events gives everybody the events that the test pushes.
class Ticker {
 public:
  explicit Ticker(HttpServerOptions options = {}) {
    std::vector<Route> routes;
    routes.push_back(on_get("/events", [this](const Request&) {
      Response response;
      response.events = [this](std::shared_ptr<EventStream> stream) {
        const std::scoped_lock lock(mutex_);
        streams_.push_back(std::move(stream));
      };
      return response;
    }));
    routes.push_back(on_get("/", [](const Request&) { return Response::text(200, "ok"); }));
    options.observe = [this](const Request& request, int, std::uint64_t,
                             std::chrono::microseconds) { ended_ += request.path == "/events"; };
    server_ = serve(std::move(options), std::move(routes));
  }
  [[nodiscard]] RawClient client() const { return RawClient(server_->port()); }
  /// How many still listen.
  std::size_t push(const std::string& event, const std::string& data) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(streams_, [&](const auto& stream) { return !stream->push(event, data); });
    return streams_.size();
  }
  std::size_t listeners() {
    const std::scoped_lock lock(mutex_);
    return streams_.size();
  }
  std::size_t still_open() {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(streams_, [](const auto& stream) { return stream->is_open(); }));
  }
  void forget() {
    const std::scoped_lock lock(mutex_);
    streams_.clear();
  }
  [[nodiscard]] int ended() const { return ended_; }
  HttpServer& server() { return *server_; }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<EventStream>> streams_;
  std::atomic<int> ended_{0};
  std::unique_ptr<HttpServer> server_;
};

TEST_CASE("events arrive as they are pushed, and their text cannot forge others") {
  Ticker ticker;
  auto client = ticker.client();
  const auto reply = client.ask(get("/events"));
  CHECK(reply.status == 200);
  CHECK(reply.header("content-type") == "text/event-stream");
  CHECK(reply.header("cache-control") == "no-store");
  CHECK(reply.header("content-length").empty());
  REQUIRE(eventually([&] { return ticker.listeners() == 1; }));
  ticker.push("report", "one\ntwo\rthree");
  CHECK(client.read_until("\n\n") == "event: report\ndata: one\ndata: two three\n\n");
  ticker.push("re\nport", "");
  CHECK(client.read_until("\n\n") == "event: re port\ndata: \n\n");
}

TEST_CASE("two hundred readers get every event, and others are served meanwhile") {
  Ticker ticker;
  std::vector<RawClient> readers;
  for (int each = 0; each < 200; ++each) {
    readers.push_back(ticker.client());
    readers.back().send(get("/events"));
  }
  REQUIRE(eventually([&] { return ticker.listeners() == 200; }));
  for (int number = 0; number < 20; ++number) ticker.push("tick", std::to_string(number));
  CHECK(ticker.client().ask(get("/")).status == 200);
  int received = 0;
  for (auto& reader : readers) {
    CHECK(reader.read().status == 200);
    for (int number = 0; number < 20; ++number) {
      const auto wanted = "event: tick\ndata: " + std::to_string(number) + "\n\n";
      received += reader.read_until("\n\n") == wanted;
    }
  }
  CHECK(received == 4000);
}

TEST_CASE("that a reader went away is known before anything is pushed") {
  Ticker ticker;
  auto stays = ticker.client();
  stays.send(get("/events"));
  {
    auto leaves = ticker.client();
    leaves.send(get("/events"));
    REQUIRE(eventually([&] { return ticker.listeners() == 2; }));
    CHECK(ticker.still_open() == 2);
  }
  CHECK(eventually([&] { return ticker.still_open() == 1; }));
}

TEST_CASE("a reader that does not keep up is dropped, and no other waits for it") {
  Ticker ticker;
  auto slow = ticker.client();
  slow.send(get("/events"));
  REQUIRE(eventually([&] { return ticker.listeners() == 1; }));
  const std::string data(100'000, 'x');
  CHECK(eventually([&] { return ticker.push("tick", data) == 0; }));
  CHECK(ticker.client().ask(get("/")).status == 200);
}

TEST_CASE("a reader that takes nothing for so long is let go, however little waits for it") {
  HttpServerOptions options;
  options.body_chunk_timeout_ms = milliseconds(300);
  Ticker ticker(options);
  auto idle = ticker.client();
  CHECK(idle.ask(get("/events")).status == 200);
  auto stuck = ticker.client();
  stuck.send(get("/events"));
  REQUIRE(eventually([&] { return ticker.listeners() == 2; }));
  // More than sockets hold for who does not read, in far fewer events than a queue holds.
  idle.reset();
  CHECK(eventually([&] { return ticker.ended() == 1; }));
  for (int each = 0; each < 4; ++each) ticker.push("tick", std::string(8U << 20U, 'x'));
  CHECK(eventually([&] { return ticker.ended() == 2; }));
  CHECK(ticker.push("tick", "") == 0);
}

TEST_CASE("a reader that went away is noticed without anything being sent to it") {
  Ticker ticker;
  const auto before = open_descriptors();
  {
    std::vector<RawClient> readers;
    for (int each = 0; each < 50; ++each) {
      readers.push_back(ticker.client());
      CHECK(readers.back().ask(get("/events")).status == 200);
    }
    REQUIRE(eventually([&] { return ticker.listeners() == 50; }));
    for (std::size_t each = 0; each < readers.size(); each += 2) readers[each].reset();
  }
  CHECK(eventually([&] { return ticker.ended() == 50; }));
  CHECK(ticker.push("tick", "") == 0);
  CHECK(eventually([&] { return open_descriptors() <= before; }));
}

TEST_CASE("a reader that talks meanwhile is not understood, nor held") {
  Ticker ticker;
  auto client = ticker.client();
  CHECK(client.ask(get("/events") + get("/")).status == 200);
  REQUIRE(eventually([&] { return ticker.listeners() == 1; }));
  client.send(get("/"));
  ticker.push("tick", "1");
  CHECK(client.read_until("\n\n") == "event: tick\ndata: 1\n\n");
  CHECK(ticker.push("tick", "2") == 1);
}

TEST_CASE("events end when nobody can push any more, what was pushed before included") {
  Ticker ticker;
  auto client = ticker.client();
  CHECK(client.ask(get("/events")).status == 200);
  REQUIRE(eventually([&] { return ticker.listeners() == 1; }));
  ticker.push("tick", "last");
  ticker.forget();
  CHECK(client.read_all() == "event: tick\ndata: last\n\n");
}

TEST_CASE("draining ends the streams of events") {
  HttpServerOptions options;
  options.drain_timeout_ms = milliseconds(60'000);
  Ticker ticker(options);
  auto client = ticker.client();
  CHECK(client.ask(get("/events")).status == 200);
  ticker.server().drain();
  CHECK(client.is_closed());
  CHECK(ticker.push("tick", "") == 0);
}

TEST_CASE("a HEAD of an address of events gets no events") {
  Ticker ticker;
  auto client = ticker.client();
  CHECK(client.ask("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n", true).status == 200);
  CHECK(client.is_closed());
  CHECK(ticker.listeners() == 0);
}

}  // namespace
}  // namespace kanal
