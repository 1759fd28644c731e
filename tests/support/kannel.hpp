#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>

#include "tests/support/bridge_process.hpp"

namespace kanal::test {

/// A real Kannel (bearerbox and smsbox) between an SMSC and whoever is posted to, with
/// configuration, log and ports of its own; gone with the object.
class Kannel {
 public:
  struct Wiring {
    std::uint16_t smsc_port = 0;
    std::string smsc_user;
    std::string smsc_password;
    std::string post_url;  ///< with Kannel's escapes (%p, %I …)
  };
  explicit Kannel(const Wiring& wiring);
  ~Kannel();
  Kannel(const Kannel&) = delete;
  Kannel& operator=(const Kannel&) = delete;

  static bool is_installed();
  [[nodiscard]] std::string send_url() const;
  static constexpr const char* k_user = "bridge";
  static constexpr const char* k_password = "kata-sandi-kannel";

 private:
  TemporaryDirectory directory_;
  std::uint16_t send_port_ = 0;
  pid_t bearerbox_ = -1;
  pid_t smsbox_ = -1;
};

}  // namespace kanal::test
