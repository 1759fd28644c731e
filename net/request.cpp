#include "core/text.hpp"
#include "net/http_server.hpp"

namespace kanal {
namespace {

std::string find_first(const Headers& pairs, std::string_view name) {
  for (const auto& [each, value] : pairs) {
    if (each == name) return value;
  }
  return {};
}

Response make(int status, std::string_view type, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", type);
  response.body = std::move(body);
  return response;
}

}  // namespace

std::string Request::header(std::string_view name) const {
  return find_first(headers, to_lower_ascii(name));
}

std::string Request::field(std::string_view name) const {
  return find_first(fields, name);
}

std::string Request::form_value(std::string_view name) const {
  for (const auto& part : form) {
    if (part.name == name && part.file.empty()) return part.value;
  }
  return {};
}

std::string Request::cookie(std::string_view name) const {
  for (const auto& [each, value] : headers) {
    if (each != "cookie") continue;
    for (const auto pair : split(value, ';')) {
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || trim(pair.substr(0, equals)) != name) continue;
      auto found = trim(pair.substr(equals + 1));
      if (found.size() >= 2 && found.front() == '"' && found.back() == '"')
        found = found.substr(1, found.size() - 2);
      return std::string(found);
    }
  }
  return {};
}

Response Response::text(int status, std::string body) {
  return make(status, "text/plain; charset=utf-8", std::move(body));
}

Response Response::html(int status, std::string body) {
  return make(status, "text/html; charset=utf-8", std::move(body));
}

Response Response::json(int status, std::string body) {
  return make(status, "application/json", std::move(body));
}

Response Response::redirect(std::string location, int status) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

}  // namespace kanal
