#include "format/sms.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.hpp"
#include "format/gsm7.hpp"
#include "format/unicode.hpp"

namespace kanal {
namespace {

constexpr std::string_view k_ellipsis = "...";

// Signs that say the same in plain form.
constexpr auto k_plain_forms = std::to_array<std::pair<char32_t, std::string_view>>(
    {{0x09, " "},     {0x60, "'"},   {0xA0, " "},    {0xAB, "\""},   {0xAD, ""},     {0xB4, "'"},
     {0xB7, "-"},     {0xBB, "\""},  {0x2002, " "},  {0x2003, " "},  {0x2009, " "},  {0x200B, ""},
     {0x2010, "-"},   {0x2011, "-"}, {0x2012, "-"},  {0x2013, "-"},  {0x2014, "-"},  {0x2018, "'"},
     {0x2019, "'"},   {0x201A, "'"}, {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""}, {0x2022, "-"},
     {0x2026, "..."}, {0x202F, " "}, {0x2032, "'"},  {0x2033, "\""}, {0x2039, "'"},  {0x203A, "'"},
     {0x2212, "-"},   {0xFEFF, ""}});

std::string plain_form(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto point = next_point(text);
    const auto found =
        std::ranges::find(k_plain_forms, point, [](const auto& p) { return p.first; });
    if (found != k_plain_forms.end()) {
      plain += found->second;
    } else {
      append_utf8(plain, point);
    }
  }
  return plain;
}

/// How the coding cuts: a pair that begins at the end of a part moves to the next one.
struct Cut {
  std::size_t whole_bytes;
  std::size_t part_bytes;
  std::size_t unit_bytes;
  bool (*begins_pair)(std::string_view unit);
};

std::vector<std::string> cut(const std::string& bytes, const Cut& how) {
  if (bytes.size() <= how.whole_bytes) return {bytes};
  std::vector<std::string> segments;
  for (std::size_t at = 0; at < bytes.size();) {
    auto count = std::min(how.part_bytes, bytes.size() - at);
    const auto last = std::string_view(bytes).substr(at + count - how.unit_bytes, how.unit_bytes);
    if (at + count < bytes.size() && how.begins_pair(last)) count -= how.unit_bytes;
    segments.push_back(bytes.substr(at, count));
    at += count;
  }
  return segments;
}

/// The longest beginning that fits, with an ellipsis; found by halving, as a longer one never takes
/// fewer segments.
template <class Fits>
std::string longest_that_fits(std::string_view text, Fits fits) {
  const auto shortened = [&](std::size_t bytes) {
    return std::string(trim(clip_utf8(text, bytes))) + std::string(k_ellipsis);
  };
  std::size_t least = 0;
  std::size_t too_long = text.size();
  while (too_long - least > 1) {
    const auto middle = least + (too_long - least) / 2;
    (fits(shortened(middle)) ? least : too_long) = middle;
  }
  return shortened(least);
}

constexpr Cut k_gsm7_cut{k_sms_septets, k_sms_part_septets, 1,
                         [](std::string_view unit) { return unit[0] == gsm7::k_escape; }};
constexpr Cut k_ucs2_cut{k_sms_units * 2, k_sms_part_units * 2, 2, [](std::string_view unit) {
                           return (static_cast<std::uint8_t>(unit[0]) & 0xFCU) == 0xD8;
                         }};

}  // namespace

SmsText fit_sms(std::string_view given) {
  SmsText sms;
  sms.text = given;
  auto septets = gsm7::encode(given);
  if (!septets) {
    auto plain = plain_form(given);
    septets = gsm7::encode(plain);
    if (septets) sms.text = std::move(plain);
  }
  if (septets) {
    sms.units = septets->size();
    sms.segments = cut(*septets, k_gsm7_cut);
    return sms;
  }
  sms.coding = SmsText::Coding::ucs2;
  sms.units = to_utf16be(given).size() / 2;
  sms.segments = wide_segments(given);
  return sms;
}

std::vector<std::string> wide_segments(std::string_view text, std::size_t most_segments) {
  auto segments = cut(to_utf16be(text), k_ucs2_cut);
  if (segments.size() <= most_segments) return segments;
  return wide_segments(longest_that_fits(text, [&](const std::string& tried) {
    return wide_segments(tried).size() <= most_segments;
  }));
}

SmsText fit_sms(std::string_view text, std::size_t most_segments) {
  auto sms = fit_sms(text);
  if (sms.segments.size() <= most_segments) return sms;
  return fit_sms(longest_that_fits(text, [&](const std::string& tried) {
    return fit_sms(tried).segments.size() <= most_segments;
  }));
}

}  // namespace kanal
