#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace kanal {

class Keys;

/// A secret by reference: `env:NAME`, `file:PATH`, or `sealed:…` (encrypted under the
/// installation's key, config/keys.hpp). Plain text is refused by the settings reader. Printing one
/// shows the reference of env and file, and nothing of the others.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string reference) : reference_(std::move(reference)) {}
  /// The secret encrypted under the installation's key, to stand in a settings file.
  static Secret seal(const Keys& keys, std::string_view plain);
  [[nodiscard]] bool empty() const { return reference_.empty(); }
  [[nodiscard]] bool sealed() const { return reference_.starts_with("sealed:"); }
  [[nodiscard]] std::string redacted() const;
  [[nodiscard]] const std::string& reference() const { return reference_; }
  /// The secret itself; the error names the reference, never the value. `keys` may be null when no
  /// sealed secret is expected.
  [[nodiscard]] Result<std::string> reveal(const Keys* keys) const;

 private:
  std::string reference_;
};

}  // namespace kanal
