#include "tests/sandbox/email/imap_words.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"

namespace kanal::sandbox::email {
namespace {

constexpr int k_deepest_list = 10;
constexpr std::size_t k_most_words = 1000;
constexpr std::size_t k_most_ranges = 5000;

class Reader {
 public:
  Reader(std::string_view text, std::vector<std::string> literals)
      : rest_(text), literals_(std::move(literals)) {}

  std::optional<std::vector<Word>> all() {
    auto words = until_end(0);
    if (!words || !rest_.empty()) return std::nullopt;
    return words;
  }

 private:
  [[nodiscard]] bool at(char c) const { return rest_.starts_with(c); }

  std::optional<std::vector<Word>> until_end(int depth) {
    std::vector<Word> words;
    while (true) {
      while (at(' ')) rest_.remove_prefix(1);
      if (rest_.empty() || at(')')) return words;
      auto word = one(depth);
      if (!word || words.size() == k_most_words) return std::nullopt;
      words.push_back(std::move(*word));
    }
  }

  std::optional<Word> one(int depth) {
    if (at('"')) return quoted();
    if (at('{')) return literal();
    if (!at('(')) return atom();
    if (depth == k_deepest_list) return std::nullopt;
    rest_.remove_prefix(1);
    auto items = until_end(depth + 1);
    if (!items || !at(')')) return std::nullopt;
    rest_.remove_prefix(1);
    return Word{Word::Type::list, {}, std::move(*items)};
  }

  std::optional<Word> quoted() {
    Word word{Word::Type::text, {}, {}};
    for (rest_.remove_prefix(1); !rest_.empty() && !at('"'); rest_.remove_prefix(1)) {
      if (at('\\')) rest_.remove_prefix(1);
      if (!rest_.empty()) word.text += rest_.front();
    }
    if (rest_.empty()) return std::nullopt;
    rest_.remove_prefix(1);
    return word;
  }

  std::optional<Word> literal() {
    const auto end = rest_.find('}');
    if (end == std::string_view::npos || next_ >= literals_.size()) return std::nullopt;
    rest_.remove_prefix(end + 1);
    return Word{Word::Type::text, std::move(literals_[next_++]), {}};
  }

  // Brackets belong to it with what they hold: BODY[HEADER.FIELDS (DATE FROM)]<0.100>
  std::optional<Word> atom() {
    std::size_t end = 0;
    int brackets = 0;
    for (; end < rest_.size(); ++end) {
      const char c = rest_[end];
      brackets += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (brackets <= 0 && (c == ' ' || c == '(' || c == ')' || c == '"' || c == '{')) break;
    }
    if (end == 0) return std::nullopt;
    Word word{Word::Type::atom, std::string(rest_.substr(0, end)), {}};
    rest_.remove_prefix(end);
    return word;
  }

  std::string_view rest_;
  std::vector<std::string> literals_;
  std::size_t next_ = 0;
};

}  // namespace

std::optional<std::vector<Word>> parse_words(std::string_view text,
                                             std::vector<std::string> literals) {
  return Reader(text, std::move(literals)).all();
}

std::optional<Announced> announced_literal(std::string_view line) {
  const auto open = line.rfind('{');
  if (!line.ends_with('}') || open == std::string_view::npos) return std::nullopt;
  auto digits = line.substr(open + 1, line.size() - open - 2);
  const bool waits = !digits.ends_with('+');
  if (!waits) digits.remove_suffix(1);
  const auto bytes = number_of(digits);
  if (!bytes) return std::nullopt;
  return Announced{*bytes, waits};
}

std::optional<NumberSet> NumberSet::parse(std::string_view text, std::uint32_t last) {
  NumberSet set;
  const auto end_of = [&](std::string_view word) {
    return word == "*" ? std::optional(last) : number_of(word);
  };
  for (const auto part : split(text, ',')) {
    const auto colon = part.find(':');
    const auto first = end_of(part.substr(0, colon));
    const auto second = colon == std::string_view::npos ? first : end_of(part.substr(colon + 1));
    if (!first || !second || set.ranges_.size() == k_most_ranges) return std::nullopt;
    set.ranges_.emplace_back(std::min(*first, *second), std::max(*first, *second));
  }
  return set;
}

bool NumberSet::holds(std::uint32_t number) const {
  return std::ranges::any_of(
      ranges_, [&](const auto& range) { return range.first <= number && number <= range.second; });
}

std::string to_upper_ascii(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

std::string print_text(std::string_view text) {
  const bool plain = text.size() < 1000 && std::ranges::all_of(text, [](char c) {
                       return c >= ' ' && c <= '~' && c != '"' && c != '\\';
                     });
  if (plain) return '"' + std::string(text) + '"';
  return "{" + std::to_string(text.size()) + "}\r\n" + std::string(text);
}

}  // namespace kanal::sandbox::email
