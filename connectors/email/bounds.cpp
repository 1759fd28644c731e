#include "connectors/email/bounds.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/text.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_most_dividers = 30'000;
constexpr std::size_t k_most_fields = 30'000;
constexpr std::size_t k_most_head_bytes = 2U << 20U;
constexpr std::size_t k_most_groups = 1'000;
constexpr std::size_t k_most_groups_in_text =
    20'000;                                       ///< should what is none be taken for a header
constexpr std::size_t k_most_of_addresses = 200;  ///< each has all of its name read again
constexpr std::size_t k_longest_header_name = 60;
constexpr std::size_t k_longest_type = 1'000;
constexpr std::size_t k_most_boundaries = 50;  ///< each is looked for in every line

constexpr std::array<std::string_view, 16> k_of_addresses = {"from",
                                                             "sender",
                                                             "reply-to",
                                                             "to",
                                                             "cc",
                                                             "bcc",
                                                             "resent-from",
                                                             "resent-sender",
                                                             "resent-to",
                                                             "resent-cc",
                                                             "resent-bcc",
                                                             "resent-reply-to",
                                                             "mail-reply-to",
                                                             "return-receipt-to",
                                                             "mail-followup-to",
                                                             "disposition-notification-to"};

/// Around it: only what all readers take for blanks.
std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view k_blanks = " \t\r\n";
  const auto begin = std::min(text.find_first_not_of(k_blanks), text.size());
  const auto end = text.find_last_not_of(k_blanks);
  return text.substr(begin, end == std::string_view::npos ? 0 : end + 1 - begin);
}

/// The boundary whose parameter's name ends before `rest` (RFC 2045 §5.1), where folds are ends of
/// lines; an empty one if it may be read in several ways (RFC 2231, escapes, comments).
/// None: it was no such name.
std::optional<std::string_view> boundary_behind(std::string_view rest) {
  const auto is_plain = [](char c) { return c > ' ' && c < '\x7f'; };
  const auto skip_blanks = [&] { rest = without_blanks(rest); };
  const char next = rest.empty() ? '\n' : rest.front();
  if (is_plain(next) && next != '=' && next != '*' && next != '(') return std::nullopt;
  skip_blanks();
  if (!rest.starts_with('=')) return std::string_view();
  rest.remove_prefix(1);
  skip_blanks();
  const bool is_quoted = rest.starts_with('"');
  if (is_quoted) rest.remove_prefix(1);
  const auto end = rest.find(is_quoted ? '"' : ';');
  if (is_quoted && end == std::string_view::npos) return std::string_view();
  const auto value = is_quoted ? rest.substr(0, end) : without_blanks(rest.substr(0, end));
  const bool is_clear = std::ranges::all_of(value, is_plain) &&
                        value.find_first_of("\\\"") == std::string_view::npos &&
                        (is_quoted || value.find('(') == std::string_view::npos);
  return is_clear ? value : std::string_view();
}

/// Follows the lines of a mail as far as its bounds need it, and rather takes what is none for a
/// divider or a header than the other way round.
class LineBounds {
 public:
  Result<> take(std::string_view line) {
    if (line.starts_with("--") && (in_head_ || is_divider(line))) return divide();
    // A line of blanks goes on from the one before.
    if (line == "\n" || line == "\r\n") return end_head();
    const bool folded = line.front() == ' ' || line.front() == '\t';
    const bool begins = !folded && line.find(':') != std::string_view::npos;
    if (begins || field_ == Field::none) begin_field(line);
    if (field_ == Field::none) return {};
    if (field_ == Field::of_addresses) {
      groups_ += static_cast<std::size_t>(std::ranges::count(line, ':'));
      const auto most = in_head_ ? k_most_groups : k_most_groups_in_text;
      if (groups_ > most) return refuse(most, "groups of addresses in a header");
    }
    if (!in_head_) return {};
    if (field_ == Field::type) note_type(line);
    head_bytes_ += line.size();
    if (fields_ > k_most_fields) return refuse(k_most_fields, "header lines");
    if (of_addresses_ > k_most_of_addresses) {
      return refuse(k_most_of_addresses, "headers of addresses");
    }
    if (head_bytes_ > k_most_head_bytes) return refuse(k_most_head_bytes, "bytes of headers");
    return {};
  }

 private:
  enum class Field { none, of_addresses, type, other };

  static Result<> refuse(std::size_t most, std::string_view what) {
    return fail(Remedy::drop,
                "the mail has more than " + std::to_string(most) + " " + std::string(what));
  }
  [[nodiscard]] bool is_divider(std::string_view line) const {
    return std::ranges::any_of(boundaries_, [&](const std::string& boundary) {
      return line.substr(2).starts_with(boundary);
    });
  }
  void begin_field(std::string_view line) {
    note_boundaries();
    const auto colon = line.find(':');
    const auto name = trim(line.substr(0, std::min(colon, k_longest_header_name)));
    const auto is = [&](std::string_view known) { return equals_ignoring_case(name, known); };
    groups_ = 0;
    forget_type();
    if (colon == std::string_view::npos) {
      field_ = Field::none;
    } else if (std::ranges::any_of(k_of_addresses, is)) {
      field_ = Field::of_addresses;
    } else {
      field_ = is("content-type") ? Field::type : Field::other;
    }
    if (!in_head_ || field_ == Field::none) return;
    ++fields_;
    if (field_ == Field::of_addresses) ++of_addresses_;
  }
  // What stands in brackets is a comment, in which a type may begin or end.
  void note_type(std::string_view line) {
    if (type_.size() >= k_longest_type) return;
    const bool goes_on = !type_.empty();
    if (goes_on) type_ += '\n';
    type_ += without_blanks(line).substr(0, k_longest_type);
    // Whether a line that is none of a head belongs to it may be read in several ways.
    const bool is_strange = goes_on && line.front() != ' ' && line.front() != '\t';
    if (is_strange || type_.size() >= k_longest_type) add_boundary({});
    has_type_ = has_type_ || type_.find('/') != std::string::npos;
    auto type = to_lower_ascii(std::string_view(type_).substr(0, type_.find(';')));
    std::erase(type, '\n');
    const auto says = [&](std::string_view word) { return type.find(word) != std::string::npos; };
    // An encoded word (RFC 2047) belongs in no type and is read there all the same; behind it, a
    // comment or what is not looked at the type may be any.
    const bool is_open = says("=?") || says("(") || type_.size() >= k_longest_type;
    const bool has_encoded = type_.find("=?") != std::string::npos;
    if (has_encoded && (is_open || says("multipart"))) add_boundary({});
    in_digest_ = in_digest_ || is_open || says("digest");
    holds_mail_ = holds_mail_ || is_open || says("message");
  }
  void note_boundaries() {
    constexpr std::string_view k_name = "boundary";
    if (field_ != Field::type || noted_ == type_.size()) return;
    noted_ = type_.size();
    const auto type = to_lower_ascii(type_);
    for (auto at = type.find(k_name); at != std::string::npos; at = type.find(k_name, at)) {
      at += k_name.size();
      if (const auto begin = boundary_behind(std::string_view(type_).substr(at))) {
        add_boundary(*begin);
      }
    }
  }
  void add_boundary(std::string_view begin) {
    if (is_divider("--" + std::string(begin))) return;
    if (boundaries_.size() < k_most_boundaries) {
      boundaries_.emplace_back(begin);
    } else {
      boundaries_.assign(1, {});
    }
  }
  Result<> divide() {
    note_boundaries();
    // Within a head it may be a field, or nothing, or begin a part: what the head said holds.
    if (in_head_) {
      is_divided_ = true;
    } else {
      begin_head(true, true);
    }
    return ++dividers_ > k_most_dividers ? refuse(k_most_dividers, "lines that part it")
                                         : Result<>();
  }
  // Behind the head of a part comes that of the mail that it holds, which it need not say in a
  // digest (RFC 2046 §5.1.5).
  Result<> end_head() {
    note_boundaries();
    const bool is_untyped = is_divided_ || (of_part_ && !has_type_);
    begin_head(in_head_ && (holds_mail_ || (in_digest_ && is_untyped)), false);
    return {};
  }
  void begin_head(bool is_one, bool of_part) {
    in_head_ = is_one;
    of_part_ = of_part;
    holds_mail_ = has_type_ = is_divided_ = false;
    of_addresses_ = 0;
    field_ = Field::none;
    forget_type();
  }
  void forget_type() {
    type_.clear();
    noted_ = 0;
  }

  bool in_head_ = true;
  bool of_part_ = false;  ///< else of a mail
  bool in_digest_ = false;
  bool holds_mail_ = false;
  bool has_type_ = false;
  bool is_divided_ = false;  ///< the head, by what may begin a part
  Field field_ = Field::none;
  std::string type_;
  std::size_t noted_ = 0;                ///< of it, as many bytes were searched for boundaries
  std::vector<std::string> boundaries_;  ///< what each that was declared begins with
  std::size_t dividers_ = 0;
  std::size_t fields_ = 0;
  std::size_t of_addresses_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t groups_ = 0;
};

}  // namespace

Result<> check_bounds(std::string_view raw) {
  LineBounds lines;
  while (!raw.empty()) {
    const auto end = std::min(raw.find('\n'), raw.size() - 1);
    TRY(lines.take(raw.substr(0, end + 1)));
    raw.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace kanal::email
