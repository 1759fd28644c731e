#include "web/cookie.hpp"

namespace kanal {

std::string cookie_name(const Request& request, std::string_view name) {
  return (request.secure ? "__Host-" : "") + std::string(name);
}

std::string make_cookie(const Request& request, std::string_view name, std::string_view value,
                        std::chrono::seconds time) {
  return cookie_name(request, name) + "=" + std::string(value) +
         "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(time.count()) +
         (request.secure ? "; Secure" : "");
}

}  // namespace kanal
