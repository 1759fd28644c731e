#include "connectors/email/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_longest_attribution = 400;
constexpr std::size_t k_attribution_lines = 4;
constexpr std::size_t k_longest_device_line = 80;
constexpr std::ptrdiff_t k_most_device_spaces = 7;
constexpr std::size_t k_signature_lines = 20;

template <std::size_t count>
bool starts_with_any(std::string_view line, const std::array<std::string_view, count>& heads) {
  return std::ranges::any_of(heads, [&](std::string_view head) {
    return equals_ignoring_case(line.substr(0, head.size()), head);
  });
}

template <std::size_t count>
bool ends_with_any(std::string_view line, const std::array<std::string_view, count>& tails) {
  return std::ranges::any_of(tails, [&](std::string_view tail) {
    return line.size() >= tail.size() &&
           equals_ignoring_case(line.substr(line.size() - tail.size()), tail);
  });
}

template <std::size_t count>
bool contains_any(std::string_view line, const std::array<std::string_view, count>& words) {
  const auto lower = to_lower_ascii(line);
  return std::ranges::any_of(
      words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

constexpr std::array<std::string_view, 3> k_attribution_heads = {"On ", "Pada ", "Am "};
constexpr std::array<std::string_view, 7> k_attribution_tails = {
    "wrote:", "writes:", "said:", "menulis:", "menulis :", "berkata:", "wrote :"};
constexpr std::array<std::string_view, 8> k_separators = {
    "original message", "pesan asli", "pesan sebelumnya", "reply message", "original appointment",
    "previous message", "urspr",      "pesan awal"};
constexpr std::array<std::string_view, 6> k_forward_marks = {
    "forwarded message", "pesan terusan",       "pesan yang diteruskan",
    "begin forwarded",   "mulai pesan terusan", "mulai pesan yang diteruskan"};
constexpr std::array<std::string_view, 4> k_block_starts = {"From:", "Dari:", "*From:*", "*Dari:*"};
constexpr std::array<std::string_view, 24> k_block_fields = {
    "From:",     "Dari:",    "Sent:",      "Dikirim:",  "Terkirim:",  "Date:",
    "Tanggal:",  "To:",      "Kepada:",    "Untuk:",    "Ke:",        "Cc:",
    "Tembusan:", "Subject:", "Subjek:",    "Perihal:",  "Judul:",     "*From:*",
    "*Dari:*",   "*Sent:*",  "*Dikirim:*", "*Kepada:*", "*Subject:*", "*To:*"};
constexpr std::array<std::string_view, 11> k_device_heads = {
    "Sent from ",       "Sent via ",         "Sent with ",     "Sent using ",
    "Dikirim dari ",    "Dikirim melalui ",  "Terkirim dari ", "Dikirim dengan ",
    "Get Outlook for ", "Dapatkan Outlook ", "Unduh Outlook "};
constexpr std::array<std::string_view, 26> k_devices = {
    "iphone", "ipad",   "android", "ponsel",  "perangkat",  "hape",    "samsung",
    "galaxy", "yahoo",  "outlook", " mail",   "blackberry", "xiaomi",  "redmi",
    "huawei", "oppo",   "vivo",    "windows", "gmail",      "telepon", "smartphone",
    "mobile", "device", "phone",   "tablet",  "telkomsel"};

struct Line {
  std::string_view text;
  bool quoted = false;
  bool blank = false;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (auto line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto bare = trim(line);
    lines.push_back({line, bare.starts_with('>'), bare.empty()});
  }
  return lines;
}

bool is_dash_line(std::string_view line, std::size_t least) {
  return line.size() >= least &&
         std::ranges::all_of(line, [](char c) { return c == '-' || c == '_' || c == '='; });
}

/// "-----Original Message-----", "---- Pesan Asli ----".
bool is_separator(std::string_view line) {
  const auto bare = trim(line);
  if (bare.size() > 80 || !bare.starts_with("--")) return false;
  return contains_any(bare, k_separators);
}

bool is_forward_mark(std::string_view line) {
  const auto bare = trim(line);
  return bare.size() <= 80 && contains_any(bare, k_forward_marks) &&
         (bare.starts_with("--") || bare.ends_with(':'));
}

/// "Dari: … Dikirim: … Kepada: …": three such fields within the next six lines.
bool is_header_block(const std::vector<Line>& lines, std::size_t at) {
  if (!starts_with_any(trim(lines[at].text), k_block_starts)) return false;
  std::size_t fields = 0;
  for (std::size_t i = at; i < std::min(at + 6, lines.size()); ++i) {
    if (lines[i].blank) break;
    if (starts_with_any(trim(lines[i].text), k_block_fields)) ++fields;
  }
  return fields >= 3;
}

/// How many lines an attribution ("Pada … menulis:") takes that starts here; 0: none does.
std::size_t attribution_lines(const std::vector<Line>& lines, std::size_t at) {
  const auto first = trim(lines[at].text);
  if (lines[at].quoted || lines[at].blank) return 0;
  if (starts_with_any(first, k_attribution_heads)) {
    std::size_t length = 0;
    for (std::size_t i = at; i < std::min(at + k_attribution_lines, lines.size()); ++i) {
      const auto part = trim(lines[i].text);
      length += part.size();
      if (lines[i].quoted || length > k_longest_attribution) return 0;
      if (ends_with_any(part, k_attribution_tails)) return i - at + 1;
    }
    return 0;
  }
  // "2026-03-01 7:30 Budi <budi@contoh.id>:" or "Budi menulis:" right above a quotation.
  if (first.size() > k_longest_attribution || !first.ends_with(':')) return 0;
  if (!ends_with_any(first, k_attribution_tails) && first.find('@') == std::string_view::npos) {
    return 0;
  }
  std::size_t next = at + 1;
  while (next < lines.size() && lines[next].blank) ++next;
  return next < lines.size() && lines[next].quoted ? 1 : 0;
}

bool is_signature_mark(std::string_view line) {
  return line == "-- " || line == "--" || line == "— " || line == "—" ||
         (is_dash_line(trim(line), 5) && trim(line).front() == '_');
}

bool is_device_line(const std::vector<Line>& lines, std::size_t at) {
  auto bare = trim(lines[at].text);
  while (bare.starts_with('*') || bare.starts_with('_') || bare.starts_with('[')) {
    bare.remove_prefix(1);
  }
  if (bare.size() > k_longest_device_line || !starts_with_any(bare, k_device_heads)) return false;
  if (std::ranges::count(bare, ' ') > k_most_device_spaces) return false;
  return contains_any(bare, k_devices) &&
         (at + 1 >= lines.size() || lines[at + 1].blank || lines[at + 1].quoted ||
          lines[at + 1].text.starts_with("--"));
}

/// From a signature mark to the end, when that is short; a long rest is the letter itself.
std::size_t signature_lines(const std::vector<Line>& lines, std::size_t at) {
  if (!is_signature_mark(lines[at].text)) return 0;
  std::size_t end = at + 1;
  while (end < lines.size() && !lines[end].quoted && attribution_lines(lines, end) == 0 &&
         !is_separator(lines[end].text)) {
    if (++end - at > k_signature_lines + 1) return 0;
  }
  return end - at;
}

std::string join(const std::vector<std::string_view>& kept) {
  std::string text;
  std::size_t blank = 0;
  for (const auto line : kept) {
    if (trim(line).empty()) {
      ++blank;
      continue;
    }
    if (!text.empty()) text += blank > 0 ? "\n\n" : "\n";
    blank = 0;
    auto end = line;
    while (end.ends_with(' ') || end.ends_with('\t')) end.remove_suffix(1);
    text += end;
  }
  return text;
}

/// True when what follows an attribution is marked with '>', so that later lines are the author's.
bool quotation_is_marked(const std::vector<Line>& lines, std::size_t at) {
  while (at < lines.size() && lines[at].blank) ++at;
  return at < lines.size() && lines[at].quoted;
}

}  // namespace

std::string own_words(std::string_view text, bool forwarded) {
  const auto lines = lines_of(text);
  std::vector<std::string_view> all;
  all.reserve(lines.size());
  for (const auto& line : lines) all.push_back(line.text);
  std::vector<std::string_view> kept;
  for (std::size_t i = 0; i < lines.size();) {
    const auto& line = lines[i];
    if (is_forward_mark(line.text) || (forwarded && is_header_block(lines, i))) {
      kept.insert(kept.end(), all.begin() + static_cast<std::ptrdiff_t>(i), all.end());
      break;
    }
    if (is_separator(line.text) || is_header_block(lines, i)) break;
    if (const auto taken = attribution_lines(lines, i); taken > 0) {
      if (!quotation_is_marked(lines, i + taken)) break;
      i += taken;
    } else if (const auto signature = signature_lines(lines, i); signature > 0) {
      i += signature;
    } else {
      if (!line.quoted && !is_device_line(lines, i)) kept.push_back(line.text);
      ++i;
    }
  }
  while (!kept.empty() && (trim(kept.back()).empty() || is_dash_line(trim(kept.back()), 3))) {
    kept.pop_back();
  }
  auto own = join(kept);
  return own.empty() ? join(all) : own;
}

}  // namespace kanal::email
