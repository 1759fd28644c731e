#pragma once

#include <cstdint>
#include <string>

namespace kanal {

/// "512 B", "20 kB" or "25 MB", rounded down; the same in both languages.
std::string size_words(std::uint64_t bytes);

}  // namespace kanal
