#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string_view>

namespace kanal {

/// What there is to say about one setting. The unit stands last in the key ("timeout_ms").
struct Field {
  std::string_view key;
  std::string_view about;  ///< one sentence for the person who sets it
  bool required = false;
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  std::initializer_list<std::string_view> choices = {};
  /// One that a required setting could have; for reading messages where nothing is set up.
  std::string_view example = "example.invalid";
};

// A settings struct has one member template and nothing else to keep in step with it:
//
//   struct ImapSettings {
//     std::string host;
//     std::int64_t port = 993;
//     Secret password;
//     std::chrono::milliseconds timeout_ms{30'000};
//     template <class Visitor>
//     void describe(Visitor& visit) {
//       visit(host, Field{.key = "host", .about = "The mail server's name.", .required = true});
//       visit(port, Field{.key = "port", .about = "Its port.", .least = 1, .most = 65535});
//       …
//     }
//   };
//
// From it come the TOML reader (config/reader.hpp), the JSON Schema and the documentation page
// (config/schema.hpp) and the redacted print-out. Members may be bool, std::int64_t, double,
// std::string, std::filesystem::path, Secret, Name<…>, std::chrono::milliseconds, seconds, hours or
// year_month_day, another described struct, std::vector or std::map<std::string, …> of these, and
// an enum. An enum is set by the name that names_of(Enum) has for it, which stands beside it.

}  // namespace kanal
