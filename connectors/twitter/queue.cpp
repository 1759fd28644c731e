#include "connectors/twitter/queue.hpp"

#include <algorithm>

namespace kanal::twitter {
namespace {

std::size_t size_of(const Batch& piece) {
  std::size_t bytes = 0;
  for (const auto& post : piece.posts) {
    bytes += post.text.size() + post.full_text.size() + post.payload.size();
    for (const auto& attachment : post.attachments) bytes += attachment.bytes.size();
  }
  for (const auto& each : piece.unreadable) bytes += each.payload.size();
  return bytes;
}

}  // namespace

void Queue::add(std::vector<Item> items) {
  std::ranges::move(items, std::back_inserter(items_));
}

void Queue::drop_up_to(TweetId number) {
  std::erase_if(items_,
                [&](const Item& item) { return item.number != 0 && item.number <= number; });
}

Result<bool> Queue::give_out(Budget budget, Batch& batch,
                             const std::function<void(const Item&)>& gone) {
  std::size_t bytes = 0;
  bool any = false;
  while (!items_.empty() && batch.posts.size() < std::max<std::size_t>(budget.posts, 1)) {
    auto& item = items_.front();
    if (auto fetched = pictures_.fetch(item); !fetched) {
      if (!any) return tl::unexpected(std::move(fetched).error());
      return false;
    }
    const auto cost = size_of(item.piece);
    if (bytes > 0 && bytes + cost > budget.bytes) break;
    bytes += cost;
    any = true;
    gone(item);
    std::ranges::move(item.piece.posts, std::back_inserter(batch.posts));
    std::ranges::move(item.piece.unreadable, std::back_inserter(batch.unreadable));
    std::ranges::move(item.piece.signals, std::back_inserter(batch.signals));
    items_.pop_front();
  }
  return !items_.empty();
}

}  // namespace kanal::twitter
