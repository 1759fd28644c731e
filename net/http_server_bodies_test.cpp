#include <atomic>

#include <catch2/catch.hpp>

#include "net/http_server_fixture.hpp"

namespace kanal {
namespace {

constexpr std::uint64_t k_limit = 1U << 20U;

struct Uploads {
  Spool spool;
  std::atomic<int> handled{0};
  std::unique_ptr<HttpServer> server;

  explicit Uploads(HttpServerOptions options = {}) {
    options.spool = spool.path();
    std::vector<Route> routes;
    routes.push_back(on_post("/raw", BodyKind::raw, k_limit, [this](const Request& request) {
      ++handled;
      return Response::text(200, std::to_string(request.body.size()));
    }));
    routes.push_back(on_post("/form", BodyKind::form, k_limit, [this](const Request& request) {
      ++handled;
      std::string text;
      for (const auto& part : request.form) {
        text += part.name + "=" + (part.file.empty() ? part.value : "");
        if (!part.file.empty()) {
          text += part.file_name + ":" + std::to_string(std::filesystem::file_size(part.file));
        }
        text += "\n";
      }
      return Response::text(200, text);
    }));
    routes.push_back(on_post("/none", BodyKind::none, k_limit,
                             [](const Request&) { return Response::text(200, "none"); }));
    server = serve(std::move(options), std::move(routes));
  }
  [[nodiscard]] RawClient client() const { return RawClient(server->port()); }
};

std::string head(std::string_view target, std::uint64_t length, std::string_view headers = "") {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: " +
         std::to_string(length) + "\r\n" + std::string(headers) + "\r\n";
}

std::string multipart_of(std::size_t file_bytes) {
  return "--edge\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\njalan\r\n"
         "--edge\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"jalan.jpg\"\r\n"
         "Content-Type: image/jpeg\r\n\r\n" +
         std::string(file_bytes, 'j') + "\r\n--edge--\r\n";
}

constexpr std::string_view k_multipart = "multipart/form-data; boundary=edge";

TEST_CASE("a body beyond the limit is refused before any of it is read") {
  Uploads uploads;
  auto client = uploads.client();
  // Nothing of the body is ever sent.
  const auto reply = client.ask(head("/raw", 200U << 20U));
  CHECK(reply.status == 413);
  CHECK(reply.header("connection") == "close");
  CHECK(uploads.handled == 0);
}

TEST_CASE("a client that pushes 200 MB regardless gets its refusal and costs no memory") {
  Uploads uploads;
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  auto client = uploads.client();
  client.send(head("/raw", 200U << 20U));
  const std::string piece(64U << 10U, 'x');
  std::size_t sent = 0;
  while (sent < (200U << 20U) && client.send(piece)) sent += piece.size();
  CHECK(sent < (200U << 20U));
  CHECK(client.read().status == 413);
  CHECK(peak_kib() - before < bound_kib(12L * 1024));
}

TEST_CASE("a chunked body is refused where it passes the limit, and costs no more memory") {
  Uploads uploads;
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  auto client = uploads.client();
  client.send("POST /raw HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  std::size_t sent = 0;
  while (sent < (200U << 20U) && client.send(chunk)) sent += 0x10000;
  CHECK(sent < (200U << 20U));
  CHECK(client.read().status == 413);
  CHECK(uploads.handled == 0);
  CHECK(peak_kib() - before < bound_kib(12L * 1024));
}

TEST_CASE("one chunk that says more than the limit is refused") {
  Uploads uploads;
  auto client = uploads.client();
  client.send("POST /raw HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
  const std::string piece(64U << 10U, 'x');
  std::size_t sent = 0;
  while (sent < (200U << 20U) && client.send(piece)) sent += piece.size();
  CHECK(sent < (200U << 20U));
  CHECK(client.read().status == 413);
}

TEST_CASE("a body of exactly the limit is taken") {
  Uploads uploads;
  CHECK(uploads.client().ask(post("/raw", "text/plain", std::string(k_limit, 'x'))).body ==
        std::to_string(k_limit));
  CHECK(uploads.client().ask(post("/raw", "text/plain", std::string(k_limit + 1, 'x'))).status ==
        413);
}

TEST_CASE("an address that takes no body refuses one") {
  Uploads uploads;
  CHECK(uploads.client().ask(post("/none", "text/plain", "x")).status == 413);
  CHECK(uploads.client()
            .ask("POST /none HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            .status == 413);
  CHECK(uploads.client().ask(head("/none", 0)).body == "none");
}

TEST_CASE("who expects to be told to continue is told so, or refused at once") {
  Uploads uploads;
  auto client = uploads.client();
  client.send(head("/raw", 5, "Expect: 100-continue\r\n"));
  CHECK(client.read().status == 100);
  client.send("hello");
  CHECK(client.read().body == "5");

  auto large = uploads.client();
  CHECK(large.ask(head("/raw", 500U << 20U, "Expect: 100-continue\r\n")).status == 413);
  CHECK(large.is_closed());
  CHECK(uploads.client().ask(head("/nowhere", 5, "Expect: 100-continue\r\n")).status == 404);
  // Whoever sends the body along needs no interim answer.
  CHECK(uploads.client().ask(head("/raw", 5, "Expect: 100-continue\r\n") + "hello").status == 200);
}

TEST_CASE("a form's fields and files arrive, the files on disk and only until the answer") {
  Uploads uploads;
  const auto reply = uploads.client().ask(post("/form", k_multipart, multipart_of(300'000)));
  CHECK(reply.status == 200);
  CHECK(reply.body == "text=jalan\nphoto=jalan.jpg:300000\n");
  CHECK(eventually([&] { return uploads.spool.files() == 0; }));
}

TEST_CASE("a chunked form arrives as one with a length does") {
  Uploads uploads;
  auto client = uploads.client();
  client.send("POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: " +
              std::string(k_multipart) + "\r\n\r\n");
  const auto body = multipart_of(100);
  for (const char each : body) client.send("1\r\n" + std::string(1, each) + "\r\n");
  client.send("0\r\n\r\n");
  CHECK(client.read().body == "text=jalan\nphoto=jalan.jpg:100\n");
}

TEST_CASE("urlencoded fields are decoded, and scrubbed to UTF-8") {
  Uploads uploads;
  const auto reply = uploads.client().ask(post("/form", "application/x-www-form-urlencoded",
                                               "text=jalan+rusak%0Adi+%22pasar%22&odd=%ff"));
  CHECK(reply.body == "text=jalan rusak\ndi \"pasar\"\nodd=\xef\xbf\xbd\n");
}

TEST_CASE("an address that takes either takes a form as one and anything else as it is") {
  Spool spool;
  HttpServerOptions options;
  options.spool = spool.path();
  auto either = on_post("/either", BodyKind::raw, 100, [](const Request& request) {
    return Response::text(200, request.body + "/" + std::to_string(request.form.size()));
  });
  either.most_form_bytes = 10'000;
  std::vector<Route> routes;
  routes.push_back(std::move(either));
  const auto server = serve(std::move(options), std::move(routes));
  const auto ask = [&](std::string_view type, const std::string& body) {
    return RawClient(server->port()).ask(post("/either", type, body));
  };
  CHECK(ask("application/json", "{}").body == "{}/0");
  CHECK(ask(k_multipart, multipart_of(5000)).body == "/2");
  CHECK(ask("multipart/form-data", multipart_of(0)).status == 413);
  CHECK(ask(k_multipart, multipart_of(10'000)).status == 413);
  CHECK(ask("application/json", std::string(101, 'x')).status == 413);
}

TEST_CASE("a form is bounded in fields and in what they hold") {
  Uploads uploads;
  const std::string type = "application/x-www-form-urlencoded";
  std::string many = "a=1";
  for (int each = 0; each < 1100; ++each) many += "&a=1";
  CHECK(uploads.client().ask(post("/form", type, many)).status == 413);
  CHECK(uploads.client().ask(post("/form", type, "a=" + std::string(300'000, 'x'))).status == 413);
  CHECK(uploads.client().ask(post("/form", "text/plain", "a=1")).status == 415);
  CHECK(uploads.client().ask(post("/form", "multipart/form-data", "a=1")).status == 415);
  CHECK(uploads.handled == 0);
}

TEST_CASE("an upload that is refused or breaks off leaves no file") {
  Uploads uploads;
  auto large = uploads.client();
  large.send("POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: " +
             std::string(k_multipart) + "\r\n\r\n");
  const auto body = multipart_of(2 * k_limit);
  for (std::size_t at = 0; at < body.size(); at += 0x8000) {
    const auto piece = body.substr(at, 0x8000);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    if (!large.send(size + piece + "\r\n")) break;
  }
  CHECK(large.read().status == 413);
  CHECK(eventually([&] { return uploads.spool.files() == 0; }));

  for (int each = 0; each < 50; ++each) {
    auto client = uploads.client();
    const auto whole = post("/form", k_multipart, multipart_of(500'000));
    client.send(std::string_view(whole).substr(0, 300'000));
    CHECK(eventually([&] { return uploads.spool.files() > 0; }));
    client.reset();
    CHECK(eventually([&] { return uploads.spool.files() == 0; }));
  }
  CHECK(uploads.handled == 0);
}

TEST_CASE("all bodies together hold no more than they may, and their places become free again") {
  HttpServerOptions options;
  options.most_held_bytes = 500'000;
  options.most_spooled_bytes = 500'000;
  Uploads uploads(options);
  const std::string most(400'000, 'x');
  std::vector<RawClient> halves;
  for (int each = 0; each < 2; ++each) {
    halves.push_back(uploads.client());
    halves.back().send(head("/raw", 800'000, "Expect: 100-continue\r\n"));
    CHECK(halves.back().read().status == 100);
    halves.back().send(most);
  }
  CHECK(eventually([&] { return !halves[0].is_open() || !halves[1].is_open(); }));
  auto& refused = halves[halves[0].is_open() ? 1 : 0];
  auto& holding = halves[halves[0].is_open() ? 0 : 1];
  const auto reply = refused.read();
  CHECK(reply.status == 503);
  CHECK(reply.header("retry-after") == "2");
  CHECK(holding.is_open());
  // Files go to disk, which has its own bound.
  CHECK(uploads.client().ask(post("/form", k_multipart, multipart_of(400'000))).status == 200);
  CHECK(uploads.client().ask(post("/form", k_multipart, multipart_of(600'000))).status == 503);
  holding.reset();
  CHECK(eventually(
      [&] { return uploads.client().ask(post("/raw", "text/plain", most)).status == 200; }));
  CHECK(eventually([&] { return uploads.spool.files() == 0; }));
}

TEST_CASE("the heads of a form's parts are on the account of what is held") {
  HttpServerOptions options;
  options.most_held_bytes = 300'000;
  Uploads uploads(options);
  std::string parts;
  for (int each = 0; each < 60; ++each)
    parts += "--edge\r\nContent-Disposition: form-data; name=" + std::string(1000, '\xff') +
             "\r\n\r\n\r\n";
  std::vector<RawClient> halves;
  for (int each = 0; each < 2; ++each) {
    halves.push_back(uploads.client());
    halves.back().send(
        "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\nContent-Type: " +
        std::string(k_multipart) + "\r\n\r\n" + parts);
  }
  CHECK(eventually([&] { return !halves[0].is_open() || !halves[1].is_open(); }));
  CHECK(halves[halves[0].is_open() ? 1 : 0].read().status == 503);
}

TEST_CASE("what a form has become is on the account too") {
  HttpServerOptions options;
  options.most_held_bytes = 200'000;
  Uploads uploads(options);
  const auto ask = [&](const std::string& bytes) {
    return uploads.client().ask(post("/form", "application/x-www-form-urlencoded", bytes)).status;
  };
  CHECK(ask("text=" + std::string(100'000, 'x')) == 200);
  CHECK(ask("text=" + std::string(100'000, '\xff')) == 503);
  CHECK(ask("text=" + std::string(100'000, 'x')) == 200);
}

TEST_CASE("an upload beyond the limit leaves the only worker free") {
  HttpServerOptions options;
  options.workers = 1;
  Uploads uploads(options);
  for (int each = 0; each < 5; ++each) {
    auto client = uploads.client();
    client.send("POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: " +
                std::string(k_multipart) + "\r\n\r\n");
    const auto body = multipart_of(2 * k_limit);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    client.send(size + body + "\r\n");
    CHECK(client.read().status == 413);
    CHECK(uploads.client().ask(head("/raw", 2 * k_limit)).status == 413);
    CHECK(uploads.client().ask(post("/raw", "text/plain", "quick")).body == "5");
  }
}

TEST_CASE("an upload that breaks off is told to log and metrics") {
  std::atomic<int> unanswered{0};
  HttpServerOptions options;
  options.observe = [&](const Request& request, int status, std::uint64_t,
                        std::chrono::microseconds) {
    unanswered +=
        status == k_unanswered && request.path == "/raw" && request.reference.size() == 10;
  };
  Uploads uploads(options);
  auto client = uploads.client();
  client.send(head("/raw", 9, "Expect: 100-continue\r\n"));
  CHECK(client.read().status == 100);
  client.reset();
  CHECK(eventually([&] { return unanswered == 1; }));
}

TEST_CASE("slow bodies do not hold up others, whatever the number of threads") {
  HttpServerOptions options;
  options.workers = 1;
  Uploads uploads(options);
  std::vector<RawClient> slow;
  for (int each = 0; each < 100; ++each) {
    slow.push_back(uploads.client());
    slow.back().send(head("/raw", 1000) + "x");
  }
  for (int each = 0; each < 20; ++each) {
    CHECK(uploads.client().ask(post("/raw", "text/plain", "quick")).body == "5");
  }
  CHECK(uploads.handled == 20);
  for (auto& each : slow) CHECK(each.is_open());
}

TEST_CASE("what a handler moved away stays, and the rest of a form goes") {
  const Spool spool;
  HttpServerOptions options;
  options.spool = spool.path();
  const auto kept = spool.path() / "kept";
  std::vector<Route> routes;
  routes.push_back(on_post("/form", BodyKind::form, k_limit, [&](const Request& request) {
    for (const auto& part : request.form) {
      if (!part.file.empty()) std::filesystem::rename(part.file, kept);
    }
    return Response::text(200, "");
  }));
  const auto server = serve(options, std::move(routes));
  CHECK(RawClient(server->port()).ask(post("/form", k_multipart, multipart_of(10))).status == 200);
  CHECK(std::filesystem::file_size(kept) == 10);
  CHECK(eventually([&] { return spool.files() == 1; }));
}

TEST_CASE("uploads can be read by nobody else on the machine") {
  const Spool spool;
  HttpServerOptions options;
  options.spool = spool.path();
  std::vector<Route> routes;
  routes.push_back(on_post("/form", BodyKind::form, k_limit, [](const Request& request) {
    using std::filesystem::perms;
    const auto others = perms::group_all | perms::others_all;
    bool closed = true;
    for (const auto& part : request.form) {
      if (part.file.empty()) continue;
      closed = (std::filesystem::status(part.file).permissions() & others) == perms::none;
    }
    return Response::text(closed ? 200 : 500, "");
  }));
  const auto server = serve(options, std::move(routes));
  CHECK(RawClient(server->port()).ask(post("/form", k_multipart, multipart_of(10))).status == 200);
}

}  // namespace
}  // namespace kanal
