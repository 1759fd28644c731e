#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

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
using FormFields = std::vector<std::pair<std::string, std::string>>;
/// application/x-www-form-urlencoded (WHATWG URL §5.1): a stray '%' stands for itself. Fails with
/// `drop` beyond 1,000 fields, each of which takes many times what it takes to write.
Result<FormFields> parse_form(std::string_view body);
std::string print_form(const FormFields& fields);
std::string escape_html(std::string_view text);

}  // namespace kanal
