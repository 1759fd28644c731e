#include "format/plain_text.hpp"

namespace kanal {

std::string plain_text(const Json& value) {
  switch (value.type) {
    case Json::Type::string:
      return value.string;
    case Json::Type::integer:
      return std::to_string(value.integer);
    case Json::Type::number:
      return JsonWriter().value(value.number).take();
    case Json::Type::boolean:
      return value.boolean ? "true" : "false";
    default:
      return {};
  }
}

}  // namespace kanal
