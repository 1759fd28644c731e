#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/post.hpp"
#include "store/inside.hpp"

namespace kanal {

/// Erases a post's words, payload and attachments, and what was made of them, within an open
/// transaction; lines of histories stay and still fit. Adds to `files` those that nothing names any
/// more, to be removed after the commit by who holds Inside::files alone. False: no such post.
bool erase_post(Store::Inside& inside, sql::Work& work, PostId id, std::string_view reason,
                std::vector<std::string>& files);

/// The same for posts that their authors took back: replies that answer them and have not gone out
/// are withheld, and what of them lies in quarantine goes too. Unknown ids are passed over.
void erase_deleted(Store::Inside& inside, sql::Work& work, const ChannelName& channel,
                   std::span<const ExternalId> ids, std::vector<std::string>& files);

}  // namespace kanal
