#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kanal {

/// "+628123456789" of the many ways to write it (08…, 628…, +62 8…, 00628…), by libphonenumber.
/// `region` (ISO 3166, "ID") is whose national numbers are meant. Nothing for short codes, names
/// and what is no number there.
std::optional<std::string> to_e164(std::string_view number, std::string_view region);

}  // namespace kanal
