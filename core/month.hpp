#pragma once

#include <chrono>
#include <string_view>

namespace kanal {

/// "Agustus" or, where the language is "en", "August"; the first three letters are its short form.
std::string_view month_name(std::chrono::month month, std::string_view language);

}  // namespace kanal
