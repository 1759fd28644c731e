#include "connectors/smpp/message.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/unicode.hpp"

namespace kanal::smpp {
namespace {

constexpr std::uint8_t k_latin1_coding = 3;
constexpr std::uint8_t k_ucs2_coding = 8;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

gsm7::Language language_of(std::uint8_t number) {
  return number <= 3 ? static_cast<gsm7::Language>(number) : gsm7::Language::none;
}

void read_element(std::uint8_t id, std::string_view data, Content& content) {
  constexpr std::uint8_t k_concatenated_8 = 0x00;
  constexpr std::uint8_t k_concatenated_16 = 0x08;
  constexpr std::uint8_t k_single_shift = 0x24;
  constexpr std::uint8_t k_locking_shift = 0x25;
  if (id == k_concatenated_8 && data.size() == 3) {
    content.part = Part{byte_at(data, 0), byte_at(data, 1), byte_at(data, 2)};
  } else if (id == k_concatenated_16 && data.size() == 4) {
    content.part = Part{static_cast<std::uint32_t>(byte_at(data, 0) << 8U | byte_at(data, 1)),
                        byte_at(data, 2), byte_at(data, 3)};
  } else if (id == k_single_shift && data.size() == 1) {
    content.shift.single = language_of(byte_at(data, 0));
  } else if (id == k_locking_shift && data.size() == 1) {
    content.shift.locking = language_of(byte_at(data, 0));
  }
}

void read_header(Content& content) {
  if (content.bytes.empty()) return;
  const std::size_t length = byte_at(content.bytes, 0);
  if (length + 1 > content.bytes.size()) return;
  auto header = content.bytes.substr(1, length);
  content.bytes.remove_prefix(length + 1);
  while (header.size() >= 2) {
    const auto id = byte_at(header, 0);
    const std::size_t size = byte_at(header, 1);
    if (size + 2 > header.size()) return;
    read_element(id, header.substr(2, size), content);
    header.remove_prefix(size + 2);
  }
}

std::optional<std::uint32_t> number_of(const std::string* value) {
  if (value == nullptr || value->empty() || value->size() > 2) return std::nullopt;
  std::uint32_t number = 0;
  for (const char byte : *value) number = number << 8U | static_cast<std::uint8_t>(byte);
  return number;
}

/// Codings of 0x10 and more are those of TS 23.038 §4; 0x40 to 0x7F say the same as those below.
Alphabet alphabet_for(std::uint8_t coding, const Codings& codings) {
  switch (coding) {
    case 0:
      return codings.of_0;
    case 1:
      return codings.of_1;
    case k_ucs2_coding:
      return Alphabet::ucs2;
    default:
      break;
  }
  if (coding < 0x10) return Alphabet::latin1;
  if (coding < 0x80) {
    const auto bits = (coding >> 2U) & 3U;
    return bits == 0 ? Alphabet::gsm7 : bits == 2 ? Alphabet::ucs2 : Alphabet::latin1;
  }
  if (coding >= 0xF0) return (coding & 4U) != 0 ? Alphabet::latin1 : Alphabet::gsm7;
  return coding >= 0xE0 ? Alphabet::ucs2 : Alphabet::gsm7;
}

struct StateName {
  std::uint8_t number;  ///< message_state (§5.2.28)
  std::string_view name;
  std::optional<Signal::Kind> kind;
};
constexpr auto k_states = std::to_array<StateName>({{1, "ENROUTE", std::nullopt},
                                                    {2, "DELIVRD", Signal::Kind::delivered},
                                                    {3, "EXPIRED", Signal::Kind::failed},
                                                    {4, "DELETED", Signal::Kind::failed},
                                                    {5, "UNDELIV", Signal::Kind::failed},
                                                    {6, "ACCEPTD", std::nullopt},
                                                    {7, "UNKNOWN", Signal::Kind::delayed},
                                                    {8, "REJECTD", Signal::Kind::failed}});

/// What stands after "key:" up to the next blank.
std::string value_in(std::string_view text, std::string_view key) {
  const auto lower = to_lower_ascii(text);
  for (auto at = lower.find(key); at != std::string::npos; at = lower.find(key, at + 1)) {
    if (at != 0 && lower[at - 1] != ' ') continue;
    auto start = at + key.size();
    while (start < text.size() && text[start] == ' ') ++start;
    return std::string(text.substr(start, text.find(' ', start) - start));
  }
  return {};
}

bool is_unknown_subscriber(const std::string* code) {
  // Network type 3 is GSM, whose error 1 is that (TS 29.002 §17.6.6).
  return code != nullptr && code->size() == 3 && (*code)[0] == 3 && (*code)[1] == 0 &&
         (*code)[2] == 1;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> to_latin1(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const auto point = next_point(text);
    if (point > 0xFF) return std::nullopt;
    bytes += static_cast<char>(point);
  }
  return bytes;
}

}  // namespace

std::optional<Alphabet> alphabet_of(std::string_view name) {
  constexpr auto k_names =
      std::to_array<std::string_view>({"gsm7", "latin1", "ascii", "ucs2", "utf8"});
  const auto* const found = std::ranges::find(k_names, name);
  if (found == k_names.end()) return std::nullopt;
  return static_cast<Alphabet>(found - k_names.begin());
}

Content content_of(const Message& message) {
  Content content;
  content.bytes = message.text;
  const auto* const payload = message.find(Tag::message_payload);
  if (content.bytes.empty() && payload != nullptr) content.bytes = *payload;
  if ((message.esm_class & k_esm_header) != 0) read_header(content);
  if (!content.part) {
    const auto reference = number_of(message.find(Tag::sar_reference));
    const auto total = number_of(message.find(Tag::sar_total));
    const auto number = number_of(message.find(Tag::sar_number));
    if (reference && total && number) {
      content.part = Part{*reference, static_cast<int>(*total), static_cast<int>(*number)};
    }
  }
  if (content.part) {
    const auto& part = *content.part;
    if (part.total < 2 || part.total > 255 || part.number < 1 || part.number > part.total) {
      content.part.reset();
    }
  }
  return content;
}

std::string decode(std::string_view bytes, std::uint8_t data_coding, gsm7::Shift shift,
                   const Codings& codings) {
  switch (alphabet_for(data_coding, codings)) {
    case Alphabet::gsm7:
      return gsm7::decode(bytes, shift);
    case Alphabet::ucs2:
      return from_utf16be(bytes);
    case Alphabet::utf8:
      return scrub_utf8(bytes);
    case Alphabet::ascii:
      // More honest than the standard's seven bits where somebody sends eight.
      return is_utf8(bytes) ? scrub_utf8(bytes) : from_latin1(bytes);
    case Alphabet::latin1:
      return from_latin1(bytes);
  }
  return from_latin1(bytes);
}

std::optional<Notice> notice_of(const Message& message) {
  const auto type = message.esm_class & k_esm_type;
  const auto* const id = message.find(Tag::receipted_message_id);
  const auto* const state = message.find(Tag::message_state);
  if (type != k_esm_receipt && type != k_esm_intermediate && id == nullptr) return std::nullopt;
  Notice notice;
  const auto* const payload = message.find(Tag::message_payload);
  const auto text =
      scrub_utf8(message.text.empty() && payload != nullptr ? *payload : message.text);
  if (id != nullptr) notice.id = parse_id(*id);
  if (notice.id.empty()) notice.id = value_in(text, "id:");
  const StateName* found = nullptr;
  if (state != nullptr && state->size() == 1) {
    const auto* const each = std::ranges::find(k_states, byte_at(*state, 0), &StateName::number);
    if (each != k_states.end()) found = each;
  }
  const auto said = value_in(text, "stat:");
  if (found == nullptr) {
    const auto* const each = std::ranges::find_if(k_states, [&](const StateName& one) {
      return !said.empty() && equals_ignoring_case(one.name, said.substr(0, one.name.size()));
    });
    if (each != k_states.end()) found = each;
  }
  if (found != nullptr && type != k_esm_intermediate) notice.kind = found->kind;
  notice.state = found != nullptr ? std::string(found->name) : std::string(clip_utf8(said, 20));
  if (const auto code = value_in(text, "err:"); !code.empty() && code != "000") {
    notice.state += " " + std::string(clip_utf8(code, 20));
  }
  notice.permanent = notice.kind == Signal::Kind::failed &&
                     is_unknown_subscriber(message.find(Tag::network_error_code));
  return notice;
}

std::string canonical_id(std::string_view id, IdForm form) {
  constexpr std::size_t k_most_digits = 64;
  id = trim(id);
  if (form == IdForm::text || id.empty() || id.size() > k_most_digits) return std::string(id);
  const int base = form == IdForm::hex ? 16 : 10;
  std::string digits = "0";  // least first
  for (const char c : id) {
    int carry = digit_of(c);
    if (carry < 0 || carry >= base) return std::string(id);
    for (auto& digit : digits) {
      carry += (digit - '0') * base;
      digit = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry > 0; carry /= 10) digits += static_cast<char>('0' + carry % 10);
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  std::ranges::reverse(digits);
  return digits;
}

Encoded encode(const SmsText& sms, std::size_t most_segments, const Codings& codings) {
  Encoded encoded;
  if (sms.coding == SmsText::Coding::ucs2) {
    encoded.data_coding = k_ucs2_coding;
    encoded.segments = sms.segments;
    return encoded;
  }
  if (codings.of_0 == Alphabet::gsm7) {
    encoded.segments = sms.segments;
    return encoded;
  }
  // Such an SMSC makes the septets itself; they are counted as it will.
  encoded.data_coding = codings.of_0 == Alphabet::latin1 ? 0 : k_latin1_coding;
  for (const auto& segment : sms.segments) {
    auto bytes = to_latin1(gsm7::decode(segment));
    if (!bytes) {
      encoded.data_coding = k_ucs2_coding;
      encoded.segments = wide_segments(sms.text, most_segments);
      return encoded;
    }
    encoded.segments.push_back(std::move(*bytes));
  }
  return encoded;
}

}  // namespace kanal::smpp
