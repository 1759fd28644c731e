#include "connectors/email/cursor.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::email {
namespace {

constexpr std::string_view k_version = "imap2";
constexpr std::string_view k_version_without_begun = "imap1";
constexpr std::size_t k_most_refused = 200;

template <class T>
bool read_number(std::string_view text, T& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

bool is_meant(const Position& position, std::uint32_t uid, std::optional<Time> arrived) {
  return uid >= position.begun || !position.since || !arrived || *arrived >= *position.since;
}

Cursor print_position(const Position& position) {
  std::string text(k_version);
  text += ' ' + std::to_string(position.uid_validity) + ' ' + std::to_string(position.last) + ' ' +
          std::to_string(position.first) + ' ' + std::to_string(position.begun) + ' ';
  text += position.since ? std::to_string(position.since->time_since_epoch().count()) : "-";
  text += ' ' + percent_encode(position.folder);
  for (std::size_t i = 0; i < position.refused.size(); ++i) {
    text += (i == 0 ? ' ' : ',') + std::to_string(position.refused[i]);
  }
  return {text};
}

std::optional<Position> parse_position(const Cursor& cursor) {
  auto words = split(cursor.value, ' ');
  if (words.size() == 6 && words[0] == k_version_without_begun) {
    words[0] = k_version;
    words.insert(words.begin() + 4, words[2]);  // reading had begun by the last that it read
  }
  if (words.size() < 7 || words.size() > 8 || words[0] != k_version) return std::nullopt;
  Position position;
  if (words.size() == 8) {
    for (const auto word : split(words[7], ',')) {
      if (!read_number(word, position.refused.emplace_back())) return std::nullopt;
    }
  }
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

void add_refused(Position& position, const std::vector<std::uint32_t>& uids) {
  auto& refused = position.refused;
  refused.insert(refused.end(), uids.begin(), uids.end());
  std::ranges::sort(refused);
  const auto twice = std::ranges::unique(refused);
  refused.erase(twice.begin(), twice.end());
  if (refused.size() <= k_most_refused) return;
  refused.erase(refused.begin(), refused.end() - static_cast<std::ptrdiff_t>(k_most_refused));
}

std::optional<Start> parse_start(const std::string& text) {
  if (text == "now") return Start{true, {}};
  if (text == "all") return Start{};
  auto time = parse_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (!time) return std::nullopt;
  return Start{false, time};
}

}  // namespace kanal::email
