#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"

namespace kanal {

/// Something of which only so much may be used in a time.
struct Meter {
  /// The setting that caps it ("caps.reads_per_day"), or what the far side counts.
  std::string what;
  double used = 0;
  double most = 0;  ///< 0: no limit
  std::optional<Time> starts_anew;
  bool is_money = false;  ///< US dollars
  [[nodiscard]] double left() const { return most > used ? most - used : 0; }
  /// Less than a fifth is left: time to raise it, or to ask for less.
  [[nodiscard]] bool is_near_its_end() const { return most > 0 && used >= most * 0.8; }
  friend bool operator==(const Meter&, const Meter&) = default;
};

/// What a channel has used of what its far side sells or allows.
struct Usage {
  std::vector<Meter> meters;
  std::chrono::milliseconds pace{0};   ///< between two looks now
  std::chrono::milliseconds usual{0};  ///< the same while nothing is short
  std::string shared_with;             ///< other channels that use the same credential up
  [[nodiscard]] bool empty() const { return meters.empty(); }
  friend bool operator==(const Usage&, const Usage&) = default;
};

}  // namespace kanal
