#include "config/secret.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "config/keys.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"

namespace kanal {

namespace {

constexpr std::size_t k_most_bytes = 64U << 10U;

}  // namespace

Secret Secret::seal(const Keys& keys, std::string_view plain) {
  return Secret("sealed:" + to_base64url(keys.seal(Purpose::secret, plain)));
}

std::string Secret::redacted() const {
  if (reference_.starts_with("env:") || reference_.starts_with("file:")) return reference_;
  return reference_.empty() ? "" : "sealed:…";
}

Result<std::string> Secret::reveal(const Keys* keys) const {
  if (reference_.empty()) return std::string();
  if (reference_.starts_with("env:")) {
    const auto name = reference_.substr(4);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
      return fail(Remedy::reconfigure, "the environment variable " + name + " is not set");
    }
    return std::string(value);
  }
  if (reference_.starts_with("file:")) {
    const auto path = reference_.substr(5);
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Remedy::reconfigure, "the secret's file " + path + " cannot be read");
    std::string value(k_most_bytes, '\0');
    file.read(value.data(), static_cast<std::streamsize>(value.size()));
    value.resize(static_cast<std::size_t>(file.gcount()));
    return std::string(trim(value));
  }
  if (sealed()) {
    if (keys == nullptr) {
      return fail(Remedy::reconfigure,
                  "a sealed secret cannot be opened without the key that sealed it");
    }
    const auto cipher = from_base64url(std::string_view(reference_).substr(7));
    if (cipher) {
      if (auto plain = keys->unseal(Purpose::secret, *cipher)) return plain;
    }
    return fail(Remedy::reconfigure,
                "a sealed secret cannot be opened with this installation's key; seal it again");
  }
  return fail(Remedy::reconfigure, "a secret must be \"env:VARIABLE\", \"file:PATH\" or sealed");
}

}  // namespace kanal
