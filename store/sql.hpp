#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pqxx/binarystring>
#include <pqxx/result>

#include "core/clock.hpp"
#include "core/report.hpp"

namespace kanal::sql {

/// A statement that is prepared on first use; the object lives as long as the program.
struct Statement {
  const char* name;
  const char* text;
};

/// Where rows are copied to: every column that has no default must be among `columns`.
struct Target {
  const char* table;
  const char* columns;
};

/// Element types, by PostgreSQL's own numbers (pg_type.dat).
enum class Type : std::uint32_t {
  boolean = 16,
  bytes = 17,
  bigint = 20,
  integer = 23,
  text = 25,
  real = 701,
  time = 1184,
};

/// One array parameter in the binary format of array_recv: nothing is escaped or printed. Text that
/// is not valid UTF-8 or holds NUL is mended.
class Column {
 public:
  explicit Column(Type type, std::size_t expected = 0, std::size_t element_bytes = 16);
  void add(std::string_view value);  ///< text and bytes
  void add(const std::string& value) { add(std::string_view(value)); }
  void add(const char* value) { add(std::string_view(value)); }
  void add(const Digest& value);
  void add(std::int64_t value);  ///< bigint
  void add(int value);           ///< integer
  void add(double value);
  void add(bool value);
  void add(Time value);
  void null();
  /// Null when it is the empty or zero value.
  void add_or_null(std::string_view value) { value.empty() ? null() : add(value); }
  void add_or_null(std::int64_t value) { value == 0 ? null() : add(value); }
  void add_or_null(const std::optional<Time>& value) { value ? add(*value) : null(); }
  void add_or_null(const std::optional<double>& value) { value ? add(*value) : null(); }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// The elements one after the other, each with its length in front (-1: null), which is also how
  /// a field of binary COPY looks.
  [[nodiscard]] std::string_view elements() const { return body_; }

 private:
  friend class Parameters;
  [[nodiscard]] std::string bytes() const;
  Type type_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
  std::string body_;
};

/// The parameters of a statement, in order, in binary format; the statement casts each ($1::text).
class Parameters {
 public:
  Parameters& operator<<(std::string_view value);
  Parameters& operator<<(const char* value) { return *this << std::string_view(value); }
  Parameters& operator<<(const std::string& value) { return *this << std::string_view(value); }
  Parameters& operator<<(std::int64_t value);
  Parameters& operator<<(int value);
  Parameters& operator<<(bool value);
  Parameters& operator<<(Time value);
  Parameters& operator<<(const Digest& value);
  Parameters& operator<<(const Column& value);
  /// Raw bytes, for bytea.
  Parameters& bytes(std::string_view value);
  [[nodiscard]] const std::vector<pqxx::binarystring>& values() const { return values_; }
  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }

 private:
  std::vector<pqxx::binarystring> values_;
};

/// Columns of one length as the rows of binary COPY ("COPY", "Binary Format" in the manual).
std::string copy_rows(std::span<const Column* const> columns);

/// Reading what a statement returned: numbers, times (as micros() of the schema), bytes.
std::int64_t number(const pqxx::field& field);
int small(const pqxx::field& field);
bool truth(const pqxx::field& field);
std::string text(const pqxx::field& field);
std::string bytes(const pqxx::field& field);
Digest digest(const pqxx::field& field);
Time time(const pqxx::field& field);
std::optional<Time> maybe_time(const pqxx::field& field);
std::optional<double> maybe_real(const pqxx::field& field);

/// Text as the database takes it: valid UTF-8 without NUL. Copies only what needs mending.
std::string clean(std::string_view text);

}  // namespace kanal::sql
