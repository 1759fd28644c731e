#include "web/problem.hpp"

#include <spdlog/spdlog.h>

#include "core/text.hpp"
#include "format/json.hpp"
#include "net/answer.hpp"

namespace kanal {
namespace {

bool is_below(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

}  // namespace

Response problem(const Request& request, int status, std::string_view detail,
                 std::span<const Fault> faults, std::chrono::seconds wait) {
  JsonWriter out;
  out.begin_object().member("type", "about:blank").member("title", phrase_of(status));
  out.member("status", status).member("detail", detail);
  out.member("reference", request.reference);
  if (!faults.empty()) {
    out.key("errors").begin_array();
    for (const auto& fault : faults) {
      out.begin_object().member("field", fault.field);
      out.member("message", fault.message).end_object();
    }
    out.end_array();
  }
  out.end_object();
  Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}};
  if (status == 429 || status == 503) {
    response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  }
  response.body = out.take();
  return response;
}

Response trouble(const Request& request, const Error& error) {
  spdlog::warn("{} ({})", error.message, request.reference);
  return problem(request, 503, "The service is busy: try again in a moment.");
}

std::string_view asked_path(const Request& request) {
  if (!request.path.empty()) return request.path;
  const std::string_view target = request.target;
  return target.substr(0, target.find('?'));
}

bool is_program(const Request& request) {
  for (const auto* root : {"/api", "/in", "/healthz", "/readyz"}) {
    if (is_below(asked_path(request), root)) return true;
  }
  const auto accept = to_lower_ascii(request.header("accept"));
  return accept.find("json") != std::string::npos && accept.find("html") == std::string::npos;
}

}  // namespace kanal
