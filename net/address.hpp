#pragma once

#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace kanal {

/// Whether an address belongs to the open internet: neither loopback, private, link-local (where
/// clouds keep their metadata), shared (RFC 6598), multicast, reserved, nor IPv4 in IPv6's clothes.
/// NAT64 and 6to4 count as the IPv4 address inside them. (IANA special-purpose registries.)
bool is_public_address(const sockaddr& address);

/// The same of an address as text, without brackets; false for anything else.
bool is_public_address(std::string_view text);

/// An address in its one spelling (RFC 5952), IPv4 out of IPv6's clothes (RFC 4291 §2.5.5.2).
/// Nothing when it is none; it has neither brackets nor zone.
std::optional<std::string> plain_address(std::string_view text);

/// What is most likely one customer's: an IPv4 address (also in IPv6's clothes),
/// the first 64 bits of an IPv6 one (RFC 6177). Anything else as it is.
std::string customer_of(std::string_view address);

/// What neighbours share who may be one: the first 24 bits of an IPv4 address (also in IPv6's
/// clothes), the first 48 of an IPv6 one. Anything else as it is.
std::string network_of(std::string_view address);

}  // namespace kanal
