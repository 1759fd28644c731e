#include "net/http_server.hpp"

#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/certificate.hpp"
#include "net/connection.hpp"
#include "net/hub.hpp"
#include "net/responder.hpp"

namespace kanal {

Responder::Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}

void Responder::operator()(Response response) const {
  if (!state_->answered.exchange(true)) state_->deliver(std::move(response));
}

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr int k_io_threads = 2;

class Server final : public HttpServer {
 public:
  Server(HttpServerOptions options, Router router) : hub_(std::move(options), std::move(router)) {}

  ~Server() override {
    drain();
    io_.stop();
    for (auto& thread : threads_) thread.join();
  }

  Result<> start() {
    TRY(load_certificate());
    TRY(listen());
    asio::co_spawn(
        listening_, [this] { return accept_all(); }, asio::detached);
    for (int count = 0; count < k_io_threads; ++count) {
      threads_.emplace_back([this] { io_.run(); });
    }
    return {};
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void drain() override {
    if (hub_.draining.exchange(true)) return;
    asio::post(listening_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      retry_.cancel();
    });
    hub_.for_each_peer([](Peer& peer) { peer.drain(); });
    if (!hub_.wait_until_empty(hub_.options.drain_timeout_ms)) {
      hub_.for_each_peer([](Peer& peer) { peer.close(); });
      hub_.wait_until_empty(k_linger);
    }
    hub_.pool.stop();
  }

 private:
  Result<> load_certificate() {
    if (hub_.options.certificate_file.empty()) return {};
    using asio::ssl::context;
    tls_.emplace(context::tls_server);
    error_code error;
    tls_->set_options(context::default_workarounds | context::no_sslv2 | context::no_sslv3 |
                          context::no_tlsv1 | context::no_tlsv1_1,
                      error);
    return use_certificate(*tls_, hub_.options.certificate_file, hub_.options.key_file);
  }

  Result<> listen() {
    const auto& options = hub_.options;
    error_code error;
    const auto address = asio::ip::make_address(
        options.address == "localhost" ? "127.0.0.1" : options.address, error);
    if (error) return fail(Remedy::reconfigure, options.address + " is not an address");
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(1024, error);
    if (error) {
      return fail(Remedy::reconfigure, options.address + ":" + std::to_string(options.port) +
                                           " cannot be listened on: " + error.message());
    }
    port_ = acceptor_.local_endpoint(error).port();
    return {};
  }

  asio::awaitable<void> accept_all() {
    while (!hub_.draining) {
      error_code error;
      auto socket = co_await acceptor_.async_accept(
          asio::make_strand(io_), asio::redirect_error(asio::use_awaitable, error));
      if (hub_.draining) co_return;
      if (error) {
        // Out of descriptors: those in use must end first.
        retry_.expires_after(milliseconds(50));
        co_await retry_.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      serve_connection(hub_, std::move(socket), tls_ ? &*tls_ : nullptr);
    }
  }

  // Connections that are left end with `io_`, before what they use.
  Hub hub_;
  std::optional<asio::ssl::context> tls_;
  asio::io_context io_{k_io_threads};
  asio::strand<asio::io_context::executor_type> listening_ = asio::make_strand(io_);
  tcp::acceptor acceptor_{listening_};
  asio::steady_timer retry_{listening_};
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options,
                                                      std::vector<Route> routes) {
  std::error_code error;
  if (!options.spool.empty()) std::filesystem::create_directories(options.spool, error);
  auto router = TRY(Router::make(std::move(routes)));
  auto server = std::make_unique<Server>(std::move(options), std::move(router));
  TRY(server->start());
  return server;
}

}  // namespace kanal
