#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kanal {

/// For signatures of far sides, which choose the algorithm; ours are Keys::mac (config/keys.hpp).
enum class Hash : std::uint8_t { md5, sha1, sha256, sha512 };
/// The bytes of the digest.
std::string digest(Hash hash, std::string_view bytes);
/// HMAC (RFC 2104).
std::string hmac(Hash hash, std::string_view key, std::string_view bytes);

}  // namespace kanal
