#include <cstdint>
#include <string>
#include <string_view>

#include "net/request_head.hpp"
#include "tests/fuzz/must.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kanal;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t scanned = 0;
  const auto end = find_head_end(bytes, scanned);
  must(end <= size);

  // Where a head ends must not depend on how it arrives.
  std::size_t seen = 0;
  std::size_t found = 0;
  for (std::size_t count = 1; count <= size && found == 0 && size < 2048; ++count) {
    found = find_head_end(bytes.substr(0, count), seen);
  }
  must(size >= 2048 || found == end);

  const auto seen_of_it = glance_at_head(bytes);
  must(seen_of_it.method.empty() || is_token(seen_of_it.method));
  for (const auto& [name, value] : seen_of_it.headers) {
    must(is_token(name) && is_header_value(value));
  }
  if (end == 0) return 0;

  const auto head = parse_request_head(bytes.substr(0, end));
  if (!head) {
    must(head.error().status >= 400 && !head.error().detail.empty());
    return 0;
  }
  must(is_token(head->method) && !head->target.empty());
  must(!(head->chunked && head->length > 0));
  must(head->chunked == !head->header("transfer-encoding").empty());
  std::size_t hosts = 0;
  for (const auto& [name, value] : head->headers) {
    must(is_token(name) && is_header_value(value));
    hosts += name == "host" ? 1 : 0;
  }
  must(hosts == 1 || (hosts == 0 && !head->is_1_1));
  return 0;
}
