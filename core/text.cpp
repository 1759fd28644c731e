#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <unordered_map>

namespace kanal {
namespace {

/// Length of the valid sequence at `bytes` (RFC 3629 §4), or 0.
std::size_t sequence_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const auto tail = [&](std::size_t i, unsigned least = 0x80, unsigned most = 0xBF) {
    return i < bytes.size() && at(i) >= least && at(i) <= most;
  };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned least = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned most = lead == 0xED ? 0x9F : 0xBF;
    return tail(1, least, most) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned least = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned most = lead == 0xF4 ? 0x8F : 0xBF;
    return tail(1, least, most) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

/// How many bytes at the start are surely ASCII: whole words of eight.
std::size_t ascii_length(std::string_view bytes) {
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= bytes.size(); at += sizeof word) {
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  return at;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  bytes.remove_prefix(ascii_length(bytes));
  while (!bytes.empty()) {
    const auto length = sequence_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
    if (length > 1) bytes.remove_prefix(ascii_length(bytes));
  }
  return true;
}

std::string scrub_utf8(std::string_view bytes) {
  std::string clean;
  clean.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto length = sequence_length(bytes);
    if (length == 0 || bytes[0] == '\0') {
      clean += "\xEF\xBF\xBD";
      bytes.remove_prefix(1);
    } else {
      clean += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return clean;
}

std::string_view clip_utf8(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  auto end = most_bytes;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string to_lower_ascii(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view matter_of(std::string_view subject) {
  for (auto bare = trim(subject);; bare = trim(bare.substr(bare.find(':') + 1))) {
    const auto colon = bare.find(':');
    if (colon == std::string_view::npos) return bare;
    const auto is_mark = [head = trim(bare.substr(0, colon))](std::string_view mark) {
      return equals_ignoring_case(head, mark);
    };
    if (std::ranges::none_of(k_answer_marks, is_mark) &&
        std::ranges::none_of(k_forward_marks, is_mark)) {
      return bare;
    }
  }
}

std::string guess_language(std::string_view text) {
  static const std::unordered_map<std::string_view, int> weights = [] {
    std::unordered_map<std::string_view, int> both;
    for (const std::string_view word :
         {"yang",   "dan",   "di",     "ini",   "itu",    "tidak", "sudah",  "belum", "untuk",
          "dengan", "dari",  "ada",    "saya",  "kami",   "mohon", "tolong", "pak",   "bu",
          "jalan",  "lampu", "air",    "warga", "desa",   "rusak", "mati",   "ke",    "yg",
          "gak",    "nggak", "tdk",    "sdh",   "blm",    "bapak", "ibu",    "akan",  "sangat",
          "oleh",   "pada",  "bisa",   "harap", "segera", "hari",  "minggu", "bulan", "karena",
          "depan",  "dekat", "terima", "kasih"}) {
      both.emplace(word, 1);
    }
    for (const std::string_view word :
         {"the",    "and",   "is",    "are",    "of",    "to",   "in",     "for",
          "with",   "this",  "that",  "not",    "has",   "have", "been",   "was",
          "on",     "at",    "we",    "i",      "my",    "our",  "please", "road",
          "street", "light", "water", "broken", "there", "it",   "from",   "near",
          "since",  "very",  "no",    "you",    "can",   "will", "thank",  "when"}) {
      both.emplace(word, -1);
    }
    return both;
  }();
  constexpr std::size_t most_looked_at = 4096;
  constexpr std::size_t longest_word = 8;
  const auto looked_at = to_lower_ascii(text.substr(0, most_looked_at));
  int balance = 0;
  bool found = false;
  for (std::size_t at = 0, start = 0; at <= looked_at.size(); ++at) {
    if (at < looked_at.size() && looked_at[at] >= 'a' && looked_at[at] <= 'z') continue;
    const auto word = std::string_view(looked_at).substr(start, at - start);
    start = at + 1;
    if (word.empty() || word.size() > longest_word) continue;
    const auto weight = weights.find(word);
    if (weight == weights.end()) continue;
    balance += weight->second;
    found = true;
  }
  if (!found || balance == 0) return {};
  return balance > 0 ? "id" : "en";
}

bool looks_like_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
  const auto domain = text.substr(at + 1);
  if (domain.find('@') != std::string_view::npos || domain.starts_with('.') ||
      domain.ends_with('.') || domain.find('.') == std::string_view::npos) {
    return false;
  }
  return std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7F' ||
           std::string_view("<>()[],;:\\\"").find(c) != std::string_view::npos;
  });
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char each) { return (static_cast<unsigned char>(each) & 0xC0U) != 0x80U; }));
}

}  // namespace kanal
