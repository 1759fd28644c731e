#include "core/visibility.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/text.hpp"
#include "core/tracking_code.hpp"

namespace kanal {

namespace {

bool is_nationwide(const Viewer& viewer) {
  return viewer.role == Role::national_admin || viewer.role == Role::monitor ||
         viewer.role == Role::auditor || viewer.role == Role::system;
}

bool is_officer(const Viewer& viewer) {
  return !viewer.is_public && !viewer.is_reporter;
}

bool is_theirs(const Report& report, const Viewer& viewer) {
  if (is_nationwide(viewer)) return true;
  if (viewer.role == Role::agency_admin) {
    return !report.agency.empty() && report.agency == viewer.agency;
  }
  if (viewer.role == Role::liaison) return !report.unit.empty() && report.unit == viewer.unit;
  return false;
}

bool may_know_of(const Report& report, const Viewer& viewer) {
  if (viewer.is_reporter) return true;
  if (viewer.is_public) return !report.confidential;
  return is_theirs(report, viewer);
}

bool may_read_content(const Report& report, const Viewer& viewer, Output output) {
  if (output == Output::log) return false;
  if (output == Output::office && report.confidential) return false;
  if (viewer.is_reporter) return !(report.confidential && output == Output::reply);
  if (viewer.is_public) return !report.confidential && is_published(report.state);
  return !report.confidential || may_read_confidential(viewer);
}

bool may_know_reporter(const Report& report, const Viewer& viewer, Output output) {
  if (!is_officer(viewer) || output != Output::page) return false;
  if (viewer.role == Role::national_admin || viewer.role == Role::auditor) return true;
  if (viewer.role == Role::monitor) return !report.confidential;
  return !report.anonymous && (viewer.role == Role::agency_admin || viewer.role == Role::liaison);
}

std::string_view colour_of(State state) {
  switch (state) {
    case State::received:
    case State::needs_info:
    case State::returned:
    case State::reopened:
      return "red";
    case State::at_agency:
    case State::at_unit:
    case State::in_progress:
      return "yellow";
    case State::answered:
    case State::closed:
      return "green";
    default:
      return "grey";
  }
}

bool may_read_line(const Entry& entry, const Viewer& viewer) {
  if (is_officer(viewer)) return true;
  if (entry.audience == Audience::everyone) return true;
  return entry.audience == Audience::reporter && viewer.is_reporter;
}

bool stays_silent(Event event) {
  return event == Event::note || event == Event::correct;
}

// The reason of these is told to the reporter on their channel too.
bool explains_itself(const Entry& entry) {
  return entry.event == Event::archive || entry.event == Event::reject;
}

// What goes with the words goes where they go.
void silence(Entry& line) {
  line.words.clear();
  line.files.clear();
}

std::vector<Entry> lines_for(std::span<const Entry> history, const Viewer& viewer, bool content,
                             bool officers) {
  std::vector<Entry> lines;
  for (const auto& entry : history) {
    const bool readable = may_read_line(entry, viewer);
    if (!readable && stays_silent(entry.event)) continue;
    auto line = entry;
    if (!content || !readable) silence(line);
    if (!content) line.reason.clear();
    // A reporter's own words are theirs to show: to no other reporter either.
    if (entry.actor.role == Role::reporter &&
        (viewer.is_public || (viewer.is_reporter && entry.by_another))) {
      silence(line);
    }
    if (viewer.is_public) line.by_another = false;
    if (!officers) {
      line.actor.officer = {};
      if (!viewer.is_reporter || !explains_itself(entry)) line.reason.clear();
      line.post = {};
      line.other = {};
    }
    if (!viewer.is_reporter) {
      line.words = without_own_keys(line.words);
      line.reason = without_own_keys(line.reason);
    }
    if (viewer.is_public) {
      line.words = redact_personal(line.words);
      for (auto& file : line.files) file.name = redact_personal(file.name);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

constexpr std::string_view k_own_path = "/r/";

bool is_key_character(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '-' ||
         character == '_';
}

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

/// A text without what breaks and dresses up an address in it: ends of lines with the marks of
/// quotations behind them, and escapes.
struct Plain {
  std::string text;
  std::vector<std::size_t> places;  ///< of each character in the original, and of its end
};

struct Escape {
  std::string_view written;  ///< in lower case
  char meant;
};
constexpr std::array<Escape, 5> k_escapes = {
    {{"&amp;", '&'}, {"%2f", '/'}, {"%3f", '?'}, {"%3d", '='}, {"%26", '&'}}};

// How many bytes at `at` are ends of lines and what a quotation begins the next one with.
std::size_t break_bytes(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of("\r\n> \t", at), text.size()) - at;
}

Plain plain_of(std::string_view text) {
  Plain plain;
  plain.text.reserve(text.size());
  plain.places.reserve(text.size() + 1);
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n' || text.substr(at).starts_with("\r\n")) {
      at += break_bytes(text, at);
      continue;
    }
    plain.places.push_back(at);
    const auto escape = std::ranges::find_if(k_escapes, [&](const Escape& each) {
      return equals_ignoring_case(text.substr(at, each.written.size()), each.written);
    });
    plain.text += escape == k_escapes.end() ? text[at] : escape->meant;
    at += escape == k_escapes.end() ? 1 : escape->written.size();
  }
  plain.places.push_back(text.size());
  return plain;
}

// Where the key of the own link begins whose path stands at `path`; npos: there is none.
std::size_t start_of_key(std::string_view text, std::size_t path) {
  constexpr std::size_t k_digits = 12;
  constexpr std::size_t k_longest_query = 400;
  const auto query = text.substr(path + k_own_path.size(), k_digits + k_longest_query);
  const auto digits = std::min(query.find_first_not_of("0123456789"), query.size());
  if (digits != k_digits || digits == query.size() || query[digits] != '?') return text.npos;
  for (auto at = digits; at < query.size() && query[at] != ' '; ++at) {
    if ((query[at] == '?' || query[at] == '&') && query.substr(at + 1).starts_with("k=")) {
      return path + k_own_path.size() + at + 3;
    }
  }
  return text.npos;
}

// Where it ends. A key that breaks off with its line is none of ours: what follows is not eaten.
std::size_t end_of_key(const Plain& plain, std::size_t start) {
  constexpr std::size_t k_key_characters = 22;  // 16 bytes of base64url
  const auto goes_on = [&](std::size_t at) {
    return at == start || plain.places[at] == plain.places[at - 1] + 1;
  };
  std::size_t end = start;
  std::size_t unbroken = start;
  while (end < plain.text.size() && is_key_character(plain.text[end])) {
    if (end - start >= k_key_characters && !goes_on(end)) break;
    if (unbroken == end && goes_on(end)) ++unbroken;
    ++end;
  }
  return end - start >= k_key_characters ? end : unbroken;
}

constexpr std::string_view k_blot = "█████";

// How many bytes long the separator is with which a text goes on, as people write numbers; 0: none.
std::size_t separator_bytes(std::string_view text) {
  static constexpr std::string_view k_plain = " -./_()+";
  static constexpr std::array<std::string_view, 8> k_wide = {
      "\u00a0", "\u2009", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015"};
  if (k_plain.find(text.front()) != std::string_view::npos) return 1;
  const auto wide =
      std::ranges::find_if(k_wide, [&](std::string_view each) { return text.starts_with(each); });
  return wide == k_wide.end() ? 0 : wide->size();
}

// The end of a run of at least nine digits, with three separators between two of them at most;
// `start` when there is none.
std::size_t end_of_number(std::string_view text, std::size_t start) {
  constexpr int k_most_separators = 3;
  std::size_t digits = 0;
  std::size_t end = start;
  int separators = 0;
  for (auto at = start; at < text.size();) {
    if (is_digit(text[at])) {
      ++digits;
      end = ++at;
      separators = 0;
      continue;
    }
    const auto bytes = separator_bytes(text.substr(at));
    if (bytes == 0 || ++separators > k_most_separators) break;
    at += bytes;
  }
  return digits >= 9 ? end : start;
}

bool are_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
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
  constexpr std::size_t k_digits = 12;
  if (start == 0 || text[start - 1] != '#') return start;
  for (const auto length : {k_digits, k_digits + 2}) {
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

// Takes the local part of a mail address off again, also one with a number in it.
bool drop_local_part(std::string& text) {
  const auto before = text.size();
  for (;;) {
    if (text.ends_with(k_blot)) {
      text.resize(text.size() - k_blot.size());
    } else if (!text.empty() && is_mail_character(text.back())) {
      text.pop_back();
    } else {
      return text.size() != before;
    }
  }
}

}  // namespace

bool is_published(State state) {
  switch (state) {
    case State::received:
    case State::needs_info:
    case State::archived:
    case State::rejected:
    // Nobody may have verified it before.
    case State::merged:
      return false;
    default:
      return true;
  }
}

View view(const Report& report, std::span<const Entry> history, const Viewer& viewer, Output output,
          std::optional<int> support) {
  View seen;
  if (!may_know_of(report, viewer)) return seen;
  const bool content = may_read_content(report, viewer, output);
  seen.visible = true;
  seen.code = report.code;
  seen.state = report.state;
  seen.status_colour = colour_of(report.state);
  seen.timeliness_colour = report.overdue ? "red" : report.due_at ? "green" : "";
  seen.due_at = report.due_at;
  seen.overdue = report.overdue;
  seen.category = report.category;
  seen.kind = report.kind;
  seen.agency = report.agency;
  seen.unit = report.unit;
  seen.anonymous = report.anonymous;
  seen.confidential = report.confidential;
  seen.rating = report.rating;
  seen.received_at = report.received_at;
  seen.updated_at = report.updated_at;
  if (!viewer.is_public) seen.channel = report.channel;
  if (content) {
    seen.title = viewer.is_public ? redact_personal(report.title) : report.title;
    seen.text = viewer.is_public ? redact_personal(report.text) : report.text;
    seen.place = report.place;
    seen.support = support;
    if (!viewer.is_reporter) {
      seen.title = without_own_keys(seen.title);
      seen.text = without_own_keys(seen.text);
    }
    if (viewer.is_public && seen.place) seen.place->address = redact_personal(seen.place->address);
  }
  seen.may_see_identity = may_know_reporter(report, viewer, output);
  seen.may_see_attachments = content && !viewer.is_public;
  seen.may_see_officers = is_officer(viewer) && output != Output::reply;
  if (seen.may_see_officers) seen.steps = report.steps;
  seen.history = lines_for(history, viewer, content, seen.may_see_officers);
  return seen;
}

const Attachment* find_file(const View& seen, std::string_view step, std::string_view number) {
  for (const auto& line : seen.history) {
    if (std::to_string(line.step) != step) continue;
    for (std::size_t i = 0; i < line.files.size(); ++i) {
      if (std::to_string(i) == number) return &line.files[i];
    }
  }
  return nullptr;
}

bool may_read_confidential(const Viewer& viewer) {
  return is_officer(viewer) && viewer.role != Role::monitor;
}

bool may_reopen(const Report& report, Role who, Time now) {
  if (who != Role::reporter) return true;
  return report.reopenings < k_most_reopenings && now - report.state_since <= k_reopen_within;
}

std::vector<Move> permitted(const Report& report, const Viewer& viewer, Time now) {
  std::vector<Move> moves;
  if (viewer.is_public || !may_know_of(report, viewer)) return moves;
  if (viewer.role == Role::monitor && report.confidential) return moves;
  const auto role = viewer.is_reporter ? Role::reporter : viewer.role;
  for (const auto& move : lifecycle()) {
    if (move.from != report.state || !move.who.has(role)) continue;
    if (move.event == Event::reopen && !may_reopen(report, role, now)) continue;
    const auto chosen = find_move(move.from, move.event, role, !report.agency.empty());
    if (chosen && chosen->to == move.to) moves.push_back(move);
  }
  return moves;
}

std::string without_own_keys(std::string_view text) {
  if (text.find_first_of("?%") == std::string_view::npos) return std::string(text);
  const auto plain = plain_of(text);
  std::string safe;
  std::size_t written = 0;
  for (auto path = plain.text.find(k_own_path); path != std::string::npos;
       path = plain.text.find(k_own_path, path + 1)) {
    const auto start = start_of_key(plain.text, path);
    const auto end = start == std::string::npos ? start : end_of_key(plain, start);
    if (end == start || plain.places[start] < written) continue;
    safe += text.substr(written, plain.places[start] - written);
    safe += k_blot;
    written = plain.places[end - 1] + 1;
  }
  safe += text.substr(written);
  return safe;
}

std::string redact_personal(std::string_view text) {
  std::string redacted;
  redacted.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (is_digit(text[at])) {
      const auto harmless = end_of_harmless(text, at);
      if (harmless != at) {
        redacted += text.substr(at, harmless - at);
        at = harmless;
        continue;
      }
      const auto end = end_of_number(text, at);
      if (end != at) {
        redacted += k_blot;
        at = end;
        continue;
      }
    }
    if (text[at] == '@' && at + 1 < text.size() && is_mail_character(text[at + 1])) {
      auto end = at + 1;
      while (end < text.size() && is_mail_character(text[end])) ++end;
      if (text.substr(at, end - at).find('.') != std::string_view::npos &&
          drop_local_part(redacted)) {
        redacted += k_blot;
        at = end;
        continue;
      }
    }
    redacted += text[at++];
  }
  return redacted;
}

std::string redact_detail(std::string_view detail) {
  const auto end = std::min(detail.find(' '), detail.size());
  const auto code = detail.substr(0, end);
  const bool is_status = code.size() >= 5 && code.size() <= 9 && code[1] == '.' &&
                         std::string_view("245").find(code[0]) != std::string_view::npos &&
                         std::ranges::all_of(code, [](char c) { return is_digit(c) || c == '.'; });
  return is_status ? std::string(code) + redact_personal(detail.substr(end))
                   : redact_personal(detail);
}

}  // namespace kanal
