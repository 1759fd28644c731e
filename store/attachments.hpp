#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/post.hpp"
#include "core/result.hpp"

namespace kanal {

/// Files named by their SHA-256 ("ab/cd/abcd…"), whole and on the disk before anything names them.
/// Thread-safe.
class AttachmentFiles {
 public:
  explicit AttachmentFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Sets `sha256` and `size_bytes`, and writes nothing.
  static Result<> identify(Attachment& attachment);
  /// Writes `bytes`, or moves `file` in; then `sha256` and `size_bytes` are set and `file` is gone.
  /// One that is taken already is left alone.
  Result<> take(Attachment& attachment) const;
  /// Whether it is kept; asking makes it young for a sweep.
  [[nodiscard]] bool has(std::string_view sha256) const;
  [[nodiscard]] std::filesystem::path path(std::string_view sha256) const;
  void remove(std::string_view sha256) const;
  /// They lie in so many folders, by the first byte of their names.
  static constexpr int k_folders = 256;
  /// The names of files, and of halves that a crash left (".new-…"), in one of the folders that
  /// nobody has asked for since `before`; taking a file asks for it.
  struct Old {
    std::vector<std::string> files;
    std::vector<std::filesystem::path> halves;
  };
  [[nodiscard]] Old older_than(std::filesystem::file_time_type before, int folder) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace kanal
