#include <cstdint>
#include <string>
#include <string_view>

#include "format/encode.hpp"
#include "tests/fuzz/must.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kanal;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto fields = parse_form(text).value_or(FormFields());
  std::string printed;
  for (const auto& [name, value] : fields) {
    if (!printed.empty()) printed += '&';
    printed += percent_encode(name) + "=" + percent_encode(value);
  }
  must(parse_form(printed) == fields || (fields.size() == 1 && printed == "="));

  must(percent_decode(percent_encode(text), false) == std::string(text));
  must(from_hex(to_hex(text)) == std::string(text));
  must(from_base64(to_base64(text)) == std::string(text));
  must(from_base64url(to_base64url(text)) == std::string(text));
  must(from_base32(to_base32(text)) == std::string(text));
  (void)percent_decode(text, true);
  if (const auto bytes = from_base64url(text)) must(to_base64url(*bytes).size() <= size);
  (void)from_hex(text);
  (void)from_base64(text);
  (void)from_base32(text);
  must(escape_html(text).find('<') == std::string::npos);
  return 0;
}
