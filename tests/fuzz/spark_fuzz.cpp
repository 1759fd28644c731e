#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/text.hpp"
#include "format/spark_reader.hpp"
#include "tests/fuzz/must.hpp"

using namespace kanal;

// What another Open311 endpoint answers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto records = read_spark({reinterpret_cast<const char*>(data), size}, "request");
  if (!records) {
    must(records.error().remedy == Remedy::drop && is_utf8(records.error().message));
    return 0;
  }
  for (const auto& record : *records) {
    for (const auto& [name, value] : record) {
      must(is_utf8(name) && is_utf8(value) && !trim(value).empty());
      must(value.find('\0') == std::string::npos && name.find('\0') == std::string::npos);
    }
  }
  return 0;
}
