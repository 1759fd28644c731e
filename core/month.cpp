#include "core/month.hpp"

#include <array>

#include "core/language.hpp"

namespace kanal {

std::string_view month_name(std::chrono::month month, std::string_view language) {
  static constexpr std::array<std::string_view, 12> k_indonesian = {
      "Januari", "Februari", "Maret",     "April",   "Mei",      "Juni",
      "Juli",    "Agustus",  "September", "Oktober", "November", "Desember"};
  static constexpr std::array<std::string_view, 12> k_english = {
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  const auto& names = is_english(language) ? k_english : k_indonesian;
  return names.at(static_cast<unsigned>(month) - 1);
}

std::string day_words(std::chrono::year_month_day day, std::string_view language) {
  return std::to_string(static_cast<unsigned>(day.day())) + " " +
         std::string(month_name(day.month(), language)) + " " +
         std::to_string(static_cast<int>(day.year()));
}

}  // namespace kanal
