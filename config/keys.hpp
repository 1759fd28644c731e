#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace kanal {

/// What a derived key is for; one purpose's output is worthless for another.
enum class Purpose : std::uint64_t {
  identity = 1,  ///< sealing who a reporter is
  lookup = 2,    ///< keyed hashes to find a reporter by
  payload = 3,   ///< sealing raw messages
  thread = 4,    ///< tokens in reply addresses and message ids
  form = 5,      ///< form tokens
  session = 6,
  secret = 7,    ///< settings sealed at rest
  tracking = 8,  ///< secret links of confidential reports
};

/// The installation's key: 32 random bytes in a file of mode 0600 that is not in the database.
/// Without it no identity can be read again. Immutable after `open`; safe from any thread.
class Keys {
 public:
  /// Reads `file`, or makes it (with its directory) when there is none.
  static Result<Keys> open(const std::filesystem::path& file);
  /// Keys of a fixed seed, for tests and `trace --offline`.
  static Keys of_seed(std::string_view seed);

  /// BLAKE2b-256 keyed for the purpose.
  [[nodiscard]] std::array<std::uint8_t, 32> mac(Purpose purpose, std::string_view message) const;
  /// Its first `bytes` (at most 32), where a shorter proof will do: as raw bytes, to be printed.
  [[nodiscard]] std::string tag(Purpose purpose, std::string_view message, std::size_t bytes) const;
  /// XChaCha20-Poly1305 with a random nonce in front.
  [[nodiscard]] std::string seal(Purpose purpose, std::string_view plain) const;
  [[nodiscard]] Result<std::string> unseal(Purpose purpose, std::string_view sealed) const;

 private:
  explicit Keys(std::array<std::uint8_t, 32> master);
  std::array<std::array<std::uint8_t, 32>, 9> derived_{};
};

/// Bytes from the system's generator (libsodium).
std::string random_bytes(std::size_t count);
/// Takes the same time wherever two texts of one length differ.
bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace kanal
