#include "format/encode.hpp"

#include <array>
#include <cstdint>

namespace kanal {

namespace {

constexpr std::string_view k_hex = "0123456789abcdef";
constexpr std::string_view k_base64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k_base64url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view k_base32 = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t k_most_form_fields = 1000;

std::uint8_t byte(char character) {
  return static_cast<std::uint8_t>(character);
}

using Values = std::array<std::int8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
  Values values{};
  values.fill(-1);
  for (std::size_t index = 0; index < alphabet.size(); ++index) {
    values[static_cast<std::uint8_t>(alphabet[index])] = static_cast<std::int8_t>(index);
  }
  return values;
}

// Groups of `bits` of the input, most significant first; the last one is filled with zeros.
std::string encode_bits(std::string_view bytes, unsigned bits, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() * 8 + bits - 1) / bits);
  std::uint32_t pending = 0;
  unsigned held = 0;
  for (const char each : bytes) {
    pending = (pending << 8U) | byte(each);
    held += 8;
    while (held >= bits) {
      held -= bits;
      text += alphabet[(pending >> held) & ((1U << bits) - 1)];
    }
    pending &= (1U << held) - 1;
  }
  if (held > 0) text += alphabet[(pending << (bits - held)) & ((1U << bits) - 1)];
  return text;
}

std::optional<std::string> decode_bits(std::string_view text, unsigned bits, const Values& values) {
  std::string bytes;
  bytes.reserve(text.size() * bits / 8);
  std::uint32_t pending = 0;
  unsigned held = 0;
  for (const char each : text) {
    const auto value = values[byte(each)];
    if (value < 0) return std::nullopt;
    pending = (pending << bits) | static_cast<std::uint32_t>(value);
    held += bits;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>((pending >> held) & 0xFFU);
    }
    pending &= (1U << held) - 1;
  }
  // Left-over bits must be padding: fewer than one symbol, and zero, or two texts mean one value.
  if (held >= bits || pending != 0) return std::nullopt;
  return bytes;
}

bool is_unreserved(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '-' || character == '.' ||
         character == '_' || character == '~';
}

constexpr Values k_hex_values = [] {
  auto values = values_of(k_hex);
  for (char each = 'A'; each <= 'F'; ++each) {
    values[static_cast<std::uint8_t>(each)] = static_cast<std::int8_t>(each - 'A' + 10);
  }
  return values;
}();

}  // namespace

std::string to_hex(std::string_view bytes) {
  return encode_bits(bytes, 4, k_hex);
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  return decode_bits(text, 4, k_hex_values);
}

std::string to_base64(std::string_view bytes) {
  auto text = encode_bits(bytes, 6, k_base64);
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::string to_base64url(std::string_view bytes) {
  return encode_bits(bytes, 6, k_base64url);
}

std::optional<std::string> from_base64(std::string_view text) {
  static constexpr auto k_values = values_of(k_base64);
  if (text.size() % 4 != 0) return std::nullopt;
  for (int pads = 0; pads < 2 && !text.empty() && text.back() == '='; ++pads) text.remove_suffix(1);
  return decode_bits(text, 6, k_values);
}

std::optional<std::string> from_base64url(std::string_view text) {
  static constexpr auto k_values = values_of(k_base64url);
  return decode_bits(text, 6, k_values);
}

std::string to_base32(std::string_view bytes) {
  return encode_bits(bytes, 5, k_base32);
}

std::optional<std::string> from_base32(std::string_view text) {
  static constexpr auto k_values = [] {
    auto values = values_of(k_base32);
    for (char each = 'A'; each <= 'Z'; ++each) {
      values[static_cast<std::uint8_t>(each)] = values[static_cast<std::uint8_t>(each + 32)];
    }
    return values;
  }();
  return decode_bits(text, 5, k_values);
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view k_upper = "0123456789ABCDEF";
  std::string encoded;
  for (const char each : text) {
    if (is_unreserved(each)) {
      encoded += each;
    } else {
      encoded += '%';
      encoded += k_upper[byte(each) >> 4U];
      encoded += k_upper[byte(each) & 15U];
    }
  }
  return encoded;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[at] == '%') {
      if (at + 2 >= text.size()) return std::nullopt;
      const auto one = from_hex(text.substr(at + 1, 2));
      if (!one) return std::nullopt;
      decoded += *one;
      at += 2;
    } else {
      decoded += text[at];
    }
  }
  return decoded;
}

namespace {

std::string decode_of_form(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte =
        text[at] == '%' && at + 2 < text.size() ? from_hex(text.substr(at + 1, 2)) : std::nullopt;
    if (byte) {
      decoded += *byte;
      at += 2;
    } else {
      decoded += text[at] == '+' ? ' ' : text[at];
    }
  }
  return decoded;
}

}  // namespace

Result<FormFields> parse_form(std::string_view body) {
  FormFields fields;
  while (!body.empty()) {
    const auto end = body.find('&');
    const auto pair = body.substr(0, end);
    if (!pair.empty()) {
      if (fields.size() == k_most_form_fields) {
        return fail(Remedy::drop, "the form has too many fields");
      }
      const auto equals = pair.find('=');
      const auto key = pair.substr(0, equals);
      const auto value =
          equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
      fields.emplace_back(decode_of_form(key), decode_of_form(value));
    }
    if (end == std::string_view::npos) break;
    body.remove_prefix(end + 1);
  }
  return fields;
}

std::string print_form(const FormFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += (text.empty() ? "" : "&") + percent_encode(name) + '=' + percent_encode(value);
  }
  return text;
}

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char each : text) {
    switch (each) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += each;
    }
  }
  return escaped;
}

}  // namespace kanal
