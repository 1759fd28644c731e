#pragma once

#include <string>
#include <string_view>

namespace kanal::twitter {

/// The type that a picture's first bytes show ("image/png"); empty when it is none of those that X
/// serves.
std::string_view picture_type(std::string_view bytes);
/// ".png"
std::string_view extension_of(std::string_view type);
/// What a post says in place of pictures that could not be had.
std::string note_of_missing(std::size_t count, std::string_view language);

}  // namespace kanal::twitter
