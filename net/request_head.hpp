#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "net/refusal.hpp"

namespace kanal {

/// A request's line and headers, checked as strictly as RFC 9112 allows: what two readers could
/// understand differently (smuggling) is refused.
struct RequestHead {
  std::string method;
  std::string target;
  bool is_1_1 = true;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  bool keep_alive = true;
  bool expects_continue = false;
  bool chunked = false;
  std::uint64_t length = 0;  ///< of the body, unless chunked

  [[nodiscard]] bool has_body() const { return chunked || length > 0; }
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// The length of the head that starts `bytes`, with its empty line; 0 when more must come. A line
/// that does not end in CRLF ends the head too, so that it is refused without waiting for more.
/// `scanned` remembers between calls what was looked at.
std::size_t find_head_end(std::string_view bytes, std::size_t& scanned);

/// `head` as find_head_end measured it. RFC 9112 §2–§6; no obs-fold, no bare LF, exactly one Host
/// in HTTP/1.1, Content-Length or `Transfer-Encoding: chunked` but once and never both.
tl::expected<RequestHead, HttpRefusal> parse_request_head(std::string_view head);

/// What can be read of a head that was refused or never became whole, so that the refusal can be
/// told in the client's way: method and target if both are sound, and the headers that are.
RequestHead glance_at_head(std::string_view bytes);

/// RFC 9110 §5.6.2.
bool is_token(std::string_view text);
/// Fit for a header's value: no control characters but TAB.
bool is_header_value(std::string_view text);
/// One of the comma-separated words of a header, whatever its case.
bool has_word(std::string_view list, std::string_view word);

}  // namespace kanal
