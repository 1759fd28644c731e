#include "connectors/email/imap_grammar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::email {
namespace {

constexpr int k_deepest_list = 16;
constexpr std::size_t k_most_values = 1'000;
constexpr std::array<std::string_view, 12> k_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// "17-Jul-1996 02:44:25 -0700" (RFC 3501 §2.3.3).
std::optional<Time> internal_date(std::string_view text) {
  text = trim(text);
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || dash > 2 || text.size() < dash + 24) return std::nullopt;
  const auto field = [&](std::size_t at, std::size_t count) {
    return number_of(text.substr(dash + at, count));
  };
  const auto day = number_of(text.substr(0, dash));
  const auto* const month = std::ranges::find_if(k_months, [&](std::string_view name) {
    return equals_ignoring_case(name, text.substr(dash + 1, 3));
  });
  const auto year = field(5, 4);
  const auto hour = field(10, 2);
  const auto minute = field(13, 2);
  const auto second = field(16, 2);
  const auto zone = field(20, 4);
  if (!day || month == k_months.end() || !year || !hour || !minute || !second || !zone) {
    return std::nullopt;
  }
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(static_cast<int>(*year)),
                            std::chrono::month(static_cast<unsigned>(month - k_months.begin() + 1)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const minutes offset(static_cast<int>(*zone / 100 * 60 + *zone % 100));
  const Time local = sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second);
  return text[dash + 19] == '-' ? local + offset : local - offset;
}

struct Value {
  enum class Type { nil, text, list };
  Type type = Type::nil;
  std::string text;
  std::vector<Value> items;
};

/// Reads the values of a response: atoms, strings, literals, lists.
struct ValueReader {
  ImapResponse& response;
  std::size_t at = 0;
  std::size_t next_literal = 0;
  std::size_t values = 0;

  [[nodiscard]] char peek() const { return at < response.line.size() ? response.line[at] : '\0'; }
  void skip_spaces() {
    while (peek() == ' ') ++at;
  }
  std::string_view atom() {
    const auto& line = response.line;
    const auto start = at;
    int brackets = 0;
    while (at < line.size()) {
      const char c = line[at];
      if (c == '[') ++brackets;
      if (c == ']') --brackets;
      if (brackets <= 0 && (c == ' ' || c == '(' || c == ')' || c == '"' || c == '\r')) break;
      if (c == '\r' || c == '\n') break;
      ++at;
    }
    return std::string_view(line).substr(start, at - start);
  }
  std::optional<Value> value(int depth) {
    skip_spaces();
    if (++values > k_most_values) return std::nullopt;
    Value value;
    value.type = Value::Type::text;
    if (peek() == '"') {
      for (++at; peek() != '"'; ++at) {
        if (peek() == '\0' && at >= response.line.size()) return std::nullopt;
        if (peek() == '\\') ++at;
        value.text += peek();
      }
      ++at;
    } else if (peek() == '{') {
      const auto end = response.line.find("}\r\n", at);
      if (end == std::string::npos || next_literal >= response.literals.size()) return std::nullopt;
      value.text = std::move(response.literals[next_literal++]);
      at = end + 3;
    } else if (peek() == '(') {
      if (depth >= k_deepest_list) return std::nullopt;
      value.type = Value::Type::list;
      for (++at, skip_spaces(); peek() != ')'; skip_spaces()) {
        auto item = this->value(depth + 1);
        if (!item) return std::nullopt;
        value.items.push_back(std::move(*item));
      }
      ++at;
    } else {
      const auto word = atom();
      if (word.empty()) return std::nullopt;
      if (equals_ignoring_case(word, "NIL")) {
        value.type = Value::Type::nil;
      } else {
        value.text = word;
      }
    }
    return value;
  }
};

}  // namespace

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::optional<std::uint32_t> small_number_of(std::string_view text) {
  const auto number = number_of(text);
  if (!number || *number > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

std::optional<std::size_t> announced_literal(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const auto open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  auto digits = line.substr(open + 1, line.size() - open - 2);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  const auto number = number_of(digits);
  if (!number) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

std::optional<std::uint32_t> code_number(std::string_view line, std::string_view name) {
  const auto code = "[" + std::string(name) + " ";
  const auto at = line.find(code);
  if (at == std::string_view::npos) return std::nullopt;
  const auto end = line.find(']', at);
  if (end == std::string_view::npos) return std::nullopt;
  const auto start = at + code.size();
  return small_number_of(trim(line.substr(start, end - start)));
}

std::optional<ImapFetch> read_fetch(ImapResponse& response) {
  const auto open = response.line.find(" FETCH (");
  if (open == std::string::npos) return std::nullopt;
  ValueReader reader{response, open + 7};
  auto values = reader.value(0);
  if (!values) return std::nullopt;
  ImapFetch fetch;
  for (std::size_t i = 0; i + 1 < values->items.size(); i += 2) {
    const auto& key = values->items[i].text;
    auto& value = values->items[i + 1];
    if (equals_ignoring_case(key, "UID")) {
      fetch.uid = small_number_of(value.text).value_or(0);
    } else if (equals_ignoring_case(key, "RFC822.SIZE")) {
      fetch.size_bytes = number_of(value.text).value_or(0);
    } else if (equals_ignoring_case(key, "INTERNALDATE")) {
      fetch.arrived = internal_date(value.text);
    } else if (equals_ignoring_case(std::string_view(key).substr(0, 5), "BODY[")) {
      if (value.type == Value::Type::text && !value.text.empty()) {
        fetch.body = std::move(value.text);
      }
    }
  }
  if (fetch.uid == 0) return std::nullopt;
  return fetch;
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) >= ' ') quoted += c;
  }
  return quoted + '"';
}

std::string print_date(Time time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return std::to_string(static_cast<unsigned>(date.day())) + '-' +
         std::string(k_months.at(static_cast<unsigned>(date.month()) - 1)) + '-' +
         std::to_string(static_cast<int>(date.year()));
}

std::string print_set(std::span<const Uid> uids) {
  std::string set;
  for (std::size_t i = 0; i < uids.size();) {
    std::size_t end = i + 1;
    while (end < uids.size() && uids[end] == uids[end - 1] + 1) ++end;
    if (!set.empty()) set += ',';
    set += std::to_string(uids[i]);
    if (end - i > 1) set += ':' + std::to_string(uids[end - 1]);
    i = end;
  }
  return set;
}

std::string to_modified_utf7(std::string_view name) {
  std::string out;
  std::string pending;
  const auto flush = [&] {
    if (pending.empty()) return;
    auto text = to_base64(pending);
    while (text.ends_with('=')) text.pop_back();
    std::ranges::replace(text, '/', ',');
    out += '&' + text + '-';
    pending.clear();
  };
  const auto utf16 = [&](std::uint32_t unit) {
    pending += static_cast<char>(unit >> 8U);
    pending += static_cast<char>(unit & 0xFFU);
  };
  const auto text = scrub_utf8(name);
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead >= ' ' && lead <= '~') {
      flush();
      out += text[i];
      if (text[i] == '&') out += '-';
    } else {
      std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
      for (std::size_t k = 1; k < length; ++k) {
        code = (code << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
      }
      if (code >= 0x10000) {
        utf16(0xD800U + ((code - 0x10000U) >> 10U));
        utf16(0xDC00U + ((code - 0x10000U) & 0x3FFU));
      } else {
        utf16(code);
      }
    }
    i += length;
  }
  flush();
  return out;
}

}  // namespace kanal::email
