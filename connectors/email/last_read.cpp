#include "connectors/email/last_read.hpp"

#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace kanal::email {
namespace {

constexpr int k_most_deaths = 2;

}  // namespace

LastRead::~LastRead() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  std::error_code error;
  std::filesystem::remove(file_, error);
}

void LastRead::open() {
  std::ifstream(file_) >> fatal_ >> deaths_;
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) file_.clear();
}

bool LastRead::begin(std::uint32_t uid_validity, Uid uid) {
  if (file_.empty()) return true;
  if (descriptor_ < 0) open();
  const auto mail = std::to_string(uid_validity) + ':' + std::to_string(uid);
  const int deaths = mail == fatal_ ? deaths_ : 0;
  if (deaths >= k_most_deaths) return false;
  write(mail + ' ' + std::to_string(deaths + 1));
  return true;
}

void LastRead::end() {
  if (descriptor_ >= 0) write("- 0");
}

// Not made durable: a machine that loses its power did not lose it over a mail.
void LastRead::write(const std::string& text) const {
  constexpr std::size_t k_width = 40;
  std::string line = text;
  line.resize(k_width, ' ');
  (void)!::pwrite(descriptor_, line.data(), line.size(), 0);
}

}  // namespace kanal::email
