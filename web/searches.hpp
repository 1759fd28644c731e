#pragma once

#include <chrono>
#include <memory>

#include "net/throttle.hpp"

namespace kanal {

/// Searches for words are of the few things that cost much and anybody may ask for: of one network
/// no more than these, wherever it asks. Officers are not counted.
inline constexpr Rate k_search_rate{60, 1200};
/// After what time it is worth coming back.
inline constexpr std::chrono::seconds k_search_wait{180};

/// To be shared by all that searches for anybody.
inline std::shared_ptr<Throttle> throttle_of_searches() {
  return std::make_shared<Throttle>(k_search_rate, Rate{1e9, 1e9});
}

}  // namespace kanal
