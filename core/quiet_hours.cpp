#include "core/quiet_hours.hpp"

#include <algorithm>

namespace kanal {

namespace {

constexpr std::chrono::minutes k_day{24 * 60};

// "06:00"; "24:00" is none.
std::optional<std::chrono::minutes> parse_minute(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto digit = [&](std::size_t at) { return text[at] - '0'; };
  for (const std::size_t at : {0U, 1U, 3U, 4U}) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
  }
  const auto hours = digit(0) * 10 + digit(1);
  const auto minutes = digit(3) * 10 + digit(4);
  if (hours > 23 || minutes > 59) return std::nullopt;
  return std::chrono::minutes(hours * 60 + minutes);
}

}  // namespace

std::optional<Time> QuietHours::end_of(Time now) const {
  const auto local = now + utc_offset;
  const auto midnight = std::chrono::floor<std::chrono::days>(local);
  const auto of_day = local - midnight;
  const bool over_midnight = until < from;
  const bool quiet =
      over_midnight ? of_day >= from || of_day < until : of_day >= from && of_day < until;
  if (!quiet) return std::nullopt;
  const bool tomorrow = over_midnight && of_day >= from;
  return midnight + until + (tomorrow ? k_day : std::chrono::minutes(0)) - utc_offset;
}

std::optional<QuietHours> parse_quiet_hours(std::string_view text,
                                            std::chrono::minutes utc_offset) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto from = parse_minute(text.substr(0, dash));
  const auto until = parse_minute(text.substr(dash + 1));
  if (!from || !until || *from == *until) return std::nullopt;
  return QuietHours{*from, *until, utc_offset};
}

}  // namespace kanal
