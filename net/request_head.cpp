#include "net/request_head.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"
#include "net/request_target.hpp"

namespace kanal {
namespace {

using Head = tl::expected<RequestHead, HttpRefusal>;

constexpr std::size_t k_most_headers = 100;
constexpr std::size_t k_most_method_bytes = 32;

tl::unexpected<HttpRefusal> refuse(int status, std::string detail) {
  return tl::unexpected<HttpRefusal>(HttpRefusal{status, std::move(detail)});
}

bool is_token_character(char each) {
  if ((each >= '0' && each <= '9') || (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z'))
    return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(each) != std::string_view::npos;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<HttpRefusal> read_request_line(std::string_view line, RequestHead& head) {
  const auto bad = [](int status, std::string detail) {
    return HttpRefusal{status, std::move(detail)};
  };
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return bad(400, "The request line is malformed.");
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(method) || method.size() > k_most_method_bytes)
    return bad(400, "The method is malformed.");
  const auto is_odd = [](char each) { return each <= ' ' || each == 0x7f; };
  if (target.empty() || std::any_of(target.begin(), target.end(), is_odd))
    return bad(400, "The address is malformed.");
  head.method = method;
  head.target = target;
  if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.')
    return bad(400, "The request line is malformed.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return bad(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
  head.is_1_1 = version == "HTTP/1.1";
  return std::nullopt;
}

std::optional<HttpRefusal> read_header(std::string_view line, RequestHead& head) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return HttpRefusal{400, "A header's name is malformed."};
  const auto value = trim_blanks(line.substr(colon + 1));
  if (!is_header_value(value)) return HttpRefusal{400, "A header's value is malformed."};
  if (head.headers.size() >= k_most_headers) return HttpRefusal{431, "There are too many headers."};
  head.headers.emplace_back(to_lower_ascii(line.substr(0, colon)), std::string(value));
  return std::nullopt;
}

std::size_t count(const RequestHead& head, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(head.headers.begin(), head.headers.end(),
                    [&](const auto& header) { return header.first == name; }));
}

std::optional<HttpRefusal> read_framing(RequestHead& head) {
  const auto lengths = count(head, "content-length");
  const auto codings = count(head, "transfer-encoding");
  if (lengths > 1 || codings > 1 || lengths + codings > 1)
    return HttpRefusal{400, "The length of the body is said twice."};
  if (lengths == 1) {
    const auto text = head.header("content-length");
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, head.length);
    // from_chars takes no sign for unsigned numbers but '-'.
    if (text.empty() || text.front() == '-' || error != std::errc{} || rest != end)
      return HttpRefusal{400, "Content-Length is malformed."};
  }
  if (codings == 1) {
    if (!head.is_1_1) return HttpRefusal{400, "HTTP/1.0 knows no Transfer-Encoding."};
    if (!equals_ignoring_case(head.header("transfer-encoding"), "chunked"))
      return HttpRefusal{501, "The only transfer coding known here is chunked."};
    head.chunked = true;
  }
  return std::nullopt;
}

std::optional<HttpRefusal> read_meaning(RequestHead& head) {
  const auto hosts = count(head, "host");
  if (hosts > 1 || (hosts == 0 && head.is_1_1))
    return HttpRefusal{400, "There must be exactly one Host."};
  if (hosts == 1 && !is_authority(head.header("host")))
    return HttpRefusal{400, "Host is malformed."};
  head.keep_alive = head.is_1_1;
  for (const auto& [name, value] : head.headers) {
    if (name == "connection") {
      if (has_word(value, "close")) head.keep_alive = false;
      if (!head.is_1_1 && has_word(value, "keep-alive")) head.keep_alive = true;
    } else if (name == "expect" && head.is_1_1) {
      if (!equals_ignoring_case(value, "100-continue"))
        return HttpRefusal{417, "The only expectation known here is 100-continue."};
      head.expects_continue = true;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view RequestHead::header(std::string_view name) const {
  for (const auto& [each, value] : headers) {
    if (each == name) return value;
  }
  return {};
}

std::size_t find_head_end(std::string_view bytes, std::size_t& scanned) {
  for (auto at = bytes.find('\n', scanned); at != std::string_view::npos;
       at = bytes.find('\n', at + 1)) {
    const bool crlf = at > 0 && bytes[at - 1] == '\r';
    const bool empty_line = at == 1 || (at > 2 && bytes[at - 2] == '\n');
    if (!crlf || empty_line) return at + 1;
    scanned = at + 1;
  }
  scanned = bytes.size();
  return 0;
}

tl::expected<RequestHead, HttpRefusal> parse_request_head(std::string_view bytes) {
  RequestHead head;
  bool first = true;
  for (;;) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos || end == 0 || bytes[end - 1] != '\r')
      return refuse(400, "A line does not end in CRLF.");
    const auto line = bytes.substr(0, end - 1);
    bytes.remove_prefix(end + 1);
    if (line.empty() && !first) break;
    const auto problem = first ? read_request_line(line, head) : read_header(line, head);
    if (problem) return tl::unexpected<HttpRefusal>(*problem);
    first = false;
  }
  if (!bytes.empty()) return refuse(400, "The request is malformed.");
  if (auto problem = read_framing(head)) return tl::unexpected<HttpRefusal>(*std::move(problem));
  if (auto problem = read_meaning(head)) return tl::unexpected<HttpRefusal>(*std::move(problem));
  return head;
}

RequestHead glance_at_head(std::string_view bytes) {
  RequestHead head;
  bool first = true;
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    auto line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    (void)(first ? read_request_line(line, head) : read_header(line, head));
    first = false;
  }
  return head;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char each) {
    const auto code = static_cast<unsigned char>(each);
    return (code >= 0x20 && code != 0x7f) || code == '\t';
  });
}

bool has_word(std::string_view list, std::string_view word) {
  for (const auto each : split(list, ',')) {
    if (equals_ignoring_case(trim_blanks(each), word)) return true;
  }
  return false;
}

}  // namespace kanal
