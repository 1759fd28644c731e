#include "core/size_words.hpp"

namespace kanal {

std::string size_words(std::uint64_t bytes) {
  constexpr std::uint64_t k_kilo = 1024;
  if (bytes < k_kilo) return std::to_string(bytes) + " B";
  if (bytes < k_kilo * k_kilo) return std::to_string(bytes / k_kilo) + " kB";
  return std::to_string(bytes / (k_kilo * k_kilo)) + " MB";
}

}  // namespace kanal
