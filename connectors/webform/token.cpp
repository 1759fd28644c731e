#include "connectors/webform/token.hpp"

#include <cstdint>

#include "format/encode.hpp"

namespace kanal::webform {
namespace {

constexpr std::size_t k_time_bytes = 8;
constexpr std::size_t k_random_bytes = 16;
constexpr std::size_t k_mac_bytes = 16;

std::string mac_of(const Keys& keys, std::string_view form, std::string_view body) {
  auto message = std::string(body);
  message += form;
  const auto mac = keys.mac(Purpose::form, message);
  return {mac.begin(), mac.begin() + k_mac_bytes};
}

}  // namespace

std::string print_token(const Keys& keys, std::string_view form, const FormToken& token) {
  const auto count = static_cast<std::uint64_t>(token.issued_at.time_since_epoch().count());
  std::string body;
  for (unsigned shift = 0; shift < 64; shift += 8) {
    body += static_cast<char>((count >> shift) & 0xFFU);
  }
  body += token.random;
  return to_base64url(body + mac_of(keys, form, body));
}

std::optional<FormToken> parse_token(const Keys& keys, std::string_view form,
                                     std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != k_time_bytes + k_random_bytes + k_mac_bytes) return std::nullopt;
  const auto body = std::string_view(*bytes).substr(0, k_time_bytes + k_random_bytes);
  const auto mac = std::string_view(*bytes).substr(body.size());
  if (!equal_secrets(mac, mac_of(keys, form, body))) return std::nullopt;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < k_time_bytes; ++i) {
    count |= static_cast<std::uint64_t>(static_cast<unsigned char>(body[i])) << (8 * i);
  }
  return FormToken{Time(std::chrono::microseconds(static_cast<std::int64_t>(count))),
                   std::string(body.substr(k_time_bytes))};
}

}  // namespace kanal::webform
