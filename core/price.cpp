#include "core/price.hpp"

#include <algorithm>

namespace kanal {

namespace {

constexpr std::size_t k_most_decimals = 6;
constexpr std::size_t k_most_digits = 9;
constexpr std::size_t k_least_shown_decimals = 2;
constexpr std::int64_t k_millionths = 1'000'000;

bool are_only_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Price> parse_price(std::string_view text) {
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto amount = text.substr(0, blank);
  const auto currency = text.substr(blank + 1);
  const auto point = amount.find('.');
  const auto whole = amount.substr(0, point);
  auto decimals =
      point == std::string_view::npos ? std::string() : std::string(amount.substr(point + 1));
  if (point != std::string_view::npos && decimals.empty()) return std::nullopt;
  const bool number = !whole.empty() && whole.size() <= k_most_digits && are_only_digits(whole) &&
                      decimals.size() <= k_most_decimals && are_only_digits(decimals);
  const bool known = currency.size() == 3 &&
                     std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!number || !known) return std::nullopt;
  decimals.resize(k_most_decimals, '0');
  return Price{std::stoll(std::string(whole)) * k_millionths + std::stoll(decimals),
               std::string(currency)};
}

std::string print_cost(const Price& price, std::int64_t count) {
  std::int64_t total = 0;
  if (__builtin_mul_overflow(price.millionths, count, &total)) return {};
  auto decimals = std::to_string(total % k_millionths);
  decimals.insert(0, k_most_decimals - decimals.size(), '0');
  while (!decimals.empty() && decimals.back() == '0') decimals.pop_back();
  if (!decimals.empty()) decimals.resize(std::max(decimals.size(), k_least_shown_decimals), '0');
  return std::to_string(total / k_millionths) + (decimals.empty() ? "" : "." + decimals) + ' ' +
         price.currency;
}

}  // namespace kanal
