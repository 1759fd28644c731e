#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/sandbox/control.hpp"
#include "tests/sandbox/far_side.hpp"
#include "tests/sandbox/http_face.hpp"
#include "tests/sandbox/office/lapor.hpp"
#include "tests/sandbox/office/open311.hpp"
#include "tests/sandbox/office/webhook.hpp"

namespace kanal::sandbox::office {

/// Offices that keep systems of their own, each below its name: /webhook (signed requests, and a
/// form whose complaints it passes on), /open311 (GeoReport v2), /lapor (SP4N-LAPOR! v3). /control
/// plays the offices and the form's users; `bridge` is the webhook channel's address there:
///   GET    /control/reports     {"reports":[{"id","by","title","text","place","can","steps":
///                               [{"by_office","event","words","at"}]}]}, oldest first
///   POST   /control/reports/ID  {"event","words","bridge"}: one of its `can`
///   POST   /control/forms       {"as","name","phone","email","text","address","bridge"}
///   GET    /control/forms       {"lines":[{"by_bridge","person","text","state","at"}]}
///   POST   /control/faults      {"on","fault","times","delay_ms"}: 401, 404, 429, 500, 503 of the
///                               bridge's next requests; lost_answer: it was carried out; slow
///   DELETE /control/faults
class Offices final : public FarSide {
 public:
  explicit Offices(const Ports& ports);
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> addresses() const override;

 private:
  struct Named {
    std::string_view name;
    System& system;
  };
  Answer answer(const Request& request);
  Answer serve(const Named& office, const Request& request);
  Answer control(const Request& request, std::string_view called);
  [[nodiscard]] Answer reports() const;
  [[nodiscard]] Answer form() const;
  Answer act(std::string_view id, const Request& request);

  FaultList faults_;
  mutable std::mutex mutex_;
  WebhookSystem webhook_;
  Open311System open311_;
  LaporSystem lapor_;
  std::vector<Named> offices_;
  HttpFace face_;  // last: requests use all the others
};

}  // namespace kanal::sandbox::office
