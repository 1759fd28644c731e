#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/text.hpp"
#include "net/request_target.hpp"
#include "tests/fuzz/must.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kanal;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto fields = parse_query(text)) {
    must(fields->size() <= 256);
    for (const auto& [name, value] : *fields) must(is_utf8(name) && is_utf8(value));
  }
  (void)is_authority(text);
  const auto target = parse_request_target(text);
  if (!target) {
    must(target.error().status >= 400);
    return 0;
  }
  if (target->asterisk) return 0;
  const auto& path = target->path;
  must(path.starts_with('/') && is_utf8(path));
  must(path.find("//") == std::string::npos && path.find("/../") == std::string::npos);
  must(path.find("/./") == std::string::npos && !path.ends_with("/.."));
  must(std::none_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  }));
  return 0;
}
