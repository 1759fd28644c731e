#include "format/digest.hpp"

#include <array>
#include <cstdlib>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace kanal {
namespace {

const EVP_MD* algorithm(Hash hash) {
  switch (hash) {
    case Hash::md5:
      return EVP_md5();
    case Hash::sha1:
      return EVP_sha1();
    case Hash::sha256:
      return EVP_sha256();
    case Hash::sha512:
      return EVP_sha512();
  }
  std::abort();
}

using Room = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string text_of(const Room& room, unsigned size) {
  return {reinterpret_cast<const char*>(room.data()), size};
}

}  // namespace

std::string digest(Hash hash, std::string_view bytes) {
  Room room{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), room.data(), &size, algorithm(hash), nullptr) != 1) {
    std::abort();
  }
  return text_of(room, size);
}

std::string hmac(Hash hash, std::string_view key, std::string_view bytes) {
  Room room{};
  unsigned size = 0;
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (HMAC(algorithm(hash), key.data(), static_cast<int>(key.size()), data, bytes.size(),
           room.data(), &size) == nullptr) {
    std::abort();
  }
  return text_of(room, size);
}

}  // namespace kanal
