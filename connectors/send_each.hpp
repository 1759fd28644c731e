#pragma once

#include <optional>
#include <span>
#include <vector>

#include "connectors/connector.hpp"

namespace kanal {

/// One result for every reply, in their order, each of `send_one(reply)`. Once the far side asks
/// for a pause or the settings are wrong, the rest is not tried and fails for the same reason.
template <class SendOne>
std::vector<Result<Receipt>> send_each(std::span<const Reply> replies, const SendOne& send_one) {
  std::vector<Result<Receipt>> results;
  results.reserve(replies.size());
  std::optional<Error> halt;
  for (const auto& reply : replies) {
    results.push_back(halt ? Result<Receipt>(tl::unexpected(*halt)) : send_one(reply));
    if (halt || results.back()) continue;
    const auto& error = results.back().error();
    const bool halts = error.remedy == Remedy::throttled || error.remedy == Remedy::reconfigure;
    if (halts && !error.of_this_alone) halt = error;
  }
  return results;
}

}  // namespace kanal
