#include "core/rfc3339.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace kanal {
namespace {

// The years that four digits can print and databases can keep, in UTC.
constexpr std::chrono::sys_days k_first_day{std::chrono::year{1} / 1 / 1};
constexpr std::chrono::sys_days k_day_after_last{std::chrono::year{10000} / 1 / 1};

/// Takes `count` digits off the front.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool skip(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> fraction_microseconds(std::string_view& text) {
  std::int64_t value = 0;
  std::size_t count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (count < 6) value = value * 10 + (text.front() - '0');
    ++count;
    text.remove_prefix(1);
  }
  if (count == 0) return std::nullopt;
  for (auto filled = count; filled < 6; ++filled) value *= 10;
  return value;
}

std::optional<std::chrono::minutes> zone(std::string_view text) {
  if (text == "Z" || text == "z") return std::chrono::minutes{0};
  const bool west = !text.empty() && text.front() == '-';
  if (!skip(text, "+-")) return std::nullopt;
  const auto hours = digits(text, 2);
  if (!hours || !skip(text, ":")) return std::nullopt;
  const auto minutes = digits(text, 2);
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes offset{*hours * 60 + *minutes};
  return west ? -offset : offset;
}

}  // namespace

std::optional<Time> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto year_number = digits(text, 4);
  if (!year_number || !skip(text, "-")) return std::nullopt;
  const auto month_number = digits(text, 2);
  if (!month_number || !skip(text, "-")) return std::nullopt;
  const auto day_number = digits(text, 2);
  if (!day_number || !skip(text, "Tt ")) return std::nullopt;
  const auto hour = digits(text, 2);
  if (!hour || !skip(text, ":")) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute || !skip(text, ":")) return std::nullopt;
  const auto second = digits(text, 2);
  if (!second) return std::nullopt;
  std::int64_t fraction = 0;
  if (skip(text, ".")) {
    const auto read = fraction_microseconds(text);
    if (!read) return std::nullopt;
    fraction = *read;
  }
  const auto offset = zone(text);
  const year_month_day date{year{*year_number}, month{static_cast<unsigned>(*month_number)},
                            day{static_cast<unsigned>(*day_number)}};
  // A leap second (60) is read as the second after it.
  if (!offset || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const Time time{sys_days{date}.time_since_epoch() + hours{*hour} + minutes{*minute} +
                  seconds{*second} + microseconds{fraction} - *offset};
  if (time < Time{k_first_day} || time >= Time{k_day_after_last}) return std::nullopt;
  return time;
}

std::string print_rfc3339(Time time, std::chrono::minutes offset) {
  using namespace std::chrono;
  const auto local = time + offset;
  const auto midnight = floor<days>(local);
  const year_month_day date{midnight};
  const hh_mm_ss clock{local - midnight};
  std::array<char, 64> text{};
  auto length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string result(text.data(), static_cast<std::size_t>(length));
  if (clock.subseconds().count() != 0) {
    length = std::snprintf(text.data(), text.size(), ".%06d",
                           static_cast<int>(clock.subseconds().count()));
    result.append(text.data(), static_cast<std::size_t>(length));
  }
  if (offset.count() == 0) return result + "Z";
  const auto size = static_cast<int>(abs(offset).count());
  length = std::snprintf(text.data(), text.size(), "%c%02d:%02d", offset.count() < 0 ? '-' : '+',
                         size / 60, size % 60);
  return result.append(text.data(), static_cast<std::size_t>(length));
}

}  // namespace kanal
