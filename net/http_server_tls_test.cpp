#include <catch2/catch.hpp>

#include "net/certificate.hpp"
#include "net/http_server_fixture.hpp"
#include "net/own_certificate_fixture.hpp"

namespace kanal {
namespace {

using std::chrono::milliseconds;

class TlsSide {
 public:
  explicit TlsSide(HttpServerOptions options = {}) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_load_verify_locations(context_, certificate_.path().c_str(), nullptr);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    options.certificate_file = certificate_.path();
    options.key_file = certificate_.key_path();
    std::vector<Route> routes;
    routes.push_back(on_get("/", [](const Request& request) {
      return Response::text(200, request.secure ? "secure" : "plain");
    }));
    routes.push_back(on_get(
        "/large", [](const Request&) { return Response::text(200, std::string(3U << 20U, 'x')); }));
    routes.push_back(on_post("/raw", BodyKind::raw, 1U << 20U, [](const Request& request) {
      return Response::text(200, std::to_string(request.body.size()));
    }));
    server_ = serve(std::move(options), std::move(routes));
  }
  TlsSide(const TlsSide&) = delete;
  TlsSide& operator=(const TlsSide&) = delete;
  ~TlsSide() { SSL_CTX_free(context_); }
  [[nodiscard]] RawClient client(SSL_SESSION* session = nullptr) const {
    return RawClient(server_->port(), context_, session);
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] RawClient plain() const { return RawClient(server_->port()); }
  [[nodiscard]] SSL_CTX* context() const { return context_; }
  [[nodiscard]] const OwnCertificate& certificate() const { return certificate_; }

 private:
  OwnCertificate certificate_;
  SSL_CTX* context_;
  std::unique_ptr<HttpServer> server_;
};

TEST_CASE("requests over TLS are answered, kept alive and known to be secure") {
  const TlsSide side;
  auto client = side.client();
  REQUIRE(client.connected());
  CHECK(client.ask(get("/")).body == "secure");
  CHECK(client.ask(get("/large")).body.size() == 3U << 20U);
  CHECK(client.ask(post("/raw", "text/plain", std::string(500'000, 'x'))).body == "500000");
}

TEST_CASE("TLS before 1.2 is not spoken") {
  const TlsSide side;
  SSL_CTX_set_security_level(side.context(), 0);
  SSL_CTX_set_min_proto_version(side.context(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(side.context(), TLS1_1_VERSION);
  CHECK_FALSE(side.client().connected());
  SSL_CTX_set_max_proto_version(side.context(), TLS1_2_VERSION);
  CHECK(side.client().ask(get("/")).body == "secure");
}

TEST_CASE("a TLS session is resumed") {
  const TlsSide side;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_max_proto_version(side.context(), version);
    auto first = side.client();
    REQUIRE(first.ask(get("/")).status == 200);
    auto* session = SSL_get1_session(first.tls());
    auto second = side.client(session);
    CHECK(second.ask(get("/")).status == 200);
    CHECK(SSL_session_reused(second.tls()) == 1);
    SSL_SESSION_free(session);
  }
}

TEST_CASE("connections that end before their handshake leave no descriptor behind") {
  const TlsSide side;
  const auto before = open_descriptors();
  CHECK(side.client().ask(get("/")).status == 200);
  for (int each = 0; each < 100; ++each) {
    auto client = side.plain();
    if (each % 2 == 1) client.reset();
  }
  for (int each = 0; each < 20; ++each) {
    auto client = side.plain();
    client.send("\x16\x03\x01\x02");
  }
  CHECK(eventually([&] { return open_descriptors() <= before; }));
  CHECK(side.client().ask(get("/")).status == 200);
}

TEST_CASE("a connection that says nothing is closed before its handshake") {
  HttpServerOptions options;
  options.header_timeout_ms = milliseconds(200);
  const TlsSide side(options);
  std::vector<RawClient> silent;
  for (int each = 0; each < 50; ++each) silent.push_back(side.plain());
  for (auto& each : silent) CHECK(each.is_closed());
}

TEST_CASE("a plain request to a TLS port is turned away and hurts nobody") {
  const TlsSide side;
  auto client = side.plain();
  client.send(get("/"));
  const auto said = client.read_all();
  CHECK(said.find("HTTP/1.1 200") == std::string::npos);
  CHECK(side.client().ask(get("/")).status == 200);
}

TEST_CASE("an upload over TLS that is too large gets its refusal") {
  const TlsSide side;
  for (int each = 0; each < 10; ++each) {
    auto client = side.client();
    client.send("POST /raw HTTP/1.1\r\nHost: a\r\nContent-Length: 200000000\r\n\r\n");
    const std::string piece(64U << 10U, 'x');
    std::size_t sent = 0;
    while (sent < (4U << 20U) && client.send(piece)) sent += piece.size();
    CHECK(client.read().status == 413);
  }
}

TEST_CASE("an idle TLS connection ends with the protocol's own goodbye") {
  HttpServerOptions options;
  options.idle_timeout_ms = milliseconds(100);
  const TlsSide side(options);
  auto client = side.client();
  CHECK(client.ask(get("/")).status == 200);
  CHECK(client.is_closed());
  CHECK((SSL_get_shutdown(client.tls()) & SSL_RECEIVED_SHUTDOWN) != 0);
}

TEST_CASE("a server whose certificate cannot be used does not start, and says which file") {
  const OwnCertificate first;
  const OwnCertificate second;
  const auto start = [](const std::string& certificate, const std::string& key) {
    HttpServerOptions options;
    options.port = 0;
    options.certificate_file = certificate;
    options.key_file = key;
    return HttpServer::start(options, {});
  };
  const OwnCertificate of_another_kind(EVP_RSA_gen(2048));
  for (const auto& [certificate, key, named] :
       {std::tuple{std::string("/nowhere.pem"), first.key_path(), std::string("/nowhere.pem")},
        std::tuple{first.path(), std::string("/nowhere.key"), std::string("/nowhere.key")},
        std::tuple{first.key_path(), first.key_path(), first.key_path()},
        std::tuple{first.path(), second.key_path(), second.key_path()},
        std::tuple{first.path(), of_another_kind.key_path(), of_another_kind.key_path()}}) {
    const auto server = start(certificate, key);
    REQUIRE_FALSE(server);
    CHECK(server.error().remedy == Remedy::reconfigure);
    CHECK(server.error().message.find(named) != std::string::npos);
  }
}

TEST_CASE("the end of a certificate is known where TLS could be served with it") {
  const OwnCertificate own;
  const OwnCertificate other;
  const auto end = certificate_end(own.path(), own.key_path());
  REQUIRE(end);
  const auto left = *end - SystemClock().now();
  CHECK(left > std::chrono::minutes(50));
  CHECK(left <= std::chrono::minutes(60));
  CHECK_FALSE(certificate_end(own.path(), other.key_path()));
  CHECK_FALSE(certificate_end("/nowhere.pem", own.key_path()));
}

TEST_CASE("a certificate that is renewed on disk is served, and one that cannot be used is not") {
  using std::filesystem::copy_options;
  HttpServerOptions options;
  options.certificate_look_ms = milliseconds(20);
  const TlsSide side(options);
  auto kept = side.client();
  CHECK(kept.ask(get("/")).status == 200);
  const OwnCertificate renewed;
  auto* const trusting = SSL_CTX_new(TLS_client_method());
  SSL_CTX_load_verify_locations(trusting, renewed.path().c_str(), nullptr);
  SSL_CTX_set_verify(trusting, SSL_VERIFY_PEER, nullptr);
  const auto is_served = [&] { return RawClient(side.port(), trusting).connected(); };
  const auto replace = [](const std::string& with, const std::string& file) {
    std::filesystem::copy_file(with, file, copy_options::overwrite_existing);
  };
  CHECK_FALSE(is_served());
  // One without the other fits nothing.
  replace(renewed.path(), side.certificate().path());
  std::this_thread::sleep_for(milliseconds(100));
  CHECK(side.client().connected());
  replace(renewed.key_path(), side.certificate().key_path());
  CHECK(eventually(is_served));
  CHECK_FALSE(side.client().connected());
  CHECK(kept.ask(get("/")).status == 200);
  std::filesystem::remove(side.certificate().path());
  std::this_thread::sleep_for(milliseconds(100));
  CHECK(is_served());
  SSL_CTX_free(trusting);
}

TEST_CASE("an address that is taken is said so") {
  HttpServerOptions options;
  const auto server = serve(options, {});
  options.port = server->port();
  const auto second = HttpServer::start(options, {});
  REQUIRE_FALSE(second);
  CHECK(second.error().message.find(std::to_string(server->port())) != std::string::npos);
  options.address = "kanal.test";
  CHECK_FALSE(HttpServer::start(options, {}));
}

}  // namespace
}  // namespace kanal
