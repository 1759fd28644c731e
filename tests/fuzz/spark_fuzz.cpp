#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/far_system.hpp"
#include "connectors/open311_client/requests.hpp"
#include "core/text.hpp"
#include "format/spark_reader.hpp"
#include "tests/fuzz/must.hpp"

using namespace kanal;

// What another Open311 endpoint answers, and what is kept of how its requests stood.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)Followed::read(Cursor{text});
  const HttpReply answer{200, {}, text};
  if (const auto made = open311_client::read_created(answer)) {
    const auto name = open311_client::print_name(*made);
    must(is_utf8(name.value()) && open311_client::parse_name(name).has_value());
  }
  must(is_utf8(open311_client::faults_of(answer)));
  const auto records = read_spark(text, "request");
  if (!records) {
    must(records.error().remedy == Remedy::drop && is_utf8(records.error().message));
    return 0;
  }
  for (const auto& record : *records) {
    const auto standing = open311_client::read_standing(record, "id");
    must(is_utf8(standing.words) && is_utf8(standing.event));
    for (const auto& [name, value] : record) {
      must(is_utf8(name) && is_utf8(value) && !trim(value).empty());
      must(value.find('\0') == std::string::npos && name.find('\0') == std::string::npos);
    }
  }
  return 0;
}
