#include <array>
#include <cstdint>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "router/stages.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_text_bytes = 256U << 10U;
constexpr std::size_t k_most_line_bytes = 1000;

bool is_plain(std::string_view text) {
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte >= 0x7F || (byte < 0x20 && byte != '\n')) return false;
  }
  return true;
}

bool is_joiner(UChar32 point) {
  return point == 0x200C || point == 0x200D;
}

bool is_invisible(UChar32 point) {
  switch (point) {
    case 0x00AD:
    case 0x034F:
    case 0x061C:
    case 0x180E:
    case 0x200B:
    case 0x200E:
    case 0x200F:
    case 0x2060:
    case 0x2061:
    case 0x2062:
    case 0x2063:
    case 0x2064:
    case 0xFEFF:
      return true;
    default:
      return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x206F) ||
             (point >= 0xE0000 && point <= 0xE007F);
  }
}

// Forms that only look different. Fractions, superscripts and ligatures mean something of their
// own.
bool is_guise(UChar32 point) {
  switch (u_getIntPropertyValue(point, UCHAR_DECOMPOSITION_TYPE)) {
    case U_DT_WIDE:
    case U_DT_NARROW:
    case U_DT_FONT:
      return true;
    default:
      return false;
  }
}

// Scripts that need joiners, and emoji made of several.
bool wants_joiner(UChar32 point) {
  return point > 0x5FF;
}

icu::UnicodeString without_guises(const icu::UnicodeString& text, const icu::Normalizer2& compat) {
  icu::UnicodeString plain;
  UErrorCode error = U_ZERO_ERROR;
  // Marks change places when they are composed; what they stand on does not.
  UChar32 base = 0;
  const auto append = [&](UChar32 point) {
    if (u_getCombiningClass(point) == 0) base = point;
    plain.append(point);
  };
  for (int32_t at = 0; at < text.length();) {
    const auto point = text.char32At(at);
    at += U16_LENGTH(point);
    if (is_joiner(point)) {
      if (wants_joiner(base)) plain.append(point);
      continue;
    }
    if (is_invisible(point) || point == 0) continue;
    if (point == '\r') {
      if (at >= text.length() || text.char32At(at) != '\n') append(UChar32{'\n'});
    } else if (point == 0x2028 || point == 0x2029 || point == 0x85) {
      append(UChar32{'\n'});
    } else if (point == '\n') {
      append(point);
    } else if (u_isUWhiteSpace(point)) {
      append(UChar32{' '});
    } else if (u_iscntrl(point)) {
      continue;
    } else if (is_guise(point)) {
      const auto open = compat.normalize(icu::UnicodeString(point), error);
      for (int32_t inside = 0; inside < open.length();) {
        append(open.char32At(inside));
        inside += U16_LENGTH(open.char32At(inside));
      }
    } else {
      append(point);
    }
  }
  return plain;
}

std::string composed(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* compat = icu::Normalizer2::getNFKCInstance(error);
  const auto* canonical = icu::Normalizer2::getNFCInstance(error);
  const auto whole = icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  if (U_FAILURE(error) != 0) return std::string(text);
  // Composed before too: what stands before a joiner decides whether it stays.
  const auto first = canonical->normalize(whole, error);
  const auto plain = canonical->normalize(without_guises(first, *compat), error);
  if (U_FAILURE(error) != 0) return std::string(text);
  std::string result;
  plain.toUTF8String(result);
  return result;
}

bool is_tidy_line(std::string_view text) {
  if (text.empty()) return true;
  return text.front() != ' ' && text.back() != ' ' && text.find('\n') == std::string_view::npos &&
         text.find('\t') == std::string_view::npos && text.find("  ") == std::string_view::npos;
}

// Single blanks, none at the ends of lines, at most one empty line.
std::string tidied(std::string_view text, bool one_line) {
  if (is_tidy_line(text)) return std::string(text);
  std::string tidy;
  tidy.reserve(text.size());
  int breaks = 0;
  bool blank = false;
  for (const char each : text) {
    if (each == '\n' && !one_line) {
      ++breaks;
      blank = false;
    } else if (each == ' ' || each == '\t' || each == '\n') {
      blank = true;
    } else {
      if (!tidy.empty()) {
        if (breaks > 0) {
          tidy.append(breaks > 1 ? 2 : 1, '\n');
        } else if (blank) {
          tidy += ' ';
        }
      }
      breaks = 0;
      blank = false;
      tidy += each;
    }
  }
  return tidy;
}

std::string normalised(std::string_view text, std::size_t most, bool one_line) {
  const auto clipped = clip_utf8(text, most);
  if (is_plain(clipped)) return tidied(clipped, one_line);
  const auto clean = is_utf8(clipped) ? std::string(clipped) : scrub_utf8(clipped);
  auto result = tidied(composed(clean), one_line);
  if (result.size() > most) result.resize(clip_utf8(result, most).size());
  return result;
}

bool is_digit(char each) {
  return each >= '0' && each <= '9';
}

}  // namespace

// Runs of digits with single blanks, dots or dashes between them; codes stand early.
std::string code_in(std::string_view text) {
  constexpr std::size_t k_looked_at = 400;
  text = clip_utf8(text, k_looked_at);
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    const auto start = at;
    auto end = at;
    for (; at < text.size(); ++at) {
      if (is_digit(text[at])) {
        end = at + 1;
      } else if (at != end || (text[at] != ' ' && text[at] != '-' && text[at] != '.')) {
        break;
      }
    }
    at = end;
    if (const auto code = parse_tracking_code(text.substr(start, end - start)))
      return code->value();
    // "123456789012 5": the code and a mark.
    for (std::size_t cut = start; cut < end; ++cut) {
      if (text[cut] != ' ') continue;
      if (const auto code = parse_tracking_code(text.substr(start, cut - start))) {
        return code->value();
      }
    }
  }
  return {};
}

std::string normalise_text(std::string_view text) {
  return normalised(text, k_most_text_bytes, false);
}

std::string normalise_line(std::string_view text) {
  return normalised(text, k_most_line_bytes, true);
}

void normalise(Post& post) {
  auto text = normalise_text(post.text);
  if (text != post.text) {
    if (post.full_text.empty())
      post.full_text = scrub_utf8(clip_utf8(post.text, k_most_text_bytes));
    post.text = std::move(text);
  }
  auto& hints = post.hints;
  hints.subject = normalise_line(hints.subject);
  hints.category = normalise_line(hints.category);
  hints.agency = normalise_line(hints.agency);
  hints.kind = normalise_line(hints.kind);
  hints.entrance = normalise_line(hints.entrance);
  post.author.name = normalise_line(post.author.name);
  if (post.place) post.place->address = normalise_line(post.place->address);
  if (post.language.empty()) post.language = guess_language(post.text);
  if (!hints.tracking_code.empty()) return;
  const auto of_text = code_in(post.text);
  const auto of_subject = code_in(hints.subject);
  const auto asks = plea_of(post);
  const bool asks_in_text = !of_text.empty() && asks && asks->kind == Plea::Kind::status;
  hints.tracking_code = of_subject.empty() || asks_in_text ? of_text : of_subject;
}

std::string as_words(std::string_view text) {
  std::string words = " ";
  words.reserve(text.size() + 2);
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (each >= 'A' && each <= 'Z') {
      words += static_cast<char>(each + ('a' - 'A'));
    } else if ((each >= 'a' && each <= 'z') || is_digit(each) || byte >= 0x80) {
      words += each;
    } else if (words.back() != ' ') {
      words += ' ';
    }
  }
  if (words.back() != ' ') words += ' ';
  return words;
}

bool has_words(std::string_view words, std::string_view wanted) {
  return wanted.size() > 2 && words.find(wanted) != std::string_view::npos;
}

}  // namespace kanal
