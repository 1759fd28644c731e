#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kanal {

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);
std::string to_base64url(std::string_view bytes);  ///< without padding (RFC 4648 §5)
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_base64url(std::string_view text);
/// Crockford base 32 in lower case without padding, for addresses whose case is not kept.
std::string to_base32(std::string_view bytes);
std::optional<std::string> from_base32(std::string_view text);
std::string percent_encode(std::string_view text);
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
/// application/x-www-form-urlencoded (WHATWG URL §5.1): a stray '%' stands for itself.
std::vector<std::pair<std::string, std::string>> parse_form(std::string_view body);
std::string print_form(const std::vector<std::pair<std::string, std::string>>& fields);
std::string escape_html(std::string_view text);

}  // namespace kanal
