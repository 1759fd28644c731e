#include "core/visibility.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/file_link.hpp"
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
  constexpr std::size_t k_longest_query = 400;
  const auto query = text.substr(path + k_own_path.size(), k_code_digits + k_longest_query);
  const auto digits = std::min(query.find_first_not_of("0123456789"), query.size());
  if (digits != k_code_digits || digits == query.size() || query[digits] != '?') return text.npos;
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

// Pictures of a reporter's, wherever they keep them, show what nobody has blotted out.
std::string for_all(std::string_view words) {
  return redact_personal(without_file_links(words));
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
    seen.title = viewer.is_public ? for_all(report.title) : report.title;
    seen.text = viewer.is_public ? for_all(report.text) : report.text;
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

}  // namespace kanal
