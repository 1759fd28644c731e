#include "net/http_client.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "net/address.hpp"
#include "net/far_side_fixture.hpp"
#include "net/own_certificate_fixture.hpp"
#include "net/peer_fixture.hpp"
#include "tests/support/peak_memory.hpp"
#include "tests/support/sanitized.hpp"

namespace kanal {
namespace {

using Then = Answer::Then;

HttpCall local(const std::string& url) {
  HttpCall call;
  call.url = url;
  call.allow_private = true;
  call.timeout_ms = std::chrono::milliseconds(30'000);
  return call;
}

HttpCall local_post(const std::string& url, const std::string& body = "a=1") {
  auto call = local(url);
  call.method = "POST";
  call.body = body;
  return call;
}

FarSide::Script always(Answer answer) {
  return [answer](const std::string&, int) { return answer; };
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("an answer of any status is a success") {
  FarSide far(always(plain_answer("gone", "404 Not Found", "X-Test:  a b \r\n")));
  const auto reply = make_http({})->fetch(local(far.url()));
  REQUIRE(reply);
  CHECK(reply->status == 404);
  CHECK(reply->body == "gone");
  CHECK(reply->header("x-test") == "a b");
  CHECK(reply->header("X-Test") == "a b");
  CHECK(reply->header("x-other").empty());
}

TEST_CASE("an interim answer is not the answer") {
  FarSide far(
      always({"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}));
  const auto reply = make_http({})->fetch(local(far.url()));
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->header("link").empty());
}

TEST_CASE("method, headers and body arrive as they were given") {
  FarSide far(always(plain_answer("")));
  const auto http = make_http({"", "", "kanal-test"});
  auto call = local_post(far.url("/a?b=c#d"), "{}");
  call.method = "PUT";
  call.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  REQUIRE(http->fetch(call));
  call = local_post(far.url(), "");
  REQUIRE(http->fetch(call));
  call.method = "HEAD";
  REQUIRE(http->fetch(call));
  const auto requests = far.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].starts_with("PUT /a?b=c HTTP/1.1\r\n"));
  CHECK(holds(requests[0], "\r\nContent-Type: application/json\r\n"));
  CHECK(holds(requests[0], "\r\nX-Empty:\r\n"));
  CHECK(holds(requests[0], "\r\nUser-Agent: kanal-test\r\n"));
  CHECK(requests[0].ends_with("\r\n\r\n{}"));
  CHECK(holds(requests[1], "\r\nContent-Length: 0\r\n"));
  CHECK_FALSE(holds(requests[1], "Content-Type"));
  CHECK(requests[2].starts_with("HEAD / "));
}

TEST_CASE("a connection is used again") {
  bool at_once = false;
  // Not judged where this machine itself let it rest.
  for (int tries = 0; tries < 10 && !at_once; ++tries) {
    FarSide far(always(plain_answer("ok")));
    const auto http = make_http({});
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; ++i) REQUIRE(http->fetch(local_post(far.url())));
    at_once = std::chrono::steady_clock::now() - began < std::chrono::milliseconds(900);
    if (at_once) CHECK(far.connections() == 1);
  }
  CHECK(at_once);
}

TEST_CASE("a connection that has rested is not used again, as the far side may be closing it") {
  FarSide far(always(plain_answer("ok")));
  const auto http = make_http({});
  REQUIRE(http->fetch(local_post(far.url())));
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  REQUIRE(http->fetch(local_post(far.url())));
  CHECK(far.connections() == 2);
}

TEST_CASE("many threads fetch at once") {
  FarSide far(
      [](const std::string& text, int) { return plain_answer(text.substr(0, text.find('\r'))); });
  const auto http = make_http({});
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 12; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 20; ++i) {
        const auto path = "/" + std::to_string(thread) + "/" + std::to_string(i);
        const auto reply = http->fetch(local(far.url(path)));
        right += reply && reply->body == "GET " + path + " HTTP/1.1" ? 1 : 0;
      }
    });
  }
  for (auto& each : threads) each.join();
  CHECK(right == 240);
  CHECK(far.connections() <= 100);
}

TEST_CASE("private addresses are not called, however they are written") {
  const auto http = make_http({});
  for (const auto* url :
       {"http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://10.1.2.3/",
        "http://169.254.169.254/latest", "http://[::ffff:127.0.0.1]:1/", "http://0x7f000001:1/",
        "http://2130706433:1/", "http://0.0.0.0:1/", "http://127.1:1/", "http://017700000001:1/",
        "http://[::ffff:7f00:1]:1/", "http://[fe80::1]:1/"}) {
    HttpCall call;
    call.url = url;
    call.timeout_ms = std::chrono::milliseconds(2000);
    const auto reply = http->fetch(call);
    INFO(url);
    REQUIRE_FALSE(reply);
    CHECK(reply.error().remedy == Remedy::drop);
    CHECK(holds(reply.error().message, "private network"));
  }
}

TEST_CASE("only addresses of the open internet count as public") {
  for (const auto* text : {"0.1.2.3",
                           "10.0.0.1",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.9.9.9",
                           "169.254.169.254",
                           "168.63.129.16",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.168.1.1",
                           "198.19.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::ffff:8.8.8.8",
                           "64:ff9b::7f00:1",
                           "64:ff9b:1::808:808",
                           "2002:7f00:1::",
                           "2001::1",
                           "2001:db8::1",
                           "3fff::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "localhost",
                           ""}) {
    INFO(text);
    CHECK_FALSE(is_public_address(std::string_view(text)));
  }
  for (const auto* text : {"8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1",
                           "172.32.0.1", "192.167.1.1", "223.255.255.255", "2606:4700::1111",
                           "2001:4860:4860::8888", "64:ff9b::808:808", "2002:808:808::1"}) {
    INFO(text);
    CHECK(is_public_address(std::string_view(text)));
  }
}

TEST_CASE("an open connection to a private address serves only calls that may be private") {
  FarSide far(always(plain_answer("")));
  const auto http = make_http({});
  auto call = local(far.url());
  REQUIRE(http->fetch(call));
  call.allow_private = false;
  CHECK_FALSE(http->fetch(call));
  CHECK(far.requests().size() == 1);
}

TEST_CASE("a redirect is followed for GET, and only what names nobody goes to another origin") {
  // Two public addresses, both of them played by the proxy.
  FarSide far([](const std::string& text, int) {
    if (holds(text, "/d HTTP")) return plain_answer("there");
    return plain_answer(
        "", "302 Found",
        "Location: " + std::string(holds(text, "/a HTTP") ? "b c" : "http://93.184.215.15/d") +
            "\r\n");
  });
  auto call = local("http://93.184.215.14/a");
  call.allow_private = false;
  call.headers = {{"Authorization", "Bearer secret"},
                  {"Cookie", "secret=1"},
                  {"X-Api-Key", "secret"},
                  {"Accept", "text/plain"}};
  const auto reply = make_http({far.url(""), ""})->fetch(call);
  REQUIRE(reply);
  CHECK(reply->body == "there");
  const auto asked = far.requests();
  REQUIRE(asked.size() == 3);
  CHECK(asked[1].starts_with("GET http://93.184.215.14/b%20c "));
  CHECK(holds(asked[1], "Bearer secret"));
  CHECK(asked[2].starts_with("GET http://93.184.215.15/d "));
  CHECK_FALSE(holds(asked[2], "secret"));
  CHECK(holds(asked[2], "Accept: text/plain"));
}

TEST_CASE("a service of the private network leads to no other one of its machine") {
  FarSide second(always(plain_answer("there")));
  FarSide first(always(plain_answer("", "302 Found", "Location: " + second.url() + "\r\n")));
  const auto reply = make_http({})->fetch(local(first.url()));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().remedy == Remedy::drop);
  CHECK(holds(reply.error().message, "private network"));
  CHECK(second.requests().empty());
}

TEST_CASE("a host of the private network leads to no other private address") {
  FarSide second(always(plain_answer("there")));
  auto elsewhere = second.url();
  elsewhere.replace(elsewhere.find("127.0.0.1"), 9, "localhost");
  FarSide first(always(plain_answer("", "302 Found", "Location: " + elsewhere + "\r\n")));
  const auto reply = make_http({})->fetch(local(first.url()));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().remedy == Remedy::drop);
  CHECK(holds(reply.error().message, "private network"));
  CHECK(second.requests().empty());
}

TEST_CASE("five redirects are followed and not a sixth") {
  FarSide far(always(plain_answer("", "302 Found", "Location: /\r\n")));
  const auto reply = make_http({})->fetch(local(far.url()));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().remedy == Remedy::drop);
  CHECK(far.requests().size() == 6);
}

TEST_CASE("a redirect leads to no other scheme and to no nonsense") {
  for (const std::string to : {"file:///etc/passwd", "gopher://127.0.0.1:1/", "http://",
                               "http://user:secret@127.0.0.1:1/", "//[", "javascript:alert(1)"}) {
    INFO(to);
    FarSide far(always(plain_answer("", "302 Found", "Location: " + to + "\r\n")));
    const auto reply = make_http({})->fetch(local(far.url()));
    REQUIRE_FALSE(reply);
    CHECK_FALSE(holds(reply.error().message, "secret"));
    CHECK(far.requests().size() == 1);
  }
}

TEST_CASE("a redirect of a POST is its answer") {
  FarSide far(always(plain_answer("", "303 See Other", "Location: /b\r\n")));
  CHECK(make_http({})->fetch(local_post(far.url()))->status == 303);
  CHECK(far.requests().size() == 1);
}

TEST_CASE("a longer answer than is read fails, announced or not") {
  const auto long_header = "X-Long: " + std::string(90'000, 'x') + "\r\n";
  for (const auto& answer :
       {plain_answer(std::string(5000, 'x')),
        Answer{"HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x'), Then::close},
        Answer{"HTTP/1.1 200 OK\r\n\r\n", Then::drip},
        Answer{"HTTP/1.1 200 OK\r\n" + long_header + long_header + "\r\n"}}) {
    FarSide far(always(answer));
    auto call = local(far.url());
    call.most_bytes = 100;
    const auto http = make_http({});
    auto reply = http->fetch(call);
    REQUIRE_FALSE(reply);
    CHECK(reply.error().remedy == Remedy::drop);
    CHECK(holds(reply.error().message, "more than is read"));
    call.method = "POST";
    CHECK(http->fetch(call).error().remedy == Remedy::uncertain);
  }
}

TEST_CASE("a chunk of a negative size fails the call and nothing else") {
  for (const std::string size : {"-2", "-1", "ffffffffffffffffff"}) {
    INFO(size);
    FarSide far(always(
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + "\r\nabcdef\r\n0\r\n\r\n",
         Then::close}));
    const auto http = make_http({});
    const auto reply = http->fetch(local(far.url()));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().remedy == Remedy::uncertain);
  }
}

TEST_CASE("an answer of 500 MB costs no more memory than may be read of it") {
  std::atomic<std::uint64_t> sent = 0;
  const FarPeer far([&](int socket) {
    std::array<char, 4096> request;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    (void)::recv(socket, request.data(), request.size(), 0);
    say(socket, "HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(64U << 10U, 'x');
    while (sent < (500U << 20U)) {
      const auto count = ::send(socket, piece.data(), piece.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      sent += static_cast<std::uint64_t>(count);
    }
  });
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  auto call = local("http://127.0.0.1:" + std::to_string(far.port()) + "/");
  call.most_bytes = 1U << 20U;
  const auto reply = make_http({})->fetch(call);
  REQUIRE_FALSE(reply);
  CHECK(holds(reply.error().message, "more than is read"));
  CHECK(sent < (500U << 20U));
  CHECK(peak_kib() - before < bound_kib(12L * 1024));
}

TEST_CASE("the deadline holds against silence and against a trickle") {
  for (const auto& answer :
       {Answer{"", Then::silence}, Answer{"HTTP/1.1 200 OK\r\n\r\n", Then::drip},
        Answer{"HTTP/1.1 200 OK\r\nX-A: ", Then::drip}}) {
    FarSide far(always(answer));
    auto call = local(far.url());
    call.timeout_ms = std::chrono::milliseconds(1500);
    const auto start = std::chrono::steady_clock::now();
    const auto reply = make_http({})->fetch(call);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().remedy == Remedy::uncertain);
  }
}

TEST_CASE("without time nothing is sent") {
  FarSide far(always(plain_answer("")));
  auto call = local_post(far.url());
  call.timeout_ms = std::chrono::milliseconds(0);
  CHECK(make_http({})->fetch(call).error().remedy == Remedy::retry);
  CHECK(far.requests().empty());
}

TEST_CASE("what was sent and not answered is uncertain, what was not sent can be tried again") {
  const auto http = make_http({});
  for (const std::string said :
       {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "no HTTP"}) {
    FarSide far(always({said, Then::close}));
    CHECK(http->fetch(local_post(far.url())).error().remedy == Remedy::uncertain);
  }
  CHECK(http->fetch(local("http://127.0.0.1:1/")).error().remedy == Remedy::retry);
  CHECK(http->fetch(local("http://kanal.invalid/")).error().remedy == Remedy::retry);
}

TEST_CASE("a request is never sent twice when an open connection dies, but a GET may be") {
  const auto script = [](const std::string&, int request) {
    return request == 1 ? Answer{"", Then::close} : plain_answer("ok");
  };
  const auto http = make_http({});
  {
    FarSide far(script);
    REQUIRE(http->fetch(local_post(far.url())));
    CHECK(http->fetch(local_post(far.url())).error().remedy == Remedy::uncertain);
    CHECK(far.requests().size() == 2);
  }
  FarSide far(script);
  REQUIRE(http->fetch(local(far.url())));
  CHECK(http->fetch(local(far.url())));
  CHECK(far.requests().size() == 3);
}

TEST_CASE("headers, methods and addresses cannot smuggle lines") {
  const auto http = make_http({});
  using Field = std::pair<std::string, std::string>;
  for (const auto& field :
       {Field{"X-A", "b\r\nX-C: d"}, Field{"X-A", std::string("b\0c", 3)}, Field{"X-A\r\nB", "c"},
        Field{"X A", "b"}, Field{"", "b"}, Field{"X-A:", "b"}}) {
    auto call = local("http://127.0.0.1:1/");
    call.headers = {field};
    CHECK(http->fetch(call).error().remedy == Remedy::drop);
  }
  for (const auto* name : {"Host", "content-length", "Transfer-Encoding", "Connection"}) {
    auto call = local("http://127.0.0.1:1/");
    call.headers = {{name, "1"}};
    CHECK(http->fetch(call).error().remedy == Remedy::reconfigure);
  }
  auto call = local("http://127.0.0.1:1/");
  call.method = "GET / HTTP/1.1\r\nX-A: b\r\n\r\nGET";
  CHECK(http->fetch(call).error().remedy == Remedy::reconfigure);
}

TEST_CASE("what is not a web address is a matter for a person") {
  const auto http = make_http({});
  for (const std::string& url :
       {std::string("http://127.0.0.1:1/\r\nX: y"), std::string("http://127.0.0.1:1/\0x", 21),
        std::string("file:///etc/passwd"), std::string("ftp://127.0.0.1/"),
        std::string("127.0.0.1"), std::string("http://a b/"),
        std::string("http://user:word@127.0.0.1:1/"), std::string(),
        "http://127.0.0.1:1/" + std::string(9000, 'a'), std::string("http://127.0.0.1:99999/")}) {
    INFO(url);
    const auto reply = http->fetch(local(url));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().remedy == Remedy::reconfigure);
    CHECK_FALSE(holds(reply.error().message, "word"));
  }
}

TEST_CASE("no error repeats the address with its query") {
  FarSide far(always({"", Then::close}));
  const auto reply = make_http({})->fetch(local(far.url("/hook?token=secret")));
  REQUIRE_FALSE(reply);
  CHECK_FALSE(holds(reply.error().message, "secret"));
  CHECK(holds(reply.error().message, "http://127.0.0.1:"));
}

TEST_CASE("a certificate must be signed by somebody whom we trust") {
  const OwnCertificate own;
  FarSide far(always(plain_answer("ok")), own.context());
  const auto refused = make_http({})->fetch(local_post(far.url()));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(far.requests().empty());
  const auto trusting = make_http({"", own.path()});
  CHECK(trusting->fetch(local_post(far.url()))->body == "ok");
  CHECK(make_http({"", "/nowhere.pem"})->fetch(local(far.url())).error().remedy ==
        Remedy::reconfigure);
}

TEST_CASE("a proxy is asked for public addresses only") {
  FarSide proxy(always(plain_answer("by proxy")));
  const auto http = make_http({proxy.url(""), ""});
  HttpCall call;
  call.url = "http://93.184.215.14/page";
  const auto reply = http->fetch(call);
  REQUIRE(reply);
  CHECK(reply->body == "by proxy");
  CHECK(proxy.requests().at(0).starts_with("GET http://93.184.215.14/page HTTP/1.1"));
  for (const auto* url : {"http://10.0.0.1/", "http://localhost/", "http://[::1]/"}) {
    call.url = url;
    CHECK(http->fetch(call).error().remedy == Remedy::drop);
  }
  call.url = "http://kanal.invalid/";
  CHECK(http->fetch(call).error().remedy == Remedy::retry);
  CHECK(proxy.requests().size() == 1);
  call.allow_private = true;
  CHECK(http->fetch(call));
}

TEST_CASE("loopback, and what is named for it, is reached without the proxy") {
  FarSide proxy(always(plain_answer("by proxy")));
  FarSide far(always(plain_answer("straight")));
  const auto http = make_http({proxy.url(""), "", "kanal", {".Example.Invalid", "other.invalid"}});
  const auto reply = http->fetch(local(far.url()));
  REQUIRE(reply);
  CHECK(reply->body == "straight");
  HttpCall call;
  call.allow_private = true;
  for (const auto* url :
       {"http://example.invalid/", "http://api.example.invalid/", "http://other.INVALID/"}) {
    call.url = url;
    CHECK(http->fetch(call).error().remedy == Remedy::retry);
  }
  CHECK(proxy.requests().empty());
  for (const auto* url : {"http://anexample.invalid/", "http://invalid/", "http://127.invalid/"}) {
    call.url = url;
    CHECK(http->fetch(call)->body == "by proxy");
  }
  call.url = "http://example.invalid/";
  CHECK_FALSE(make_http({proxy.url(""), "", "kanal", {"*"}})->fetch(call));
}

TEST_CASE("a proxy that refuses is a matter for a person") {
  FarSide proxy(always(plain_answer("", "407 Proxy Authentication Required")));
  HttpCall call;
  call.url = "https://93.184.215.14/";
  const auto reply = make_http({proxy.url(""), ""})->fetch(call);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().remedy == Remedy::reconfigure);
}

}  // namespace
}  // namespace kanal
