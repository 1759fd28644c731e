#pragma once

#include <string>
#include <string_view>

#include "core/post.hpp"

namespace kanal {

/// The token of a test message that a channel sends to itself: one word that survives any alphabet
/// and that nobody can guess.
std::string fresh_canary();

/// The whole text of such a message.
std::string canary_text(std::string_view token);

/// The token of a post that is a test message and nothing else, or a mail of ours that holds one;
/// empty for any other post. Whether it is the newest one is the store's to say.
std::string_view canary_of(const Post& post);

}  // namespace kanal
