#include <atomic>
#include <mutex>
#include <stdexcept>
#include <zlib.h>

#include <catch2/catch.hpp>

#include "net/http_server_fixture.hpp"

namespace kanal {
namespace {

using std::chrono::milliseconds;

std::string gunzip(const std::string& packed) {
  z_stream stream{};
  ::inflateInit2(&stream, 15 + 16);
  std::string plain(1U << 20U, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  const int ended = ::inflate(&stream, Z_FINISH);
  plain.resize(ended == Z_STREAM_END ? stream.total_out : 0);
  ::inflateEnd(&stream);
  return plain;
}

Response asset(const Request&) {
  Response response;
  response.headers = {{"Content-Type", "text/css"}, {"Cache-Control", "public, max-age=3600"}};
  for (int line = 0; line < 500; ++line) response.body += "p { margin: 0; }\n";
  return response;
}

std::vector<Route> mixed_routes() {
  std::vector<Route> routes;
  routes.push_back(on_get("/", [](const Request&) { return Response::text(200, "ok"); }));
  routes.push_back(on_get("/style.css", asset));
  routes.push_back(on_get("/peer", [](const Request& request) {
    return Response::text(200, request.peer + (request.secure ? " secure" : ""));
  }));
  routes.push_back(on_get("/split", [](const Request& request) {
    auto response = Response::text(200, "ok");
    response.headers.emplace_back("X-Echo", request.field("text"));
    return response;
  }));
  routes.push_back(on_get(
      "/throw", [](const Request&) -> Response { throw std::runtime_error("a secret of ours"); }));
  routes.push_back(on_get("/throw-odd", [](const Request&) -> Response { throw 1; }));
  routes.push_back(on_get("/r/{code}", [](const Request& request) {
    return Response::text(200, request.parameters.at("code"));
  }));
  routes.push_back(on_post("/raw", BodyKind::raw, 100, [](const Request& request) {
    return Response::text(200, request.body);
  }));
  return routes;
}

class Site {
 public:
  explicit Site(HttpServerOptions options = {})
      : server_(serve(std::move(options), mixed_routes())) {}
  [[nodiscard]] RawReply ask(const std::string& bytes) const { return client().ask(bytes); }
  [[nodiscard]] RawClient client() const { return RawClient(server_->port()); }

 private:
  std::unique_ptr<HttpServer> server_;
};

TEST_CASE("requests that come together are answered in their order") {
  const Site site;
  auto client = site.client();
  client.send(get("/r/1") + post("/raw", "text/plain", "2") + get("/r/3"));
  CHECK(client.read().body == "1");
  CHECK(client.read().body == "2");
  CHECK(client.read().body == "3");
  CHECK(client.ask(get("/r/4")).body == "4");
}

TEST_CASE("a request that comes byte by byte is one request") {
  const Site site;
  auto client = site.client();
  for (const char each : post("/raw", "text/plain", "hello")) client.send(std::string(1, each));
  CHECK(client.read().body == "hello");
}

TEST_CASE("HEAD is answered as GET is, without the body") {
  const Site site;
  auto client = site.client();
  const auto reply = client.ask("HEAD /style.css HTTP/1.1\r\nHost: a\r\n\r\n", true);
  CHECK(reply.status == 200);
  CHECK(reply.header("content-length") == "8500");
  CHECK_FALSE(reply.header("etag").empty());
  // Were there a body, it would be taken for this one's head.
  CHECK(client.ask(get("/")).body == "ok");
}

TEST_CASE("a connection is kept or closed as its client wants") {
  const Site site;
  auto kept = site.client();
  CHECK(kept.ask(get("/")).header("connection") == "keep-alive");
  const auto last = kept.ask(get("/", "Connection: Close\r\n"));
  CHECK(last.header("connection") == "close");
  CHECK(kept.is_closed());
  auto old = site.client();
  CHECK(old.ask("GET / HTTP/1.0\r\n\r\n").header("connection") == "close");
  CHECK(old.is_closed());
  auto old_kept = site.client();
  CHECK(old_kept.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status == 200);
  CHECK(old_kept.ask("GET / HTTP/1.0\r\n\r\n").status == 200);
}

TEST_CASE("a client that closes its half after asking still gets its answer") {
  const Site site;
  auto client = site.client();
  client.send(get("/"));
  client.end_sending();
  CHECK(client.read().body == "ok");
  CHECK(client.is_closed());
}

TEST_CASE("methods that an address does not take are named") {
  const Site site;
  const auto reply = site.ask(post("/", "text/plain", ""));
  CHECK(reply.status == 405);
  CHECK(reply.header("allow") == "GET, HEAD, OPTIONS");
  CHECK(site.ask("OPTIONS /raw HTTP/1.1\r\nHost: a\r\n\r\n").header("allow") == "OPTIONS, POST");
  const auto all = site.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(all.status == 204);
  CHECK(all.header("allow") == "GET, HEAD, OPTIONS, POST");
  CHECK(all.header("content-length").empty());
  CHECK(site.ask("BREW / HTTP/1.1\r\nHost: a\r\n\r\n").status == 405);
  CHECK(site.ask("PUT /nowhere HTTP/1.1\r\nHost: a\r\n\r\n").status == 404);
  CHECK(site.ask("TRACE /nowhere HTTP/1.1\r\nHost: a\r\n\r\n").status == 404);
  CHECK(site.ask("BREW /nowhere HTTP/1.1\r\nHost: a\r\n\r\n").status == 501);
  CHECK(site.ask(get("/nowhere")).status == 404);
}

TEST_CASE("one slash too many leads to the page") {
  const Site site;
  const auto reply = site.ask(get("/style.css/?a=1&b=%2F"));
  CHECK(reply.status == 308);
  CHECK(reply.header("location") == "/style.css?a=1&b=%2F");
  CHECK(site.ask(post("/style.css/", "text/plain", "")).status == 404);
  for (const std::string target : {"//style.css/", "//evil.example/", "/nowhere/"}) {
    INFO(target);
    CHECK(site.ask(get(target)).status == 404);
  }
}

TEST_CASE("a header that would split the answer is not sent") {
  const Site site;
  CHECK(site.ask(get("/split?text=fine")).header("x-echo") == "fine");
  for (const std::string text : {"a%0d%0aSet-Cookie:%20a=b", "a%0ab", "a%0db"}) {
    const auto reply = site.ask(get("/split?text=" + text));
    CHECK(reply.status == 500);
    CHECK(reply.header("set-cookie").empty());
    CHECK(reply.header("x-echo").empty());
  }
}

TEST_CASE("a handler that throws is a failure of ours, without its reason") {
  const Site site;
  for (const std::string path : {"/throw", "/throw-odd"}) {
    auto client = site.client();
    const auto reply = client.ask(get(path));
    CHECK(reply.status == 500);
    CHECK(reply.body.find("secret") == std::string::npos);
    CHECK(client.ask(get("/")).status == 200);
  }
}

TEST_CASE("a failure is told on the page that was given, or in a bare sentence") {
  CHECK(Site().ask(get("/nowhere")).header("content-type") == "text/plain; charset=utf-8");
  HttpServerOptions options;
  options.error_page = [](const Request& request, int status, std::string_view detail) {
    return Response::html(status, request.reference.size() == 10 ? std::string(detail) : "");
  };
  const auto page = Site(options).ask(get("/nowhere"));
  CHECK(page.status == 404);
  CHECK(page.header("content-type") == "text/html; charset=utf-8");
  CHECK(page.body.size() > 10);
}

TEST_CASE("what is public carries a tag, and is not sent again to who has it") {
  const Site site;
  const auto first = site.ask(get("/style.css"));
  const auto tag = first.header("etag");
  REQUIRE_FALSE(tag.empty());
  auto client = site.client();
  const auto again = client.ask(get("/style.css", "If-None-Match: \"other\", " + tag + "\r\n"));
  CHECK(again.status == 304);
  CHECK(again.header("etag") == tag);
  CHECK(again.header("content-length").empty());
  CHECK(client.ask(get("/style.css", "If-None-Match: \"other\"\r\n")).body == first.body);
  CHECK(client.ask(get("/style.css", "If-None-Match: *\r\n")).status == 304);
}

TEST_CASE("what is public is compressed for who can read it") {
  const Site site;
  const auto plain = site.ask(get("/style.css"));
  CHECK(plain.header("content-encoding").empty());
  CHECK(plain.header("vary") == "Accept-Encoding");
  const auto packed = site.ask(get("/style.css", "Accept-Encoding: br, gzip\r\n"));
  CHECK(packed.header("content-encoding") == "gzip");
  CHECK(packed.body.size() < plain.body.size() / 10);
  CHECK(gunzip(packed.body) == plain.body);
  CHECK(site.ask(get("/style.css", "Accept-Encoding: gzip;q=0\r\n"))
            .header("content-encoding")
            .empty());
}

TEST_CASE("only a trusted proxy may say who asks") {
  HttpServerOptions options;
  const std::string claim = "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: https\r\n";
  CHECK(Site(options).ask(get("/peer", claim)).body == "127.0.0.1");
  options.trusted_proxies = {"127.0.0.1", "203.0.113.1"};
  const Site site(options);
  CHECK(site.ask(get("/peer", claim)).body == "198.51.100.7 secure");
  CHECK(site.ask(get("/peer")).body == "127.0.0.1");
  const auto from = [&](const std::string& chain) {
    return site.ask(get("/peer", "X-Forwarded-For: " + chain + "\r\n")).body;
  };
  CHECK(from("8.8.8.8, 198.51.100.7") == "198.51.100.7");
  CHECK(from("8.8.8.8, 198.51.100.7, 203.0.113.1") == "198.51.100.7");
  CHECK(from("198.51.100.7, nonsense") == "127.0.0.1");
  CHECK(from("::ffff:198.51.100.7") == "198.51.100.7");
  CHECK(from("2001:db8::7") == "2001:db8::7");
}

TEST_CASE("who asks may be named with a port, as some proxies do") {
  HttpServerOptions options;
  options.trusted_proxies = {"127.0.0.1"};
  const Site site(options);
  const auto from = [&](const std::string& chain) {
    return site.ask(get("/peer", "X-Forwarded-For: " + chain + "\r\n")).body;
  };
  CHECK(from("198.51.100.7:51234") == "198.51.100.7");
  CHECK(from("[2001:DB8::7]:443") == "2001:db8::7");
  CHECK(from("[2001:db8::7]") == "2001:db8::7");
  CHECK(from("[::ffff:198.51.100.7]:1") == "198.51.100.7");
  CHECK(from("8.8.8.8:1, 198.51.100.7:2, 127.0.0.1:3") == "198.51.100.7");
  for (const std::string unreadable : {"unknown", "[2001:db8::7", "_hidden", ":443", "[]"}) {
    CHECK(from(unreadable) == "127.0.0.1");
  }
}

TEST_CASE("a trusted proxy is itself in whatever spelling the settings have") {
  for (const std::string spelling : {"2001:DB8:0::5", "2001:db8::0005", "2001:db8:0:0:0:0:0:5"}) {
    HttpServerOptions options;
    options.trusted_proxies = {"::ffff:127.0.0.1", spelling};
    const Site site(options);
    CHECK(site.ask(get("/peer", "X-Forwarded-For: 198.51.100.7, 2001:db8::5\r\n")).body ==
          "198.51.100.7");
  }
}

TEST_CASE("a server listens by IPv6 as well") {
  HttpServerOptions options;
  options.address = "::1";
  options.port = 0;
  std::vector<Route> routes;
  routes.push_back(
      on_get("/peer", [](const Request& request) { return Response::text(200, request.peer); }));
  const auto server = HttpServer::start(options, std::move(routes));
  if (!server) {
    WARN("this machine has no IPv6");
    return;
  }
  RawClient client(AF_INET6);
  REQUIRE(client.connect_by_six((*server)->port()));
  CHECK(client.ask(get("/peer")).body == "::1");
}

TEST_CASE("a server of both kinds knows an IPv4 address as one") {
  HttpServerOptions options;
  options.address = "::";
  options.port = 0;
  std::vector<Route> routes;
  routes.push_back(
      on_get("/peer", [](const Request& request) { return Response::text(200, request.peer); }));
  const auto server = HttpServer::start(options, std::move(routes));
  if (!server) {
    WARN("this machine has no IPv6");
    return;
  }
  RawClient client((*server)->port());
  if (client.connected()) CHECK(client.ask(get("/peer")).body == "127.0.0.1");
}

TEST_CASE("a proxy that adds a header of its own is believed, not the one it passed on") {
  HttpServerOptions options;
  options.trusted_proxies = {"127.0.0.1"};
  const Site site(options);
  const auto reply = site.ask(get("/peer",
                                  "X-Forwarded-For: 8.8.8.8\r\nX-Forwarded-Proto: https\r\n"
                                  "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: http\r\n"));
  CHECK(reply.body == "198.51.100.7");
}

TEST_CASE("an answer may come from another thread, later and once") {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<Route> routes;
  routes.push_back(
      {.method = "POST",
       .pattern = "/later",
       .body = BodyKind::raw,
       .handle = {},
       .handle_later = [&](const std::shared_ptr<Request>& request, const Responder& responder) {
         const std::scoped_lock lock(mutex);
         threads.emplace_back([request, responder] {
           responder(Response::text(200, request->body));
           responder(Response::text(200, "twice"));
         });
       }});
  routes.push_back({.method = "GET",
                    .pattern = "/dropped",
                    .handle = {},
                    .handle_later = [](const std::shared_ptr<Request>&, const Responder&) {}});
  HttpServerOptions options;
  options.workers = 1;
  const auto server = serve(options, std::move(routes));
  RawClient client(server->port());
  for (int each = 0; each < 20; ++each) {
    CHECK(client.ask(post("/later", "text/plain", std::to_string(each))).body ==
          std::to_string(each));
  }
  CHECK(client.ask(get("/dropped")).status == 500);
  for (auto& each : threads) each.join();
}

TEST_CASE("a file is sent as long as it is, and a missing one is not found") {
  Spool spool;
  const auto file = spool.write("photo.jpg", std::string(300'000, 'j'));
  std::vector<Route> routes;
  routes.push_back(on_get("/photo", [&](const Request&) {
    Response response;
    response.headers.emplace_back("Content-Type", "image/jpeg");
    response.file = file;
    return response;
  }));
  routes.push_back(on_get("/gone", [&](const Request&) {
    Response response;
    response.file = spool.path() / "gone";
    return response;
  }));
  const auto server = serve({}, std::move(routes));
  RawClient client(server->port());
  CHECK(client.ask(get("/photo")).body == std::string(300'000, 'j'));
  CHECK(client.ask("HEAD /photo HTTP/1.1\r\nHost: a\r\n\r\n", true).header("content-length") ==
        "300000");
  CHECK(client.ask(get("/gone")).status == 404);
}

TEST_CASE("when all workers are taken and the queue is full, a client is told to come again") {
  std::mutex held;
  held.lock();
  std::atomic<int> begun{0};
  std::vector<Route> routes;
  routes.push_back(on_get("/", [&](const Request&) {
    ++begun;
    const std::scoped_lock wait(held);
    return Response::text(200, "ok");
  }));
  HttpServerOptions options;
  options.workers = 1;
  options.most_waiting = 3;
  const auto server = serve(options, std::move(routes));
  std::vector<RawClient> clients;
  for (int each = 0; each < 6; ++each) {
    clients.emplace_back(server->port());
    clients.back().send(get("/"));
    if (each == 0) CHECK(eventually([&] { return begun == 1; }));
  }
  const auto refused = [&] {
    return std::ranges::count_if(clients, [](const RawClient& each) { return !each.is_open(); });
  };
  CHECK(eventually([&] { return refused() == 2; }));
  held.unlock();
  int served = 0;
  for (auto& each : clients) {
    const auto reply = each.read();
    served += reply.status == 200;
    if (reply.status != 200) CHECK(reply.status == 503);
    if (reply.status != 200) CHECK(reply.header("retry-after") == "2");
  }
  CHECK(served == 4);
}

}  // namespace
}  // namespace kanal
