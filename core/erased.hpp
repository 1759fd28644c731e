#pragma once

#include <string_view>

namespace kanal {

/// Why a post is erased that its author took back at the source, and why a reply to it is withheld.
inline constexpr std::string_view k_deleted_by_author = "Its author deleted the post.";

}  // namespace kanal
