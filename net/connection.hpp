#pragma once

#include <chrono>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "net/hub.hpp"

namespace boost::asio::ssl {
class context;
}

namespace kanal {

/// How long a peer that was told the end may take to go.
inline constexpr std::chrono::milliseconds k_linger{2'000};

/// Serves the client at `address` over `socket`, whose executor is a strand, until either side ends
/// it: requests one after the other, each within its limits. `hub` outlives it; `tls` (or null)
/// need not.
void serve_connection(Hub& hub, std::string address, boost::asio::ip::tcp::socket socket,
                      boost::asio::ssl::context* tls);

}  // namespace kanal
