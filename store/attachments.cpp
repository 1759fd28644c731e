#include "store/attachments.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <sodium.h>

#include "format/encode.hpp"

namespace kanal {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_chunk_bytes = 256U << 10U;
constexpr std::size_t k_name_bytes = 12;
constexpr std::string_view k_half = ".new-";

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

// A full disk passes; what the far side sent is not to blame for any of these.
tl::unexpected<Error> trouble(const char* what) {
  return fail(Remedy::retry,
              std::string("Cannot ") + what + " an attachment: " + std::strerror(errno));
}

std::string hex_of(crypto_hash_sha256_state& state) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state, digest.data());
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool write_all(int file, const char* bytes, std::size_t size) {
  while (size > 0) {
    const auto written = write(file, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool sync_directory(const fs::path& path) {
  const File directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory && fsync(directory.descriptor()) == 0;
}

// Both levels are synced too, or a new directory could be lost with all that is in it.
bool make_directories(const fs::path& root, const fs::path& leaf) {
  std::error_code error;
  if (fs::is_directory(leaf, error)) return true;
  fs::create_directories(root, error);
  mkdir(leaf.parent_path().c_str(), S_IRWXU);
  if (mkdir(leaf.c_str(), S_IRWXU) != 0 && errno != EEXIST) return false;
  return sync_directory(leaf.parent_path()) && sync_directory(root);
}

// Hashes `from`, and copies it when `to` is given.
Result<std::string> pass(int from, int to, std::uint64_t& size_bytes) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::vector<char> chunk(k_chunk_bytes);
  size_bytes = 0;
  for (;;) {
    const auto got = read(from, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return trouble("read");
    if (got == 0) return hex_of(state);
    const auto size = static_cast<std::size_t>(got);
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(chunk.data()), size);
    size_bytes += size;
    if (to >= 0 && !write_all(to, chunk.data(), size)) return trouble("write");
  }
}

std::string random_name() {
  std::array<char, k_name_bytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return std::string(k_half) + to_hex({bytes.data(), bytes.size()});
}

bool is_name(std::string_view text) {
  return text.size() == 2 * crypto_hash_sha256_BYTES &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A sweep leaves young files alone, so whoever names one again makes it young first.
bool is_there(const fs::path& file) {
  return utimensat(AT_FDCWD, file.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) == 0;
}

}  // namespace

fs::path AttachmentFiles::path(std::string_view sha256) const {
  return directory_ / sha256.substr(0, 2) / sha256.substr(2, 2) / sha256;
}

bool AttachmentFiles::has(std::string_view sha256) const {
  return is_name(sha256) && is_there(path(sha256));
}

AttachmentFiles::Old AttachmentFiles::older_than(fs::file_time_type before, int folder) const {
  Old old;
  std::error_code error;
  const auto byte = static_cast<char>(folder);
  for (auto each = fs::recursive_directory_iterator(directory_ / to_hex({&byte, 1}), error);
       !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    std::error_code gone;
    if (!each->is_regular_file(gone) || each->last_write_time(gone) >= before || gone) continue;
    auto name = each->path().filename().string();
    if (name.starts_with(k_half)) {
      old.halves.push_back(each->path());
    } else if (is_name(name)) {
      old.files.push_back(std::move(name));
    }
  }
  return old;
}

void AttachmentFiles::remove(std::string_view sha256) const {
  std::error_code error;
  fs::remove(path(sha256), error);
}

Result<> AttachmentFiles::identify(Attachment& attachment) {
  if (!attachment.file.empty()) {
    const File source(open(attachment.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!source) return fail(Remedy::drop, "The spooled file of an attachment is gone");
    attachment.sha256 = TRY(pass(source.descriptor(), -1, attachment.size_bytes));
    return {};
  }
  // A spooled one that was taken has nothing left to look at.
  if (attachment.bytes.empty() && is_name(attachment.sha256)) return {};
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(attachment.bytes.data()),
                            attachment.bytes.size());
  attachment.sha256 = hex_of(state);
  attachment.size_bytes = attachment.bytes.size();
  return {};
}

Result<> AttachmentFiles::take(Attachment& attachment) const {
  std::error_code error;
  const bool spooled = !attachment.file.empty();
  if (!spooled && is_name(attachment.sha256) && is_there(path(attachment.sha256))) return {};
  TRY(identify(attachment));
  const auto place = [&](const auto& fill) -> Result<> {
    const auto target = path(attachment.sha256);
    if (is_there(target)) return {};
    if (!make_directories(directory_, target.parent_path())) return trouble("store");
    const auto fresh = target.parent_path() / random_name();
    const bool filled = fill(fresh) && rename(fresh.c_str(), target.c_str()) == 0 &&
                        sync_directory(target.parent_path());
    if (filled) return {};
    const auto failure = trouble("store");
    unlink(fresh.c_str());
    return failure;
  };
  const auto create = [](const fs::path& fresh) {
    return open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  };

  if (!spooled) {
    return place([&](const fs::path& fresh) {
      const File file(create(fresh));
      return file &&
             write_all(file.descriptor(), attachment.bytes.data(), attachment.bytes.size()) &&
             fsync(file.descriptor()) == 0;
    });
  }
  const File source(open(attachment.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!source) return fail(Remedy::drop, "The spooled file of an attachment is gone");
  TRY(place([&](const fs::path& fresh) {
    if (fchmod(source.descriptor(), S_IRUSR | S_IWUSR) != 0) return false;
    if (fsync(source.descriptor()) != 0) return false;
    if (rename(attachment.file.c_str(), fresh.c_str()) == 0) return true;
    // The spool may lie on another file system.
    const File file(create(fresh));
    std::uint64_t copied = 0;
    return errno == EXDEV && file && pass(source.descriptor(), file.descriptor(), copied) &&
           fsync(file.descriptor()) == 0;
  }));
  fs::remove(attachment.file, error);
  attachment.file.clear();
  return {};
}

}  // namespace kanal
