#include "connectors/delivery_words.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace kanal {
namespace {

std::string_view words_of(Signal::Kind kind, std::string_view state) {
  if (kind == Signal::Kind::delayed) return "the message is still on its way";
  const auto small = to_lower_ascii(state);
  if (small.starts_with("expired")) return "the message found nobody until it expired";
  // Kannel's 16 stands for its SMSC's refusal.
  if (small.starts_with("reject") || small == "16") return "the message was refused on its way";
  return "the message could not be delivered";
}

}  // namespace

std::string told_of_delivery(Signal::Kind kind, std::string_view state) {
  if (kind == Signal::Kind::delivered) return {};
  auto told = std::string(words_of(kind, state));
  const bool is_number =
      std::ranges::all_of(state, [](char each) { return each >= '0' && each <= '9'; });
  if (!is_number) told += " (" + std::string(state) + ")";
  return told;
}

}  // namespace kanal
