#pragma once

#include <optional>
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

/// One whose replies are delivered by standing where the reporter looks them up, so that none is
/// ever in doubt.
class Standing : public Unpolled, public Confirmer {
 public:
  std::vector<Result<Receipt>> send(std::span<const Reply> replies) final {
    std::vector<Result<Receipt>> receipts;
    receipts.reserve(replies.size());
    for (const auto& reply : replies) receipts.emplace_back(receipt_of(reply));
    return receipts;
  }
  Result<std::optional<Receipt>> confirm(const Reply& reply) final { return receipt_of(reply); }

 private:
  static Receipt receipt_of(const Reply& reply) { return {ExternalId(reply.key), true}; }
};

}  // namespace kanal
