#include "format/phone_number.hpp"

#include <algorithm>
#include <phonenumbers/phonenumberutil.h>

namespace kanal {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t k_most_bytes = 40;

std::optional<std::string> parse(const std::string& number, std::string_view region) {
  const auto& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber parsed;
  if (util.Parse(number, std::string(region), &parsed) != PhoneNumberUtil::NO_PARSING_ERROR ||
      !util.IsValidNumber(parsed)) {
    return std::nullopt;
  }
  std::string text;
  util.Format(parsed, PhoneNumberUtil::E164, &text);
  return text;
}

}  // namespace

std::optional<std::string> to_e164(std::string_view number, std::string_view region) {
  // The library reads letters as the keys they stand on: a sender's name must not become a number.
  const bool plain = number.size() <= k_most_bytes && std::ranges::all_of(number, [](char c) {
                       return (c >= '0' && c <= '9') ||
                              std::string_view("+ -().").find(c) != std::string_view::npos;
                     });
  if (!plain || number.empty()) return std::nullopt;
  if (number.starts_with("00")) {
    if (auto found = parse("+" + std::string(number.substr(2)), region)) return found;
  }
  if (auto found = parse(std::string(number), region)) return found;
  // What gateways write: an international number without its sign.
  if (number[0] == '+' || number[0] == '0') return std::nullopt;
  return parse("+" + std::string(number), region);
}

}  // namespace kanal
