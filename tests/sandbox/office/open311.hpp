#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/spark.hpp"
#include "tests/sandbox/office/system.hpp"

namespace kanal::sandbox::office {

/// An Open311 GeoReport v2 endpoint, XML and JSON: its services, requests made with a key and
/// listed, and updates of them.
class Open311System final : public System {
 public:
  /// `first_number`: of its requests.
  Open311System(std::string key, std::int64_t first_number);

  Answer answer(const Request& request, std::string_view path) override;
  [[nodiscard]] std::vector<Handed> handed() const override;
  [[nodiscard]] std::vector<std::string_view> events() const override {
    return {"proceed", "answer", "not_ours"};
  }
  bool act(std::string_view id, const Act& act) override;

 private:
  struct Made {
    Handed handed;
    std::string service;
    std::string status = "open";
    std::string notes;
    system_clock::time_point changed_at;
  };
  Answer make(const Request& request, Markup markup);
  Answer update(const Request& request, Markup markup);
  [[nodiscard]] Answer list(const Request& request, std::string_view id, Markup markup) const;
  static void print(SparkWriter& out, const Made& made);
  Made* find(std::string_view id);

  std::string key_;
  std::int64_t next_number_;
  std::vector<Made> requests_;
};

}  // namespace kanal::sandbox::office
