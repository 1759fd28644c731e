#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace kanal {

/// "Agustus" or, where the language is "en", "August"; the first three letters are its short form.
std::string_view month_name(std::chrono::month month, std::string_view language);
/// "2 Januari 2026".
std::string day_words(std::chrono::year_month_day day, std::string_view language);

}  // namespace kanal
