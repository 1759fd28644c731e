#include "connectors/email/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "connectors/email/subject.hpp"
#include "core/text.hpp"

namespace kanal::email {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t k_longest_attribution = 400;
constexpr std::size_t k_attribution_lines = 4;
constexpr std::size_t k_longest_device_line = 80;
constexpr std::size_t k_most_device_lines = 3;
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
constexpr std::array<std::string_view, 4> k_subject_fields = {
    "Subject:", "Subjek:", "Perihal:", "Judul:"};
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

/// With each blank that is not ASCII's as one that is, and without those of no width: mail programs
/// put them in front of what they quote.
std::string with_plain_blanks(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> k_blanks = {{
      {"\u00A0", " "},
      {"\u202F", " "},
      {"\u200B", ""},
      {"\uFEFF", ""},
  }};
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at, 3);
    const auto* const found = std::ranges::find_if(
        k_blanks, [&](const auto& blank) { return rest.starts_with(blank.first); });
    if (found == k_blanks.end()) {
      plain += text[at++];
    } else {
      plain += found->second;
      at += found->first.size();
    }
  }
  return plain;
}

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

/// "-----Original Message-----", "---- Pesan Asli ----"; the headers of what is quoted may go on
/// behind the dashes.
bool is_separator(std::string_view line) {
  constexpr std::size_t k_longest = 80;
  auto bare = trim(line);
  if (!bare.starts_with("--")) return false;
  if (bare.size() > k_longest) {
    const auto words = bare.find_first_not_of('-');
    const auto end = bare.substr(0, k_longest).find("--", words);
    if (words >= k_longest || end == std::string_view::npos) return false;
    bare = bare.substr(0, end);
  }
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
    if (starts_with_any(line, k_subject_fields) &&
        peel(line.substr(line.find(':') + 1)).mark != Subject::Mark::none) {
      ++signs;
    }
  }
  return fields >= 3 && signs >= 2;
}

/// What mail programs write above a quotation besides a name.
struct Signs {
  bool address = false;
  bool year = false;
  bool clock = false;
  [[nodiscard]] bool any() const { return address || year; }
  /// What nobody writes above words of their own.
  [[nodiscard]] bool sure() const { return address || (year && clock); }
};

/// "7:30", "07.30", "07.30.15"; neither a date ("02.03.2026") nor a sum ("10.000").
bool is_clock(const std::vector<std::string_view>& numbers) {
  return (numbers.size() == 2 || numbers.size() == 3) && numbers[0].size() <= 2 &&
         std::all_of(numbers.begin() + 1, numbers.end(),
                     [](std::string_view number) { return number.size() == 2; });
}

void look_for_signs(std::string_view line, Signs& signs) {
  constexpr std::string_view k_digits = "0123456789";
  signs.address = signs.address || line.find('@') != std::string_view::npos;
  for (auto at = line.find_first_of(k_digits); at != std::string_view::npos;) {
    const bool is_money = ends_with_any(trim(line.substr(0, at)), std::array{"Rp"sv, "Rp."sv});
    std::vector<std::string_view> numbers;
    for (;;) {
      const auto end = std::min(line.find_first_not_of(k_digits, at), line.size());
      numbers.push_back(line.substr(at, end - at));
      at = end + 1;
      const bool goes_on = at < line.size() && (line[end] == '.' || line[end] == ':') &&
                           k_digits.find(line[at]) != std::string_view::npos;
      if (!goes_on) break;
    }
    signs.clock = signs.clock || (is_clock(numbers) && !is_money);
    signs.year = signs.year || std::ranges::any_of(numbers, [](std::string_view number) {
                   return number.size() == 4 && number.starts_with("20");
                 });
    at = line.find_first_of(k_digits, at);
  }
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
  auto head = trim(lines[at].text);
  if (head.starts_with("--"))
    head = trim(head.substr(std::min(head.find_first_not_of('-'), head.size())));
  if (!starts_with_any(head, k_attribution_heads)) return {};
  std::size_t length = 0;
  Signs signs;
  for (std::size_t i = at; i < std::min(at + k_attribution_lines, lines.size()); ++i) {
    const auto part = trim(lines[i].text);
    length += part.size();
    if (lines[i].quoted || lines[i].blank || length > k_longest_attribution) return {};
    if (i > at && starts_with_any(part, k_attribution_heads)) return {};
    look_for_signs(part, signs);
    if (!ends_with_any(part, k_writing_tails) && !ends_with_any(part, k_saying_tails)) continue;
    const bool marked = quotation_is_marked(lines, i + 1);
    // Without a mark it takes all that follows: nobody's own sentence must pass for one.
    if (marked ? !signs.any() : !signs.sure() || !ends_with_any(part, k_writing_tails)) return {};
    return {i - at + 1, marked};
  }
  return {};
}

/// Or "2026-03-01 7:30 Budi <budi@contoh.id>:" or "Budi menulis:" right above a quotation, and
/// "Sen, 2 Mar 2026 07.30, Budi <budi@contoh.id> menulis:" above anything.
Attribution attribution_at(const std::vector<Line>& lines, std::size_t at) {
  if (lines[at].quoted || lines[at].blank) return {};
  if (const auto found = long_attribution(lines, at); found.lines > 0) return found;
  const auto line = trim(lines[at].text);
  if (line.size() > k_longest_attribution || !line.ends_with(':')) return {};
  Signs signs;
  look_for_signs(line, signs);
  const bool writes = ends_with_any(line, k_writing_tails);
  if (!writes && !ends_with_any(line, k_saying_tails) && !signs.address) return {};
  const bool marked = quotation_is_marked(lines, at + 1);
  if (!marked && !(writes && signs.address && signs.year)) return {};
  return {1, marked};
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

bool looks_like_device_line(std::string_view line) {
  auto bare = trim(line);
  while (bare.starts_with('*') || bare.starts_with('_') || bare.starts_with('[')) {
    bare.remove_prefix(1);
  }
  return bare.size() <= k_longest_device_line && starts_with_any(bare, k_device_heads) &&
         std::ranges::count(bare, ' ') <= k_most_device_spaces && contains_any(bare, k_devices);
}

/// In the middle of a letter such a line is a sentence: "Dikirim melalui telepon ke 112 jam 08.00".
bool is_device_line(const std::vector<Line>& lines, std::size_t at) {
  if (!looks_like_device_line(lines[at].text)) return false;
  std::size_t such = 1;
  auto next = at + 1;
  for (; next < lines.size(); ++next) {
    if (lines[next].blank) continue;
    if (!looks_like_device_line(lines[next].text) || ++such > k_most_device_lines) break;
  }
  if (next >= lines.size() || lines[next].quoted) return true;
  const auto line = trim(lines[next].text);
  return line.starts_with("--") || is_dash_line(line, 3) || is_header_block(lines, next) ||
         attribution_at(lines, next).lines > 0;
}

/// Whether what stands above it leads over to what stands below: "Alamatnya:", and above two bare
/// dashes whatever is no finished sentence.
bool leads_over(const std::vector<Line>& lines, std::size_t at, Mark mark) {
  auto above = at;
  while (above > 0 && lines[above - 1].blank) --above;
  if (above == 0) return false;
  const auto line = trim(lines[above - 1].text);
  if (line.ends_with(':')) return true;
  return mark == Mark::usual && above == at && !line.ends_with('.') && !line.ends_with('!') &&
         !line.ends_with('?');
}

/// From a signature mark to the end of what its author wrote there, when that is short and says
/// nothing; a long rest is the letter itself.
std::size_t signature_lines(const std::vector<Line>& lines, std::size_t at) {
  const auto mark = signature_mark(lines[at].text);
  if (mark == Mark::none || leads_over(lines, at, mark)) return 0;
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
    if (!leads_over(lines, at - 1, Mark::standard)) end = at - 1;
    break;
  }
  auto own = join({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(end)});
  return own.empty() ? join(all) : own;
}

}  // namespace

std::string own_words(std::string_view text, bool answers) {
  const auto plain = with_plain_blanks(text);
  const auto lines = lines_of(plain);
  std::vector<std::string_view> all;
  all.reserve(lines.size());
  for (const auto& line : lines) all.push_back(line.text);
  if (!answers) return without_sure_signature(lines, all);
  std::vector<std::string_view> kept;
  bool quotes = false;
  for (std::size_t i = 0; i < lines.size();) {
    const auto& line = lines[i];
    if (is_forward_mark(line.text)) {
      kept.insert(kept.end(), all.begin() + static_cast<std::ptrdiff_t>(i), all.end());
      break;
    }
    if (is_separator(line.text) || is_header_block(lines, i)) break;
    if (const auto attribution = attribution_at(lines, i); attribution.lines > 0) {
      if (!attribution.marked) break;
      quotes = true;
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
  return own.empty() && !quotes ? join(all) : own;
}

}  // namespace kanal::email
