#include "app/running.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace kanal::app {

namespace {

std::filesystem::path file_of(const std::filesystem::path& data) {
  return data / "serve.address";
}

}  // namespace

// The lock is this file's own: were it the directory's, a look at it could keep a bridge from
// starting.
Result<> tell_address(const std::filesystem::path& data, const std::string& address) {
  const auto file = file_of(data);
  const auto aside = file.string() + ".new";
  const int held = ::open(aside.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool told =
      held >= 0 && ::flock(held, LOCK_EX | LOCK_NB) == 0 &&
      ::write(held, address.data(), address.size()) == static_cast<ssize_t>(address.size()) &&
      ::rename(aside.c_str(), file.c_str()) == 0;
  if (told) return {};
  if (held >= 0) ::close(held);
  return fail(Remedy::retry, file.string() + " cannot be written");
}

void forget_address(const std::filesystem::path& data) {
  std::error_code absent;
  std::filesystem::remove(file_of(data), absent);
}

std::string running_address(const std::filesystem::path& data) {
  const int file = ::open(file_of(data).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string address;
  if (::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    std::array<char, 256> bytes{};
    const auto size = ::read(file, bytes.data(), bytes.size());
    if (size > 0) address.assign(bytes.data(), static_cast<std::size_t>(size));
  }
  ::close(file);
  return address;
}

}  // namespace kanal::app
