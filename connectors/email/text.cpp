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
constexpr std::size_t k_doubtful_signature_lines = 6;
constexpr std::size_t k_longest_signature_line = 80;
constexpr std::ptrdiff_t k_least_spaces_of_a_sentence = 3;

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
constexpr std::array<std::string_view, 5> k_writing_tails = {
    "wrote:", "writes:", "menulis:", "menulis :", "wrote :"};
constexpr std::array<std::string_view, 2> k_saying_tails = {"said:", "berkata:"};
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
// Of those, what only mail programs write, and what letters hold too.
constexpr std::array<std::string_view, 5> k_sent_fields = {
    "Sent:", "Dikirim:", "Terkirim:", "*Sent:*", "*Dikirim:*"};
constexpr std::array<std::string_view, 4> k_date_fields = {"Date:", "Tanggal:", "*Date:*",
                                                           "*Tanggal:*"};
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

/// "Dari: … Dikirim: … Kepada: …": three such fields within the next six lines, and signs that a
/// mail program wrote them. A letter may begin with "Dari: … Kepada: … Perihal: …" too.
bool is_header_block(const std::vector<Line>& lines, std::size_t at) {
  if (!starts_with_any(trim(lines[at].text), k_block_starts)) return false;
  std::size_t fields = 0;
  std::size_t signs = 0;
  for (std::size_t i = at; i < std::min(at + 6, lines.size()); ++i) {
    if (lines[i].blank) break;
    const auto line = trim(lines[i].text);
    if (!starts_with_any(line, k_block_fields)) continue;
    ++fields;
    if (starts_with_any(line, k_sent_fields)) signs += 2;
    if (starts_with_any(line, k_date_fields) || line.find('@') != std::string_view::npos) ++signs;
  }
  return fields >= 3 && signs >= 2;
}

/// Whether an address or a year stands in it, as in what mail programs write above a quotation.
bool names_author_or_year(std::string_view line) {
  if (line.find('@') != std::string_view::npos) return true;
  const auto digit = [&](std::size_t i) {
    return i < line.size() && line[i] >= '0' && line[i] <= '9';
  };
  for (auto at = line.find("20"); at != std::string_view::npos; at = line.find("20", at + 1)) {
    const bool begins = at == 0 || !digit(at - 1);
    if (begins && digit(at + 2) && digit(at + 3) && !digit(at + 4)) return true;
  }
  return false;
}

/// True when what follows an attribution is marked with '>', so that later lines are the author's.
bool quotation_is_marked(const std::vector<Line>& lines, std::size_t at) {
  while (at < lines.size() && lines[at].blank) ++at;
  return at < lines.size() && lines[at].quoted;
}

struct Attribution {
  std::size_t lines = 0;  ///< 0: none starts here
  bool marked = false;    ///< what it is about is marked with '>'
};

/// One that starts with "Pada" or "On" and may be wrapped: "Pada … <lapor@contoh.id>\nmenulis:".
Attribution long_attribution(const std::vector<Line>& lines, std::size_t at) {
  if (!starts_with_any(trim(lines[at].text), k_attribution_heads)) return {};
  std::size_t length = 0;
  bool named = false;
  for (std::size_t i = at; i < std::min(at + k_attribution_lines, lines.size()); ++i) {
    const auto part = trim(lines[i].text);
    length += part.size();
    if (lines[i].quoted || lines[i].blank || length > k_longest_attribution) return {};
    if (i > at && starts_with_any(part, k_attribution_heads)) return {};
    named = named || names_author_or_year(part);
    if (!ends_with_any(part, k_writing_tails) && !ends_with_any(part, k_saying_tails)) continue;
    const bool marked = quotation_is_marked(lines, i + 1);
    // Without a mark it takes all that follows: nobody's own sentence must pass for one.
    if (!named || !(marked || ends_with_any(part, k_writing_tails))) return {};
    return {i - at + 1, marked};
  }
  return {};
}

/// Or "2026-03-01 7:30 Budi <budi@contoh.id>:" or "Budi menulis:" right above a quotation.
Attribution attribution_at(const std::vector<Line>& lines, std::size_t at) {
  if (lines[at].quoted || lines[at].blank) return {};
  if (const auto found = long_attribution(lines, at); found.lines > 0) return found;
  const auto line = trim(lines[at].text);
  if (line.size() > k_longest_attribution || !line.ends_with(':')) return {};
  const bool fits = ends_with_any(line, k_writing_tails) || ends_with_any(line, k_saying_tails) ||
                    line.find('@') != std::string_view::npos;
  if (!fits || !quotation_is_marked(lines, at + 1)) return {};
  return {1, true};
}

enum class Mark { none, standard, usual, line };

Mark signature_mark(std::string_view line) {
  if (line == "-- ") return Mark::standard;
  if (line == "--" || line == "— " || line == "—") return Mark::usual;
  const auto bare = trim(line);
  return is_dash_line(bare, 5) && bare.front() == '_' ? Mark::line : Mark::none;
}

bool is_sentence(std::string_view line) {
  line = trim(line);
  return line.size() > k_longest_signature_line ||
         (std::ranges::count(line, ' ') >= k_least_spaces_of_a_sentence &&
          (line.ends_with('.') || line.ends_with('!') || line.ends_with('?')));
}

/// An address or a link by itself, as at the foot of a mailing list.
bool is_bare_address(std::string_view line) {
  line = trim(line);
  return line.find(' ') == std::string_view::npos &&
         (line.find('@') != std::string_view::npos || line.find("://") != std::string_view::npos);
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

/// From a signature mark to the end of what its author wrote there, when that is short and says
/// nothing; a long rest is the letter itself.
std::size_t signature_lines(const std::vector<Line>& lines, std::size_t at) {
  const auto mark = signature_mark(lines[at].text);
  if (mark == Mark::none) return 0;
  const auto most = mark == Mark::standard ? k_signature_lines : k_doubtful_signature_lines;
  bool is_foot = false;
  std::size_t said = 0;
  std::size_t end = at + 1;
  for (; end < lines.size() && !lines[end].quoted; ++end) {
    if (lines[end].blank) {
      if (end - at > 2 * k_signature_lines) return 0;
      continue;
    }
    if (attribution_at(lines, end).lines > 0 || is_separator(lines[end].text) ||
        is_header_block(lines, end)) {
      break;
    }
    if (++said > most) return 0;
    if (mark != Mark::standard && is_sentence(lines[end].text)) return 0;
    is_foot = is_foot || is_bare_address(lines[end].text);
  }
  return mark != Mark::line || is_foot ? end - at : 0;
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

std::string without_sure_signature(const std::vector<Line>& lines,
                                   const std::vector<std::string_view>& all) {
  auto end = lines.size();
  const auto skip_blanks = [&] {
    while (end > 0 && lines[end - 1].blank) --end;
  };
  skip_blanks();
  if (end > 1 && lines[end - 2].blank && is_device_line(lines, end - 1)) {
    --end;
    skip_blanks();
  }
  for (auto at = end; at > 0 && end - at <= k_signature_lines; --at) {
    const auto line = lines[at - 1].text;
    if (is_sentence(line)) break;
    if (signature_mark(line) != Mark::standard) continue;
    end = at - 1;
    break;
  }
  auto own = join({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(end)});
  return own.empty() ? join(all) : own;
}

}  // namespace

std::string own_words(std::string_view text, bool answers) {
  const auto lines = lines_of(text);
  std::vector<std::string_view> all;
  all.reserve(lines.size());
  for (const auto& line : lines) all.push_back(line.text);
  if (!answers) return without_sure_signature(lines, all);
  std::vector<std::string_view> kept;
  for (std::size_t i = 0; i < lines.size();) {
    const auto& line = lines[i];
    if (is_forward_mark(line.text)) {
      kept.insert(kept.end(), all.begin() + static_cast<std::ptrdiff_t>(i), all.end());
      break;
    }
    if (is_separator(line.text) || is_header_block(lines, i)) break;
    if (const auto attribution = attribution_at(lines, i); attribution.lines > 0) {
      if (!attribution.marked) break;
      i += attribution.lines;
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
