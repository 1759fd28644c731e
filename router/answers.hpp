#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/id.hpp"

// The words of short answers, and what stands around them in a letter.
namespace kanal::answers {

inline constexpr auto k_confirming = std::to_array<std::string_view>(
    {"ya", "sudah", "selesai", "tuntas", "beres", "yes", "solved", "done", "fixed"});
inline constexpr auto k_thanking = std::to_array<std::string_view>(
    {"terima", "kasih", "terimakasih", "makasih", "trims", "thanks", "thank", "bagus", "mantap",
     "great", "good", "hebat", "memuaskan", "puas", "excellent", "nice"});
inline constexpr auto k_addressing =
    std::to_array<std::string_view>({"pak", "bapak", "bu", "ibu", "mas", "mbak", "min", "kak",
                                     "you", "bang", "admin", "tim", "team", "sir", "madam"});
// Behind thanks; by themselves they say how much of something there is.
inline constexpr auto k_much =
    std::to_array<std::string_view>({"banyak", "sekali", "a", "lot", "very", "much"});
inline constexpr auto k_disputing =
    std::to_array<std::string_view>({"belum", "no", "tidak", "not", "blm", "unsolved"});
inline constexpr auto k_solved = std::to_array<std::string_view>(
    {"selesai", "tuntas", "beres", "solved", "resolved", "done", "fixed", "yet"});
inline constexpr auto k_opening = std::to_array<std::string_view>({"buka", "open", "reopen"});
inline constexpr auto k_asking = std::to_array<std::string_view>({"status", "cek", "check"});
inline constexpr auto k_marking =
    std::to_array<std::string_view>({"nilai", "rating", "rate", "bintang", "stars", "star"});
// What no name begins with: somebody goes on.
inline constexpr auto k_but =
    std::to_array<std::string_view>({"tapi", "tetapi", "namun", "masih", "but", "still"});

template <std::size_t Count>
bool in(const std::array<std::string_view, Count>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

using Words = std::vector<std::string_view>;
/// What stands between blanks.
Words words_of(std::string_view words);

inline bool is_polite(std::string_view word) {
  return in(k_thanking, word) || in(k_addressing, word);
}

inline bool thanks(Words::const_iterator from, Words::const_iterator end) {
  return std::any_of(from, end, [](auto word) { return in(k_thanking, word); });
}

/// Nothing but politeness, and what `also` takes besides.
template <class Also>
bool is_polite_or(Words::const_iterator from, Words::const_iterator end, Also also) {
  bool thanked = false;
  return std::all_of(from, end, [&](auto word) {
    thanked = thanked || in(k_thanking, word);
    return is_polite(word) || (thanked && in(k_much, word)) || also(word);
  });
}

bool is_number(std::string_view word);

/// What is said between how a letter begins ("Yth. Admin,", "Halo pak") and ends ("Salam, Budi"),
/// without the report's own number; its first words are those of the lists ("It is not solved" says
/// "not solved", four stars "4 bintang"). Never empty where the text is not.
std::string gist_of(std::string_view text, const TrackingCode& code, std::string_view author);

}  // namespace kanal::answers
