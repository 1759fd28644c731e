#include "store/sql.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdlib>

#include <pqxx/field>

#include "core/text.hpp"

namespace kanal::sql {
namespace {

constexpr std::int32_t k_null_length = -1;
constexpr std::uint16_t k_no_more_rows = 0xFFFF;
// PostgreSQL counts from 2000-01-01.
constexpr Time k_postgres_epoch = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

template <class T>
void put(std::string& out, T value) {
  if constexpr (std::endian::native == std::endian::little && sizeof(T) == 8) {
    value = static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  } else if constexpr (std::endian::native == std::endian::little) {
    value = static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  }
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_element(std::string& out, std::string_view bytes) {
  put(out, static_cast<std::int32_t>(bytes.size()));
  out.append(bytes);
}

void put_short(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8U);
  out += static_cast<char>(value & 0xFFU);
}

// Of the first element, whose length stands in front of it.
std::size_t element_bytes(std::string_view elements) {
  std::uint32_t length = 0;
  for (const char each : elements.substr(0, sizeof length)) {
    length = length << 8U | static_cast<unsigned char>(each);
  }
  return length == static_cast<std::uint32_t>(k_null_length) ? 0 : length;
}

template <class T>
std::string binary(T value) {
  std::string out;
  put(out, value);
  return out;
}

std::int64_t since_epoch(Time time) {
  return (time - k_postgres_epoch).count();
}

bool is_clean(std::string_view text) {
  return text.find('\0') == std::string_view::npos && is_utf8(text);
}

std::string_view view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

std::string clean(std::string_view text) {
  return is_clean(text) ? std::string(text) : scrub_utf8(text);
}

Column::Column(Type type, std::size_t expected, std::size_t element_bytes) : type_(type) {
  body_.reserve(expected * (element_bytes + sizeof(std::int32_t)));
}

void Column::add(std::string_view value) {
  ++count_;
  if (type_ == Type::text && !is_clean(value)) {
    put_element(body_, scrub_utf8(value));
  } else {
    put_element(body_, value);
  }
}

void Column::add(const Digest& value) {
  add(view_of(value));
}

void Column::add(std::int64_t value) {
  ++count_;
  put(body_, static_cast<std::int32_t>(sizeof value));
  put(body_, value);
}

void Column::add(int value) {
  ++count_;
  put(body_, static_cast<std::int32_t>(sizeof value));
  put(body_, static_cast<std::int32_t>(value));
}

void Column::add(double value) {
  add(std::bit_cast<std::int64_t>(value));
}

void Column::add(bool value) {
  ++count_;
  put(body_, std::int32_t{1});
  body_ += static_cast<char>(value ? 1 : 0);
}

void Column::add(Time value) {
  add(since_epoch(value));
}

void Column::null() {
  ++count_;
  has_null_ = true;
  put(body_, k_null_length);
}

std::string Column::bytes() const {
  std::string out;
  out.reserve(body_.size() + 20);
  put(out, std::int32_t{count_ == 0 ? 0 : 1});
  put(out, std::int32_t{has_null_ ? 1 : 0});
  put(out, static_cast<std::uint32_t>(type_));
  if (count_ == 0) return out;
  put(out, count_);
  put(out, std::int32_t{1});
  out += body_;
  return out;
}

std::string copy_rows(std::span<const Column* const> columns) {
  using namespace std::string_view_literals;
  constexpr auto k_signature = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"sv;
  const auto count = static_cast<std::uint16_t>(columns.size());
  std::vector<std::string_view> rest;
  std::size_t size = k_signature.size() + sizeof count;
  for (const auto* column : columns) {
    if (column->size() != columns.front()->size()) std::abort();
    rest.push_back(column->elements());
    size += rest.back().size();
  }
  std::string rows;
  rows.reserve(size + columns.front()->size() * sizeof count);
  rows += k_signature;
  for (std::size_t row = 0; row < columns.front()->size(); ++row) {
    put_short(rows, count);
    for (auto& elements : rest) {
      const auto bytes = sizeof(std::int32_t) + element_bytes(elements);
      rows += elements.substr(0, bytes);
      elements.remove_prefix(bytes);
    }
  }
  put_short(rows, k_no_more_rows);
  return rows;
}

Parameters& Parameters::operator<<(std::string_view value) {
  return bytes(clean(value));
}
Parameters& Parameters::operator<<(std::int64_t value) {
  return bytes(binary(value));
}
Parameters& Parameters::operator<<(int value) {
  return bytes(binary(static_cast<std::int32_t>(value)));
}
Parameters& Parameters::operator<<(bool value) {
  return bytes(std::string(1, value ? '\1' : '\0'));
}
Parameters& Parameters::operator<<(Time value) {
  return bytes(binary(since_epoch(value)));
}
Parameters& Parameters::operator<<(const Digest& value) {
  return bytes(view_of(value));
}
Parameters& Parameters::operator<<(const Column& value) {
  return bytes(value.bytes());
}

Parameters& Parameters::bytes(std::string_view value) {
  values_.emplace_back(value.data(), value.size());
  return *this;
}

std::int64_t number(const pqxx::field& field) {
  std::int64_t value = 0;
  if (!field.is_null()) std::from_chars(field.c_str(), field.c_str() + field.size(), value);
  return value;
}

int small(const pqxx::field& field) {
  return static_cast<int>(number(field));
}
bool truth(const pqxx::field& field) {
  return field.c_str()[0] == 't';
}
std::string text(const pqxx::field& field) {
  return {field.c_str(), field.size()};
}

std::string bytes(const pqxx::field& field) {
  if (field.is_null()) return {};
  const pqxx::binarystring decoded(field);
  return {reinterpret_cast<const char*>(decoded.data()), decoded.size()};
}

Digest digest(const pqxx::field& field) {
  Digest digest{};
  const auto decoded = bytes(field);
  std::copy_n(decoded.begin(), std::min(decoded.size(), digest.size()), digest.begin());
  return digest;
}

Time time(const pqxx::field& field) {
  return Time(std::chrono::microseconds(number(field)));
}

std::optional<Time> maybe_time(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return time(field);
}

std::optional<double> maybe_real(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return std::strtod(field.c_str(), nullptr);
}

}  // namespace kanal::sql
