#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "connectors/connector.hpp"
#include "core/clock.hpp"

namespace kanal {

/// Of a reply that was to be begun before (`Reply::begin_before`): it is owed as if it had not been
/// taken up.
inline tl::unexpected<Error> too_late() {
  return tl::unexpected(
      Error{Remedy::throttled, "there was no time left for it", std::chrono::seconds(1), true});
}

/// One result for every reply, in their order, each of `send_one(reply)`. Once the far side asks
/// for a pause or the settings are wrong, the rest is not tried and fails for the same reason.
template <class SendOne>
std::vector<Result<Receipt>> send_each(std::span<const Reply> replies, const Clock& clock,
                                       const SendOne& send_one) {
  std::vector<Result<Receipt>> results;
  results.reserve(replies.size());
  std::optional<Error> halt;
  for (const auto& reply : replies) {
    if (halt) {
      results.push_back(tl::unexpected(*halt));
      continue;
    }
    results.push_back(clock.now() < reply.begin_before ? send_one(reply)
                                                       : Result<Receipt>(too_late()));
    if (results.back()) continue;
    const auto& error = results.back().error();
    const bool halts = error.remedy == Remedy::throttled || error.remedy == Remedy::reconfigure;
    if (halts && !error.of_this_alone) halt = error;
  }
  return results;
}

}  // namespace kanal
