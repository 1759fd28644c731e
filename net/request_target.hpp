#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "net/refusal.hpp"

namespace kanal {

/// What a request's target names (RFC 9112 §3.2).
struct RequestTarget {
  std::string path;       ///< decoded, without dot segments and doubled slashes; "*" for all
  std::string query;      ///< undecoded
  std::string authority;  ///< of the absolute form; else empty
  bool asterisk = false;  ///< `OPTIONS *`
};

/// Origin form and absolute form of http and https, and `*`. Refused are malformed escapes,
/// escaped slashes, and paths that decode to control characters, backslashes or invalid UTF-8.
tl::expected<RequestTarget, HttpRefusal> parse_request_target(std::string_view target);

/// The query's fields, decoded and scrubbed to UTF-8; beyond 256 fields it is refused.
tl::expected<std::vector<std::pair<std::string, std::string>>, HttpRefusal> parse_query(
    std::string_view query);

/// A host with an optional port, as in the Host header; no user information.
bool is_authority(std::string_view text);

}  // namespace kanal
