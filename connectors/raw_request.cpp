#include "connectors/raw_request.hpp"

#include "core/text.hpp"

namespace kanal {

namespace {

/// The next line without its end; `rest` goes on behind it.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  auto line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// As "POST /in/sms?from=08 HTTP/1.1".
bool take_request_line(std::string_view line, Delivery& into) {
  const auto words = split(line, ' ');
  if (words.size() != 3 || !words[2].starts_with("HTTP/1.") || !words[1].starts_with('/')) {
    return false;
  }
  const auto question = words[1].find('?');
  into.method = words[0];
  into.path = words[1].substr(1, question == std::string_view::npos ? question : question - 1);
  if (question != std::string_view::npos) into.query = words[1].substr(question + 1);
  return true;
}

std::string type_of(std::string_view body) {
  if (body.starts_with('{') || body.starts_with('[')) return "application/json";
  if (!body.starts_with("--")) return "application/x-www-form-urlencoded";
  auto rest = body;
  return "multipart/form-data; boundary=\"" + std::string(take_line(rest).substr(2)) + "\"";
}

}  // namespace

Delivery read_raw_request(std::string_view raw) {
  Delivery delivery;
  auto rest = raw;
  if (take_request_line(take_line(rest), delivery)) {
    for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      delivery.headers.emplace_back(to_lower_ascii(line.substr(0, colon)),
                                    trim(line.substr(colon + 1)));
    }
    delivery.body = rest;
    return delivery;
  }
  const auto body = trim(raw);
  const auto type = type_of(body);
  if (type.ends_with("urlencoded")) {
    delivery.method = "GET";
    // A query is one line.
    for (const char each : body) delivery.query += each == '\n' ? "%0A" : std::string(1, each);
    return delivery;
  }
  delivery.method = "POST";
  delivery.headers.emplace_back("content-type", type);
  delivery.body = body;
  return delivery;
}

}  // namespace kanal
