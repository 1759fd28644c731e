#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace kanal {

bool is_utf8(std::string_view bytes);
/// Valid UTF-8 without NUL: bad sequences become U+FFFD.
std::string scrub_utf8(std::string_view bytes);
/// The longest prefix of whole code points within `most_bytes`.
std::string_view clip_utf8(std::string_view text, std::size_t most_bytes);
std::string_view trim(std::string_view text);
std::string to_lower_ascii(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
/// Whether mail could go there: one "@", a domain with a dot, nothing that ends a header.
bool looks_like_email(std::string_view text);
/// Code points.
std::size_t count_characters(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
/// What mail programs put before a subject when it is answered and when it is passed on.
inline constexpr std::array<std::string_view, 5> k_answer_marks = {"re", "bls", "balas", "aw",
                                                                   "sv"};
inline constexpr std::array<std::string_view, 4> k_forward_marks = {"fwd", "fw", "terusan", "trs"};
/// A subject without any of those marks before it.
std::string_view matter_of(std::string_view subject);
/// "id", "en" or empty: a guess from common words; never sure below about five words.
std::string guess_language(std::string_view text);

}  // namespace kanal
