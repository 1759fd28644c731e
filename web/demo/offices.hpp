#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/organisation.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "net/http_client.hpp"
#include "web/demo/demo.hpp"

namespace kanal::demo {

/// A step of a report that was handed over: what the office was told, or did.
struct OfficeStep {
  bool by_office = false;
  std::string event;
  std::string words;
  std::optional<Time> at;
};

/// A report as it lies with an office that keeps its own mailbox or system.
struct HandedReport {
  std::string id;
  std::string by;  ///< as HandOver::by
  std::string title;
  std::string text;
  std::string last_mail;  ///< by = email: what an answer answers
  std::vector<OfficeStep> steps;
};

/// Those offices, played by the newcomer. Safe from any thread.
class OwnSystems {
 public:
  OwnSystems(const DemoStage& stage, const Organisation& organisation, Http& http)
      : stage_(stage), organisation_(organisation), http_(http) {}
  /// Whether any office is handed reports this way.
  [[nodiscard]] bool any() const;
  /// What they are called that are handed reports by it; empty: none is.
  [[nodiscard]] std::string office(std::string_view by) const;
  /// Those that were handed over last come first, ten at most.
  [[nodiscard]] Result<std::vector<HandedReport>> reports() const;
  /// `event` as an office's system says it: "proceed", "answer", "ask" or "not_ours". Error `drop`:
  /// it has no way to say so, or there is no such report.
  [[nodiscard]] Result<> act(const std::string& id, const std::string& event,
                             const std::string& words) const;

 private:
  [[nodiscard]] Result<std::vector<HandedReport>> mailed() const;
  [[nodiscard]] Result<> answer_mail(const std::string& id, const std::string& event,
                                     const std::string& words) const;

  const DemoStage& stage_;
  const Organisation& organisation_;
  Http& http_;
};

}  // namespace kanal::demo
