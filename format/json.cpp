#include "format/json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include <simdjson.h>

#include "core/text.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_depth = 64;
constexpr std::size_t k_most_values = 250'000;
constexpr double k_sure_integer = 9007199254740992.0;

bool is_plain(unsigned char character) {
  return character >= 0x20 && character < 0x80 && character != '"' && character != '\\';
}

/// How many bytes at the start are ASCII that needs no escape, by words of eight as long as that
/// goes; the zero-byte test is Mycroft's.
std::size_t plain_length(std::string_view text) {
  constexpr std::uint64_t k_ones = 0x0101010101010101U;
  constexpr std::uint64_t k_tops = 0x8080808080808080U;
  const auto below = [](std::uint64_t word, std::uint64_t least) {
    return (word - k_ones * least) & ~word & k_tops;
  };
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    const auto quotes = word ^ (k_ones * '"');
    const auto backslashes = word ^ (k_ones * '\\');
    const auto tops = word & k_tops;
    if ((tops | below(word, 0x20) | below(quotes, 1) | below(backslashes, 1)) != 0) break;
  }
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view k_hex_digits = "0123456789abcdef";
  std::size_t plain = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto character = static_cast<unsigned char>(text[at]);
    if (character >= 0x20 && character != '"' && character != '\\') continue;
    out += text.substr(plain, at - plain);
    plain = at + 1;
    switch (character) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += k_hex_digits[character >> 4U];
        out += k_hex_digits[character & 15U];
    }
  }
  out += text.substr(plain);
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  out.append(buffer.data(), end.ptr);
}

/// Whether there may be more than so many values in a text that is JSON: each stands first, behind
/// a comma, or in what a bracket opens.
bool has_more_values(std::string_view text, std::size_t most) {
  std::size_t values = 1;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char character = text[at];
    if (in_string && character == '\\') ++at;
    if (character == '"') in_string = !in_string;
    if (in_string || (character != ',' && character != '[' && character != '{')) continue;
    if (++values > most) return true;
  }
  return false;
}

Json convert(simdjson::dom::element element);

void convert_items(simdjson::dom::element element, Json& json) {
  simdjson::dom::array items;
  if (element.get_array().get(items) != simdjson::SUCCESS) return;
  json.array.reserve(items.size());
  for (const auto each : items) json.array.push_back(convert(each));
}

void convert_members(simdjson::dom::element element, Json& json) {
  simdjson::dom::object members;
  if (element.get_object().get(members) != simdjson::SUCCESS) return;
  json.object.reserve(members.size());
  for (const auto [key, value] : members)
    json.object.emplace_back(std::string(key), convert(value));
}

Json convert(simdjson::dom::element element) {
  Json json;
  switch (element.type()) {
    case simdjson::dom::element_type::NULL_VALUE:
      break;
    case simdjson::dom::element_type::BOOL:
      json.type = Json::Type::boolean;
      json.boolean = element.get_bool().value_unsafe();
      break;
    case simdjson::dom::element_type::INT64:
      json.type = Json::Type::integer;
      json.integer = element.get_int64().value_unsafe();
      json.number = static_cast<double>(json.integer);
      break;
    case simdjson::dom::element_type::UINT64:
      json.type = Json::Type::number;
      json.number = static_cast<double>(element.get_uint64().value_unsafe());
      break;
    case simdjson::dom::element_type::DOUBLE:
      json.type = Json::Type::number;
      json.number = element.get_double().value_unsafe();
      break;
    case simdjson::dom::element_type::STRING:
      json.type = Json::Type::string;
      json.string = std::string(element.get_string().value_unsafe());
      break;
    case simdjson::dom::element_type::ARRAY:
      json.type = Json::Type::array;
      convert_items(element, json);
      break;
    case simdjson::dom::element_type::OBJECT:
      json.type = Json::Type::object;
      convert_members(element, json);
      break;
  }
  return json;
}

}  // namespace

void JsonWriter::separate() {
  if (comma_) text_ += ',';
  comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  text_ += '{';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  text_ += '}';
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  text_ += '[';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  text_ += ']';
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  value(name);
  text_ += ':';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  text_ += '"';
  const auto plain = plain_length(text);
  text_ += text.substr(0, plain);
  text.remove_prefix(plain);
  if (is_utf8(text)) {
    append_escaped(text_, text);
  } else {
    append_escaped(text_, scrub_utf8(text));
  }
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  separate();
  append_number(text_, number);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  separate();
  append_number(text_, number);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  separate();
  if (!std::isfinite(number)) {
    text_ += "null";
    return *this;
  }
  const auto start = text_.size();
  append_number(text_, number);
  // Without a point, readers take these for integers, which lose the sign or have no room.
  const bool looks_whole = text_.find_first_of(".e", start) == std::string::npos;
  if (looks_whole &&
      (std::abs(number) >= k_sure_integer || (number == 0 && std::signbit(number)))) {
    text_ += ".0";
  }
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
  separate();
  text_ += truth ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  separate();
  text_ += "null";
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

Json::Json() = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Result<Json> Json::parse(std::string_view text) {
  // simdjson would copy from where a view of nothing points.
  if (text.empty()) return fail(Remedy::drop, "not valid JSON: there is nothing in it");
  // Before simdjson sees it, whose own tape grows with them too.
  if (has_more_values(text, k_most_values)) {
    return fail(Remedy::drop, "this JSON has too many values");
  }
  simdjson::dom::parser parser(64U << 20U);
  if (parser.allocate(text.size() + 1, k_most_depth) != simdjson::SUCCESS) {
    return fail(Remedy::drop, "this JSON is too large");
  }
  simdjson::dom::element element;
  const auto error = parser.parse(text.data(), text.size()).get(element);
  if (error != simdjson::SUCCESS) {
    return fail(Remedy::drop, std::string("not valid JSON: ") + simdjson::error_message(error));
  }
  return convert(element);
}

const Json* Json::find(std::string_view key) const {
  for (const auto& [name, value] : object) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string Json::text(std::string_view key) const {
  const auto* found = find(key);
  return found != nullptr && found->type == Type::string ? found->string : std::string();
}

const std::vector<Json>& Json::list(std::string_view key) const {
  static const std::vector<Json> k_none;
  const auto* const found = find(key);
  return found == nullptr ? k_none : found->array;
}

}  // namespace kanal
