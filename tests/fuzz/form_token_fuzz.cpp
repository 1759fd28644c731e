#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/webform/token.hpp"
#include "tests/fuzz/must.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kanal;
  static const auto keys = Keys::of_seed("fuzz");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto token = webform::parse_token(keys, "lapor", text)) {
    must(webform::print_token(keys, "lapor", *token) == text);
    must(!webform::parse_token(keys, "other", text));
  }

  // What we print must be ours, and no longer be so after any change of one byte.
  webform::FormToken ours{Time(std::chrono::microseconds(static_cast<std::int64_t>(size))),
                          std::string(16, size > 0 ? static_cast<char>(data[0]) : '\0')};
  auto printed = webform::print_token(keys, "lapor", ours);
  must(webform::parse_token(keys, "lapor", printed).has_value());
  if (size < 2) return 0;
  const auto at = data[0] % printed.size();
  if (printed[at] == static_cast<char>(data[1])) return 0;
  printed[at] = static_cast<char>(data[1]);
  must(!webform::parse_token(keys, "lapor", printed));
  return 0;
}
