#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "core/result.hpp"

namespace kanal {

/// The embedded default: a PostgreSQL of our own in `directory`, on a unix socket without TCP,
/// under an unprivileged user when started as root. A second opener of the same directory attaches
/// to the running one. Must be opened by a thread that lives as long as the server
/// (PR_SET_PDEATHSIG).
class PrivateServer {
 public:
  static Result<std::unique_ptr<PrivateServer>> open(const std::filesystem::path& directory);
  virtual ~PrivateServer() = default;  ///< stops it cleanly if this one started it
  [[nodiscard]] virtual std::string url() const = 0;
  /// Restarts it when it has died, and waits at most `patience` for it to answer: `retry` when it
  /// does not yet.
  virtual Result<> revive(std::chrono::seconds patience) = 0;
};

}  // namespace kanal
