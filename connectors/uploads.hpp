#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include <tl/expected.hpp>

#include "config/describe.hpp"
#include "core/post.hpp"
#include "core/result.hpp"
#include "net/http_server.hpp"

// Files that people send along with what they report.
namespace kanal {

/// How much a report may bring: what the settings of a kind hold that takes files.
struct UploadLimits {
  std::int64_t most_files = 5;
  std::int64_t most_file_bytes = 25 << 20;
  std::int64_t most_megapixels = 120;

  template <class Visitor>
  void describe_files(Visitor& visit) {
    visit(most_files,
          Field{.key = "most_files", .about = "Files in one report.", .least = 0, .most = 20});
    visit(most_file_bytes, Field{.key = "most_file_bytes",
                                 .about = "Size of one file.",
                                 .least = 1024,
                                 .most = 1 << 30});
    visit(most_megapixels, Field{.key = "most_megapixels",
                                 .about = "Size of one picture, in millions of pixels.",
                                 .least = 1,
                                 .most = 1000});
  }
};

struct TakenFiles {
  std::vector<Attachment> attachments;
  std::optional<Place> place;  ///< where the first picture that says so was taken
};
/// `drop`: its content is not taken; anything else: it could not be kept just now.
struct RefusedFile {
  const FormPart* file = nullptr;
  Error error;
};

/// Cleans the files (format/upload.hpp) and moves them into `spool`, all or none. What their
/// senders call them is not kept.
tl::expected<TakenFiles, RefusedFile> take_files(std::span<const FormPart* const> files,
                                                 const UploadLimits& limits,
                                                 const std::filesystem::path& spool);

}  // namespace kanal
