#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/post.hpp"
#include "core/result.hpp"

namespace kanal {

/// The media type that the first bytes show; empty for what nobody may upload. Taken: JPEG, PNG,
/// WebP, PDF, MP4, QuickTime and 3GP. HEIC and GIF are not, as nothing here can take out what they
/// tell besides the picture.
std::string_view sniff(std::string_view head);
/// The end of a file name for such a type, with its dot.
std::string_view extension_of(std::string_view type);

/// What a file that came without a name of its own is kept as ("lampiran-1"), before its end.
std::string unnamed_file(std::size_t number);
/// What follows the word in such a name ("1.jpg"); empty for any other.
std::string_view number_of_unnamed(std::string_view name);

/// What a cleaned file is, and where its picture said it was taken.
struct Cleaned {
  std::string type;
  std::optional<Place> place;
};

/// Takes what tells of its maker out of `file`, in place: a picture keeps what draws it and its
/// orientation, a film loses its user data. Documents stay as they are. Fails with `drop` when the
/// content is not taken, is damaged, or has more pixels than `most_pixels`.
Result<Cleaned> clean_upload(const std::filesystem::path& file, std::uint64_t most_pixels);

}  // namespace kanal
