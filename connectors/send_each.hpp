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

/// Whether what kept one reply back would keep every other back too.
inline bool halts_all(const Error& error) {
  return error.remedy == Remedy::throttled || error.remedy == Remedy::reconfigure;
}

/// One result for every reply, in their order, each of `send_one(reply)`. Once an error `halts`
/// (and is not of that reply alone), the rest is not tried and fails for the same reason. `halts`
/// is asked right after the reply that failed.
template <class SendOne, class Halts = bool (*)(const Error&)>
std::vector<Result<Receipt>> send_each(std::span<const Reply> replies, const Clock& clock,
                                       const SendOne& send_one, const Halts& halts = halts_all) {
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
    if (!error.of_this_alone && halts(error)) halt = error;
  }
  return results;
}

}  // namespace kanal
