#pragma once

#include <string>

#include "connectors/twitter/api.hpp"
#include "core/post.hpp"

namespace kanal::twitter {

/// Puts a picture where a post of ours can show it (X API v2, "Media upload": initialize, append,
/// finalize), and tells its media id. `drop`: X takes no such file, and an answer goes without it;
/// nothing that fails here has posted anything.
Result<std::string> upload_picture(Api& api, const Attachment& attachment);

}  // namespace kanal::twitter
