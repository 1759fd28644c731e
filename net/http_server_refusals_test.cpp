#include <mutex>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "net/http_server_fixture.hpp"

namespace kanal {
namespace {

using namespace std::string_literals;  // NOLINT(google-build-using-namespace): NUL inside

/// Answers every address with its path, and keeps what it was asked.
class Echo {
 public:
  explicit Echo(HttpServerOptions options = {}) {
    std::vector<Route> routes;
    for (const std::string pattern : {"/", "/{path...}"}) {
      routes.push_back(on_get(
          pattern, [](const Request& request) { return Response::text(200, request.path); }));
    }
    routes.push_back(on_post("/raw", BodyKind::raw, 1024, [](const Request& request) {
      return Response::text(200, request.body);
    }));
    server_ = serve(std::move(options), std::move(routes));
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  /// What one connection that says just this is answered.
  [[nodiscard]] RawReply ask(const std::string& bytes) const {
    return RawClient(port()).ask(bytes);
  }
  [[nodiscard]] bool lives() const { return ask(get("/alive")).body == "/alive"; }

 private:
  std::unique_ptr<HttpServer> server_;
};

std::string chunked(std::string_view body, std::string_view target = "/raw") {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

TEST_CASE("the 76 bytes that end cpprestsdk's listener are a malformed request here") {
  const Echo echo;
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nabcdef\r\n";
  REQUIRE(bytes.size() == 76);
  CHECK(echo.ask(bytes).status == 405);
  CHECK(echo.ask(chunked("-2\r\nabcdef\r\n")).status == 400);
  CHECK(echo.lives());
}

TEST_CASE("a malformed chunk to an address that is not there harms nobody") {
  std::vector<Route> routes;
  routes.push_back(on_get("/", [](const Request&) { return Response::text(200, "ok"); }));
  const auto server = serve({}, std::move(routes));
  for (const std::string size : {"-1", "-2"}) {
    RawClient client(server->port());
    CHECK(client.ask(chunked(size + "\r\nabcdef\r\n", "/nowhere")).status == 404);
    CHECK(client.is_closed());
  }
  CHECK(RawClient(server->port()).ask(get("/")).status == 200);
}

TEST_CASE("a head that is refused is answered on the page of refusals, and told to the log") {
  struct Seen {
    std::string method;
    std::string target;
    int status = 0;
  };
  std::mutex mutex;
  std::vector<Seen> seen;
  HttpServerOptions options;
  options.error_page = [](const Request& request, int status, std::string_view) {
    return Response::text(status, request.reference.size() == 10 ? request.header("accept") : "");
  };
  options.observe = [&](const Request& request, int status, std::uint64_t,
                        std::chrono::microseconds) {
    const std::scoped_lock lock(mutex);
    seen.push_back({request.method, request.target, status});
  };
  const Echo echo(options);
  options.header_timeout_ms = std::chrono::milliseconds(300);
  const Echo impatient(options);
  const std::string accept = "Accept: application/json\r\n";
  const std::string line = "POST /in/shop HTTP/1.1\r\nHost: a\r\n" + accept;
  const auto is_told = [&](const std::string& bytes, int status, const std::string& method,
                           const std::string& target, const std::string& wish) {
    INFO(bytes.substr(0, 200));
    const auto reply = (status == 408 ? impatient : echo).ask(bytes);
    CHECK(reply.status == status);
    CHECK(reply.body == wish);
    CHECK(eventually([&] {
      const std::scoped_lock lock(mutex);
      return !seen.empty() && seen.back().method == method && seen.back().target == target &&
             seen.back().status == status;
    }));
  };
  is_told(line + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400, "POST", "/in/shop",
          "application/json");
  is_told(line + "X : y\r\n\r\n", 400, "POST", "/in/shop", "application/json");
  is_told(line + "X: " + std::string(40'000, 'x'), 431, "POST", "/in/shop", "application/json");
  is_told(line + "X: ", 408, "POST", "/in/shop", "application/json");
  is_told("GET /a HTTP/2.0\r\n" + accept + "\r\n", 505, "GET", "/a", "application/json");
  is_told("GET /a%zz HTTP/1.1\r\nHost: a\r\n" + accept + "\r\n", 400, "GET", "/a%zz",
          "application/json");
  is_told("\x16\x03\x01\x02\x01\x01\r\n\r\n", 400, "", "", "");
  is_told("GET /\x1b[2J HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", "", "");
}

TEST_CASE("a page that fails leaves the bare sentence") {
  HttpServerOptions options;
  options.error_page = [](const Request&, int, std::string_view) -> Response {
    throw std::runtime_error("no page");
  };
  options.observe = [](const Request&, int, std::uint64_t, std::chrono::microseconds) {
    throw std::runtime_error("no log");
  };
  const Echo echo(options);
  CHECK(echo.ask(get("/%zz")).status == 400);
  CHECK(echo.lives());
}

TEST_CASE("a chunk's size is hexadecimal digits and nothing else") {
  const Echo echo;
  for (const std::string size :
       {"-1", "-2", "+5", " 5", "5 ", "0x5", "", "ffffffffffffffff", "10000000000000000",
        "7fffffffffffffff", "fffffffffffffffffffffffffffffffff", "5g", "5\t", "5 5", "\xc2\xb2"}) {
    INFO("size [" << size << "]");
    CHECK(echo.ask(chunked(size + "\r\nabcde\r\n0\r\n\r\n")).status == 400);
  }
  CHECK(echo.lives());
}

TEST_CASE("what is around chunks is as strict as their sizes") {
  const Echo echo;
  CHECK(echo.ask(chunked("5\nabcde\r\n0\r\n\r\n")).status == 400);
  CHECK(echo.ask(chunked("5\r\nabcde0\r\n\r\n")).status == 400);
  CHECK(echo.ask(chunked("5\r\nabcdefg\r\n0\r\n\r\n")).status == 400);
  CHECK(echo.ask(chunked("5;a\rb\r\nabcde\r\n0\r\n\r\n")).status == 400);
  CHECK(echo.ask(chunked("0\r\nx\ry: 1\r\n\r\n")).status == 400);
  CHECK(echo.ask(chunked("0\r\nnot a trailer\r\n\r\n")).status == 400);
  CHECK(echo.ask(chunked("5;" + std::string(4096, 'x') + "\r\nabcde\r\n0\r\n\r\n")).status == 400);
  CHECK(echo.ask(chunked("0\r\nA: " + std::string(200, 'x') + "\r\n\r\n")).status == 200);
  std::string trailers = "0\r\n";
  for (int line = 0; line < 100; ++line) trailers += "A: " + std::string(200, 'x') + "\r\n";
  CHECK(echo.ask(chunked(trailers + "\r\n")).status == 431);
  const auto long_trailer = [](std::size_t bytes) { return "0\r\nA: " + std::string(bytes, 'x'); };
  CHECK(echo.ask(chunked(long_trailer(7000) + "\r\n\r\n")).status == 200);
  CHECK(echo.ask(chunked(long_trailer(9000) + "\r\n\r\n")).status == 431);
  CHECK(echo.ask(chunked(long_trailer(9000))).status == 431);
  CHECK(echo.lives());
}

TEST_CASE("chunks are put together, with extensions, trailers and sizes in either case") {
  const Echo echo;
  const auto reply = echo.ask(
      chunked("5\r\nhello\r\n00A;name=\"value\"\r\n, citizens\r\n0\r\nTrailer: x\r\n\r\n"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "hello, citizens");
}

TEST_CASE("a request names exactly one host") {
  const Echo echo;
  CHECK(echo.ask("GET / HTTP/1.1\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.0\r\n\r\n").status == 200);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n").status == 200);
}

TEST_CASE("a body has one length, said once and in one way") {
  const Echo echo;
  const auto with = [&](const std::string& headers) {
    return echo.ask("POST /raw HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n0\r\n\r\n").status;
  };
  CHECK(with("Transfer-Encoding: xchunked\r\n") == 501);
  CHECK(with("Transfer-Encoding: gzip, chunked\r\n") == 501);
  CHECK(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") == 400);
  CHECK(with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") == 400);
  CHECK(with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") == 400);
  CHECK(with("Content-Length: 5\r\nContent-Length: 5\r\n") == 400);
  CHECK(with("Content-Length: 5, 5\r\n") == 400);
  CHECK(with("Content-Length : 5\r\n") == 400);
  CHECK(with("Content-Length: +5\r\n") == 400);
  CHECK(with("Content-Length: -5\r\n") == 400);
  CHECK(with("Content-Length: 0x5\r\n") == 400);
  CHECK(with("Content-Length: 5 5\r\n") == 400);
  CHECK(with("Content-Length:\r\n") == 400);
  CHECK(with("Content-Length: 99999999999999999999\r\n") == 400);
  CHECK(with("Transfer-Encoding : chunked\r\n") == 400);
  CHECK(with("Transfer-Encoding: \x0b"
             "chunked\r\n") == 400);
  CHECK(echo.ask("POST /raw HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status ==
        400);
}

TEST_CASE("lines end in carriage return and line feed, and are not folded") {
  const Echo echo;
  CHECK(echo.ask("GET / HTTP/1.1\nHost: a\n\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: a\r\n\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s).status == 400);
  CHECK(echo.ask("\r\n\r\nGET /after HTTP/1.1\r\nHost: a\r\n\r\n").body == "/after");
}

TEST_CASE("a request line has one method, one address and a version") {
  const Echo echo;
  CHECK(echo.ask("GET /\r\nHost: a\r\n\r\n").status == 400);
  CHECK(echo.ask("GET  / HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/1.1 \r\nHost: a\r\n\r\n").status == 400);
  CHECK(echo.ask("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
  CHECK(echo.ask("GET / HTTP/2.0\r\nHost: a\r\n\r\n").status == 505);
  CHECK(echo.ask("GET / http/1.1\r\nHost: a\r\n\r\n").status == 400);
  CHECK(echo.ask("G(T / HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
  CHECK(echo.ask("GET index HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
  CHECK(echo.ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status == 505);
  CHECK(echo.ask("\x16\x03\x01\x02\x01\x01\r\n\r\n").status == 400);
}

TEST_CASE("a tab or a byte beyond ASCII in a header leaves one request one") {
  const Echo echo;
  RawClient client(echo.port());
  // The rest of such a head ran as a request of its own elsewhere, once it was past 512 bytes.
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::string odd : {"a\tb", "J\xc3\xa9r\xc3\xb4me", "\xff\xfe"}) {
    client.send(get("/outer", "X-Pad: " + std::string(600, 'p') + "\r\nX-Odd: " + odd + "\r\n"));
    CHECK(client.read().body == "/outer");
  }
  client.send(post("/raw", "text/plain", smuggled, "X-Odd: a\tb\r\n"));
  CHECK(client.read().body == smuggled);
  CHECK(client.is_open());
}

TEST_CASE("a head of any length is refused at the limit, and held no longer than that") {
  const Echo echo;
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  RawClient client(echo.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  const std::string piece(64U << 10U, 'x');
  std::size_t sent = 0;
  while (sent < (100U << 20U) && client.send(piece)) sent += piece.size();
  CHECK(sent < (100U << 20U));
  CHECK(client.read().status == 431);
  CHECK(peak_kib() - before < bound_kib(12L * 1024));
  CHECK(echo.lives());
}

TEST_CASE("headers are counted") {
  const Echo echo;
  std::string headers;
  for (int each = 0; each < 101; ++each) headers += "X: y\r\n";
  CHECK(echo.ask(get("/", headers)).status == 431);
}

TEST_CASE("an address of thousands of segments costs no more than its bytes") {
  HttpServerOptions options;
  const Echo echo(options);
  std::string path;
  while (path.size() < options.header_bytes - 200) path += "/a";
  CHECK(echo.ask(get(path)).status == 200);
  while (path.size() < 125'000) path += "/a";
  CHECK(echo.ask(get(path)).status == 431);
}

TEST_CASE("an address that hides something is refused") {
  const Echo echo;
  for (const std::string target :
       {"/a%2fb", "/a%00b", "/a%0d%0aX:y", "/%", "/%4", "/%zz", "/%ff%fe", "/%c0%af", "//evil%2f",
        "/\\evil.test", "/%5cevil.test", "/a%7fb"}) {
    INFO(target);
    CHECK(echo.ask(get(target)).status == 400);
  }
}

TEST_CASE("dots in an address never lead above the root") {
  const Echo echo;
  CHECK(echo.ask(get("/../../etc/passwd")).body == "/etc/passwd");
  CHECK(echo.ask(get("/%2e%2e/%2E%2e/etc/passwd")).body == "/etc/passwd");
  CHECK(echo.ask(get("/a/./b//c/..")).body == "/a/b/");
  CHECK(echo.ask(get("http://kanal.test/absolute?x=1")).body == "/absolute");
}

TEST_CASE("tunnels and echoes of requests are not served") {
  const Echo echo;
  CHECK(echo.ask("CONNECT kanal.test:443 HTTP/1.1\r\nHost: kanal.test\r\n\r\n").status >= 400);
  const auto trace = echo.ask("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(trace.status == 405);
  CHECK(trace.header("allow") == "GET, HEAD, OPTIONS");
  CHECK(echo.ask("TRACE /raw HTTP/1.1\r\nHost: a\r\n\r\n").header("allow") ==
        "GET, HEAD, OPTIONS, POST");
}

TEST_CASE("only one expectation is known") {
  const Echo echo;
  CHECK(echo.ask(post("/raw", "text/plain", "x", "Expect: 200-maybe\r\n")).status == 417);
}

TEST_CASE("a refused connection is closed, so that nothing after it is taken for a request") {
  const Echo echo;
  RawClient client(echo.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\n" + get("/second"));
  const auto reply = client.read();
  CHECK(reply.status == 400);
  CHECK(reply.header("connection") == "close");
  CHECK(client.is_closed());
}

}  // namespace
}  // namespace kanal
