#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace kanal {

/// Writes JSON (RFC 8259) into one growing string; the caller keeps the order of keys. Text that is
/// not UTF-8 is mended. That what is begun is ended, and that members have keys, is the caller's.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(double number);
  JsonWriter& value(bool truth);
  JsonWriter& null();
  /// Already JSON.
  JsonWriter& raw(std::string_view json);
  template <class T>
  JsonWriter& member(std::string_view name, const T& what) {
    return key(name).value(what);
  }
  JsonWriter& null_member(std::string_view name) { return key(name).null(); }
  [[nodiscard]] const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  void separate();
  std::string text_;
  bool comma_ = false;
};

/// A parsed JSON document, for small inputs where convenience counts (API bodies, settings of the
/// far side). Depth at most 64, and at most 250,000 values: they take some 30 MB where they are
/// small, and simdjson, while it reads, three times the text besides. Bulk readers (NDJSON, tweets)
/// use simdjson on demand themselves.
class Json {
 public:
  enum class Type : std::uint8_t { null, boolean, integer, number, string, array, object };
  static Result<Json> parse(std::string_view text);
  Type type = Type::null;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string string;
  std::vector<Json> array;
  std::vector<std::pair<std::string, Json>> object;
  // Made where the type is whole: pairs of it stand inside it.
  Json();
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();
  /// nullptr unless an object with that key.
  [[nodiscard]] const Json* find(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;  ///< empty unless a string
  /// Empty unless an array.
  [[nodiscard]] const std::vector<Json>& list(std::string_view key) const;
};

}  // namespace kanal
