#include "net/request_target.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal {
namespace {

constexpr std::size_t k_most_query_fields = 256;
constexpr std::size_t k_most_authority_bytes = 260;

tl::unexpected<HttpRefusal> refuse(std::string detail) {
  return tl::unexpected<HttpRefusal>(HttpRefusal{400, std::move(detail)});
}

bool is_digit(char each) {
  return each >= '0' && each <= '9';
}

bool is_letter(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
}

bool is_control(char each) {
  return static_cast<unsigned char>(each) < 0x20 || each == 0x7f;
}

}  // namespace

bool is_authority(std::string_view text) {
  if (text.empty() || text.size() > k_most_authority_bytes) return false;
  std::size_t end = 0;
  if (text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    const auto inside = text.substr(1, close - 1);
    if (!std::all_of(inside.begin(), inside.end(), [](char each) {
          return is_digit(each) || is_letter(each) || each == ':' || each == '.';
        }))
      return false;
    end = close + 1;
  } else {
    while (end < text.size() &&
           (is_digit(text[end]) || is_letter(text[end]) ||
            std::string_view("-._~!$&'()*+,;=%").find(text[end]) != std::string_view::npos)) {
      ++end;
    }
    if (end == 0) return false;
  }
  if (end == text.size()) return true;
  const auto port = text.substr(end + 1);
  return text[end] == ':' && port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit);
}

tl::expected<RequestTarget, HttpRefusal> parse_request_target(std::string_view target) {
  RequestTarget found;
  if (target == "*") {
    found.path = "*";
    found.asterisk = true;
    return found;
  }
  if (!target.starts_with('/')) {
    const auto scheme = target.find("://");
    if (scheme == std::string_view::npos ||
        !(equals_ignoring_case(target.substr(0, scheme), "http") ||
          equals_ignoring_case(target.substr(0, scheme), "https")))
      return refuse("The address is malformed.");
    target.remove_prefix(scheme + 3);
    const auto end = std::min(target.find_first_of("/?#"), target.size());
    found.authority = target.substr(0, end);
    if (!is_authority(found.authority)) return refuse("The address is malformed.");
    target.remove_prefix(end);
  }
  // A fragment is never sent; a client that does so does not mean it for us.
  target = target.substr(0, target.find('#'));
  const auto question = target.find('?');
  if (question != std::string_view::npos) found.query = target.substr(question + 1);
  target = target.substr(0, question);

  std::vector<std::string> segments;
  bool directory = true;
  if (!target.empty()) target.remove_prefix(1);
  for (const auto raw : split(target, '/')) {
    auto segment = percent_decode(raw, false);
    if (!segment) return refuse("The address holds a malformed escape.");
    if (segment->find('/') != std::string::npos) return refuse("The address escapes a slash.");
    if (std::any_of(segment->begin(), segment->end(), is_control))
      return refuse("The address holds a control character.");
    if (!is_utf8(*segment)) return refuse("The address is not UTF-8.");
    // Browsers take it for a slash: a link to /\host leads to that host.
    if (segment->find('\\') != std::string::npos) return refuse("The address holds a backslash.");
    directory = segment->empty() || *segment == "." || *segment == "..";
    if (*segment == ".." && !segments.empty()) segments.pop_back();
    if (!directory) segments.push_back(*std::move(segment));
  }
  for (const auto& segment : segments) {
    found.path += '/';
    found.path += segment;
  }
  if (directory || found.path.empty()) found.path += '/';
  return found;
}

tl::expected<std::vector<std::pair<std::string, std::string>>, HttpRefusal> parse_query(
    std::string_view query) {
  auto fields = parse_form(query);
  if (!fields || fields->size() > k_most_query_fields) {
    return refuse("The query has too many fields.");
  }
  for (auto& [name, value] : *fields) {
    name = scrub_utf8(name);
    value = scrub_utf8(value);
  }
  return std::move(*fields);
}

}  // namespace kanal
