#include "connectors/email/cursor.hpp"

#include <array>
#include <charconv>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::email {
namespace {

constexpr std::string_view k_version = "imap2";
constexpr std::string_view k_version_without_begun = "imap1";

template <class T>
bool read_number(std::string_view text, T& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Cursor print_position(const Position& position) {
  std::string text(k_version);
  text += ' ' + std::to_string(position.uid_validity) + ' ' + std::to_string(position.last) + ' ' +
          std::to_string(position.first) + ' ' + std::to_string(position.begun) + ' ';
  text += position.since ? std::to_string(position.since->time_since_epoch().count()) : "-";
  text += ' ' + percent_encode(position.folder);
  return {text};
}

std::optional<Position> parse_position(const Cursor& cursor) {
  auto words = split(cursor.value, ' ');
  if (words.size() == 6 && words[0] == k_version_without_begun) {
    words[0] = k_version;
    words.insert(words.begin() + 4, words[2]);  // reading had begun by the last that it read
  }
  if (words.size() != 7 || words[0] != k_version) return std::nullopt;
  Position position;
  std::int64_t since = 0;
  if (!read_number(words[1], position.uid_validity) || !read_number(words[2], position.last) ||
      !read_number(words[3], position.first) || !read_number(words[4], position.begun)) {
    return std::nullopt;
  }
  if (words[5] != "-") {
    if (!read_number(words[5], since)) return std::nullopt;
    position.since = Time(std::chrono::microseconds(since));
  }
  auto folder = percent_decode(words[6], false);
  if (!folder) return std::nullopt;
  position.folder = std::move(*folder);
  return position;
}

std::optional<Start> parse_start(const std::string& text) {
  if (text == "now") return Start{true, {}};
  if (text == "all") return Start{};
  auto time = parse_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (!time) return std::nullopt;
  return Start{false, time};
}

}  // namespace kanal::email
