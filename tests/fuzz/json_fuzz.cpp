#include <cstdint>
#include <string>
#include <string_view>

#include "format/json.hpp"
#include "tests/fuzz/must.hpp"

namespace {

using namespace kanal;

void write(const Json& json, JsonWriter& writer) {
  switch (json.type) {
    case Json::Type::null:
      writer.null();
      break;
    case Json::Type::boolean:
      writer.value(json.boolean);
      break;
    case Json::Type::integer:
      writer.value(json.integer);
      break;
    case Json::Type::number:
      writer.value(json.number);
      break;
    case Json::Type::string:
      writer.value(json.string);
      break;
    case Json::Type::array:
      writer.begin_array();
      for (const auto& item : json.array) write(item, writer);
      writer.end_array();
      break;
    case Json::Type::object:
      writer.begin_object();
      for (const auto& [key, value] : json.object) {
        writer.key(key);
        write(value, writer);
      }
      writer.end_object();
      break;
  }
}

std::string printed(const Json& json) {
  JsonWriter writer;
  write(json, writer);
  return writer.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = Json::parse(text);
  if (!json) return 0;
  const auto once = printed(*json);
  const auto again = Json::parse(once);
  must(again.has_value());
  must(printed(*again) == once);
  return 0;
}
