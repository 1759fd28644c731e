#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "net/http_server.hpp"

namespace kanal {

/// What a cookie of ours is called: over TLS bound to this host alone (RFC 6265bis, "__Host-").
std::string cookie_name(const Request& request, std::string_view name);
/// A Set-Cookie value that no script reads and no other site sends along; no time removes it.
std::string make_cookie(const Request& request, std::string_view name, std::string_view value,
                        std::chrono::seconds time);

}  // namespace kanal
