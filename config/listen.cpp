#include "config/listen.hpp"

#include <arpa/inet.h>
#include <charconv>

namespace kanal {

std::string ListenAddress::print() const {
  const bool six = host.find(':') != std::string::npos;
  return (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<ListenAddress> parse_listen(std::string_view text) {
  ListenAddress address;
  const auto colon = text.rfind(':');
  const auto digits = text.substr(colon == std::string_view::npos ? 0 : colon + 1);
  const auto* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, address.port);
  if (digits.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  if (colon == std::string_view::npos || colon == 0) return address;
  auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  address.host = std::string(host);
  const bool six = host.find(':') != std::string_view::npos;
  if (six != bracketed || (address.host != "localhost" && !is_ip_address(address.host))) {
    return std::nullopt;
  }
  return address;
}

bool is_ip_address(const std::string& text) {
  in6_addr place{};
  return ::inet_pton(AF_INET, text.c_str(), &place) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &place) == 1;
}

}  // namespace kanal
