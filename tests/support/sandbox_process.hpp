#pragma once

#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

#include "format/json.hpp"
#include "net/http_client.hpp"
#include "tests/support/bridge_process.hpp"

namespace kanal::test {

/// kanal-sandbox with one far side, for as long as the object lives.
class SandboxProcess {
 public:
  explicit SandboxProcess(const std::string& kind);
  ~SandboxProcess();
  SandboxProcess(const SandboxProcess&) = delete;
  SandboxProcess& operator=(const SandboxProcess&) = delete;

  /// What its first line says ("url", "consumer_key" …).
  [[nodiscard]] std::string ready(const std::string& key) const { return ready_.text(key); }
  /// Its control API; throws when it refuses.
  Json order(const std::string& method, const std::string& path, const std::string& body = {});

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Http> http_;
  pid_t pid_ = -1;
  Json ready_;
};

}  // namespace kanal::test
