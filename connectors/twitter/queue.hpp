#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/twitter/item.hpp"
#include "connectors/twitter/pictures.hpp"

namespace kanal::twitter {

/// What was fetched and not yet given out, in its order. It is in memory alone, and fetched again
/// after a crash.
class Queue {
 public:
  explicit Queue(Pictures& pictures) : pictures_(pictures) {}

  void add(Item item) { items_.push_back(std::move(item)); }
  void add(std::vector<Item> items);
  [[nodiscard]] bool is_empty() const { return items_.empty(); }
  void clear() { items_.clear(); }
  /// Drops what has a number up to this one.
  void drop_up_to(TweetId number);
  /// Gives out what fits the budget, with its pictures, and one item in any case; `gone` is told of
  /// each. Whether there is more to give out at once; the error when nothing could be.
  Result<bool> give_out(Budget budget, Batch& batch, const std::function<void(const Item&)>& gone);

 private:
  Pictures& pictures_;
  std::deque<Item> items_;
};

}  // namespace kanal::twitter
