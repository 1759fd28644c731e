#include "net/connection.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <random>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <spdlog/spdlog.h>

#include "net/answer.hpp"
#include "net/body.hpp"
#include "net/event_queue.hpp"
#include "net/forwarded.hpp"
#include "net/request_head.hpp"
#include "net/request_target.hpp"
#include "net/responder.hpp"

namespace kanal {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t k_read_bytes = 16U << 10U;
constexpr std::size_t k_write_bytes = 64U << 10U;
constexpr std::size_t k_most_lingering_bytes = 8U << 20U;
constexpr std::size_t k_most_bytes_meanwhile = 64U << 10U;
constexpr std::int64_t k_least_body_bytes_a_second = 16 << 10;
constexpr std::size_t k_most_empty_bytes = 16;
constexpr std::chrono::seconds k_heartbeat{15};

/// A request whose uploads go with it, unless somebody moved them away.
struct OwnedRequest final : Request {
  OwnedRequest() = default;
  OwnedRequest(const OwnedRequest&) = delete;
  OwnedRequest& operator=(const OwnedRequest&) = delete;
  ~OwnedRequest() {
    std::error_code error;
    for (const auto& part : form) {
      if (!part.file.empty()) std::filesystem::remove(part.file, error);
    }
  }
};

/// The bytes of the empty lines that it begins with.
std::size_t empty_lines(std::string_view bytes) {
  std::size_t count = 0;
  while (bytes.substr(count, 2) == "\r\n") count += 2;
  return count;
}

std::string make_reference() {
  static constexpr std::string_view k_letters = "23456789abcdefghjkmnpqrstuvwxyz";
  thread_local std::mt19937_64 random{std::random_device{}()};
  // Behind a letter it is no number to whoever blots those out.
  std::string reference(1, k_letters[8 + random() % (k_letters.size() - 8)]);
  for (int at = 1; at < 10; ++at) reference += k_letters[random() % k_letters.size()];
  return reference;
}

template <class Stream>
class Connection final : public Peer, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  template <class... Arguments>
  explicit Connection(Hub& hub, std::string address, tcp::socket socket, Arguments&... arguments)
      : Peer(hub.source_of(address)),
        hub_(hub),
        stream_(std::move(socket), arguments...),
        deadline_(stream_.get_executor()),
        waiting_(stream_.get_executor()),
        peer_(std::move(address)) {}
  ~Connection() override { hub_.leave(*this); }

  void start() {
    hub_.enter(this->shared_from_this());
    asio::co_spawn(
        stream_.get_executor(), [self = this->shared_from_this()] { return self->run(); },
        [](const std::exception_ptr& failure) { log_failure("a connection", failure); });
  }
  void drain() override {
    post([this] {
      error_code ignored;
      // A request that is here already is still answered.
      if (idle_ && socket().available(ignored) == 0) shut();
      waiting_.cancel();
    });
  }
  void close() override {
    post([this] { shut(); });
  }
  void give_way() override {
    // Not by closing: what was read already, and waits for its turn here, is still served.
    post([this] {
      if (serving_) return;
      gives_way_ = true;
      error_code ignored;
      stream_.lowest_layer().cancel(ignored);
    });
  }

 private:
  static constexpr bool k_secure = !std::is_same_v<Stream, tcp::socket>;

  tcp::socket& socket() {
    if constexpr (k_secure) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  template <class Work>
  void post(Work work) {
    asio::post(stream_.get_executor(), [self = this->shared_from_this(), work] { work(); });
  }

  void shut() {
    error_code ignored;
    stream_.lowest_layer().close(ignored);
    disarm();
    waiting_.cancel();
    closed_ = true;
  }

  void arm(milliseconds patience) {
    timed_out_ = false;
    deadline_.expires_after(patience);
    deadline_.async_wait(
        [weak = this->weak_from_this(), armed = ++armed_](const error_code& error) {
          const auto self = weak.lock();
          if (!self || error || self->armed_ != armed) return;
          self->timed_out_ = true;
          error_code ignored;
          self->stream_.lowest_layer().cancel(ignored);
        });
  }

  // One that is due already cannot be called back, only disowned.
  void disarm() {
    ++armed_;
    deadline_.cancel();
  }

  /// False when the peer is gone or took too long.
  asio::awaitable<bool> read_more(milliseconds patience) {
    std::array<char, k_read_bytes> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    error_code error;
    arm(patience);
    const auto count = co_await stream_.async_read_some(
        asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
    disarm();
    if (error || timed_out_ || closed_) co_return false;
    in_.append(bytes.data(), count);
    co_return true;
  }

  asio::awaitable<bool> write(const std::string& bytes) {
    // In pieces, so that a slow reader has as much time for each.
    for (std::size_t at = 0; at < bytes.size();) {
      const auto count = std::min(bytes.size() - at, k_write_bytes);
      error_code error;
      arm(hub_.options.body_chunk_timeout_ms);
      co_await asio::async_write(stream_, asio::buffer(bytes.data() + at, count),
                                 asio::redirect_error(asio::use_awaitable, error));
      disarm();
      if (error || timed_out_) co_return false;
      at += count;
      sent_ += count;
    }
    co_return true;
  }

  asio::awaitable<void> run() {
    error_code error;
    stream_.lowest_layer().set_option(tcp::no_delay(true), error);
    if constexpr (k_secure) {
      arm(hub_.options.header_timeout_ms);
      co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                       asio::redirect_error(asio::use_awaitable, error));
      disarm();
      if (error || timed_out_) co_return;
    }
    bool more = true;
    for (bool first = true; more && !closed_; first = false) more = co_await serve_one(first);
    // Whose place is wanted does not keep it to say goodbye.
    if (gives_way_ && !lingers_) co_return shut();
    co_await end();
  }

  asio::awaitable<void> end() {
    error_code ignored;
    const bool unread = !in_.empty() || socket().available(ignored) > 0;
    if constexpr (k_secure) {
      arm(k_linger);
      co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
      disarm();
    }
    if (lingers_ || unread) co_await linger();
    shut();
  }

  // What the peer still sends is read, or a reset would take our answer from it.
  asio::awaitable<void> linger() {
    error_code error;
    socket().shutdown(tcp::socket::shutdown_send, error);
    in_ = {};
    std::vector<char> bytes(k_read_bytes);
    arm(k_linger);
    error = {};
    for (std::size_t read = 0;
         !error && !timed_out_ && !closed_ && read < k_most_lingering_bytes;) {
      read += co_await socket().async_read_some(asio::buffer(bytes),
                                                asio::redirect_error(asio::use_awaitable, error));
    }
  }

  /// Reads one head; 0 when there will be none.
  asio::awaitable<std::size_t> read_head(bool first) {
    using std::chrono::steady_clock;
    // By name: g++ 12 destroys twice what braces make inside of co_await.
    const HttpRefusal too_long{431, "The request's head is too long."};
    const HttpRefusal too_slow{408, "The request came too slowly."};
    const HttpRefusal too_empty{400, "The request begins with empty lines."};
    std::size_t scanned = 0;
    std::size_t empty_bytes = 0;
    waits_since = steady_clock::now().time_since_epoch();
    serving_ = false;
    idle_ = in_.empty();
    if (idle_ && hub_.draining) co_return 0;
    bool between = idle_ && !first;
    auto until = steady_clock::now() +
                 (between ? hub_.options.idle_timeout_ms : hub_.options.header_timeout_ms);
    for (;;) {
      // An empty line before a request is tolerated (RFC 9112 §2.2).
      if (const auto empty = empty_lines(in_); empty > 0) {
        in_.erase(0, empty);
        scanned = 0;
        empty_bytes += empty;
      }
      if (empty_bytes > k_most_empty_bytes) {
        co_await refuse_head(too_empty);
        co_return 0;
      }
      const auto end = find_head_end(in_, scanned);
      if (end > 0 && end <= hub_.options.header_bytes) co_return end;
      if (in_.size() > hub_.options.header_bytes) {
        co_await refuse_head(too_long);
        co_return 0;
      }
      if (gives_way_) co_return 0;
      const auto patience = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
      const bool got = patience.count() > 0 && co_await read_more(patience);
      if (!got) {
        if (!in_.empty() && (timed_out_ || patience.count() <= 0)) {
          co_await refuse_head(too_slow);
        }
        co_return 0;
      }
      idle_ = false;
      // The head's time runs from its first byte.
      if (std::exchange(between, false))
        until = steady_clock::now() + hub_.options.header_timeout_ms;
    }
  }

  asio::awaitable<bool> serve_one(bool first) {
    const auto end = co_await read_head(first);
    idle_ = false;
    serving_ = true;
    waits_since = std::chrono::steady_clock::duration::zero();
    if (end == 0) co_return false;
    started_ = std::chrono::steady_clock::now();
    sent_ = 0;
    auto parsed = parse_request_head(std::string_view(in_).substr(0, end));
    if (!parsed) {
      co_await refuse_head(parsed.error());
      co_return false;
    }
    in_.erase(0, end);
    head_ = std::move(*parsed);
    auto request = std::make_shared<OwnedRequest>();
    if (auto refusal = describe(*request)) {
      co_await refuse(*request, *refusal);
      co_return false;
    }
    co_return co_await route_one(request);
  }

  std::optional<HttpRefusal> describe(Request& request) {
    request.method = std::move(head_.method);
    request.target = std::move(head_.target);
    request.headers = std::move(head_.headers);
    request.reference = make_reference();
    request.peer = peer_;
    request.secure = k_secure;
    auto target = parse_request_target(request.target);
    if (!target) return target.error();
    request.path = target->path;
    request.query = target->query;
    auto fields = parse_query(target->query);
    if (!fields) return fields.error();
    request.fields = std::move(*fields);
    believe_proxy(hub_, request);
    return std::nullopt;
  }

  asio::awaitable<bool> route_one(std::shared_ptr<OwnedRequest> request) {
    auto match = hub_.router.find(request->method, request->path);
    const auto client = hub_.source_of(request->peer);
    Seat seat(hub_);
    if (source.empty() && !seat.take(client)) {
      const HttpRefusal too_many{429, "Too many requests at once; try again in a moment."};
      co_await refuse(*request, too_many);
      co_return false;
    }
    if (match.route == nullptr) co_return co_await answer_unrouted(*request, match);
    request->parameters = std::move(match.parameters);
    Body body(head_, request->header("content-type"), *match.route, hub_.options);
    Share share(hub_, client);
    auto refusal = body.refuse();
    if (!refusal && !body.is_whole()) refusal = co_await read_body(*request, body, share);
    if (!refusal && !body.is_whole()) {
      hub_.observe(*request, k_unanswered, 0, started_);
      co_return false;
    }
    if (!refusal) refusal = body.deliver(*request);
    if (!refusal && head_.has_body() && !share.grow(*request, body)) refusal = busy();
    if (refusal) {
      co_await refuse(*request, *refusal);
      co_return false;
    }
    auto response = co_await ask(*match.route, request);
    if (!response) {
      hub_.observe(*request, k_unanswered, 0, started_);
      co_return false;
    }
    co_return co_await send(*request, std::move(*response),
                            head_.keep_alive && !hub_.draining && !gives_way_);
  }

  asio::awaitable<bool> answer_unrouted(const Request& request, const Router::Match& match) {
    lingers_ = head_.has_body();
    const bool keep = head_.keep_alive && !lingers_ && !hub_.draining && !gives_way_;
    if (request.method == "OPTIONS" && (!match.allow.empty() || request.path == "*")) {
      Response response;
      response.status = 204;
      response.headers.emplace_back("Allow",
                                    request.path == "*" ? hub_.router.methods() : match.allow);
      co_return co_await send(request, std::move(response), keep);
    }
    if (const auto shorter = hub_.router.without_last_slash(request); !shorter.empty()) {
      auto response =
          hub_.page(request, 308, "This page is at the address without the last slash.");
      response.headers.emplace_back("Location", shorter);
      co_return co_await send(request, std::move(response), keep);
    }
    const int status = !match.allow.empty() ? 405 : hub_.router.knows(request.method) ? 404 : 501;
    auto response = hub_.page(request, status,
                              status == 404   ? "There is nothing at this address."
                              : status == 405 ? "This address does not take this method."
                                              : "This method is not known.");
    if (status == 405) response.headers.emplace_back("Allow", match.allow);
    co_return co_await send(request, std::move(response), keep);
  }

  static HttpRefusal busy() { return {503, "The server is busy; try again in a moment."}; }

  asio::awaitable<std::optional<HttpRefusal>> read_body(const Request& request, Body& body,
                                                        Share& share) {
    // A large photo over a thin line comes as fast as it can.
    auto until = std::chrono::steady_clock::now() + hub_.options.body_timeout_ms;
    if (head_.expects_continue && in_.empty()) {
      const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      if (!co_await write(go_on)) co_return std::nullopt;
    }
    for (;;) {
      const auto there = in_.size();
      if (auto refusal = body.feed(in_)) co_return refusal;
      if (!share.grow(request, body)) co_return busy();
      if (body.is_whole()) co_return std::nullopt;
      until += std::chrono::nanoseconds(
                   std::chrono::seconds(static_cast<std::int64_t>(there - in_.size()))) /
               k_least_body_bytes_a_second;
      const auto left =
          std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
      const auto patience = std::min(left, hub_.options.body_chunk_timeout_ms);
      if (patience.count() <= 0 || !co_await read_more(patience)) {
        if (patience.count() > 0 && !timed_out_) co_return std::nullopt;
        co_return HttpRefusal{408, "The request came too slowly."};
      }
    }
  }

  asio::awaitable<std::optional<Response>> ask(const Route& route,
                                               const std::shared_ptr<OwnedRequest>& request) {
    response_.reset();
    auto state = std::make_shared<Responder::State>();
    state->deliver = [weak = this->weak_from_this()](Response response) {
      const auto self = weak.lock();
      if (!self) return;
      // std::function copies what it holds.
      auto moved = std::make_shared<Response>(std::move(response));
      asio::post(self->stream_.get_executor(), [self, moved] {
        self->response_ = std::move(*moved);
        self->waiting_.cancel();
      });
    };
    const bool taken = hub_.pool.submit([&route, request, responder = Responder(state)] {
      try {
        if (route.handle_later) {
          route.handle_later(request, responder);
        } else {
          responder(route.handle(*request));
        }
      } catch (const std::exception& error) {
        spdlog::error("{} {}: {} ({})", request->method, request->path, error.what(),
                      request->reference);
        responder(Response::text(500, "Internal error\n"));
      } catch (...) {
        spdlog::error("{} {}: no exception of the library ({})", request->method, request->path,
                      request->reference);
        responder(Response::text(500, "Internal error\n"));
      }
    });
    state.reset();
    if (!taken) {
      auto page = hub_.page(*request, 503, busy().detail);
      page.headers.emplace_back("Retry-After", "2");
      co_return page;
    }
    while (!response_ && !closed_) {
      error_code ignored;
      waiting_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await waiting_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (closed_) co_return std::nullopt;
    if (response_->status >= 500 && response_->body == "Internal error\n") {
      co_return hub_.page(*request, response_->status, "Internal error.");
    }
    co_return std::exchange(response_, std::nullopt);
  }

  asio::awaitable<void> refuse_head(const HttpRefusal& refusal) {
    serving_ = true;
    started_ = std::chrono::steady_clock::now();
    sent_ = 0;
    OwnedRequest request;
    head_ = glance_at_head(in_);
    (void)describe(request);
    co_await refuse(request, refusal);
  }

  asio::awaitable<void> refuse(const Request& request, const HttpRefusal& refusal) {
    lingers_ = true;
    auto response = hub_.page(request, refusal.status, refusal.detail);
    if (refusal.status == 503 || refusal.status == 429)
      response.headers.emplace_back("Retry-After", "2");
    co_await send(request, std::move(response), false);
  }

  asio::awaitable<bool> send(const Request& request, Response response, bool keep_alive) {
    auto events = std::move(response.events);
    if (events) response.events = [](const auto&) {};
    auto answer = make_answer(request, response, keep_alive);
    const bool streams = answer.streams && request.method != "HEAD";
    // A large one is not copied for the sake of one packet.
    if (answer.body.size() <= k_write_bytes) answer.head += std::exchange(answer.body, {});
    bool sent = co_await write(answer.head);
    if (sent && !answer.body.empty()) sent = co_await write(answer.body);
    if (sent && !answer.file.empty()) sent = co_await send_file(answer);
    if (sent && streams) co_await stream(events);
    hub_.observe(request, answer.status, sent_, started_);
    co_return sent&& keep_alive && !answer.streams;
  }

  asio::awaitable<bool> send_file(const RawAnswer& answer) {
    std::ifstream file(answer.file, std::ios::binary);
    std::string piece;
    for (auto left = answer.file_bytes; left > 0;) {
      piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, 64U << 10U)));
      file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
      // A length was promised; a file that shrank leaves only the connection's end to tell.
      if (file.gcount() != static_cast<std::streamsize>(piece.size())) co_return false;
      if (!co_await write(piece)) co_return false;
      left -= piece.size();
    }
    co_return true;
  }

  asio::awaitable<void> stream(const std::function<void(std::shared_ptr<EventStream>)>& events) {
    const auto queue = std::make_shared<EventQueue>([weak = this->weak_from_this()] {
      if (auto self = weak.lock()) {
        asio::post(self->stream_.get_executor(), [self] { self->waiting_.cancel(); });
      }
    });
    events(pushing_end(queue));
    watch(0);
    while (!closed_ && watching_ && !hub_.draining) {
      auto [text, more] = queue->take();
      if (text.empty() && !more) break;
      if (text.empty()) {
        error_code woken;
        waiting_.expires_after(k_heartbeat);
        co_await waiting_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (!woken) text = ":\n\n";
      }
      if (!text.empty() && !co_await write(text)) break;
    }
    queue->end();
    stops_watching_ = true;
    error_code ignored;
    socket().cancel(ignored);
    while (watching_) {
      waiting_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await waiting_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  // Only a pending read tells that a reader of events went away. What it says is not understood.
  void watch(std::size_t said) {
    watching_ = true;
    stream_.async_read_some(
        asio::buffer(meanwhile_),
        [self = this->shared_from_this(), said](const error_code& error, std::size_t count) {
          self->watching_ = false;
          const bool goes_on = !error && !self->stops_watching_;
          if (goes_on && said + count < k_most_bytes_meanwhile) return self->watch(said + count);
          self->waiting_.cancel();
        });
  }

  Hub& hub_;
  Stream stream_;
  asio::steady_timer deadline_;
  asio::steady_timer waiting_;
  std::string peer_;
  std::string in_;
  RequestHead head_;
  std::optional<Response> response_;
  std::chrono::steady_clock::time_point started_;
  std::uint64_t sent_ = 0;
  unsigned armed_ = 0;  ///< which deadline is meant
  bool timed_out_ = false;
  bool idle_ = true;
  bool serving_ = false;
  bool gives_way_ = false;
  bool closed_ = false;
  bool lingers_ = false;
  bool watching_ = false;
  bool stops_watching_ = false;
  std::array<char, 512> meanwhile_{};
};

}  // namespace

void serve_connection(Hub& hub, std::string address, tcp::socket socket, asio::ssl::context* tls) {
  if (tls != nullptr) {
    std::make_shared<Connection<asio::ssl::stream<tcp::socket>>>(hub, std::move(address),
                                                                 std::move(socket), *tls)
        ->start();
  } else {
    std::make_shared<Connection<tcp::socket>>(hub, std::move(address), std::move(socket))->start();
  }
}

}  // namespace kanal
