#pragma once

#include <string>

namespace kanal {

/// Why a request is turned away: the HTTP status and a sentence for whoever sent it.
struct HttpRefusal {
  int status = 400;
  std::string detail;
};

}  // namespace kanal
