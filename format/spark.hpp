#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/json.hpp"

namespace kanal {

enum class Markup : std::uint8_t { xml, json };

/// Writes one document of records as XML, or as JSON by the Spark convention (GeoReport v2 "JSON
/// Support"): the outermost name stands in XML alone, a list is an array of what it holds, and what
/// is empty is null. Text is mended to UTF-8, and to what XML 1.0 §2.2 can carry.
class SparkWriter {
 public:
  explicit SparkWriter(Markup markup);
  /// A list; in XML everything in it is called `item`.
  SparkWriter& begin_list(std::string_view name, std::string_view item);
  SparkWriter& end_list();
  /// In a list the name is the list's to say.
  SparkWriter& begin_record(std::string_view name = {});
  SparkWriter& end_record();
  SparkWriter& member(std::string_view name, std::string_view text);
  SparkWriter& member(std::string_view name, const char* text) {
    return member(name, std::string_view(text));
  }
  SparkWriter& member(std::string_view name, bool truth);
  SparkWriter& member(std::string_view name, int number);
  SparkWriter& member(std::string_view name, double number);
  /// A plain text in a list.
  SparkWriter& item(std::string_view text);
  std::string take();

 private:
  struct Level {
    std::string name;
    std::string item;  ///< empty: a record
  };
  void open(std::string_view name, std::string item);
  void close();
  void element(std::string_view name, std::string_view text);

  Markup markup_;
  std::string xml_;
  JsonWriter json_;
  std::vector<Level> levels_;
};

}  // namespace kanal
