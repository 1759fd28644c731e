#include "connectors/email/last_read.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sstream>
#include <unistd.h>
#include <utility>

namespace kanal::email {
namespace {

constexpr int k_most_deaths = 2;
constexpr int k_looked_for = 1'000;
constexpr std::size_t k_width = 40;

}  // namespace

LastRead::~LastRead() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  std::error_code error;
  std::filesystem::remove(file_, error);
}

void LastRead::open() {
  if (std::exchange(is_open_, true) || file_.empty()) return;
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor_ < 0) return;
  std::array<char, k_width> text{};
  const auto size = ::pread(descriptor_, text.data(), text.size(), 0);
  std::istringstream(std::string(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0)) >>
      fatal_ >> deaths_;
  if (deaths_ > 0) wary_for_ = k_looked_for;
}

bool LastRead::is_wary() {
  open();
  return wary_for_ > 0;
}

bool LastRead::begin(std::uint32_t uid_validity, Uid uid) {
  open();
  if (descriptor_ < 0) return true;
  const auto mail = std::to_string(uid_validity) + ':' + std::to_string(uid);
  const int deaths = mail == fatal_ ? deaths_ : 0;
  wary_for_ = mail == fatal_ ? 1 : wary_for_;
  if (deaths >= k_most_deaths) return false;
  write(mail + ' ' + std::to_string(deaths + 1));
  return true;
}

void LastRead::end() {
  if (descriptor_ < 0) return;
  write("- 0");
  wary_for_ = std::max(0, wary_for_ - 1);
}

// Not made durable: a machine that loses its power did not lose it over a mail.
void LastRead::write(const std::string& text) const {
  std::string line = text;
  line.resize(k_width, ' ');
  (void)!::pwrite(descriptor_, line.data(), line.size(), 0);
}

}  // namespace kanal::email
