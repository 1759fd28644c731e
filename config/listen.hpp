#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kanal {

/// Where a server listens.
struct ListenAddress {
  std::string host = "127.0.0.1";  ///< of IPv6 without brackets
  std::uint16_t port = 0;          ///< 0: any that is free

  /// As it stands in a link: "[::1]:8080".
  [[nodiscard]] std::string print() const;
};

/// "127.0.0.1:8080", "[::]:8080", "localhost:8080", ":8080" or "8080", the last two on this machine
/// only; nothing for any other.
std::optional<ListenAddress> parse_listen(std::string_view text);

bool is_ip_address(const std::string& text);

}  // namespace kanal
