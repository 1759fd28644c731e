#pragma once

#include "core/result.hpp"
#include "store/store.hpp"

namespace kanal {

/// Puts what an office sent with its answer, news or question (photos of the mended road) to the
/// line of the history that it became, cleaned as an officer's own files are. What is no picture,
/// film or document stays with the message; so do pictures too small to be more than a letterhead.
/// Keeps the files in the store; fails when that, or a copy of a file, cannot be had just now.
Result<> show_proof(Store& store, IntakeBatch& batch);

}  // namespace kanal
