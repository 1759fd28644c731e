#include "config/keys.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <sodium.h>

#include "config/stands.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_key_bytes = 32;
constexpr std::size_t k_nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t k_tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

using Key = std::array<std::uint8_t, k_key_bytes>;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

void start_sodium() {
  if (sodium_init() < 0) std::abort();
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

Key hash(const Key* key, std::string_view message) {
  Key digest{};
  crypto_generichash(digest.data(), digest.size(), bytes(message), message.size(),
                     key != nullptr ? key->data() : nullptr, key != nullptr ? key->size() : 0);
  return digest;
}

tl::unexpected<Error> refuse(const std::filesystem::path& file, const std::string& why) {
  return fail(Remedy::reconfigure, "the key file " + file.string() + " " + why);
}

Result<Key> read_key(const std::filesystem::path& file) {
  const File opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  if (opened.get() < 0 || ::fstat(opened.get(), &status) != 0) {
    return refuse(file, std::string("cannot be opened: ") + std::strerror(errno));
  }
  if ((status.st_mode & 077U) != 0) {
    return refuse(file, "can be read by other users; run: chmod 600 " + file.string());
  }
  Key key{};
  std::array<char, 1> more{};
  if (::read(opened.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
      ::read(opened.get(), more.data(), 1) != 0) {
    return refuse(file, "is damaged: it must hold 32 bytes; restore it from a backup");
  }
  return key;
}

// Written aside, synced and linked, so that a crash leaves either no key or a whole one, and of two
// makers one wins.
Result<> make_key(const std::filesystem::path& file) {
  std::error_code error;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), error);
  const auto aside = file.string() + "." + std::to_string(::getpid()) + ".new";
  {
    const File made(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const auto key = random_bytes(k_key_bytes);
    if (made.get() < 0 ||
        ::write(made.get(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
        ::fsync(made.get()) != 0) {
      return refuse(file, std::string("cannot be written: ") + std::strerror(errno));
    }
  }
  const int linked = ::link(aside.c_str(), file.c_str());
  const int reason = errno;
  ::unlink(aside.c_str());
  if (linked != 0 && reason != EEXIST) {
    return refuse(file, std::string("cannot be written: ") + std::strerror(reason));
  }
  const auto parent = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const File directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
  return {};
}

}  // namespace

Keys::Keys(std::array<std::uint8_t, 32> master) {
  for (std::size_t purpose = 1; purpose < derived_.size(); ++purpose) {
    derived_[purpose] = hash(&master, "kanal purpose " + std::to_string(purpose));
  }
  sodium_memzero(master.data(), master.size());
}

Result<Keys> Keys::open(const std::filesystem::path& file) {
  start_sodium();
  if (!TRY(stands(file))) TRY(make_key(file));
  return Keys(TRY(read_key(file)));
}

Keys Keys::of_seed(std::string_view seed) {
  start_sodium();
  return Keys(hash(nullptr, seed));
}

std::array<std::uint8_t, 32> Keys::mac(Purpose purpose, std::string_view message) const {
  return hash(&derived_.at(static_cast<std::size_t>(purpose)), message);
}

std::string Keys::tag(Purpose purpose, std::string_view message, std::size_t bytes) const {
  const auto whole = mac(purpose, message);
  if (bytes > whole.size()) std::abort();
  return {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes)};
}

std::string Keys::seal(Purpose purpose, std::string_view plain) const {
  std::string sealed = random_bytes(k_nonce_bytes);
  sealed.resize(k_nonce_bytes + plain.size() + k_tag_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(sealed) + k_nonce_bytes, nullptr, bytes(plain),
                                             plain.size(), nullptr, 0, nullptr, bytes(sealed),
                                             derived_.at(static_cast<std::size_t>(purpose)).data());
  return sealed;
}

Result<std::string> Keys::unseal(Purpose purpose, std::string_view sealed) const {
  if (sealed.size() < k_nonce_bytes + k_tag_bytes) {
    return fail(Remedy::drop, "this was not sealed with this installation's key");
  }
  std::string plain(sealed.size() - k_nonce_bytes - k_tag_bytes, '\0');
  const auto cipher = sealed.substr(k_nonce_bytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          bytes(plain), nullptr, nullptr, bytes(cipher), cipher.size(), nullptr, 0, bytes(sealed),
          derived_.at(static_cast<std::size_t>(purpose)).data()) != 0) {
    return fail(Remedy::drop, "this was not sealed with this installation's key");
  }
  return plain;
}

std::string random_bytes(std::size_t count) {
  start_sodium();
  std::string random(count, '\0');
  randombytes_buf(random.data(), random.size());
  return random;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace kanal
