#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/post.hpp"
#include "core/result.hpp"

namespace kanal {

/// Files named by their SHA-256 ("ab/cd/abcd…"), whole and on the disk before anything names them.
/// Thread-safe.
class AttachmentFiles {
 public:
  explicit AttachmentFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Writes `bytes`, or moves `file` in; then `sha256` and `size_bytes` are set and `file` is gone.
  /// One that is taken already is left alone.
  Result<> take(Attachment& attachment) const;
  [[nodiscard]] std::filesystem::path path(std::string_view sha256) const;
  void remove(std::string_view sha256) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace kanal
