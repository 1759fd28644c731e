#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "web/demo/offices.hpp"

namespace kanal::demo {

/// What is said around a form that was sent: nothing, that it went out, or why not.
struct Outcome {
  std::string_view words;
  bool good = true;
  std::string typed;
};

/// The card of the offices that keep their own mailbox or system: what lies with them, and a form
/// to answer as they would.
class OfficeCard {
 public:
  static constexpr std::string_view k_name = "offices";

  OfficeCard(const OwnSystems& systems, const Clock& clock, std::chrono::minutes utc_offset)
      : systems_(systems), clock_(clock), utc_offset_(utc_offset) {}
  static std::string_view title(std::string_view language);
  [[nodiscard]] std::string draw(std::string_view language, std::string_view csrf,
                                 const Outcome& outcome) const;
  /// The part of it that changes by itself, with the report that was chosen there; nothing when it
  /// is as it was seen.
  [[nodiscard]] std::optional<std::string> look(std::string_view language, std::string_view seen,
                                                std::string_view chosen) const;
  /// Does as the form says.
  [[nodiscard]] Outcome act(std::string_view language, const std::string& report,
                            const std::string& event, const std::string& words) const;

 private:
  [[nodiscard]] std::string list(std::string_view language,
                                 const Result<std::vector<HandedReport>>& reports,
                                 std::string_view chosen) const;

  const OwnSystems& systems_;
  const Clock& clock_;
  std::chrono::minutes utc_offset_;
};

}  // namespace kanal::demo
