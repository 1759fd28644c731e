#pragma once

#include <cstddef>
#include <vector>

#include "core/post.hpp"

namespace kanal {

/// Parts posts into at most `most` batches of like size that may be committed in any order: posts
/// of one author, of one id, or that refer to the same message or report stay together, oldest
/// first. What could not be read and signals stay with the first; `next` is empty.
std::vector<Batch> part(Batch batch, std::size_t most);

}  // namespace kanal
