#pragma once

#include "net/http_server.hpp"

namespace kanal {

class Hub;

/// Where `request.peer` is a proxy that is trusted, makes it who asks by X-Forwarded-For, and
/// `secure` what the proxy says. Of a chain, who asks is the last that no trusted proxy added
/// itself: what stands before, anybody may have written. Ports, as some proxies add them, are
/// passed over.
void believe_proxy(const Hub& hub, Request& request);

}  // namespace kanal
