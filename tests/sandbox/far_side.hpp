#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kanal::sandbox {

/// Where a far side should listen, always on 127.0.0.1; 0: a port that the system gives.
struct Ports {
  std::uint16_t channel = 0;  ///< what the bridge talks to
  std::uint16_t second = 0;   ///< where it needs two: mail is handed over there
  std::uint16_t control = 0;  ///< HTTP, to play the citizen and to order faults
};

/// A stand-in for what is behind a channel. Listens from the moment it is made until it is
/// destroyed; keeps everything in memory. One folder and one line in kinds.def; what the line
/// names is made by `std::unique_ptr<FarSide> make_NAME(const Ports&)`, which throws when it
/// cannot listen.
class FarSide {
 public:
  virtual ~FarSide() = default;
  /// Where it can be reached, by what: {"url", "http://127.0.0.1:4711"}, {"control", …}.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> addresses() const = 0;
};

}  // namespace kanal::sandbox
