#include "connectors/twitter/weight.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <unicode/idna.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/unistr.h>

#include "core/text.hpp"

namespace kanal::twitter {
namespace {

using icu::UnicodeString;

constexpr std::size_t k_link_weight = 23;
constexpr std::size_t k_emoji_weight = 2;
constexpr std::int32_t k_longest_label = 63;
constexpr std::int32_t k_longest_link = 4096;
constexpr char16_t k_short_domain[] = u"t.co";
constexpr std::int32_t k_longest_short_path = 40;

constexpr UChar32 k_joiner = 0x200D;
constexpr UChar32 k_emoji_style = 0xFE0F;
constexpr UChar32 k_keycap = 0x20E3;

// Beyond those of two letters, which are countries. X knows more; for those see Link.
constexpr auto k_top_domains = std::to_array<std::string_view>(
    {"academy",    "agency",    "app",        "arpa",    "asia",    "biz",      "blog",
     "business",   "cafe",      "cat",        "center",  "chat",    "city",     "click",
     "cloud",      "club",      "com",        "company", "coop",    "dev",      "digital",
     "edu",        "education", "email",      "events",  "expert",  "finance",  "fun",
     "global",     "gov",       "group",      "guide",   "guru",    "health",   "help",
     "home",       "host",      "info",       "ink",     "int",     "jobs",     "law",
     "life",       "link",      "live",       "ltd",     "market",  "media",    "mil",
     "mobi",       "museum",    "name",       "net",     "network", "news",     "ngo",
     "ninja",      "one",       "ong",        "online",  "org",     "page",     "photo",
     "photos",     "press",     "pro",        "report",  "rocks",   "sale",     "school",
     "science",    "services",  "shop",       "site",    "social",  "software", "solutions",
     "space",      "store",     "studio",     "support", "systems", "team",     "tech",
     "technology", "tel",       "tips",       "today",   "tools",   "top",      "town",
     "travel",     "tube",      "university", "video",   "vip",     "watch",    "web",
     "website",    "wiki",      "work",       "works",   "world",   "xxx",      "xyz",
     "zone"});

static_assert(std::ranges::is_sorted(k_top_domains));

bool is_country(std::string_view label) {
  if (label.size() != 2) return false;
  if (label == "eu" || label == "uk" || label == "ac" || label == "su") return true;
  std::string upper(label);
  for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
  const char* const* const countries = uloc_getISOCountries();
  for (const char* const* each = countries; *each != nullptr; ++each) {
    if (upper == *each) return true;
  }
  return false;
}

bool is_top_domain(std::string_view label) {
  return is_country(label) || std::ranges::binary_search(k_top_domains, label) ||
         label.starts_with("xn--");
}

bool is_mark(UChar32 c) {
  return u_charType(c) == U_NON_SPACING_MARK || u_charType(c) == U_COMBINING_SPACING_MARK;
}

/// Whether a label may be a top domain that we do not know: no number, and no sign within.
bool may_be_top_domain(const UnicodeString& label) {
  if (label.countChar32() < 2) return false;
  for (std::int32_t at = 0; at < label.length(); at = label.moveIndex32(at, 1)) {
    if (!u_isalpha(label.char32At(at)) && !is_mark(label.char32At(at))) return false;
  }
  return true;
}

bool is_ascii_alnum(UChar32 c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

UChar32 at(const UnicodeString& text, std::int32_t place) {
  return place >= 0 && place < text.length() ? text.char32At(place) : 0;
}

UChar32 before(const UnicodeString& text, std::int32_t place) {
  return place > 0 ? text.char32At(text.moveIndex32(place, -1)) : 0;
}

/// A run of labels and dots that ends behind a known top domain, or else behind what may be one;
/// its end, or `from`.
struct Domain {
  std::int32_t end = 0;
  bool is_known = false;
};

/// False for a label whose form in ASCII is longer than DNS takes (UTS 46).
bool fits_dns(const UnicodeString& label) {
  UErrorCode error = U_ZERO_ERROR;
  static const std::unique_ptr<icu::IDNA> the_idna(
      icu::IDNA::createUTS46Instance(UIDNA_DEFAULT, error));
  if (!the_idna) return true;
  icu::IDNAInfo info;
  UnicodeString ascii;
  the_idna->labelToASCII(label, ascii, info, error);
  return (info.getErrors() & UIDNA_ERROR_LABEL_TOO_LONG) == 0;
}

Domain read_domain(const UnicodeString& text, std::int32_t from, bool any_letter) {
  Domain found;
  found.end = from;
  int labels = 0;
  bool named = false;  // only below the name of a domain may "_" stand
  for (auto place = from; place < text.length();) {
    const auto start = place;
    bool plain = true;
    while (place < text.length()) {
      const auto c = at(text, place);
      const bool letter = is_ascii_alnum(c) || c == '-' || c == '_' ||
                          (any_letter && c > 0x7F && (u_isalnum(c) || is_mark(c)));
      if (!letter) break;
      plain = plain && c < 0x80;
      place += U16_LENGTH(c);
    }
    const auto length = place - start;
    const bool edged = at(text, start) == '-' || before(text, place) == '-' ||
                       before(text, place) == '_' || at(text, start) == '_';
    if (length == 0 || length > k_longest_label || edged) break;
    const auto written = text.tempSubString(start, length);
    if (!plain && (written.startsWith("xn--") || !fits_dns(written))) break;
    ++labels;
    std::string label;
    written.toUTF8String(label);
    label = to_lower_ascii(label);
    // "name.al+last@foo.com" is a mail address.
    const bool may_end = labels > 1 && named && at(text, place) != '@' && at(text, place) != '+';
    named = written.indexOf('_') < 0;
    if (may_end && plain && is_top_domain(label)) {
      found = {place, true};
    } else if (may_end && !found.is_known && may_be_top_domain(written)) {
      found = {place, false};
    }
    if (at(text, place) != '.') break;
    ++place;
  }
  // What goes on as a word is no top domain ("lapor.comma" is cut by the run above).
  return found;
}

bool in_path(UChar32 c) {
  static constexpr std::string_view k_signs = "!*';:=+,.$/%#[]-_~@&|?";
  return is_ascii_alnum(c) || (c < 0x80 && k_signs.find(static_cast<char>(c)) != k_signs.npos) ||
         (c >= 0xC0 && c <= 0x24F) || (c >= 0x400 && c <= 0x4FF);
}

bool ends_path(UChar32 c) {
  static constexpr std::string_view k_signs = "=_#/-+&";
  return is_ascii_alnum(c) || (c < 0x80 && k_signs.find(static_cast<char>(c)) != k_signs.npos) ||
         (c >= 0xC0 && c <= 0x24F) || (c >= 0x400 && c <= 0x4FF);
}

std::int32_t read_path(const UnicodeString& text, std::int32_t from) {
  auto end = from;
  for (auto place = from; place < text.length();) {
    const auto c = at(text, place);
    if (c == '(') {
      auto inner = place + 1;
      while (inner < text.length() && in_path(at(text, inner))) ++inner;
      if (inner == place + 1 || at(text, inner) != ')') break;
      place = end = inner + 1;
      continue;
    }
    if (!in_path(c)) break;
    place += U16_LENGTH(c);
    if (ends_path(c)) end = place;
  }
  return end;
}

/// An address as X makes a link of it. Of a top domain that we do not know, in an address with a
/// scheme or a path, only X can tell: it counts as the dearer of both.
struct Link {
  std::int32_t end = 0;  ///< where it began: there is none
  bool is_certain = true;
};

Link link_from(const UnicodeString& text, std::int32_t from) {
  const Link none{from, true};
  const auto previous = before(text, from);
  if (is_ascii_alnum(previous) || previous == '@' || previous == 0xFF20 || previous == '$' ||
      previous == '#' || previous == 0xFF03) {
    return none;
  }
  auto start = from;
  for (const auto* scheme : {"https://", "http://"}) {
    const UnicodeString wanted(scheme, -1, US_INV);
    if (text.caseCompare(from, wanted.length(), wanted, 0) == 0) {
      start = from + wanted.length();
      break;
    }
  }
  const bool has_scheme = start != from;
  if (!has_scheme && (!is_ascii_alnum(at(text, from)) || previous == '-' || previous == '_' ||
                      previous == '.' || previous == '/')) {
    return none;
  }
  const auto domain = read_domain(text, start, has_scheme);
  if (domain.end == start) return none;
  auto end = domain.end;
  if (at(text, end) == ':') {
    auto port = end + 1;
    while (at(text, port) >= '0' && at(text, port) <= '9') ++port;
    if (port > end + 1) end = port;
  }
  bool has_path = false;
  if (at(text, end) == '/' || at(text, end) == '?') {
    has_path = at(text, end) == '/';
    end = std::max(end + (has_path ? 1 : 0), read_path(text, end));
  }
  const bool may_be_words = !has_scheme && !domain.is_known && !has_path;
  const bool is_short = text.caseCompare(start, domain.end - start, k_short_domain, 0) == 0;
  const bool too_long =
      end - from > k_longest_link || (is_short && end - domain.end - 1 > k_longest_short_path);
  if (may_be_words || too_long) return none;
  return {end, domain.is_known};
}

bool begins_link(const UnicodeString& text, std::int32_t from) {
  return link_from(text, from).end != from;
}

bool is_tone(UChar32 c) {
  return c >= 0x1F3FB && c <= 0x1F3FF;
}

bool is_flag_letter(UChar32 c) {
  return c >= 0x1F1E6 && c <= 0x1F1FF;
}

std::int32_t emoji_part_end(const UnicodeString& text, std::int32_t from) {
  const auto c = at(text, from);
  auto end = from + U16_LENGTH(c);
  const bool styled = at(text, end) == k_emoji_style;
  const bool picture = u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) && (c > 0xFF || styled);
  if (!picture && !is_tone(c)) return from;
  if (styled) ++end;
  if (is_tone(at(text, end))) end += 2;
  // A flag of a region: invisible letters behind a black flag.
  while (at(text, end) >= 0xE0020 && at(text, end) <= 0xE007F) end += 2;
  return end;
}

/// Where the emoji that begins here ends, with all that is joined to it; `from`: there is none.
std::int32_t emoji_end(const UnicodeString& text, std::int32_t from) {
  const auto c = at(text, from);
  if ((c >= '0' && c <= '9') || c == '#' || c == '*') {
    auto end = from + 1;
    if (at(text, end) == k_emoji_style) ++end;
    return at(text, end) == k_keycap ? end + 1 : from;
  }
  if (is_flag_letter(c)) return is_flag_letter(at(text, from + 2)) ? from + 4 : from;
  auto end = emoji_part_end(text, from);
  while (end != from && at(text, end) == k_joiner) {
    const auto next = emoji_part_end(text, end + 1);
    if (next == end + 1) break;
    end = next;
  }
  return end;
}

std::size_t weight_of(UChar32 c) {
  const bool light =
      c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) || (c >= 8242 && c <= 8247);
  return light ? 1 : 2;
}

UnicodeString composed(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(error);
  auto whole = UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  if (U_FAILURE(error) != 0) return whole;
  const auto normal = nfc->normalize(whole, error);
  return U_FAILURE(error) != 0 ? whole : normal;
}

/// What an address weighs that X takes for words.
std::size_t weight_of_words(const UnicodeString& text, std::int32_t from, std::int32_t end) {
  std::size_t weight = 0;
  for (auto place = from; place < end; place += U16_LENGTH(at(text, place))) {
    weight += weight_of(at(text, place));
  }
  return weight;
}

/// Calls `unit(from, end, weight)` for every piece that must not be cut; stops when it says no.
template <class Unit>
void walk(const UnicodeString& text, Unit unit) {
  for (std::int32_t place = 0; place < text.length();) {
    std::size_t weight = k_link_weight;
    const auto link = link_from(text, place);
    auto end = link.end;
    if (!link.is_certain) weight = std::max(weight, weight_of_words(text, place, end));
    if (end == place) {
      end = emoji_end(text, place);
      weight = k_emoji_weight;
    }
    if (end == place) {
      end = place + U16_LENGTH(at(text, place));
      weight = weight_of(at(text, place));
    }
    if (!unit(place, end, weight)) return;
    place = end;
  }
}

}  // namespace

std::size_t weigh(std::string_view text) {
  std::size_t whole = 0;
  walk(composed(text), [&](std::int32_t, std::int32_t, std::size_t weight) {
    whole += weight;
    return true;
  });
  return whole;
}

std::string fit(std::string_view text, std::size_t most) {
  if (weigh(text) <= most) return std::string(text);
  constexpr std::size_t k_dots_weight = 2;
  const auto whole = composed(text);
  std::size_t used = 0;
  std::int32_t end = 0;
  std::int32_t word_end = 0;
  walk(whole, [&](std::int32_t from, std::int32_t to, std::size_t weight) {
    if (used + weight + k_dots_weight > most) return false;
    const auto c = at(whole, from);
    if (c == ' ' || c == '\n') word_end = from;
    used += weight;
    end = to;
    return true;
  });
  if (word_end > end / 2) end = word_end;
  std::string cut;
  whole.tempSubString(0, end).toUTF8String(cut);
  return std::string(trim(cut)) + "…";
}

std::string words_alone(std::string_view text) {
  auto whole = composed(text);
  // A link that was typed without a scheme is told with one.
  for (const auto* scheme : {"https://", "http://"}) {
    whole.findAndReplace(UnicodeString(scheme, -1, US_INV), UnicodeString());
  }
  std::string rest;
  walk(whole, [&](std::int32_t from, std::int32_t to, std::size_t) {
    const bool blank = u_isUWhiteSpace(at(whole, from)) != 0;
    if (blank && !rest.empty() && !rest.ends_with(' ')) rest += ' ';
    if (!blank && !begins_link(whole, from)) {
      whole.tempSubString(from, to - from).toUTF8String(rest);
    }
    return true;
  });
  return std::string(trim(rest));
}

bool has_link(std::string_view text) {
  const auto whole = composed(text);
  bool found = false;
  walk(whole, [&](std::int32_t from, std::int32_t, std::size_t weight) {
    found = weight >= k_link_weight && begins_link(whole, from);
    return !found;
  });
  return found;
}

}  // namespace kanal::twitter
