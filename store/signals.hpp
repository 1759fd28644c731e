#pragma once

#include <span>

#include "core/clock.hpp"
#include "core/post.hpp"
#include "store/pool.hpp"

namespace kanal {

/// Applies what a channel told about known messages, within an open transaction: receipts and
/// bounces to the outbox rows of their keys, deletions and edits to the posts, which are marked;
/// erasing the deleted is the caller's (store/erasure.hpp). Unknown ones are passed over.
void apply_signals(sql::Work& work, const ChannelName& channel, std::span<const Signal> signals,
                   Time now);

}  // namespace kanal
