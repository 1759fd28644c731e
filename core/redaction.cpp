#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <span>

#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "core/visibility.hpp"

namespace kanal {

namespace {

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

bool are_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

struct Digit {
  int value;
  std::size_t bytes;
};

// The digit that a text begins with, of any script that is written beside ours.
std::optional<Digit> digit_of(std::string_view text) {
  static constexpr std::array<std::string_view, 8> k_zeros = {
      "0", "\u0660", "\u06f0", "\u0966", "\u0e50", "\u1b50", "\u1bb0", "\ua9d0"};
  const bool is_ascii = !text.empty() && static_cast<unsigned char>(text.front()) < 0x80;
  if (is_ascii && !is_digit(text.front())) return std::nullopt;
  for (const auto zero : k_zeros) {
    const auto before = zero.size() - 1;
    if (text.size() < zero.size() || text.substr(0, before) != zero.substr(0, before)) continue;
    const auto value =
        static_cast<unsigned char>(text[before]) - static_cast<unsigned char>(zero[before]);
    if (value >= 0 && value <= 9) return Digit{value, zero.size()};
  }
  return std::nullopt;
}

std::size_t length_of_any(std::string_view text, std::span<const std::string_view> starts) {
  const auto found =
      std::ranges::find_if(starts, [&](std::string_view each) { return text.starts_with(each); });
  return found == starts.end() ? 0 : found->size();
}

// How many bytes long the separator is with which a text goes on, as people write numbers; 0: none.
std::size_t separator_bytes(std::string_view text) {
  static constexpr std::string_view k_plain = " -./_()+";
  static constexpr std::array<std::string_view, 8> k_wide = {
      "\u00a0", "\u2009", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015"};
  if (k_plain.find(text.front()) != std::string_view::npos) return 1;
  return length_of_any(text, k_wide);
}

// The same of what parts sums, times and lists too.
std::size_t loose_separator_bytes(std::string_view text, bool over_lines) {
  static constexpr std::array<std::string_view, 7> k_marks = {":",      "*",      "~",     "|",
                                                              "\u2022", "\u00b7", "\u2219"};
  if (const auto bytes = separator_bytes(text); bytes > 0) return bytes;
  if (text.starts_with(',')) return text.starts_with(", ") ? 0 : 1;
  if (text.front() == '\n' || text.front() == '\r') return over_lines ? 1 : 0;
  return length_of_any(text, k_marks);
}

// The end of a run of at least nine digits with so many separators between two of them at most;
// `start` when there is none.
template <class Separator>
std::size_t end_of_digits(std::string_view text, std::size_t start, int most_separators,
                          const Separator& separator) {
  std::size_t digits = 0;
  std::size_t end = start;
  int separators = 0;
  for (auto at = start; at < text.size();) {
    if (const auto digit = digit_of(text.substr(at))) {
      ++digits;
      end = at += digit->bytes;
      separators = 0;
      continue;
    }
    const auto bytes = separator(text.substr(at));
    if (bytes == 0 || ++separators > most_separators) break;
    at += bytes;
  }
  return digits >= 9 ? end : start;
}

// How sure the first digits are those of a telephone number: "0361" begins one as no sum, time,
// ratio or year does, but a pole may be "012"; "+62", "62812" and "0812" begin nothing else. What
// follows "1," or "12:" is the middle of one.
enum class Beginning { none, likely, certain };
Beginning beginning_of(std::string_view text, std::size_t start) {
  auto before = text.substr(0, start);
  const bool plus = before.ends_with('+');
  if (before.ends_with(',') || before.ends_with(':') || before.ends_with('.')) {
    before.remove_suffix(1);
  }
  if (!before.empty() && is_digit(before.back())) return Beginning::none;
  std::string digits;
  for (auto rest = text.substr(start); !rest.empty();) {
    const auto digit = digit_of(rest);
    if (!digit) break;
    digits += static_cast<char>('0' + digit->value);
    rest.remove_prefix(digit->bytes);
  }
  if (plus) return digits.size() >= 2 ? Beginning::certain : Beginning::none;
  const bool whole = digits.size() >= 4;
  if (whole && (digits.starts_with("08") || digits.starts_with("628"))) return Beginning::certain;
  return digits.size() >= 3 && digits[0] == '0' && digits[1] != '0' ? Beginning::likely
                                                                    : Beginning::none;
}

// The end of a number that could be somebody's, or `start`.
std::size_t end_of_number(std::string_view text, std::size_t start) {
  const auto end = end_of_digits(text, start, 3, separator_bytes);
  const auto beginning = beginning_of(text, start);
  if (beginning == Beginning::none) return end;
  // A whole number does not take the number of the next line with it.
  const bool over_lines = end == start && beginning == Beginning::certain;
  return std::max(end, end_of_digits(text, start, 8, [&](std::string_view rest) {
                    return loose_separator_bytes(rest, over_lines);
                  }));
}

// The end of "12-01-2026", or `start`. What goes on behind it is a longer number.
std::size_t end_of_date(std::string_view text, std::size_t start) {
  constexpr std::size_t k_year_digits = 4;
  constexpr std::string_view k_marks = "-./";
  auto at = start;
  char mark = '\0';
  for (const int most : {31, 12}) {
    const auto from = at;
    int value = 0;
    while (at < text.size() && is_digit(text[at]) && at - from < 3) {
      value = value * 10 + (text[at++] - '0');
    }
    const bool in_range = value >= 1 && value <= most;
    if (!in_range || at - from > 2 || at == text.size()) return start;
    if (most == 31) mark = text[at];
    if (text[at] != mark || k_marks.find(mark) == std::string_view::npos) return start;
    ++at;
  }
  const auto year = text.substr(at, k_year_digits);
  const bool is_year = year.size() == k_year_digits && are_digits(year) &&
                       (year.starts_with("19") || year.starts_with("20"));
  const auto end = at + k_year_digits;
  const auto behind = text.substr(std::min(end, text.size()), 2);
  const bool goes_on = !behind.empty() &&
                       (is_digit(behind[0]) || (behind.size() == 2 && is_digit(behind[1]) &&
                                                k_marks.find(behind[0]) != std::string_view::npos));
  return is_year && !goes_on ? end : start;
}

// The end of "100.000.000" behind "Rp", or `start`.
std::size_t end_of_sum(std::string_view text, std::size_t start) {
  constexpr std::size_t k_group = 3;
  auto before = text.substr(0, start);
  while (!before.empty() && (before.back() == ' ' || before.back() == '.')) before.remove_suffix(1);
  if (before.size() < 2 || !equals_ignoring_case(before.substr(before.size() - 2), "rp")) {
    return start;
  }
  before.remove_suffix(2);
  if (!before.empty() && std::isalnum(static_cast<unsigned char>(before.back())) != 0) return start;
  auto at = start;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at == start || at - start > k_group || text[start] == '0') return start;
  while (at + k_group < text.size() && text[at] == '.' &&
         are_digits(text.substr(at + 1, k_group)) &&
         (at + k_group + 1 == text.size() || !is_digit(text[at + k_group + 1]))) {
    at += k_group + 1;
  }
  return at;
}

// The end of a report's number behind "#", or `start`.
std::size_t end_of_code(std::string_view text, std::size_t start) {
  if (start == 0 || text[start - 1] != '#') return start;
  for (const auto length : {k_code_digits, k_code_digits + 2}) {
    const auto end = start + length;
    if (end > text.size() || (end < text.size() && is_digit(text[end]))) continue;
    if (parse_tracking_code(text.substr(start, length))) return end;
  }
  return start;
}

// How far the digits at `start` are surely nobody's number, though there are many; `start`: no way.
std::size_t end_of_harmless(std::string_view text, std::size_t start) {
  if (start > 0 && is_digit(text[start - 1])) return start;
  return std::max({end_of_date(text, start), end_of_sum(text, start), end_of_code(text, start)});
}

bool is_mail_character(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '.' ||
         character == '_' || character == '%' || character == '+' || character == '-';
}

// The first of the two bytes of a letter beyond ASCII of the Latin, Greek or Cyrillic alphabet.
bool begins_letter(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 0xC3 && byte <= 0xD4;
}

// The end of what may be the domain of a mail address, with a dot in it, or `start`.
std::size_t end_of_domain(std::string_view text, std::size_t start) {
  constexpr std::string_view k_wide_dot = "\u3002";
  bool dotted = false;
  auto end = start;
  while (end < text.size()) {
    if (text.substr(end).starts_with(k_wide_dot) && end != start) {
      dotted = true;
      end += k_wide_dot.size();
    } else if (is_mail_character(text[end])) {
      dotted = dotted || text[end] == '.';
      ++end;
    } else if (begins_letter(text[end]) && end + 1 < text.size()) {
      end += 2;
    } else {
      break;
    }
  }
  return dotted ? end : start;
}

// Whether it ends as mail domains do, and hardly what is called by an '@' does ("@dinas.pu").
bool ends_as_mail_domain(std::string_view domain) {
  while (domain.ends_with('.')) domain.remove_suffix(1);
  const auto top = to_lower_ascii(domain.substr(std::min(domain.rfind('.') + 1, domain.size())));
  if (top == "id") return std::ranges::count(domain, '.') >= 2;
  return top == "com" || top == "net" || top == "org" || top == "info";
}

// How many bytes the letter beyond ASCII has with which a text ends; 0: there is none. Wide blanks
// and marks are none (U+0080 to U+00BF, U+2000 to U+203F, U+3000 to U+303F).
std::size_t last_letter_bytes(std::string_view text) {
  constexpr auto k_no_letters = std::to_array<std::string_view>({"\xC2", "\xE2\x80", "\xE3\x80"});
  auto start = text.size();
  while (start > 0 && (static_cast<unsigned char>(text[start - 1]) & 0xC0U) == 0x80) --start;
  if (start == 0 || start == text.size()) return 0;
  const auto letter = text.substr(start - 1);
  return length_of_any(letter, k_no_letters) == 0 ? letter.size() : 0;
}

// Takes the local part of a mail address off again, also one with a number in it or in quotes.
bool drop_local_part(std::string& text) {
  constexpr std::size_t k_longest_quoted = 66;
  const auto before = text.size();
  if (text.ends_with('"')) {
    const auto open = text.rfind('"', before - 1 == 0 ? 0 : before - 2);
    const bool is_quoted = open != std::string::npos && open + 1 < before &&
                           before - open <= k_longest_quoted &&
                           text.find('\n', open) == std::string::npos;
    if (is_quoted) text.resize(open);
    return is_quoted;
  }
  for (;;) {
    if (text.ends_with(k_blot)) {
      text.resize(text.size() - k_blot.size());
    } else if (!text.empty() && is_mail_character(text.back())) {
      text.pop_back();
    } else if (const auto bytes = last_letter_bytes(text); bytes > 0) {
      text.resize(text.size() - bytes);
    } else {
      return text.size() != before;
    }
  }
}

// The end of the mail address whose '@' stands at `at`, with its local part taken off again; `at`
// when there is none.
std::size_t drop_address(std::string& redacted, std::string_view text, std::size_t at) {
  const auto domain = at + (text.substr(at).starts_with("@ ") ? 2 : 1);
  const auto end = end_of_domain(text, domain);
  if (end == domain) return at;
  const bool blank_before = redacted.ends_with(' ');
  const bool is_parted = blank_before || domain != at + 1;
  if (is_parted && !ends_as_mail_domain(text.substr(domain, end - domain))) return at;
  if (blank_before) redacted.pop_back();
  if (drop_local_part(redacted)) return end;
  if (blank_before) redacted += ' ';
  return at;
}

bool is_enhanced_status(std::string_view word) {
  const auto parts = split(word, '.');
  return parts.size() == 3 && std::ranges::all_of(parts, are_digits) && parts[0].size() == 1 &&
         std::string_view("245").find(parts[0]) != std::string_view::npos && parts[1].size() == 1 &&
         parts[2].size() <= 3;
}

}  // namespace

std::string redact_personal(std::string_view text) {
  std::string redacted;
  redacted.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const bool digit = digit_of(text.substr(at)).has_value();
    if (const auto harmless = digit ? end_of_harmless(text, at) : at; harmless != at) {
      redacted += text.substr(at, harmless - at);
      at = harmless;
      continue;
    }
    if (const auto end = digit ? end_of_number(text, at) : at; end != at) {
      redacted += k_blot;
      at = end;
      continue;
    }
    if (const auto end = text[at] == '@' ? drop_address(redacted, text, at) : at; end != at) {
      redacted += k_blot;
      at = end;
      continue;
    }
    redacted += text[at++];
  }
  return redacted;
}

std::string redact_detail(std::string_view detail) {
  std::string redacted;
  std::size_t written = 0;
  for (std::size_t at = 0; at < detail.size();) {
    const auto end = std::min(detail.find_first_of(" ()[]#:;,-\t\r\n", at), detail.size());
    if (is_enhanced_status(detail.substr(at, end - at))) {
      redacted += redact_personal(detail.substr(written, at - written));
      redacted += detail.substr(at, end - at);
      written = end;
    }
    at = end + 1;
  }
  return redacted + redact_personal(detail.substr(written));
}

}  // namespace kanal
