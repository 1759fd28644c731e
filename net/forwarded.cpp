#include "net/forwarded.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "core/text.hpp"
#include "net/address.hpp"
#include "net/hub.hpp"

namespace kanal {
namespace {

/// "203.0.113.7", "203.0.113.7:51234", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443".
std::optional<std::string> address_in(std::string_view hop) {
  if (hop.starts_with('[')) {
    const auto end = hop.find(']');
    return end == std::string_view::npos ? std::nullopt : plain_address(hop.substr(1, end - 1));
  }
  const auto colon = hop.find(':');
  const bool has_port = colon != std::string_view::npos && colon == hop.rfind(':');
  return plain_address(has_port ? hop.substr(0, colon) : hop);
}

}  // namespace

void believe_proxy(const Hub& hub, Request& request) {
  const auto proxy = request.peer;
  if (!hub.trusts(proxy)) return;
  // Proxies append to the header or add another one.
  std::string chain;
  std::string protocol;
  for (const auto& [name, value] : request.headers) {
    if (name == "x-forwarded-for") chain += (chain.empty() ? "" : ",") + value;
    if (name == "x-forwarded-proto") protocol = value;
  }
  for (auto hops = split(chain, ','); !hops.empty(); hops.pop_back()) {
    const auto hop = trim(hops.back());
    const auto address = address_in(hop);
    if (!address) {
      if (!hop.empty()) hub.warn_of_unreadable_hop(proxy);
      break;
    }
    request.peer = *address;
    if (!hub.trusts(request.peer)) break;
  }
  if (equals_ignoring_case(trim(split(protocol, ',').back()), "https")) request.secure = true;
}

}  // namespace kanal
