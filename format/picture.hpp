#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace kanal {

/// The TIFF block of the first EXIF segment of a JPEG file (at most 64 KB); empty when there is
/// none.
std::string exif_of_jpeg(const std::filesystem::path& file);

/// Copies a JPEG, PNG or WebP picture with what draws it and nothing else: no EXIF, XMP, IPTC,
/// comment, thumbnail, animation or second picture, and nothing that stands behind its end. A JPEG
/// is given `orientation` (EXIF 2.32 §4.6.5: 1 to 8; 0: none). Holds 64 KB of it at most. Fails
/// with `drop` when it is damaged or has more pixels than `most_pixels`.
Result<> copy_picture(std::string_view type, const std::filesystem::path& from,
                      const std::filesystem::path& to, int orientation, std::uint64_t most_pixels);

}  // namespace kanal
