#include "net/http_client.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

namespace kanal {
namespace {

// Answers each connection in turn with what it was given, and keeps what it was sent.
class Scripted {
 public:
  explicit Scripted(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&name), size);
    ::listen(listener_, 8);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  Scripted(const Scripted&) = delete;
  Scripted& operator=(const Scripted&) = delete;
  ~Scripted() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::vector<std::string> requests() const { return requests_; }

 private:
  void serve() {
    for (const auto& answer : answers_) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      std::string request(65536, '\0');
      const auto count = ::recv(client, request.data(), request.size(), 0);
      request.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
      requests_.push_back(request);
      ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(client);
    }
  }
  std::vector<std::string> answers_;
  std::vector<std::string> requests_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string answer(const std::string& body, const std::string& head = "HTTP/1.1 200 OK\r\n") {
  return head + "Content-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\nX-Test:  a b \r\n\r\n" + body;
}

HttpCall local(const std::string& url) {
  HttpCall call;
  call.url = url;
  call.allow_private = true;
  call.timeout_ms = std::chrono::milliseconds(3000);
  return call;
}

TEST_CASE("an answer of any status is a success") {
  const Scripted far({answer("gone", "HTTP/1.1 404 Not Found\r\n")});
  const auto reply = make_http({})->fetch(local(far.url()));
  REQUIRE(reply);
  CHECK(reply->status == 404);
  CHECK(reply->body == "gone");
  CHECK(reply->header("x-test") == "a b");
}

TEST_CASE("private addresses are not called, however they are written") {
  const auto http = make_http({});
  for (const auto* url :
       {"http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://10.1.2.3/",
        "http://169.254.169.254/latest", "http://[::ffff:127.0.0.1]:1/", "http://0x7f000001:1/",
        "http://2130706433:1/", "http://0.0.0.0:1/"}) {
    HttpCall call;
    call.url = url;
    call.timeout_ms = std::chrono::milliseconds(2000);
    const auto reply = http->fetch(call);
    INFO(url);
    REQUIRE_FALSE(reply);
    CHECK(reply.error().message.find("private network") != std::string::npos);
  }
}

TEST_CASE("an open connection to a private address serves only calls that may be private") {
  const Scripted far({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", answer("x")});
  const auto http = make_http({});
  auto call = local(far.url());
  REQUIRE(http->fetch(call));
  call.allow_private = false;
  CHECK_FALSE(http->fetch(call));
}

TEST_CASE("a redirect is followed for GET, without credentials to another origin") {
  const Scripted second({answer("there")});
  const Scripted first(
      {answer("", "HTTP/1.1 302 Found\r\nLocation: " + second.url("/b") + "\r\n")});
  auto call = local(first.url("/a"));
  call.headers = {{"Authorization", "Bearer secret"}};
  const auto reply = make_http({})->fetch(call);
  REQUIRE(reply);
  CHECK(reply->body == "there");
  CHECK(first.requests().at(0).find("Bearer secret") != std::string::npos);
  CHECK(second.requests().at(0).find("Bearer secret") == std::string::npos);
}

TEST_CASE("a redirect of a POST is its answer") {
  const Scripted far({answer("", "HTTP/1.1 303 See Other\r\nLocation: /b\r\n")});
  auto call = local(far.url());
  call.method = "POST";
  call.body = "a=1";
  CHECK(make_http({})->fetch(call)->status == 303);
}

TEST_CASE("a longer answer than is read fails") {
  const Scripted far({answer(std::string(5000, 'x'))});
  auto call = local(far.url());
  call.most_bytes = 1000;
  const auto reply = make_http({})->fetch(call);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().message.find("more than is read") != std::string::npos);
}

TEST_CASE("what was sent and not answered is uncertain, what was not sent can be tried again") {
  const auto http = make_http({});
  {
    const Scripted far({""});
    auto call = local(far.url());
    call.method = "POST";
    call.body = "x";
    CHECK(http->fetch(call).error().remedy == Remedy::uncertain);
  }
  CHECK(http->fetch(local("http://127.0.0.1:1/")).error().remedy == Remedy::retry);
}

TEST_CASE("headers and addresses cannot smuggle lines") {
  const auto http = make_http({});
  auto call = local("http://127.0.0.1:1/");
  call.headers = {{"X-A", "b\r\nX-C: d"}};
  CHECK(http->fetch(call).error().remedy == Remedy::drop);
  CHECK(http->fetch(local("http://127.0.0.1:1/\r\nX: y")).error().remedy == Remedy::reconfigure);
  CHECK(http->fetch(local("file:///etc/passwd")).error().remedy == Remedy::reconfigure);
}

}  // namespace
}  // namespace kanal
