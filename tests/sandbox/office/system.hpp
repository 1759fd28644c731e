#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/http_face.hpp"

namespace kanal::sandbox::office {

using std::chrono::system_clock;

/// A step of a report, as it came from the bridge or as the office took it.
struct Step {
  bool by_office = false;
  std::string event;  ///< the bridge's news ("handed", "added" …), or the office's event
  std::string words;
  system_clock::time_point at;
};

/// A report that an office's system was handed.
struct Handed {
  std::string id;  ///< the system's own
  std::string title;
  std::string text;
  std::string place;
  std::vector<Step> steps;  ///< oldest first
};

/// What the office does with one.
struct Act {
  std::string event;
  std::string words;
  std::string bridge;  ///< the channel's address there, for a system that calls it
};

/// One office's system. Called by one thread at a time.
class System {
 public:
  virtual ~System() = default;
  /// `path`: below the system's address.
  virtual Answer answer(const Request& request, std::string_view path) = 0;
  /// Oldest first.
  [[nodiscard]] virtual std::vector<Handed> handed() const = 0;
  /// The events that it has a way to say.
  [[nodiscard]] virtual std::vector<std::string_view> events() const = 0;
  /// `act.event` is one of them. False: there is no such report.
  virtual bool act(std::string_view id, const Act& act) = 0;
};

}  // namespace kanal::sandbox::office
