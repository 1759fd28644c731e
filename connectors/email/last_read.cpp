#include "connectors/email/last_read.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>
#include <utility>

namespace kanal::email {
namespace {

constexpr int k_most_deaths = 2;
constexpr int k_looked_for = 1'000;

}  // namespace

LastRead::~LastRead() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  std::error_code error;
  std::filesystem::remove(file_, error);
}

void LastRead::open() {
  if (std::exchange(is_open_, true) || file_.empty()) return;
  std::ifstream(file_) >> fatal_ >> deaths_;
  if (deaths_ > 0) wary_for_ = k_looked_for;
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
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
  constexpr std::size_t k_width = 40;
  std::string line = text;
  line.resize(k_width, ' ');
  (void)!::pwrite(descriptor_, line.data(), line.size(), 0);
}

}  // namespace kanal::email
