#include "connectors/uploads.hpp"

#include <system_error>

#include "config/keys.hpp"
#include "format/encode.hpp"
#include "format/upload.hpp"

namespace kanal {
namespace {

constexpr std::uint64_t k_pixels_per_megapixel = 1'000'000;

// Spool and uploads may lie on different file systems.
bool move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) std::filesystem::copy_file(from, to, error);
  if (error) return false;
  std::filesystem::remove(from, error);
  return true;
}

}  // namespace

tl::expected<TakenFiles, RefusedFile> take_files(std::span<const FormPart* const> files,
                                                 const UploadLimits& limits,
                                                 const std::filesystem::path& spool) {
  TakenFiles taken;
  std::error_code error;
  for (const auto* const file : files) {
    auto cleaned = clean_upload(
        file->file, static_cast<std::uint64_t>(limits.most_megapixels) * k_pixels_per_megapixel);
    if (!cleaned) return tl::unexpected(RefusedFile{file, std::move(cleaned).error()});
    if (!taken.place) taken.place = cleaned->place;
    Attachment attachment;
    attachment.type = cleaned->type;
    attachment.name = unnamed_file(taken.attachments.size() + 1);
    attachment.name += extension_of(cleaned->type);
    attachment.file = spool / to_hex(random_bytes(16));
    attachment.size_bytes = std::filesystem::file_size(file->file, error);
    taken.attachments.push_back(std::move(attachment));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (move_file(files[i]->file, taken.attachments[i].file)) continue;
    for (const auto& moved : taken.attachments) std::filesystem::remove(moved.file, error);
    return tl::unexpected(RefusedFile{files[i], {Remedy::retry, "a file could not be kept", {}}});
  }
  return taken;
}

}  // namespace kanal
