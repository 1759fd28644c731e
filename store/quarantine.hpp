#pragma once

#include "core/clock.hpp"
#include "store/inside.hpp"

namespace kanal {

/// Keeps what of a batch could not be read or stored, within an open transaction: the raw form once
/// for each id and content, and the files that came with it, which the store has taken already.
void write_quarantine(Store::Inside& inside, sql::Work& work, const IntakeBatch& batch, Time now);

}  // namespace kanal
