#include "tests/sandbox/control.hpp"

#include <stdexcept>

namespace kanal::sandbox {

Json parse_body(const Request& request) {
  auto body = Json::parse(request.body.empty() ? "{}" : request.body);
  if (!body) throw std::runtime_error(body.error().message);
  return std::move(*body);
}

std::int64_t number_in(const Json& body, std::string_view key, std::int64_t fallback) {
  const auto* const found = body.find(key);
  return found != nullptr && found->type == Json::Type::integer ? found->integer : fallback;
}

bool truth_in(const Json& body, std::string_view key, bool fallback) {
  const auto* const found = body.find(key);
  return found != nullptr && found->type == Json::Type::boolean ? found->boolean : fallback;
}

std::string text_in(const Json& body, std::string_view key, std::string_view fallback) {
  auto found = body.text(key);
  return found.empty() ? std::string(fallback) : found;
}

Answer told(std::string json) {
  Answer answer;
  answer.body = std::move(json);
  return answer;
}

Answer refused(int status, std::string why) {
  Answer answer;
  answer.status = status;
  answer.type = "text/plain; charset=utf-8";
  answer.body = std::move(why);
  return answer;
}

}  // namespace kanal::sandbox
