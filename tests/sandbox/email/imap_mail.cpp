#include "tests/sandbox/email/imap_mail.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "connectors/email/mime.hpp"
#include "core/text.hpp"

namespace kanal::sandbox::email {
namespace {

using kanal::email::Header;
using kanal::email::parse_fields;

std::size_t body_start(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  return end == std::string_view::npos ? bytes.size() : end + 4;
}

std::string_view head_of(const Mail& mail) {
  return std::string_view(*mail.bytes).substr(0, body_start(*mail.bytes));
}

std::string print_date(Time time) {
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%d-%b-%Y %H:%M:%S +0000", &parts);
  return text.data();
}

/// Whole fields of a header, folded as they came, that are named, or that are not.
std::string chosen_fields(std::string_view head, std::span<const Word> names, bool named) {
  std::string chosen;
  bool keeps = false;
  for (auto line : split(head, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.front() != ' ' && line.front() != '\t') {
      const auto name = line.substr(0, line.find(':'));
      keeps = named == std::ranges::any_of(names, [&](const Word& word) {
                return equals_ignoring_case(word.text, name);
              });
    }
    if (keeps) chosen += std::string(line) + "\r\n";
  }
  return chosen + "\r\n";
}

std::optional<std::string> section(const Mail& mail, std::string_view name) {
  const std::string_view whole(*mail.bytes);
  const auto upper = to_upper_ascii(name);
  if (upper.empty()) return std::string(whole);
  if (upper == "HEADER") return std::string(head_of(mail));
  if (upper == "TEXT" || upper == "1") return std::string(whole.substr(body_start(whole)));
  const bool all_but = upper.starts_with("HEADER.FIELDS.NOT ");
  if (!all_but && !upper.starts_with("HEADER.FIELDS ")) return std::nullopt;
  const auto words = parse_words(name.substr(name.find(' ')), {});
  if (!words || words->size() != 1 || !words->front().is_list()) return std::nullopt;
  return chosen_fields(head_of(mail), words->front().items, !all_but);
}

std::optional<std::string> print_section(const Mail& mail, std::string_view item) {
  const auto open = item.find('[');
  const auto close = item.rfind(']');
  if (close == std::string_view::npos || close < open) return std::nullopt;
  auto bytes = section(mail, item.substr(open + 1, close - open - 1));
  if (!bytes) return std::nullopt;
  auto shown = "BODY" + std::string(item.substr(open, close + 1 - open));
  const auto partial = item.substr(close + 1);
  if (!partial.empty()) {
    const auto dot = partial.find('.');
    if (!partial.starts_with('<') || !partial.ends_with('>') || dot == std::string_view::npos) {
      return std::nullopt;
    }
    const auto from = number_of(partial.substr(1, dot - 1));
    const auto count = number_of(partial.substr(dot + 1, partial.size() - dot - 2));
    if (!from || !count) return std::nullopt;
    bytes = *from < bytes->size() ? bytes->substr(*from, *count) : std::string();
    shown += "<" + std::to_string(*from) + ">";
  }
  return shown + " {" + std::to_string(bytes->size()) + "}\r\n" + *bytes;
}

/// "Wati <wati@contoh.test>, …" as a list of (name route mailbox host).
std::string print_addresses(std::string_view field) {
  std::string list;
  for (const auto part : split(field, ',')) {
    const auto open = part.find('<');
    auto address = trim(part.substr(open == std::string_view::npos ? 0 : open + 1));
    address = address.substr(0, address.find('>'));
    const auto at = address.find('@');
    if (at == std::string_view::npos) continue;
    auto name = open == std::string_view::npos ? std::string_view() : trim(part.substr(0, open));
    if (name.size() > 1 && name.starts_with('"')) name = name.substr(1, name.size() - 2);
    list += "(" + (name.empty() ? "NIL" : print_text(name)) + " NIL " +
            print_text(address.substr(0, at)) + " " + print_text(address.substr(at + 1)) + ")";
  }
  return list.empty() ? "NIL" : "(" + list + ")";
}

std::string print_envelope(const Mail& mail) {
  const auto fields = parse_fields(head_of(mail));
  const auto raw = [&](std::string_view name) -> std::string {
    const auto found = std::ranges::find(fields, name, &Header::name);
    return found == fields.end() ? std::string() : found->value;
  };
  const auto text = [&](std::string_view name) {
    const auto value = raw(name);
    return value.empty() ? std::string("NIL") : print_text(value);
  };
  const auto people = [&](std::string_view name) { return print_addresses(raw(name)); };
  return "(" + text("date") + " " + text("subject") + " " + people("from") + " " + people("from") +
         " " + people("from") + " " + people("to") + " " + people("cc") + " " + people("bcc") +
         " " + text("in-reply-to") + " " + text("message-id") + ")";
}

/// "1-Feb-2026" as the start of that day.
std::optional<Time> day_of(std::string_view text) {
  constexpr std::array<std::string_view, 12> k_months = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                         "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  const auto parts = split(text, '-');
  if (parts.size() != 3) return std::nullopt;
  const auto day = number_of(parts[0]);
  const auto month = std::ranges::find(k_months, to_upper_ascii(parts[1]));
  const auto year = number_of(parts[2]);
  if (!day || !year || *year > 9999 || month == k_months.end()) return std::nullopt;
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(static_cast<int>(*year)),
                            std::chrono::month(static_cast<unsigned>(month - k_months.begin() + 1)),
                            std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

bool holds_text(std::string_view text, std::string_view part) {
  return to_lower_ascii(text).find(to_lower_ascii(part)) != std::string::npos;
}

/// Reads keys of SEARCH from left to right; remembers when one cannot be read.
class Search {
 public:
  Search(const Placed& placed, std::span<const Word> keys, const LastNumbers& last)
      : placed_(placed), rest_(keys), last_(last) {}

  std::optional<bool> all() {
    bool every = true;
    while (!rest_.empty() && !failed_) {
      const bool next = key();
      every = every && next;
    }
    if (failed_) return std::nullopt;
    return every;
  }

 private:
  const Word* take() {
    failed_ = failed_ || rest_.empty();
    if (failed_) return nullptr;
    const auto* word = &rest_.front();
    rest_ = rest_.subspan(1);
    return word;
  }
  std::string argument() {
    const auto* word = take();
    return word == nullptr ? std::string() : word->text;
  }
  bool in_set(const std::string& text, std::uint32_t number, std::uint32_t last) {
    const auto set = NumberSet::parse(text, last);
    failed_ = failed_ || !set;
    return set && set->holds(number);
  }
  bool has(const char* flag) const { return placed_.mail.flags.contains(flag); }
  bool in_field(std::string_view name, std::string_view part) const {
    for (const auto& field : parse_fields(head_of(placed_.mail))) {
      if (equals_ignoring_case(field.name, name) && holds_text(field.value, part)) return true;
    }
    return false;
  }
  bool arrived(std::string_view how) {
    const auto day = day_of(argument());
    failed_ = failed_ || !day;
    if (!day) return false;
    const auto end = *day + std::chrono::days(1);
    if (how == "BEFORE") return placed_.mail.arrived < *day;
    if (how == "ON") return placed_.mail.arrived >= *day && placed_.mail.arrived < end;
    return placed_.mail.arrived >= *day;
  }
  bool sized(bool larger) {
    const auto bytes = number_of(argument());
    failed_ = failed_ || !bytes;
    const auto size = placed_.mail.bytes->size();
    return bytes && (larger ? size > *bytes : size < *bytes);
  }

  bool key() {
    const auto* word = take();
    if (word == nullptr) return false;
    if (word->is_list()) {
      const auto inside = Search(placed_, word->items, last_).all();
      failed_ = failed_ || !inside;
      return inside.value_or(false);
    }
    const auto name = to_upper_ascii(word->text);
    if (name == "NOT") return !key();
    if (name == "OR") {
      const bool first = key();
      const bool second = key();
      return first || second;
    }
    if (name == "UID") return in_set(argument(), placed_.mail.uid, last_.uid);
    if (name.find_first_not_of("0123456789,:*") == std::string::npos) {
      return in_set(name, placed_.sequence, last_.sequence);
    }
    return plain(name);
  }

  bool plain(const std::string& name) {
    if (name == "ALL" || name == "OLD") return true;
    if (name == "NEW" || name == "RECENT") return false;
    if (name == "CHARSET") return !argument().empty();
    for (const auto* flag : {"\\Seen", "\\Answered", "\\Deleted", "\\Flagged", "\\Draft"}) {
      const auto upper = to_upper_ascii(flag + 1);
      if (name == upper) return has(flag);
      if (name == "UN" + upper) return !has(flag);
    }
    if (name == "KEYWORD") return has(argument().c_str());
    if (name == "UNKEYWORD") return !has(argument().c_str());
    if (name == "SINCE" || name == "BEFORE" || name == "ON") return arrived(name);
    if (name == "LARGER" || name == "SMALLER") return sized(name == "LARGER");
    if (name == "HEADER") {
      const auto field = argument();
      return in_field(field, argument());
    }
    if (name == "TEXT") return holds_text(*placed_.mail.bytes, argument());
    if (name == "BODY") {
      const std::string_view whole(*placed_.mail.bytes);
      return holds_text(whole.substr(body_start(whole)), argument());
    }
    if (name == "FROM" || name == "TO" || name == "CC" || name == "SUBJECT") {
      return in_field(name, argument());
    }
    failed_ = true;
    return false;
  }

  const Placed& placed_;
  std::span<const Word> rest_;
  const LastNumbers& last_;
  bool failed_ = false;
};

}  // namespace

std::string print_flags(const Flags& flags) {
  std::string list = "(";
  for (const auto& flag : flags) list += (list.size() > 1 ? " " : "") + flag;
  return list + ")";
}

bool marks_seen(std::string_view item) {
  const auto upper = to_upper_ascii(item);
  return upper.starts_with("BODY[") || upper == "RFC822" || upper == "RFC822.TEXT";
}

std::optional<std::string> print_item(const Placed& placed, std::string_view item) {
  const auto& mail = placed.mail;
  const auto name = to_upper_ascii(item);
  const auto literal = [&](std::string_view section_name) {
    const auto bytes = section(mail, section_name).value_or("");
    return name + " {" + std::to_string(bytes.size()) + "}\r\n" + bytes;
  };
  if (name == "UID") return "UID " + std::to_string(mail.uid);
  if (name == "FLAGS") return "FLAGS " + print_flags(mail.flags);
  if (name == "INTERNALDATE") return "INTERNALDATE \"" + print_date(mail.arrived) + "\"";
  if (name == "RFC822.SIZE") return "RFC822.SIZE " + std::to_string(mail.bytes->size());
  if (name == "ENVELOPE") return "ENVELOPE " + print_envelope(mail);
  if (name == "RFC822") return literal("");
  if (name == "RFC822.HEADER") return literal("HEADER");
  if (name == "RFC822.TEXT") return literal("TEXT");
  if (name.starts_with("BODY[") || name.starts_with("BODY.PEEK[")) return print_section(mail, item);
  return std::nullopt;
}

std::optional<bool> answers(const Placed& placed, std::span<const Word> keys,
                            const LastNumbers& last) {
  return Search(placed, keys, last).all();
}

}  // namespace kanal::sandbox::email
