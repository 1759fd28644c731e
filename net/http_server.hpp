#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace kanal {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One part of a form. Files are streamed to `file` (deleted with the request unless moved away).
struct FormPart {
  std::string name;
  std::string value;      ///< of a field
  std::string file_name;  ///< as the client said; empty for fields
  std::string type;       ///< as the client said
  std::filesystem::path file;
  std::uint64_t size_bytes = 0;
};

struct Request {
  std::string method;
  std::string target;                             ///< as it came
  std::string path;                               ///< percent-decoded, normalised, starts with '/'
  std::string query;                              ///< undecoded
  std::map<std::string, std::string> parameters;  ///< from the route's pattern
  std::vector<std::pair<std::string, std::string>> fields;  ///< decoded query
  Headers headers;                                          ///< names in lower case
  std::string peer;            ///< client address; X-Forwarded-For only from trusted proxies
  bool secure = false;         ///< TLS here or at a trusted proxy
  std::string body;            ///< unless it is a form
  std::vector<FormPart> form;  ///< urlencoded or multipart
  std::string reference;       ///< random, for logs and error pages
  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] std::string field(std::string_view name) const;  ///< of the query
  [[nodiscard]] std::string form_value(std::string_view name) const;
  [[nodiscard]] std::string cookie(std::string_view name) const;
};

/// Events to one browser (Server-Sent Events). The queue is bounded (256): a slow reader is
/// dropped. Ends when nobody holds it any more. Safe from any thread.
class EventStream {
 public:
  virtual ~EventStream() = default;
  /// False when the reader is gone.
  virtual bool push(std::string_view event, std::string_view data) = 0;
  /// False likewise, without anything to say.
  [[nodiscard]] virtual bool is_open() = 0;
};

struct Response {
  int status = 200;
  Headers headers;  ///< values with CR, LF or NUL are refused (500) before they go out
  std::string body;
  std::filesystem::path file;  ///< instead of `body`
  /// Instead of a body: keeps the connection open for events.
  std::function<void(std::shared_ptr<EventStream>)> events;

  static Response text(int status, std::string body);
  static Response html(int status, std::string body);
  static Response json(int status, std::string body);
  static Response redirect(std::string location, int status = 303);
};

/// Answers one request, once, from any thread; unanswered destruction answers 500.
class Responder {
 public:
  struct State;
  explicit Responder(std::shared_ptr<State> state);
  void operator()(Response response) const;

 private:
  std::shared_ptr<State> state_;
};

enum class BodyKind { none, raw, form };

struct Route {
  std::string method;   ///< GET answers HEAD too
  std::string pattern;  ///< "/r/{code}", "/assets/{path...}"
  BodyKind body = BodyKind::none;
  std::uint64_t most_bytes = 64U << 10U;
  /// Runs on a worker thread; may block on the database.
  std::function<Response(const Request&)> handle;
  /// Instead of `handle`: runs on a worker thread too, and answers through the responder, now or
  /// later, from any thread. The worker is free as soon as it returns.
  std::function<void(std::shared_ptr<Request>, Responder)> handle_later;
  /// With BodyKind::raw: a multipart form of so many bytes is taken too, as a form. 0: none is.
  std::uint64_t most_form_bytes = 0;
};

/// No status of the protocol: what is observed of a request that was never answered.
inline constexpr int k_unanswered = 499;

/// What bodies of one address take of memory: no route's own bound is of use beyond it.
inline constexpr std::uint64_t k_most_held_bytes_per_address = 16U << 20U;

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: the system's choice
  std::string certificate_file;
  std::string key_file;
  /// How often they are looked at: renewed ones are taken without a restart.
  std::chrono::milliseconds certificate_look_ms{60'000};
  std::filesystem::path spool;  ///< uploads on their way
  std::vector<std::string> trusted_proxies;
  unsigned workers = 8;
  /// Beyond them the one that has waited longest to make a request is closed; when all are at work
  /// new ones get 503.
  std::size_t most_connections = 2048;
  /// Of them, one address (of IPv6, a /64): beyond them its own that has waited longest is closed;
  /// when all are at work new ones get 429. A trusted proxy is not bounded; who stands behind it
  /// has so many requests at once.
  std::size_t most_per_address = 256;
  std::size_t most_waiting = 1024;  ///< requests without a worker yet; beyond them 503
  std::size_t header_bytes = 16U << 10U;
  std::chrono::milliseconds header_timeout_ms{10'000};
  std::chrono::milliseconds body_chunk_timeout_ms{15'000};
  std::chrono::milliseconds body_timeout_ms{120'000};  ///< and a second for each 16 KiB that came
  std::chrono::milliseconds idle_timeout_ms{15'000};
  std::chrono::milliseconds drain_timeout_ms{10'000};
  /// Of all bodies at once, in memory and in the spool; beyond them 503.
  std::uint64_t most_held_bytes = 64U << 20U;
  std::uint64_t most_spooled_bytes = 2ULL << 30U;
  /// Of them, those of one address.
  std::uint64_t most_held_bytes_per_address = k_most_held_bytes_per_address;
  std::uint64_t most_spooled_bytes_per_address = 512U << 20U;
  /// That uploads leave free on the spool's disk; what would take of it gets 507.
  std::uint64_t least_free_bytes = 256U << 20U;
  std::size_t most_parts = 64;
  /// Of the fields of a form: above what any of them takes, so that its own check can say so with
  /// all that was written still there.
  std::size_t fields_bytes = 256U << 10U;
  /// Makes the page of a refusal or failure (400, 404, 413, 431, 500, …).
  std::function<Response(const Request&, int status, std::string_view detail)> error_page;
  /// Called after each answer, for log and metrics; also where the connection ended before there
  /// was one, with k_unanswered. Of a head that was refused the request has what could be read.
  std::function<void(const Request&, int status, std::uint64_t bytes, std::chrono::microseconds)>
      observe;
};

/// The HTTP/1.1 server (Boost.Asio); every limit in one place. Thread-safe.
class HttpServer {
 public:
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options,
                                                   std::vector<Route> routes);
  virtual ~HttpServer() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Takes no new connections, lets running requests finish, closes the rest at the deadline. After
  /// it no handler runs.
  virtual void drain() = 0;
};

}  // namespace kanal
