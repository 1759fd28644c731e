#include "net/http_server.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <spdlog/spdlog.h>

#include "core/text.hpp"
#include "net/answer.hpp"
#include "net/body.hpp"
#include "net/request_head.hpp"
#include "net/request_target.hpp"
#include "net/route.hpp"
#include "net/worker_pool.hpp"

namespace kanal {

struct Responder::State {
  std::function<void(Response)> deliver;
  std::atomic<bool> answered{false};

  ~State() {
    if (!answered) deliver(Response::text(500, "Internal error\n"));
  }
};

Responder::Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}

void Responder::operator()(Response response) const {
  if (!state_->answered.exchange(true)) state_->deliver(std::move(response));
}

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t k_read_bytes = 16U << 10U;
constexpr std::size_t k_write_bytes = 64U << 10U;
constexpr std::size_t k_most_queued_events = 256;
constexpr std::size_t k_most_lingering_bytes = 8U << 20U;
constexpr std::size_t k_most_bytes_meanwhile = 64U << 10U;
constexpr std::int64_t k_least_body_bytes_a_second = 16 << 10;
constexpr milliseconds k_linger{2'000};
constexpr std::chrono::seconds k_heartbeat{15};
constexpr int k_io_threads = 2;

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

std::string make_reference() {
  static constexpr std::string_view k_letters = "23456789abcdefghjkmnpqrstuvwxyz";
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::string reference;
  for (int at = 0; at < 10; ++at) reference += k_letters[random() % k_letters.size()];
  return reference;
}

std::string plain_address(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

std::string print_event(std::string_view event, std::string_view data) {
  std::string text = "event: ";
  for (const char each : event) text += each == '\n' || each == '\r' ? ' ' : each;
  text += '\n';
  for (const auto line : split(data, '\n')) {
    text += "data: ";
    for (const char each : line) text += each == '\r' ? ' ' : each;
    text += '\n';
  }
  return text + '\n';
}

/// Between those who push events and the connection that sends them.
class Queue {
 public:
  explicit Queue(std::function<void()> wake) : wake_(std::move(wake)) {}
  bool push(std::string_view event, std::string_view data) {
    {
      const std::scoped_lock lock(mutex_);
      if (!over_ && waiting_.size() == k_most_queued_events) {
        over_ = true;
        waiting_.clear();
      }
      if (over_) return false;
      waiting_.push_back(print_event(event, data));
    }
    wake_();
    return true;
  }
  /// What waits to be sent, and whether anything can follow it.
  std::pair<std::string, bool> take() {
    const std::scoped_lock lock(mutex_);
    std::string all;
    for (const auto& each : waiting_) all += each;
    waiting_.clear();
    return {std::move(all), !over_};
  }
  /// Nothing more is taken; what waits is still sent.
  void end() {
    {
      const std::scoped_lock lock(mutex_);
      over_ = true;
    }
    wake_();
  }

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<std::string> waiting_;
  bool over_ = false;
};

/// What those who push hold: when the last lets go, nothing can come any more.
class PushingEnd final : public EventStream {
 public:
  explicit PushingEnd(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {}
  PushingEnd(const PushingEnd&) = delete;
  PushingEnd& operator=(const PushingEnd&) = delete;
  ~PushingEnd() override { queue_->end(); }
  bool push(std::string_view event, std::string_view data) override {
    return queue_->push(event, data);
  }

 private:
  std::shared_ptr<Queue> queue_;
};

/// What every connection can be asked for from outside its strand.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void drain() = 0;
  virtual void close() = 0;
  /// Since when a request is waited for; zero while one is served.
  std::atomic<std::chrono::steady_clock::duration> waits_since{
      std::chrono::steady_clock::now().time_since_epoch()};
};

/// What connections share. The last of them end with `io`, so it goes before what they use.
struct Hub {
  HttpServerOptions options;
  Router router;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<Peer*, std::weak_ptr<Peer>> peers;
  std::atomic<bool> draining{false};
  std::mutex bodies_mutex;  // for the two below
  std::uint64_t held_bytes = 0;
  std::uint64_t spooled_bytes = 0;
  asio::io_context io{k_io_threads};
  WorkerPool pool;

  Hub(HttpServerOptions given, Router routes)
      : options(std::move(given)),
        router(std::move(routes)),
        pool(options.workers, options.most_waiting) {}

  Response page(const Request& request, int status, std::string_view detail) const {
    if (!options.error_page) return Response::text(status, std::string(detail) + "\n");
    return options.error_page(request, status, detail);
  }
};

/// What one request's body takes of what all bodies may hold together.
class Share {
 public:
  explicit Share(Hub& hub) : hub_(hub) {}
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  ~Share() { take(0, 0); }
  /// False when there is no room for so much; then it holds nothing more, so that of two bodies
  /// that grow at once one is refused and not both.
  bool grow(const Body& body) { return take(body.held_bytes(), body.spooled_bytes()); }

 private:
  bool take(std::uint64_t held, std::uint64_t spooled) {
    const std::scoped_lock lock(hub_.bodies_mutex);
    hub_.held_bytes += held - held_;
    hub_.spooled_bytes += spooled - spooled_;
    held_ = held;
    spooled_ = spooled;
    const bool fits = hub_.held_bytes <= hub_.options.most_held_bytes &&
                      hub_.spooled_bytes <= hub_.options.most_spooled_bytes;
    if (!fits) {
      hub_.held_bytes -= std::exchange(held_, 0);
      hub_.spooled_bytes -= std::exchange(spooled_, 0);
    }
    return fits;
  }

  Hub& hub_;
  std::uint64_t held_ = 0;
  std::uint64_t spooled_ = 0;
};

template <class Stream>
class Connection final : public Peer, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  template <class... Arguments>
  explicit Connection(Hub& hub, tcp::socket socket, Arguments&... arguments)
      : hub_(hub),
        stream_(std::move(socket), arguments...),
        deadline_(stream_.get_executor()),
        waiting_(stream_.get_executor()) {}
  ~Connection() override {
    const std::scoped_lock lock(hub_.mutex);
    hub_.peers.erase(this);
    hub_.changed.notify_all();
  }

  void start() {
    {
      const std::scoped_lock lock(hub_.mutex);
      hub_.peers.emplace(this, this->weak_from_this());
    }
    asio::co_spawn(
        stream_.get_executor(), [self = this->shared_from_this()] { return self->run(); },
        asio::detached);
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
    deadline_.cancel();
    waiting_.cancel();
    closed_ = true;
  }

  void arm(milliseconds patience) {
    deadline_.expires_after(patience);
    deadline_.async_wait([weak = this->weak_from_this()](const error_code& error) {
      const auto self = weak.lock();
      if (!self || error || self->deadline_.expiry() > std::chrono::steady_clock::now()) return;
      self->timed_out_ = true;
      error_code ignored;
      self->stream_.lowest_layer().cancel(ignored);
    });
  }

  /// False when the peer is gone or took too long.
  asio::awaitable<bool> read_more(milliseconds patience) {
    std::array<char, k_read_bytes> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    error_code error;
    arm(patience);
    const auto count = co_await stream_.async_read_some(
        asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
    deadline_.cancel();
    if (error || timed_out_) co_return false;
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
      deadline_.cancel();
      if (error || timed_out_) co_return false;
      at += count;
    }
    sent_ += bytes.size();
    co_return true;
  }

  asio::awaitable<void> run() {
    error_code error;
    stream_.lowest_layer().set_option(tcp::no_delay(true), error);
    const auto endpoint = stream_.lowest_layer().remote_endpoint(error);
    if (error) co_return;
    peer_ = plain_address(endpoint.address());
    if constexpr (k_secure) {
      arm(hub_.options.header_timeout_ms);
      co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                       asio::redirect_error(asio::use_awaitable, error));
      deadline_.cancel();
      if (error || timed_out_) co_return;
    }
    bool more = true;
    for (bool first = true; more && !closed_; first = false) more = co_await serve_one(first);
    co_await end();
  }

  asio::awaitable<void> end() {
    error_code ignored;
    const bool unread = !in_.empty() || socket().available(ignored) > 0;
    if constexpr (k_secure) {
      arm(k_linger);
      co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
      deadline_.cancel();
    }
    if (lingers_ || unread) co_await linger();
    shut();
  }

  // What the peer still sends is read, or a reset would take our answer from it.
  asio::awaitable<void> linger() {
    error_code error;
    socket().shutdown(tcp::socket::shutdown_send, error);
    in_ = {};
    timed_out_ = false;
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
    const Refusal too_long{431, "The request's head is too long."};
    const Refusal too_slow{408, "The request came too slowly."};
    std::size_t scanned = 0;
    waits_since = steady_clock::now().time_since_epoch();
    idle_ = in_.empty();
    if (idle_ && hub_.draining) co_return 0;
    bool between = idle_ && !first;
    auto until = steady_clock::now() +
                 (between ? hub_.options.idle_timeout_ms : hub_.options.header_timeout_ms);
    for (;;) {
      // An empty line before a request is tolerated (RFC 9112 §2.2).
      while (in_.starts_with("\r\n")) {
        in_.erase(0, 2);
        scanned = 0;
      }
      const auto end = find_head_end(in_, scanned);
      if (end > 0 && end <= hub_.options.header_bytes) co_return end;
      if (in_.size() > hub_.options.header_bytes) {
        co_await refuse(nullptr, too_long);
        co_return 0;
      }
      const auto patience = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
      const bool got = patience.count() > 0 && co_await read_more(patience);
      if (!got) {
        if (!in_.empty() && (timed_out_ || patience.count() <= 0)) {
          timed_out_ = false;
          co_await refuse(nullptr, too_slow);
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
    waits_since = std::chrono::steady_clock::duration::zero();
    if (end == 0) co_return false;
    started_ = std::chrono::steady_clock::now();
    sent_ = 0;
    auto parsed = parse_request_head(std::string_view(in_).substr(0, end));
    in_.erase(0, end);
    if (!parsed) {
      co_await refuse(nullptr, parsed.error());
      co_return false;
    }
    head_ = std::move(*parsed);
    auto request = std::make_shared<OwnedRequest>();
    if (auto refusal = describe(*request)) {
      co_await refuse(request.get(), *refusal);
      co_return false;
    }
    co_return co_await route_one(request);
  }

  std::optional<Refusal> describe(Request& request) {
    request.method = head_.method;
    request.target = head_.target;
    request.headers = head_.headers;
    request.reference = make_reference();
    request.peer = peer_;
    request.secure = k_secure;
    auto target = parse_request_target(head_.target);
    if (!target) return target.error();
    request.path = target->path;
    request.query = target->query;
    auto fields = parse_query(target->query);
    if (!fields) return fields.error();
    request.fields = std::move(*fields);
    if (head_.method == "CONNECT" || head_.method == "TRACE") {
      return Refusal{405, "This method is not served."};
    }
    believe_proxy(request);
    return std::nullopt;
  }

  // Only a proxy that is trusted may say who asks; of a chain, the last that it did not add itself.
  void believe_proxy(Request& request) const {
    const auto trusted = [&](std::string_view address) {
      return std::ranges::find(hub_.options.trusted_proxies, address) !=
             hub_.options.trusted_proxies.end();
    };
    if (!trusted(peer_)) return;
    // Proxies append to the header or add another one.
    std::string chain;
    std::string protocol;
    for (const auto& [name, value] : request.headers) {
      if (name == "x-forwarded-for") chain += (chain.empty() ? "" : ",") + value;
      if (name == "x-forwarded-proto") protocol = value;
    }
    for (auto hops = split(chain, ','); !hops.empty(); hops.pop_back()) {
      const auto hop = trim(hops.back());
      error_code bad;
      const auto address = asio::ip::make_address(std::string(hop), bad);
      if (bad) break;
      request.peer = plain_address(address);
      if (!trusted(request.peer)) break;
    }
    if (equals_ignoring_case(trim(split(protocol, ',').back()), "https")) request.secure = true;
  }

  asio::awaitable<bool> route_one(std::shared_ptr<OwnedRequest> request) {
    auto match = hub_.router.find(request->method, request->path);
    if (match.route == nullptr) co_return co_await answer_unrouted(*request, match);
    request->parameters = std::move(match.parameters);
    Body body(head_, *match.route, hub_.options);
    Share share(hub_);
    auto refusal = body.refuse();
    if (!refusal && !body.is_whole()) refusal = co_await read_body(body, share);
    if (!refusal && !body.is_whole()) co_return false;  // the peer is gone
    if (!refusal) refusal = body.deliver(*request);
    if (refusal) {
      co_await refuse(request.get(), *refusal);
      co_return false;
    }
    auto response = co_await ask(*match.route, request);
    if (!response) co_return false;
    co_return co_await send(request.get(), std::move(*response),
                            head_.keep_alive && !hub_.draining);
  }

  asio::awaitable<bool> answer_unrouted(const Request& request, const Router::Match& match) {
    lingers_ = head_.has_body();
    const bool keep = head_.keep_alive && !lingers_ && !hub_.draining;
    if (request.method == "OPTIONS" && (!match.allow.empty() || request.path == "*")) {
      Response response;
      response.status = 204;
      response.headers.emplace_back("Allow",
                                    request.path == "*" ? hub_.router.methods() : match.allow);
      co_return co_await send(&request, std::move(response), keep);
    }
    const int status = !match.allow.empty() ? 405 : hub_.router.knows(request.method) ? 404 : 501;
    auto response = hub_.page(request, status,
                              status == 404   ? "There is nothing at this address."
                              : status == 405 ? "This address does not take this method."
                                              : "This method is not known.");
    if (status == 405) response.headers.emplace_back("Allow", match.allow);
    co_return co_await send(&request, std::move(response), keep);
  }

  asio::awaitable<std::optional<Refusal>> read_body(Body& body, Share& share) {
    // A large photo over a thin line comes as fast as it can.
    auto until = std::chrono::steady_clock::now() + hub_.options.body_timeout_ms;
    if (head_.expects_continue && in_.empty()) {
      const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      if (!co_await write(go_on)) co_return std::nullopt;
    }
    for (;;) {
      const auto there = in_.size();
      if (auto refusal = body.feed(in_)) co_return refusal;
      if (!share.grow(body)) co_return Refusal{503, "The server is busy; try again in a moment."};
      if (body.is_whole()) co_return std::nullopt;
      until += std::chrono::nanoseconds(
                   std::chrono::seconds(static_cast<std::int64_t>(there - in_.size()))) /
               k_least_body_bytes_a_second;
      const auto left =
          std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
      const auto patience = std::min(left, hub_.options.body_chunk_timeout_ms);
      if (patience.count() <= 0 || !co_await read_more(patience)) {
        if (patience.count() > 0 && !timed_out_) co_return std::nullopt;
        timed_out_ = false;
        co_return Refusal{408, "The request came too slowly."};
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
      auto busy = hub_.page(*request, 503, "The server is busy; try again in a moment.");
      busy.headers.emplace_back("Retry-After", "2");
      co_return busy;
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

  asio::awaitable<void> refuse(const Request* request, const Refusal& refusal) {
    lingers_ = true;
    auto response = request != nullptr && !request->target.empty()
                        ? hub_.page(*request, refusal.status, refusal.detail)
                        : Response::text(refusal.status, refusal.detail + "\n");
    if (refusal.status == 503) response.headers.emplace_back("Retry-After", "2");
    if (request != nullptr && refusal.status == 405) {
      response.headers.emplace_back("Allow", hub_.router.methods());
    }
    co_await send(request, std::move(response), false);
  }

  asio::awaitable<bool> send(const Request* request, Response response, bool keep_alive) {
    auto events = std::move(response.events);
    if (events) response.events = [](const auto&) {};
    auto answer = make_answer(request, response, keep_alive);
    const bool streams = answer.streams && request != nullptr && request->method != "HEAD";
    auto bytes = std::move(answer.head);
    bytes += answer.body;
    bool sent = co_await write(bytes);
    if (sent && !answer.file.empty()) sent = co_await send_file(answer);
    if (sent && streams) co_await stream(events);
    if (request != nullptr && hub_.options.observe) {
      hub_.options.observe(*request, answer.status, sent_,
                           std::chrono::duration_cast<std::chrono::microseconds>(
                               std::chrono::steady_clock::now() - started_));
    }
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
    const auto queue = std::make_shared<Queue>([weak = this->weak_from_this()] {
      if (auto self = weak.lock()) {
        asio::post(self->stream_.get_executor(), [self] { self->waiting_.cancel(); });
      }
    });
    events(std::make_shared<PushingEnd>(queue));
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
          if (!error && said + count < k_most_bytes_meanwhile) return self->watch(said + count);
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
  bool timed_out_ = false;
  bool idle_ = true;
  bool closed_ = false;
  bool lingers_ = false;
  bool watching_ = false;
  std::array<char, 512> meanwhile_{};
};

class Server final : public HttpServer {
 public:
  Server(HttpServerOptions options, Router router)
      : hub_(std::move(options), std::move(router)), acceptor_(hub_.io), retry_(hub_.io) {}

  ~Server() override {
    drain();
    hub_.io.stop();
    for (auto& thread : threads_) thread.join();
  }

  Result<> start() {
    TRY(load_certificate());
    TRY(listen());
    asio::co_spawn(
        hub_.io, [this] { return accept_all(); }, asio::detached);
    for (int count = 0; count < k_io_threads; ++count) {
      threads_.emplace_back([this] { hub_.io.run(); });
    }
    return {};
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void drain() override {
    if (hub_.draining.exchange(true)) return;
    asio::post(hub_.io, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      retry_.cancel();
    });
    const auto each_peer = [this](auto work) {
      // Let go of outside the lock: the last holder's end takes it.
      std::vector<std::shared_ptr<Peer>> living;
      {
        const std::scoped_lock lock(hub_.mutex);
        for (const auto& [raw, peer] : hub_.peers) living.push_back(peer.lock());
      }
      for (const auto& peer : living) {
        if (peer) work(*peer);
      }
    };
    each_peer([](Peer& peer) { peer.drain(); });
    const auto all_gone = [this](milliseconds patience) {
      std::unique_lock lock(hub_.mutex);
      return hub_.changed.wait_for(lock, patience, [this] { return hub_.peers.empty(); });
    };
    if (!all_gone(hub_.options.drain_timeout_ms)) {
      each_peer([](Peer& peer) { peer.close(); });
      all_gone(k_linger);
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
    tls_->use_certificate_chain_file(hub_.options.certificate_file, error);
    if (error) {
      return fail(Remedy::reconfigure, "the certificate " + hub_.options.certificate_file +
                                           " cannot be used: " + error.message());
    }
    tls_->use_private_key_file(hub_.options.key_file, context::pem, error);
    if (error) {
      return fail(Remedy::reconfigure, "the private key " + hub_.options.key_file +
                                           " cannot be used: " + error.message());
    }
    return {};
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
                                           " cannot be listened on: " + error.message() +
                                           "; choose another with --listen");
    }
    port_ = acceptor_.local_endpoint(error).port();
    return {};
  }

  asio::awaitable<void> accept_all() {
    while (!hub_.draining) {
      error_code error;
      auto socket = co_await acceptor_.async_accept(
          asio::make_strand(hub_.io), asio::redirect_error(asio::use_awaitable, error));
      if (hub_.draining) co_return;
      if (error) {
        // Out of descriptors: those in use must end first.
        retry_.expires_after(milliseconds(50));
        co_await retry_.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      if (is_full() && !make_room()) {
        turn_away(std::move(socket));
      } else if (tls_) {
        std::make_shared<Connection<asio::ssl::stream<tcp::socket>>>(hub_, std::move(socket), *tls_)
            ->start();
      } else {
        std::make_shared<Connection<tcp::socket>>(hub_, std::move(socket))->start();
      }
    }
  }

  bool is_full() {
    const std::scoped_lock lock(hub_.mutex);
    return hub_.peers.size() >= hub_.options.most_connections;
  }

  // Who has waited longest to say what he wants gives his place up, so that slow heads and kept
  // connections cannot take all of them.
  bool make_room() {
    std::weak_ptr<Peer> longest;
    {
      const std::scoped_lock lock(hub_.mutex);
      auto since = std::chrono::steady_clock::duration::max();
      for (const auto& [raw, peer] : hub_.peers) {
        const auto waits_since = raw->waits_since.load();
        if (waits_since == std::chrono::steady_clock::duration::zero() || waits_since >= since)
          continue;
        since = waits_since;
        longest = peer;
      }
    }
    // Locked outside: the last holder's end takes the mutex.
    const auto oldest = longest.lock();
    if (!oldest) return false;
    oldest->waits_since = std::chrono::steady_clock::duration::zero();
    oldest->close();
    return true;
  }

  void turn_away(tcp::socket socket) const {
    static constexpr std::string_view k_full =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 2\r\n"
        "Connection: close\r\n\r\n";
    error_code ignored;
    socket.non_blocking(true, ignored);
    if (!tls_) socket.write_some(asio::buffer(k_full), ignored);
    socket.shutdown(tcp::socket::shutdown_both, ignored);
  }

  Hub hub_;
  std::optional<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
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
