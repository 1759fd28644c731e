#include "net/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <vector>

#include <curl/curl.h>

#include "core/text.hpp"

namespace kanal {

namespace {

constexpr int k_most_redirects = 5;
constexpr std::size_t k_most_idle_handles = 16;
constexpr std::size_t k_most_header_bytes = 64U << 10U;

struct Close {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Handle = std::unique_ptr<CURL, Close>;
using List = std::unique_ptr<curl_slist, Close>;
using Url = std::unique_ptr<CURLU, Close>;

bool is_private_v4(std::uint32_t address) {
  const auto in = [&](std::uint32_t network, unsigned bits) {
    return (address >> (32U - bits)) == (network >> (32U - bits));
  };
  // RFC 6890 and 6598: this host, private, shared, loopback, link-local, documentation, benchmark,
  // multicast and reserved.
  return in(0x00000000, 8) || in(0x0A000000, 8) || in(0x64400000, 10) || in(0x7F000000, 8) ||
         in(0xA9FE0000, 16) || in(0xAC100000, 12) || in(0xC0000000, 24) || in(0xC0000200, 24) ||
         in(0xC0A80000, 16) || in(0xC6120000, 15) || in(0xC6336400, 24) || in(0xCB007100, 24) ||
         in(0xE0000000, 3);
}

bool is_private(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return is_private_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return true;
  sockaddr_in6 v6{};
  std::memcpy(&v6, address, sizeof v6);
  const auto& bytes = v6.sin6_addr.s6_addr;
  const auto embedded = [&](std::size_t at) {
    return is_private_v4((static_cast<std::uint32_t>(bytes[at]) << 24U) |
                         (static_cast<std::uint32_t>(bytes[at + 1]) << 16U) |
                         (static_cast<std::uint32_t>(bytes[at + 2]) << 8U) | bytes[at + 3]);
  };
  const auto starts = [&](std::initializer_list<std::uint8_t> with) {
    return std::equal(with.begin(), with.end(), std::begin(bytes));
  };
  if (starts({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return embedded(12);
  if (starts({0, 0x64, 0xFF, 0x9B})) return embedded(12);
  if (starts({0x20, 0x02})) return embedded(2);
  // Only what is handed out globally (2000::/3) is public; not the documentation's part of it.
  return (bytes[0] & 0xE0U) != 0x20U || starts({0x20, 0x01, 0x0D, 0xB8});
}

struct Exchange {
  HttpReply reply;
  std::size_t most_bytes = 0;
  std::size_t header_bytes = 0;
  bool too_long = false;
  bool refused_private = false;
  bool allow_private = false;
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  const auto length = size * count;
  if (exchange.reply.body.size() + length > exchange.most_bytes) {
    exchange.too_long = true;
    return 0;
  }
  exchange.reply.body.append(bytes, length);
  return length;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  const auto length = size * count;
  exchange.header_bytes += length;
  if (exchange.header_bytes > k_most_header_bytes) {
    exchange.too_long = true;
    return 0;
  }
  const std::string_view line(bytes, length);
  if (line.starts_with("HTTP/")) exchange.reply.headers.clear();  // after a 100 Continue
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.reply.headers.emplace_back(to_lower_ascii(line.substr(0, colon)),
                                        std::string(trim(line.substr(colon + 1))));
  }
  return length;
}

// The address that a name really led to: a name checked beforehand may lead elsewhere by now.
curl_socket_t open_socket(void* to, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(to);
  if (!exchange.allow_private && is_private(&address->addr)) {
    exchange.refused_private = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7F; });
}

tl::unexpected<Error> explain(CURLcode code, const Exchange& exchange, const std::string& host,
                              const char* detail, bool sent) {
  if (exchange.refused_private) {
    return fail(Remedy::drop, host + " is an address of a private network, which is not called");
  }
  if (exchange.too_long) return fail(Remedy::drop, host + " answered more than is read");
  const std::string what =
      host + ": " + (detail[0] != '\0' ? std::string(detail) : curl_easy_strerror(code));
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return fail(Remedy::reconfigure, what);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return fail(Remedy::retry, what);
    default:
      return fail(sent ? Remedy::uncertain : Remedy::retry, what);
  }
}

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

std::string origin_of(CURLU* url) {
  char* port = nullptr;
  std::string text = url_part(url, CURLUPART_SCHEME) + "://" + url_part(url, CURLUPART_HOST);
  if (curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
    text += std::string(":") + port;
    curl_free(port);
  }
  return text;
}

// A proxy looks names up itself, out of our sight: they are looked up here first.
bool leads_to_private(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto bare = host;
  if (bare.starts_with('[') && bare.ends_with(']')) bare = bare.substr(1, bare.size() - 2);
  if (::getaddrinfo(bare.c_str(), nullptr, &wanted, &found) != 0) return false;
  bool any = false;
  for (const auto* each = found; each != nullptr; each = each->ai_next) {
    any = any || is_private(each->ai_addr);
  }
  ::freeaddrinfo(found);
  return any;
}

bool is_credential(std::string_view name) {
  return equals_ignoring_case(name, "authorization") || equals_ignoring_case(name, "cookie") ||
         equals_ignoring_case(name, "proxy-authorization");
}

class CurlHttp final : public Http {
 public:
  explicit CurlHttp(HttpClientOptions options) : options_(std::move(options)) {
    static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    (void)started;
  }

  Result<HttpReply> fetch(const HttpCall& call) override {
    auto current = call;
    const auto end = std::chrono::steady_clock::now() + call.timeout_ms;
    for (int redirects = 0;; ++redirects) {
      current.timeout_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      if (current.timeout_ms.count() <= 0) {
        return fail(Remedy::retry, "the redirects of " + call.url + " took too long");
      }
      auto reply = TRY(fetch_one(current));
      const bool redirected = reply.status == 301 || reply.status == 302 || reply.status == 303 ||
                              reply.status == 307 || reply.status == 308;
      if (!redirected || call.method != "GET" || reply.header("location").empty()) return reply;
      if (redirects == k_most_redirects) return fail(Remedy::drop, "too many redirects");
      TRY(follow(current, reply.header("location")));
    }
  }

 private:
  static Result<> follow(HttpCall& call, const std::string& location) {
    const Url url(curl_url());
    curl_url_set(url.get(), CURLUPART_URL, call.url.c_str(), 0);
    const auto before = origin_of(url.get());
    if (curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) {
      return fail(Remedy::drop, "redirected to what is not an address");
    }
    if (origin_of(url.get()) != before) {
      std::erase_if(call.headers, [](const auto& header) { return is_credential(header.first); });
    }
    call.url = url_part(url.get(), CURLUPART_URL);
    return {};
  }

  Result<std::string> check(const HttpCall& call) const {
    const Url url(curl_url());
    if (has_control(call.url) ||
        curl_url_set(url.get(), CURLUPART_URL, call.url.c_str(), 0) != CURLUE_OK) {
      return fail(Remedy::reconfigure, "this is not a web address");
    }
    const auto scheme = url_part(url.get(), CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") {
      return fail(Remedy::reconfigure, "only http and https are called, not " + scheme);
    }
    const auto host = url_part(url.get(), CURLUPART_HOST);
    if (has_control(call.method) || std::ranges::any_of(call.headers, [](const auto& header) {
          return header.first.empty() || header.first.find(':') != std::string::npos ||
                 has_control(header.first) || has_control(header.second);
        })) {
      return fail(Remedy::drop, "a header for " + host + " holds control characters");
    }
    if (!options_.proxy.empty() && !call.allow_private && leads_to_private(host)) {
      return fail(Remedy::drop, host + " is an address of a private network, which is not called");
    }
    return host;
  }

  Result<HttpReply> fetch_one(const HttpCall& call) {
    const auto host = TRY(check(call));
    auto handle = take_handle(call.allow_private);
    Exchange exchange;
    exchange.most_bytes = call.most_bytes;
    // Through a proxy the socket's own address is the proxy's, which is the administrator's choice.
    exchange.allow_private = call.allow_private || !options_.proxy.empty();
    std::array<char, CURL_ERROR_SIZE> detail{};
    const auto headers = prepare(handle.get(), call, exchange, detail.data());
    const auto code = curl_easy_perform(handle.get());
    long status = 0;
    long request_bytes = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(handle.get(), CURLINFO_REQUEST_SIZE, &request_bytes);
    if (code != CURLE_OK) {
      return explain(code, exchange, host, detail.data(), request_bytes > 0);
    }
    give_back(std::move(handle), call.allow_private);
    exchange.reply.status = static_cast<int>(status);
    return std::move(exchange.reply);
  }

  List prepare(CURL* handle, const HttpCall& call, Exchange& exchange, char* detail) const {
    curl_easy_reset(handle);
    const auto set = [&](CURLoption option, auto value) {
      curl_easy_setopt(handle, option, value);
    };
    set(CURLOPT_URL, call.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(call.timeout_ms.count()));
    set(CURLOPT_ERRORBUFFER, detail);
    set(CURLOPT_USERAGENT, options_.user_agent.c_str());
    set(CURLOPT_ACCEPT_ENCODING, "");
    // Set even when empty, or the environment's proxy would be taken.
    set(CURLOPT_PROXY, options_.proxy.c_str());
    if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(&exchange));
    List headers(curl_slist_append(nullptr, "Expect:"));
    for (const auto& [name, value] : call.headers) {
      // curl drops a header without a value unless it ends in a semicolon.
      const auto line = value.empty() ? name + ";" : name + ": " + value;
      headers.reset(curl_slist_append(headers.release(), line.c_str()));
    }
    set(CURLOPT_HTTPHEADER, headers.get());
    if (call.method == "HEAD") set(CURLOPT_NOBODY, 1L);
    if (!call.body.empty() || call.method == "POST") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
      set(CURLOPT_POSTFIELDS, call.body.data());
    }
    if (call.method != "GET" && call.method != "HEAD") {
      set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
    }
    return headers;
  }

  // An open connection is not checked again, so calls that may be private keep to their own.
  Handle take_handle(bool allow_private) {
    auto& idle = idle_[allow_private ? 1 : 0];
    {
      const std::scoped_lock lock(mutex_);
      if (!idle.empty()) {
        auto handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    Handle handle(curl_easy_init());
    if (!handle) std::abort();
    return handle;
  }

  void give_back(Handle handle, bool allow_private) {
    auto& idle = idle_[allow_private ? 1 : 0];
    const std::scoped_lock lock(mutex_);
    if (idle.size() < k_most_idle_handles) idle.push_back(std::move(handle));
  }

  HttpClientOptions options_;
  std::mutex mutex_;
  std::array<std::vector<Handle>, 2> idle_;
};

}  // namespace

std::string HttpReply::header(std::string_view name) const {
  const auto found = std::ranges::find(
      headers, name, [](const auto& header) { return std::string_view(header.first); });
  return found == headers.end() ? std::string() : found->second;
}

std::unique_ptr<Http> make_http(HttpClientOptions options) {
  return std::make_unique<CurlHttp>(std::move(options));
}

}  // namespace kanal
