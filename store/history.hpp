#pragma once

#include <string>
#include <string_view>

#include "core/report.hpp"

namespace kanal {

/// Hash of what was said, with a salt, so that erased words cannot be guessed from it. Empty for no
/// words.
std::string words_hash(std::string_view salt, std::string_view words);
std::string new_salt();

/// BLAKE2b-256 over all fields of the line, each with its length, the previous line's hash among
/// them. Times count in microseconds; `words` stand for themselves by `words_hash`, files by their
/// SHA-256.
Digest line_hash(ReportId report, const Entry& entry, std::string_view words_hash);

}  // namespace kanal
