#include "router/proof.hpp"

#include <fstream>
#include <system_error>

#include "config/keys.hpp"
#include "format/encode.hpp"
#include "router/files.hpp"

namespace kanal {

namespace {

constexpr std::uint64_t k_least_bytes = 20U << 10U;

// The message keeps its own file as it came.
class Copy {
 public:
  Copy(const Store& store, const Attachment& attachment)
      : path_(std::filesystem::temp_directory_path() /
              ("kanal-proof-" + to_hex(random_bytes(16)))) {
    if (!attachment.bytes.empty()) {
      std::ofstream(path_, std::ios::binary) << attachment.bytes;
      return;
    }
    std::error_code error;
    const auto& source =
        attachment.file.empty() ? store.attachment_file(attachment) : attachment.file;
    std::filesystem::copy_file(source, path_, error);
  }
  ~Copy() {
    std::error_code error;
    std::filesystem::remove(path_, error);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(path_, error);
    return error ? 0 : bytes;
  }

 private:
  std::filesystem::path path_;
};

Result<> keep_proof(Store& store, const std::vector<Attachment>& sent, Entry& entry) {
  for (const auto& attachment : sent) {
    if (entry.files.size() == k_most_line_files) break;
    const Copy copy(store, attachment);
    std::vector<Attachment> file(1);
    file[0].name = attachment.name;
    file[0].file = copy.path();
    file[0].size_bytes = copy.size();
    if (file[0].size_bytes < k_least_bytes || file[0].size_bytes > k_most_line_file_bytes) continue;
    if (!clean_files(file)) continue;
    TRY(store.keep(file));
    entry.files.push_back(std::move(file[0]));
  }
  return {};
}

}  // namespace

Result<> show_proof(Store& store, IntakeBatch& batch) {
  for (std::size_t i = 0; i < batch.filed.size(); ++i) {
    const auto& filed = batch.filed[i];
    if (filed.fate != Fate::office || !filed.change || filed.post.attachments.empty()) continue;
    const PostId own(-1 - static_cast<std::int64_t>(i));
    for (auto& entry : batch.changes[*filed.change].entries) {
      if (entry.post != own || !takes_files(entry.event)) continue;
      TRY(keep_proof(store, filed.post.attachments, entry));
    }
  }
  return {};
}

}  // namespace kanal
