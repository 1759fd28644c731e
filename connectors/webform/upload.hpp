#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/post.hpp"
#include "core/result.hpp"

namespace kanal::webform {

/// The media type that the first bytes show; empty for what forms do not take. Taken: JPEG, PNG,
/// WebP, GIF, PDF, MP4 and 3GP. HEIC is not, as nothing here can take its position out.
std::string_view sniff(std::string_view head);
/// The end of a file name for such a type, with its dot.
std::string_view extension_of(std::string_view type);

/// What a cleaned file is, and where its picture said it was taken.
struct Cleaned {
  std::string type;
  std::optional<Place> place;
};

/// Takes what tells of its maker out of `file` (EXIF less the orientation, IPTC, XMP, comments; the
/// user data of films), in place. Fails with `drop` when the content is not taken or is damaged.
Result<Cleaned> clean_upload(const std::filesystem::path& file);

}  // namespace kanal::webform
