#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/post.hpp"

namespace kanal {

/// What ties a post to others of its channel: its author, its id, and what it refers to. Posts that
/// share one are committed in their order.
std::vector<std::string> names_of(const Post& post);
/// Under which a message of that id is tied to others.
std::string name_of(const ExternalId& id);

/// Parts posts into at most `most` batches of like size that may be committed in any order: posts
/// of one author, of one id, or that refer to the same message or report stay together, oldest
/// first. What could not be read and signals stay with the first; `next` is empty.
std::vector<Batch> part(Batch batch, std::size_t most);

}  // namespace kanal
