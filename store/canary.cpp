#include "store/canary.hpp"

#include "config/keys.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal {

namespace {

constexpr std::string_view k_head = "KANAL-CANARY-";
constexpr std::string_view k_before = "Test ";
constexpr std::size_t k_token_bytes = 12;

std::string_view token_in(std::string_view text) {
  const auto at = text.find(k_head);
  if (at == std::string_view::npos) return {};
  const auto token = text.substr(at, k_head.size() + 2 * k_token_bytes);
  const bool whole =
      token.size() == k_head.size() + 2 * k_token_bytes &&
      token.substr(k_head.size()).find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return whole ? token : std::string_view();
}

}  // namespace

std::string fresh_canary() {
  return std::string(k_head) + to_hex(random_bytes(k_token_bytes));
}

std::string canary_text(std::string_view token) {
  return std::string(k_before) + std::string(token);
}

std::string_view canary_of(const Post& post) {
  const auto alone = trim(post.text);
  if (alone.starts_with(k_before)) {
    const auto token = token_in(alone.substr(k_before.size()));
    if (k_before.size() + token.size() == alone.size()) return token;
  }
  // A mail server may have written something below it.
  return post.hints.automatic.empty() ? std::string_view() : token_in(alone);
}

}  // namespace kanal
