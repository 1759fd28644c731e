#pragma once

#include <span>
#include <vector>

#include "connectors/connector.hpp"

namespace kanal {

/// A connector with nothing to poll for: its source pushes, or is asked as a `Follower` asks.
class Unpolled : public Connector {
 public:
  Result<Batch> poll(const Cursor& since, Budget /*budget*/) final {
    Batch batch;
    batch.next = since;
    return batch;
  }
};

/// For replies that are delivered by standing where the reporter looks them up.
inline std::vector<Result<Receipt>> delivered_by_standing(std::span<const Reply> replies) {
  std::vector<Result<Receipt>> receipts;
  receipts.reserve(replies.size());
  for (const auto& reply : replies) receipts.emplace_back(Receipt{ExternalId(reply.key), true});
  return receipts;
}

}  // namespace kanal
