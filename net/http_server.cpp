#include "net/http_server.hpp"

#include <array>
#include <atomic>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/address.hpp"
#include "net/answer.hpp"
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
constexpr milliseconds k_breath{50};
/// Of those turned away, so many are given time to read why; the others may not hear of it.
constexpr int k_most_lingering = 64;
constexpr std::size_t k_piece_bytes = 16U << 10U;

class Server final : public HttpServer {
 public:
  Server(HttpServerOptions options, Router router)
      : hub_(std::move(options), std::move(router)),
        certificate_(hub_.options.certificate_file, hub_.options.key_file) {}

  ~Server() override {
    drain();
    io_.stop();
    for (auto& thread : threads_) thread.join();
  }

  Result<> start() {
    if (certificate_.is_given()) TRY(certificate_.load());
    TRY(listen());
    asio::co_spawn(
        listening_, [this] { return accept_all(); },
        [](const std::exception_ptr& failure) { log_failure("accepting connections", failure); });
    if (certificate_.is_given()) {
      asio::co_spawn(
          listening_, [this] { return keep_certificate(); },
          [](const std::exception_ptr& failure) { log_failure("renewing TLS", failure); });
    }
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
      look_.cancel();
    });
    hub_.for_each_peer([](Peer& peer) { peer.drain(); });
    if (!hub_.wait_until_empty(hub_.options.drain_timeout_ms)) {
      hub_.for_each_peer([](Peer& peer) { peer.close(); });
      hub_.wait_until_empty(k_linger);
    }
    hub_.pool.stop();
  }

 private:
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
      // Out of descriptors or of memory: those in use must end first.
      if (!error && admit(std::move(socket))) continue;
      retry_.expires_after(k_breath);
      co_await retry_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }

  /// False when this one is lost and the next may be too.
  bool admit(tcp::socket socket) try {
    error_code gone;
    const auto endpoint = socket.remote_endpoint(gone);
    if (gone) return true;
    const auto text = endpoint.address().to_string();
    auto address = plain_address(text).value_or(text);
    const auto room = hub_.make_room(hub_.source_of(address));
    if (room == Hub::Room::free) {
      serve_connection(hub_, std::move(address), std::move(socket), certificate_.context());
    } else {
      turn_away(std::move(socket), room);
    }
    return true;
  } catch (...) {
    log_failure("a new connection", std::current_exception());
    return false;
  }

  // What the client has sent is read, or a reset would take the answer from it.
  void turn_away(tcp::socket socket, Hub::Room room) {
    // Over TLS there is nothing that it would understand yet.
    if (certificate_.is_given()) return;
    error_code ignored;
    socket.non_blocking(true, ignored);
    const auto status = room == Hub::Room::full ? 503 : 429;
    const auto answer = "HTTP/1.1 " + std::to_string(status) + " " +
                        std::string(phrase_of(status)) +
                        "\r\nContent-Length: 0\r\nRetry-After: 2\r\nConnection: close\r\n\r\n";
    socket.write_some(asio::buffer(answer), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    auto shared = std::make_shared<tcp::socket>(std::move(socket));
    if (lingering_ < k_most_lingering) {
      ++lingering_;
      asio::co_spawn(
          shared->get_executor(), [shared] { return linger(shared); },
          [this](const std::exception_ptr&) { --lingering_; });
    } else {
      std::array<char, k_piece_bytes> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
      shared->read_some(asio::buffer(bytes), ignored);
    }
  }

  // Shared with its deadline, which may come when the socket has gone.
  static asio::awaitable<void> linger(std::shared_ptr<tcp::socket> socket) {
    asio::steady_timer deadline(socket->get_executor(), k_linger);
    deadline.async_wait([weak = std::weak_ptr(socket)](const error_code& error) {
      error_code ignored;
      if (const auto still = weak.lock(); still && !error) still->close(ignored);
    });
    std::array<char, k_piece_bytes> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    for (error_code error; !error;) {
      co_await socket->async_read_some(asio::buffer(bytes),
                                       asio::redirect_error(asio::use_awaitable, error));
    }
  }

  asio::awaitable<void> keep_certificate() {
    while (!hub_.draining) {
      error_code ignored;
      look_.expires_after(hub_.options.certificate_look_ms);
      co_await look_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      if (!hub_.draining) certificate_.renew();
    }
  }

  // Connections that are left end with `io_`, before what they use.
  Hub hub_;
  asio::io_context io_{k_io_threads};
  asio::strand<asio::io_context::executor_type> listening_ = asio::make_strand(io_);
  tcp::acceptor acceptor_{listening_};
  asio::steady_timer retry_{listening_};
  asio::steady_timer look_{listening_};
  Certificate certificate_;
  std::uint16_t port_ = 0;
  std::atomic<int> lingering_{0};
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
