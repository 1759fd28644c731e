#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "net/http_server.hpp"

namespace kanal {

/// Where a responder's answer goes, once: what was given, or a failure when all have let go.
struct Responder::State {
  std::function<void(Response)> deliver;
  std::atomic<bool> answered{false};

  ~State() {
    if (!answered) deliver(Response::text(500, "Internal error\n"));
  }
};

}  // namespace kanal
