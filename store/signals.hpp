#pragma once

#include <span>

#include "core/clock.hpp"
#include "core/post.hpp"
#include "store/pool.hpp"

namespace kanal {

/// Applies what a channel told about known messages, within an open transaction: receipts and
/// bounces to the outbox rows of their keys, deletions and edits to the posts, which are marked;
/// erasing the deleted is the caller's (store/erasure.hpp). Receipts that name their reply by what
/// the far side calls it are kept for an hour or two when there is none yet; other unknown ones are
/// passed over.
void apply_signals(sql::Work& work, const ChannelName& channel, std::span<const Signal> signals,
                   Time now);

/// Applies the receipts that came before these replies had been settled.
void apply_early_receipts(sql::Work& work, const sql::Column& replies, Time now);
/// The same for all of a channel that came lately, as a receipt and a settlement may have been
/// committed at once.
void apply_crossing_receipts(sql::Work& work, const ChannelName& channel, Time now);

/// Those of any channel that nothing came of within an hour.
void forget_receipts(sql::Work& work, Time now);

}  // namespace kanal
