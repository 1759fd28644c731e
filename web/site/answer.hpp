#pragma once

#include <string>
#include <string_view>

#include "net/http_server.hpp"

namespace kanal::site {

/// A page as it goes out: kept by nobody, told to no other site, and framed by `framers` alone (a
/// list for frame-ancestors). Remembers the language that was asked for.
Response page_answer(const Request& request, int status, std::string html,
                     std::string_view framers = "'none'");

}  // namespace kanal::site
