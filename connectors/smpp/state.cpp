#include "connectors/smpp/state.hpp"

#include <algorithm>
#include <optional>

#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal::smpp {
namespace {

constexpr std::string_view k_mark = "smpp1";

void put(std::string& bytes, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
  }
}

std::optional<std::uint64_t> take(std::string_view& bytes) {
  if (bytes.size() < 8) return std::nullopt;
  std::uint64_t value = 0;
  for (const char byte : bytes.substr(0, 8)) value = value << 8U | static_cast<std::uint8_t>(byte);
  bytes.remove_prefix(8);
  return value;
}

std::string print_held(const std::vector<Held>& held) {
  std::string bytes;
  for (const auto& each : held) {
    put(bytes, static_cast<std::uint64_t>(each.first_at.time_since_epoch().count()));
    put(bytes, each.parts.size());
    for (const auto& part : each.parts) {
      put(bytes, static_cast<std::uint64_t>(part.command));
      put(bytes, part.body.size());
      bytes += part.body;
    }
  }
  return bytes;
}

bool parse_held(std::string_view bytes, std::vector<Held>& held) {
  while (!bytes.empty()) {
    const auto at = take(bytes);
    const auto parts = take(bytes);
    if (!at || !parts || *parts > bytes.size()) return false;
    Held each;
    each.first_at = Time(std::chrono::microseconds(static_cast<std::int64_t>(*at)));
    for (std::uint64_t i = 0; i < *parts; ++i) {
      const auto command = take(bytes);
      const auto size = take(bytes);
      if (!command || !size || *size > bytes.size()) return false;
      each.parts.push_back({static_cast<Command>(*command), std::string(bytes.substr(0, *size))});
      bytes.remove_prefix(*size);
    }
    held.push_back(std::move(each));
  }
  return true;
}

std::string print_torn(const std::vector<Torn>& torn) {
  std::string bytes;
  for (const auto& each : torn) {
    put(bytes, each.key);
    put(bytes, each.fingerprint);
    put(bytes, each.serial);
    put(bytes, static_cast<std::uint64_t>(each.at_s));
    put(bytes, each.parts);
  }
  return bytes;
}

bool parse_torn(std::string_view bytes, std::vector<Torn>& torn) {
  constexpr std::size_t k_bytes_each = 40;
  if (bytes.size() % k_bytes_each != 0) return false;
  while (!bytes.empty()) {
    const auto key = take(bytes);
    const auto print = take(bytes);
    const auto serial = take(bytes);
    const auto at_s = take(bytes);
    const auto parts = take(bytes);
    torn.push_back({*key, *print, *serial, static_cast<std::int64_t>(*at_s), *parts});
  }
  return true;
}

}  // namespace

Cursor print(const State& state, const Keys& keys) {
  std::string open;
  put(open, state.serial);
  for (const auto& each : state.doubtful) {
    put(open, each.fingerprint);
    put(open, static_cast<std::uint64_t>(each.at_s));
  }
  auto text = std::string(k_mark) + '.' + to_base64url(open);
  if (!state.held.empty() || !state.torn.empty()) text += '.';
  if (!state.held.empty()) {
    text += to_base64url(keys.seal(Purpose::payload, print_held(state.held)));
  }
  if (!state.torn.empty()) text += '.' + to_base64url(print_torn(state.torn));
  return {text};
}

Result<State> parse_state(const Cursor& cursor, const Keys& keys, Time now) {
  State state;
  if (cursor.value.empty()) {
    // So that a channel that begins again does not repeat its ids.
    state.serial = static_cast<std::uint64_t>(now.time_since_epoch().count());
    return state;
  }
  const auto wrong = [] {
    return fail(Remedy::reconfigure,
                "the channel's stored position is not that of an SMSC; was its kind changed?");
  };
  const auto fields = split(cursor.value, '.');
  if (fields.size() < 2 || fields.size() > 4 || fields[0] != k_mark) return wrong();
  const auto open = from_base64url(fields[1]);
  if (!open) return wrong();
  std::string_view bytes = *open;
  const auto serial = take(bytes);
  if (!serial || bytes.size() % 16 != 0) return wrong();
  state.serial = *serial;
  while (!bytes.empty()) {
    const auto print = take(bytes);
    const auto at_s = take(bytes);
    state.doubtful.push_back({*print, static_cast<std::int64_t>(*at_s)});
  }
  if (fields.size() == 4) {
    const auto torn = from_base64url(fields[3]);
    if (!torn || !parse_torn(*torn, state.torn)) return wrong();
  }
  if (fields.size() > 2 && !(fields[2].empty() && fields.size() == 4)) {
    const auto sealed = from_base64url(fields[2]);
    if (!sealed) return wrong();
    const auto held = TRY(keys.unseal(Purpose::payload, *sealed));
    if (!parse_held(held, state.held)) return wrong();
  }
  return state;
}

std::uint64_t fingerprint(const Raw& raw, const Keys& keys) {
  std::string essence = raw.body;
  if (const auto message = parse_message(raw.command, raw.body)) {
    // Not the optional parameters that may tell of each attempt.
    essence = message->source.digits + '\n' + message->destination.digits + '\n';
    essence += static_cast<char>(message->esm_class);
    essence += static_cast<char>(message->data_coding);
    essence += message->text;
    for (const auto tag : {Tag::message_payload, Tag::sar_reference, Tag::sar_number,
                           Tag::receipted_message_id, Tag::message_state}) {
      const auto* const value = message->find(tag);
      essence += '\n';
      if (value != nullptr) essence += *value;
    }
  }
  return keyed_hash(essence, keys);
}

std::uint64_t keyed_hash(std::string_view text, const Keys& keys) {
  const auto mac = keys.mac(Purpose::lookup, text);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8U | mac.at(i);
  return value;
}

}  // namespace kanal::smpp
