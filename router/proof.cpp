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
      std::ofstream stream(path_, std::ios::binary);
      stream << attachment.bytes << std::flush;
      is_there_ = stream.good();
      return;
    }
    std::error_code error;
    const auto& source =
        attachment.file.empty() ? store.attachment_file(attachment) : attachment.file;
    is_there_ = std::filesystem::copy_file(source, path_, error) && !error;
  }
  ~Copy() {
    std::error_code error;
    std::filesystem::remove(path_, error);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool is_there() const { return is_there_; }

 private:
  std::filesystem::path path_;
  bool is_there_ = false;
};

std::uint64_t size_of(const Store& store, const Attachment& attachment) {
  if (!attachment.bytes.empty()) return attachment.bytes.size();
  // A file without a byte, whose digest the commit has yet to find.
  if (attachment.file.empty() && attachment.sha256.empty()) return 0;
  std::error_code error;
  const auto bytes = std::filesystem::file_size(
      attachment.file.empty() ? store.attachment_file(attachment) : attachment.file, error);
  return error ? 0 : bytes;
}

Result<> keep_proof(Store& store, const std::vector<Attachment>& sent, Entry& entry) {
  for (const auto& attachment : sent) {
    if (entry.files.size() == k_most_line_files) break;
    const auto size_bytes = size_of(store, attachment);
    if (size_bytes < k_least_bytes || size_bytes > k_most_line_file_bytes) continue;
    const Copy copy(store, attachment);
    if (!copy.is_there())
      return fail(Remedy::retry, "an office's file cannot be copied to be shown");
    std::vector<Attachment> file(1);
    file[0].name = attachment.name;
    file[0].file = copy.path();
    file[0].size_bytes = size_bytes;
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
