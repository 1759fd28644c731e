#include "store/canary.hpp"

#include "config/keys.hpp"
#include "format/encode.hpp"

namespace kanal {

namespace {

constexpr std::string_view k_head = "KANAL-CANARY-";
constexpr std::size_t k_random_bytes = 12;

}  // namespace

std::string fresh_canary() {
  return std::string(k_head) + to_hex(random_bytes(k_random_bytes));
}

std::string_view canary_in(std::string_view text) {
  const auto at = text.find(k_head);
  if (at == std::string_view::npos) return {};
  const auto token = text.substr(at, k_head.size() + 2 * k_random_bytes);
  const bool whole =
      token.size() == k_head.size() + 2 * k_random_bytes &&
      token.substr(k_head.size()).find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return whole ? token : std::string_view();
}

}  // namespace kanal
