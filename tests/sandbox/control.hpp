#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// Faults that were ordered, until so many have happened. Safe from any thread.
class FaultList {
 public:
  /// What can be ordered, and what of (`on`); no places: it goes without saying.
  explicit FaultList(std::span<const std::string_view> names,
                     std::span<const std::string_view> places = {})
      : names_(names), places_(places) {}
  /// {"on","fault","times","delay_ms"}; without `on`: wherever it can happen first.
  Answer order(const Request& request);
  Answer forget();
  /// Whether this happens now; if so, it is counted.
  std::optional<OrderedFault> next(std::string_view name, std::string_view place = {});

 private:
  struct Waiting {
    OrderedFault fault;
    std::string place;
  };
  std::span<const std::string_view> names_;
  std::span<const std::string_view> places_;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
};

Answer told(std::string json = "{}");
Answer refused(int status, std::string why);
/// Of a name of `what` ("fault") that is none of those that there are.
Answer unknown(std::string_view what, std::string_view name,
               std::span<const std::string_view> known);

}  // namespace kanal::sandbox
