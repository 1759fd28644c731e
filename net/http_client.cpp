#include "net/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <csignal>
#include <future>
#include <mutex>
#include <netdb.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <curl/curl.h>

#include "net/address.hpp"
#include "net/request_head.hpp"

namespace kanal {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t k_most_idle = 8;
constexpr long k_connections_each = 4;
// Servers close idle connections after as little as two seconds, and what is sent just then is in
// doubt for a person to settle.
constexpr long k_connection_idle_s = 1;
constexpr int k_most_redirects = 5;
constexpr std::size_t k_url_bytes = 8U << 10U;
constexpr std::size_t k_header_bytes = 128U << 10U;
constexpr std::size_t k_said_bytes = 200;
constexpr auto k_is_private = " is an address of a private network, which is not called";

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using Handle = std::unique_ptr<CURL, Freed<curl_easy_cleanup>>;
using List = std::unique_ptr<curl_slist, Freed<curl_slist_free_all>>;
using Url = std::unique_ptr<CURLU, Freed<curl_url_cleanup>>;
using CurlText = std::unique_ptr<char, Freed<curl_free>>;

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return low;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_blank = " \t\r\n";
  const auto first = text.find_first_not_of(k_blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_blank) - first + 1);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// This machine, which no proxy knows.
bool is_loopback(const std::string& host) {
  constexpr unsigned char k_loopback_net = 127;
  in6_addr place{};
  if (::inet_pton(AF_INET, host.c_str(), &place) == 1) return place.s6_addr[0] == k_loopback_net;
  if (::inet_pton(AF_INET6, host.c_str(), &place) == 1) return IN6_IS_ADDR_LOOPBACK(&place);
  return host == "localhost";
}

bool is_within(std::string_view host, std::string_view domain) {
  if (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.empty() || !host.ends_with(domain)) return domain == "*";
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

/// An http or https address taken apart.
struct Target {
  std::string url;
  std::string origin;  ///< scheme://host:port, fit for messages
  std::string host;    ///< without brackets
  std::string port;
};

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
  const CurlText owned(text);
  return text;
}

Result<Target> target_of(const Url& url) {
  if (!url) return fail(Remedy::retry, "out of memory");
  Target target;
  const auto scheme = part(url.get(), CURLUPART_SCHEME);
  if (!is_one_of(scheme, {"http", "https"})) {
    return fail(Remedy::reconfigure, "only http and https addresses can be fetched");
  }
  target.host = part(url.get(), CURLUPART_HOST);
  target.port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  target.origin = scheme + "://" + lower(target.host) + ":" + target.port;
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  target.url = part(url.get(), CURLUPART_URL);
  if (target.host.starts_with('[') && target.host.ends_with(']')) {
    target.host = target.host.substr(1, target.host.size() - 2);
  }
  if (target.host.empty() || target.url.empty() || target.url.size() > k_url_bytes) {
    return fail(Remedy::reconfigure, "this is not an address that can be fetched");
  }
  return target;
}

Result<Target> parse_target(std::string_view text) {
  const bool clean =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c != 0x7f; });
  if (!clean || text.size() > k_url_bytes || text.find("://") == std::string_view::npos) {
    return fail(Remedy::reconfigure, "this is not an address that can be fetched");
  }
  Url url(curl_url());
  const auto code = curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(),
                                 CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) {
    return fail(Remedy::reconfigure, "this is not an address that can be fetched" +
                                         (code == CURLUE_USER_NOT_ALLOWED
                                              ? std::string(": it holds a user name")
                                              : std::string(": ") + curl_url_strerror(code)));
  }
  return target_of(url);
}

Result<Target> redirected(const Target& from, const std::string& location) {
  Url url(curl_url());
  const auto clean = std::all_of(location.begin(), location.end(),
                                 [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  if (!clean || location.size() > k_url_bytes ||
      curl_url_set(url.get(), CURLUPART_URL, from.url.c_str(), 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, location.c_str(),
                   CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) != CURLUE_OK) {
    return fail(Remedy::drop, from.origin + " redirects to something that is no address");
  }
  return target_of(url);
}

/// The same host's same port, or its step from http to https where both are the usual ones.
bool is_same_service(const Target& from, const Target& to) {
  const bool steps_up = from.port == "80" && to.port == "443" && to.origin.starts_with("https:");
  return lower(from.host) == lower(to.host) && (from.port == to.port || steps_up);
}

/// What curl's callbacks share with one exchange.
struct Exchange {
  HttpReply reply;
  std::size_t most_bytes = 0;
  std::size_t header_bytes = 0;
  bool check_addresses = true;
  bool may_repeat = false;  ///< a safe method
  bool refused_address = false;
  bool sent = false;
  bool sent_twice = false;
  bool too_long = false;
  bool in_body = false;
  std::array<char, CURL_ERROR_SIZE> said{};
};

curl_socket_t open_socket(void* context, curlsocktype purpose, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (purpose != CURLSOCKTYPE_IPCXN ||
      (exchange.check_addresses && !is_public_address(address->addr))) {
    exchange.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Runs when the connection stands, new or reused, and before the request's first byte.
int before_request(void* context, char* peer, char* /*own*/, int /*peer_port*/, int /*own_port*/) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (exchange.check_addresses && !is_public_address(std::string_view(peer))) {
    exchange.refused_address = true;
    return CURL_PREREQFUNC_ABORT;
  }
  // curl would repeat a request whose reused connection died, though the far side may have read it.
  if (exchange.sent && !exchange.may_repeat) {
    exchange.sent_twice = true;
    return CURL_PREREQFUNC_ABORT;
  }
  exchange.sent = true;
  return CURL_PREREQFUNC_OK;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view line(bytes, size * count);
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > k_header_bytes) {
    exchange.too_long = true;
    return 0;
  }
  if (exchange.in_body) return line.size();
  if (line.starts_with("HTTP/")) {
    exchange.reply.headers.clear();
    return line.size();
  }
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.reply.headers.emplace_back(lower(trimmed(line.substr(0, colon))),
                                        trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  exchange.in_body = true;
  if (size * count > exchange.most_bytes - exchange.reply.body.size()) {
    exchange.too_long = true;
    return 0;
  }
  exchange.reply.body.append(bytes, size * count);
  return size * count;
}

bool is_safe(std::string_view method) {
  return is_one_of(method, {"GET", "HEAD"});
}

Result<> check_call(const HttpCall& call) {
  if (!is_token(call.method) || is_one_of(call.method, {"CONNECT", "TRACE"})) {
    return fail(Remedy::reconfigure, "this is not a method that can be used");
  }
  if (is_safe(call.method) && !call.body.empty()) {
    return fail(Remedy::reconfigure, call.method + " takes no body");
  }
  for (const auto& [name, value] : call.headers) {
    if (!is_token(name) || !is_header_value(value)) {
      return fail(Remedy::drop, "a header holds characters that it must not hold");
    }
    if (is_one_of(lower(name), {"host", "content-length", "transfer-encoding", "connection",
                                "expect", "upgrade", "te", "trailer"})) {
      return fail(Remedy::reconfigure, "the header " + name + " is not the caller's to set");
    }
  }
  return {};
}

/// Only what cannot identify anybody goes along to another origin.
void drop_credentials(Fields& headers) {
  std::erase_if(headers, [](const auto& field) {
    return !is_one_of(lower(field.first), {"accept", "accept-language", "user-agent", "range"});
  });
}

Result<List> header_list(const Fields& headers, bool has_body) {
  List list;
  bool complete = true;
  const auto add = [&](const std::string& line) {
    auto* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) {
      complete = false;
      return;
    }
    (void)list.release();
    list.reset(longer);
  };
  bool typed = false;
  for (const auto& [name, value] : headers) {
    typed = typed || lower(name) == "content-type";
    add(trimmed(value).empty() ? name + ";" : name + ": " + value);
  }
  if (has_body && !typed) add("Content-Type:");
  add("Expect:");
  if (!complete) return fail(Remedy::retry, "out of memory");
  return list;
}

void set_method(CURL* handle, const HttpCall& call) {
  if (call.method == "GET") {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  } else if (call.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, call.body.data());
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  }
}

void set_limits(CURL* handle, const HttpCall& call, milliseconds left) {
  const auto left_ms = static_cast<long>(left.count());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, left_ms);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, left_ms);
  // Otherwise a slow resolver is waited for beyond the deadline.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE,
                   static_cast<curl_off_t>(std::max<std::size_t>(call.most_bytes, 1)));
  curl_easy_setopt(handle, CURLOPT_MAXCONNECTS, k_connections_each);
  curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN, k_connection_idle_s);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void set_callbacks(CURL* handle, Exchange& exchange) {
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, exchange.said.data());
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, before_request);
  curl_easy_setopt(handle, CURLOPT_PREREQDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
}

bool is_for_a_person(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
      return true;
    default:
      return false;
  }
}

std::string printable(std::string_view text) {
  std::string clean(text.substr(0, k_said_bytes));
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~') c = '?';
  }
  return clean;
}

tl::unexpected<Error> failure(CURL* handle, CURLcode code, const Exchange& exchange,
                              const HttpCall& call, const Target& target) {
  if (exchange.refused_address) {
    return fail(Remedy::drop, target.origin + k_is_private);
  }
  if (exchange.too_long || code == CURLE_FILESIZE_EXCEEDED) {
    return fail(is_safe(call.method) ? Remedy::drop : Remedy::uncertain,
                target.origin + " answered more than is read");
  }
  const auto why = printable(exchange.said[0] != '\0' ? std::string_view(exchange.said.data())
                                                      : curl_easy_strerror(code));
  if (exchange.sent) {
    return fail(Remedy::uncertain, target.origin + " was asked and did not answer: " +
                                       (exchange.sent_twice ? "it closed the connection" : why));
  }
  long tunnel = 0;
  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &tunnel);
  const bool proxy_refuses = tunnel >= 400 && tunnel < 500;
  return fail(is_for_a_person(code) || proxy_refuses ? Remedy::reconfigure : Remedy::retry,
              target.origin + " could not be asked: " + why);
}

using Addresses = std::unique_ptr<addrinfo, Freed<freeaddrinfo>>;

/// The resolver knows no deadline, so a thread waits for it and is left behind if need be.
Result<> check_name(const Target& target, milliseconds left) {
  auto promise = std::make_shared<std::promise<std::optional<bool>>>();
  auto answer = promise->get_future();
  const auto resolve = [promise, host = target.host] {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_IDN;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) {
      promise->set_value(std::nullopt);
      return;
    }
    const Addresses owned(found);
    bool all_public = true;
    for (const auto* at = found; at != nullptr; at = at->ai_next) {
      all_public = all_public && is_public_address(*at->ai_addr);
    }
    promise->set_value(all_public);
  };
  try {
    std::thread(resolve).detach();
  } catch (const std::system_error&) {
    return fail(Remedy::retry, target.origin + " cannot be resolved: there is no thread for it");
  }
  if (answer.wait_for(left) != std::future_status::ready) {
    return fail(Remedy::retry, target.origin + " could not be resolved in time");
  }
  const auto all_public = answer.get();
  if (!all_public) {
    return fail(Remedy::retry, target.origin +
                                   " cannot be resolved, so its address cannot be "
                                   "checked before the proxy is asked for it");
  }
  if (!*all_public) {
    return fail(Remedy::drop, target.origin + k_is_private);
  }
  return {};
}

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    // TLS writes to a closed socket raise it, and NOSIGNAL leaves that to the program.
    struct sigaction old {};
    if (sigaction(SIGPIPE, nullptr, &old) == 0 && old.sa_handler == SIG_DFL) {
      std::signal(SIGPIPE, SIG_IGN);
    }
  });
}

class CurlHttp final : public Http {
 public:
  explicit CurlHttp(HttpClientOptions options) : options_(std::move(options)) { start_curl(); }

  Result<HttpReply> fetch(const HttpCall& asked) override {
    const auto deadline = Clock::now() + asked.timeout_ms;
    TRY(check_call(asked));
    if (!is_header_value(options_.user_agent)) {
      return fail(Remedy::reconfigure, "the user agent holds characters that it must not hold");
    }
    auto call = asked;
    auto target = TRY(parse_target(call.url));
    for (int redirects = 0;; ++redirects) {
      auto reply = TRY(exchange(call, target, deadline));
      const auto location = reply.header("location");
      if (call.method != "GET" || location.empty() ||
          !(reply.status == 301 || reply.status == 302 || reply.status == 303 ||
            reply.status == 307 || reply.status == 308)) {
        return reply;
      }
      if (redirects == k_most_redirects) {
        return fail(Remedy::drop, target.origin + " redirects again and again");
      }
      auto next = TRY(redirected(target, location));
      if (next.origin != target.origin) drop_credentials(call.headers);
      // Who may be asked in a private network must not say who or what else there is.
      if (!is_same_service(target, next)) call.allow_private = false;
      target = std::move(next);
    }
  }

 private:
  struct Session {
    Handle handle;
    std::string origin;  ///< of the last call
  };

  Result<HttpReply> exchange(const HttpCall& call, const Target& target,
                             Clock::time_point deadline) {
    const auto left = [&] { return std::chrono::floor<milliseconds>(deadline - Clock::now()); };
    const bool proxied = asks_proxy(target);
    if (proxied && !call.allow_private) {
      TRY(check_name(target, std::max(left(), milliseconds{0})));
    }
    if (left().count() <= 0) return fail(Remedy::retry, "no time was left to ask " + target.origin);

    auto session = take_session(target.origin);
    auto* const handle = session.handle.get();
    if (handle == nullptr) return fail(Remedy::retry, "out of memory");
    Exchange state;
    state.most_bytes = call.most_bytes;
    state.check_addresses = !proxied && !call.allow_private;
    state.may_repeat = is_safe(call.method);
    const auto headers = TRY(header_list(call.headers, !is_safe(call.method)));
    curl_easy_setopt(handle, CURLOPT_URL, target.url.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    set_method(handle, call);
    set_limits(handle, call, left());
    set_callbacks(handle, state);
    set_options(handle, proxied);
    const auto code = curl_easy_perform(handle);
    auto result = code == CURLE_OK ? answered(handle, state)
                                   : Result<HttpReply>(failure(handle, code, state, call, target));
    curl_easy_reset(handle);
    give_back(std::move(session));
    return result;
  }

  static Result<HttpReply> answered(CURL* handle, Exchange& state) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    state.reply.status = static_cast<int>(status);
    return std::move(state.reply);
  }

  [[nodiscard]] bool asks_proxy(const Target& target) const {
    if (options_.proxy.empty() || is_loopback(target.host)) return false;
    const auto host = lower(target.host);
    return std::ranges::none_of(
        options_.no_proxy, [&](const auto& each) { return is_within(host, lower(trimmed(each))); });
  }

  void set_options(CURL* handle, bool proxied) const {
    // Set even when empty, so that the environment names none.
    curl_easy_setopt(handle, CURLOPT_PROXY, proxied ? options_.proxy.c_str() : "");
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
    curl_easy_setopt(handle, CURLOPT_USERAGENT, options_.user_agent.c_str());
    if (options_.ca_file.empty()) return;
    curl_easy_setopt(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_PROXY_CAINFO, options_.ca_file.c_str());
  }

  /// Each handle keeps its own connections: best the one that spoke to this origin last.
  Session take_session(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return {Handle(curl_easy_init()), origin};
    auto found = std::find_if(idle_.rbegin(), idle_.rend(),
                              [&](const Session& idle) { return idle.origin == origin; });
    const auto at = found == idle_.rend() ? idle_.end() - 1 : found.base() - 1;
    auto session = std::move(*at);
    idle_.erase(at);
    session.origin = origin;
    return session;
  }

  void give_back(Session session) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < k_most_idle) idle_.push_back(std::move(session));
  }

  HttpClientOptions options_;
  std::mutex mutex_;
  std::vector<Session> idle_;
};

}  // namespace

std::string HttpReply::header(std::string_view name) const {
  const auto wanted = lower(name);
  for (const auto& [known, value] : headers) {
    if (known == wanted) return value;
  }
  return {};
}

std::unique_ptr<Http> make_http(HttpClientOptions options) {
  return std::make_unique<CurlHttp>(std::move(options));
}

}  // namespace kanal
