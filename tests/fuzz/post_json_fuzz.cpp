#include <cstdint>
#include <string>
#include <string_view>

#include "core/text.hpp"
#include "format/post_json.hpp"
#include "tests/fuzz/must.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kanal;
  static PostReader reader;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto first = reader.read(line);
  if (!first) {
    must(!first.error().message.empty());
    return 0;
  }
  must(!first->post.id.value().empty());
  must(is_utf8(first->post.text) && first->post.text.find('\0') == std::string::npos);
  const auto printed = print_post(first->post, first->channel);
  must(printed.find('\n') == std::string::npos);
  const auto second = reader.read(printed);
  must(second.has_value());
  must(print_post(second->post, second->channel) == printed);
  return 0;
}
