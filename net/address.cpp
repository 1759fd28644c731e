#include "net/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <span>
#include <string>
#include <sys/socket.h>

namespace kanal {
namespace {

struct Range {
  std::uint32_t base;
  unsigned bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d = 0) {
  return a << 24U | b << 16U | c << 8U | d;
}

constexpr std::array k_not_public = {
    Range{v4(0, 0, 0), 8},
    Range{v4(10, 0, 0), 8},
    Range{v4(100, 64, 0), 10},
    Range{v4(127, 0, 0), 8},
    Range{v4(169, 254, 0), 16},
    Range{v4(172, 16, 0), 12},
    Range{v4(192, 0, 0), 24},
    Range{v4(192, 0, 2), 24},
    Range{v4(192, 88, 99), 24},
    Range{v4(192, 168, 0), 16},
    Range{v4(198, 18, 0), 15},
    Range{v4(198, 51, 100), 24},
    Range{v4(203, 0, 113), 24},
    Range{v4(224, 0, 0), 4},
    Range{v4(240, 0, 0), 4},
    // Azure's host agent, public by its number only.
    Range{v4(168, 63, 129, 16), 32},
};

bool is_public_v4(std::uint32_t address) {
  return std::none_of(k_not_public.begin(), k_not_public.end(), [address](const Range& range) {
    return (address ^ range.base) >> (32U - range.bits) == 0;
  });
}

std::uint32_t v4_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return v4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool starts(std::span<const std::uint8_t> bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_mapped(const in6_addr& address) {
  return IN6_IS_ADDR_V4MAPPED(&address) != 0;
}

in_addr mapped_in(const in6_addr& address) {
  in_addr four{};
  std::memcpy(&four, address.s6_addr + 12, sizeof four);
  return four;
}

// The first `bits` of an address, a multiple of eight.
template <class Address>
std::string prefix_of(Address address, std::size_t bits) {
  constexpr bool k_is_four = sizeof(Address) == sizeof(in_addr);
  std::array<std::uint8_t, sizeof(Address)> bytes{};
  std::memcpy(bytes.data(), &address, bits / 8);
  std::memcpy(&address, bytes.data(), bytes.size());
  std::array<char, INET6_ADDRSTRLEN> printed{};
  inet_ntop(k_is_four ? AF_INET : AF_INET6, &address, printed.data(), printed.size());
  const bool whole = bits == 8 * sizeof(Address);
  return printed.data() + (whole ? std::string() : "/" + std::to_string(bits));
}

bool is_public_v6(std::span<const std::uint8_t, 16> bytes) {
  if (starts(bytes, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return is_public_v4(v4_at(bytes, 12));
  }
  if (starts(bytes, {0x20, 0x02})) return is_public_v4(v4_at(bytes, 2));
  if ((bytes[0] & 0xe0U) != 0x20) return false;
  const bool protocol_assignments = starts(bytes, {0x20, 0x01}) && bytes[2] < 2;
  const bool documentation =
      starts(bytes, {0x20, 0x01, 0x0d, 0xb8}) || (starts(bytes, {0x3f, 0xff}) && bytes[2] < 0x10);
  return !protocol_assignments && !documentation;
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return is_public_v4(ntohl(in.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    return is_public_v6(std::span<const std::uint8_t, 16>(in.sin6_addr.s6_addr, 16));
  }
  return false;
}

bool is_public_address(std::string_view text) {
  const std::string copy(text);
  in_addr four{};
  if (inet_pton(AF_INET, copy.c_str(), &four) == 1) return is_public_v4(ntohl(four.s_addr));
  in6_addr six{};
  if (inet_pton(AF_INET6, copy.c_str(), &six) == 1) {
    return is_public_v6(std::span<const std::uint8_t, 16>(six.s6_addr, 16));
  }
  return false;
}

std::optional<std::string> plain_address(std::string_view text) {
  const std::string copy(text);
  in_addr four{};
  if (inet_pton(AF_INET, copy.c_str(), &four) == 1) return prefix_of(four, 32);
  in6_addr six{};
  if (inet_pton(AF_INET6, copy.c_str(), &six) != 1) return std::nullopt;
  return is_mapped(six) ? prefix_of(mapped_in(six), 32) : prefix_of(six, 128);
}

std::string customer_of(std::string_view address) {
  const std::string text(address);
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
  return is_mapped(six) ? prefix_of(mapped_in(six), 32) : prefix_of(six, 64);
}

std::string network_of(std::string_view address) {
  const std::string text(address);
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) == 1) {
    return is_mapped(six) ? prefix_of(mapped_in(six), 24) : prefix_of(six, 48);
  }
  in_addr four{};
  return inet_pton(AF_INET, text.c_str(), &four) == 1 ? prefix_of(four, 24) : text;
}

}  // namespace kanal
