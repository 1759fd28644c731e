#include "store/history.hpp"

#include <sodium.h>

#include "store/rows.hpp"

namespace kanal {
namespace {

constexpr std::size_t k_salt_bytes = 16;
constexpr std::string_view k_form = "kanal line 1";

class Canonical {
 public:
  void add(std::string_view value) {
    text_ += std::to_string(value.size());
    text_ += ':';
    text_ += value;
  }
  void add(std::int64_t value) { add(std::to_string(value)); }
  void add(const Digest& value) {
    add(std::string_view(reinterpret_cast<const char*>(value.data()), value.size()));
  }
  [[nodiscard]] Digest hash() const {
    Digest digest{};
    crypto_generichash(digest.data(), digest.size(),
                       reinterpret_cast<const unsigned char*>(text_.data()), text_.size(), nullptr,
                       0);
    return digest;
  }

 private:
  std::string text_;
};

}  // namespace

std::string new_salt() {
  std::string salt(k_salt_bytes, '\0');
  randombytes_buf(salt.data(), salt.size());
  return salt;
}

std::string words_hash(std::string_view salt, std::string_view words) {
  if (words.empty()) return {};
  Canonical canonical;
  canonical.add(salt);
  canonical.add(words);
  const auto digest = canonical.hash();
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest line_hash(ReportId report, const Entry& entry, std::string_view words_hash) {
  Canonical canonical;
  canonical.add(k_form);
  canonical.add(report.value());
  canonical.add(std::int64_t{entry.step});
  canonical.add(entry.at.time_since_epoch().count());
  canonical.add(name(entry.actor.role));
  canonical.add(entry.actor.officer.value());
  canonical.add(entry.actor.agency.value());
  canonical.add(entry.actor.unit.value());
  canonical.add(name(entry.event));
  canonical.add(name(entry.from));
  canonical.add(name(entry.to));
  canonical.add(entry.agency.value());
  canonical.add(entry.unit.value());
  canonical.add(entry.post.value());
  canonical.add(entry.other.value());
  canonical.add(entry.reason);
  canonical.add(words_hash);
  canonical.add(name(entry.audience));
  canonical.add(entry.previous);
  // Lines without any have the hash that they had before there were files.
  for (const auto& file : entry.files) {
    canonical.add(file.name);
    canonical.add(file.type);
    canonical.add(static_cast<std::int64_t>(file.size_bytes));
    canonical.add(file.sha256);
  }
  return canonical.hash();
}

}  // namespace kanal
