#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "format/json.hpp"
#include "tests/sandbox/http_face.hpp"

// What control APIs are made of.
namespace kanal::sandbox {

/// The request's body, {} when there is none; throws when it is not JSON.
Json parse_body(const Request& request);
std::int64_t number_in(const Json& body, std::string_view key, std::int64_t fallback);
bool truth_in(const Json& body, std::string_view key, bool fallback);
std::string text_in(const Json& body, std::string_view key, std::string_view fallback);

/// {"fault","times","delay_ms"}: what goes wrong, how often or for how long; at most a minute.
struct OrderedFault {
  std::string name;
  int times = 1;
  std::chrono::milliseconds delay{1000};
};
OrderedFault fault_in(const Json& body);

Answer told(std::string json = "{}");
Answer refused(int status, std::string why);

}  // namespace kanal::sandbox
