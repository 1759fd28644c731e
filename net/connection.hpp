#pragma once

#include <chrono>

#include <boost/asio/ip/tcp.hpp>

#include "net/hub.hpp"

namespace boost::asio::ssl {
class context;
}

namespace kanal {

/// How long a peer that was told the end may take to go.
inline constexpr std::chrono::milliseconds k_linger{2'000};

/// Serves one client over `socket`, whose executor is a strand, until either side ends it: requests
/// one after the other, each within its limits; or turns it away. `tls` (or null) and `hub` outlive
/// it.
void serve_connection(Hub& hub, boost::asio::ip::tcp::socket socket,
                      boost::asio::ssl::context* tls);

}  // namespace kanal
