#pragma once

#include <string_view>

namespace kanal {

/// Kanal speaks two languages: what is not "en" is Indonesian.
inline bool is_english(std::string_view language) {
  return language == "en";
}

/// One of two wordings.
inline std::string_view pick(std::string_view language, std::string_view indonesian,
                             std::string_view english) {
  return is_english(language) ? english : indonesian;
}

}  // namespace kanal
