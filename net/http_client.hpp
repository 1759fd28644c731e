#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace kanal {

struct HttpCall {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout_ms{30'000};  ///< for the whole call
  std::size_t most_bytes = 8U << 20U;            ///< a longer answer fails
  bool allow_private = false;                    ///< loopback and private addresses
};

struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  [[nodiscard]] std::string header(std::string_view name) const;
};

struct HttpClientOptions {
  std::string proxy;    ///< asked for everything but loopback; empty: none
  std::string ca_file;  ///< empty: the system's
  std::string user_agent = "kanal";
  std::vector<std::string> no_proxy = {};  ///< hosts and domains reached without it; "*": all
};

/// Outgoing HTTP. An answer of any status is a success; errors say whether the request may have
/// been carried out (`uncertain`: sent, no answer) or surely was not (`retry`). Safe from any
/// thread. Redirects are followed only for GET, at most five, never to a private address of another
/// host or port. A proxy resolves names once more and for itself: a name that is public when it is
/// checked here and private a moment later is the proxy's to refuse, so an address that a stranger
/// chose is not to be fetched by one that reaches private networks.
class Http {
 public:
  virtual ~Http() = default;
  virtual Result<HttpReply> fetch(const HttpCall& call) = 0;
};

std::unique_ptr<Http> make_http(HttpClientOptions options);

}  // namespace kanal
