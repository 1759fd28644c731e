#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "format/json.hpp"
#include "tests/sandbox/courier.hpp"
#include "tests/sandbox/office/system.hpp"

namespace kanal::sandbox::office {

/// Takes signed requests and makes them (Standard Webhooks): an office's system, and the form for
/// complaints that it has had for years.
class WebhookSystem final : public System {
 public:
  /// A complaint by the form, or what its writer was told.
  struct Line {
    bool by_bridge = false;
    std::string person;
    std::string text;
    std::string state;  ///< of the report
    system_clock::time_point at;
  };
  explicit WebhookSystem(std::string secret);

  Answer answer(const Request& request, std::string_view path) override;
  [[nodiscard]] std::vector<Handed> handed() const override;
  [[nodiscard]] std::vector<std::string_view> events() const override {
    return {"proceed", "answer", "ask", "not_ours"};
  }
  bool act(std::string_view id, const Act& act) override;

  /// {"as","name","phone","email","text","address","bridge"}
  void fill_in_form(const Json& body);
  /// What passed between the form's users and the bridge, oldest first; the newest thousand.
  [[nodiscard]] const std::vector<Line>& form() const { return form_; }

 private:
  struct Report {
    Handed handed;
    std::string key;  ///< of the newest message about it
  };
  void take(const Json& data);
  void keep(Line line);
  void push(const std::string& bridge, std::string body);

  std::string secret_;
  std::vector<Report> reports_;
  std::vector<Line> form_;
  std::set<std::string> seen_;  ///< webhook-id of what was taken
  Courier courier_;
};

}  // namespace kanal::sandbox::office
