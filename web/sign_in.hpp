#pragma once

#include <chrono>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include "config/keys.hpp"
#include "core/clock.hpp"
#include "net/http_server.hpp"
#include "store/store.hpp"

namespace kanal {

/// Looks at user names and passwords. Nobody can lock out an officer who works elsewhere: failures
/// of an account count where they come from, an IPv4 /24 or IPv6 /48. Higher bounds hold for a
/// network whatever the account and for an account whatever the network. They do not bind a browser
/// that the account has been signed in with, whose failures count by themselves (OWASP, "Slow Down
/// Online Guessing Attacks with Device Cookies"). Thread-safe.
class SignIn {
 public:
  SignIn(Store& store, const Keys& keys, const Clock& clock);

  enum class Why : std::uint8_t {
    wrong,   ///< user or password: which one is not told
    locked,  ///< after too many failures; the password was not looked at
    busy,    ///< too many sign-ins at this moment
    absent,  ///< the store is away
  };
  struct Denial {
    Why why = Why::wrong;
    std::chrono::seconds wait{0};  ///< when locked
  };
  tl::expected<Officer, Denial> authenticate(std::string_view user, std::string_view password,
                                             const Request& request);

  /// The Set-Cookie value by which this browser is known for a year as one of the officer's.
  [[nodiscard]] std::string remember(const Officer& officer, const Request& request) const;

 private:
  [[nodiscard]] Digest hash(std::string_view what, std::string_view of) const;
  [[nodiscard]] std::string device_cookie(std::string_view user) const;
  /// What the browser is known by to the account; empty when it is not.
  [[nodiscard]] std::string device(std::string_view user, const Request& request) const;
  [[nodiscard]] std::string device_proof(std::string_view user, std::string_view device,
                                         std::string_view until) const;
  /// The account's own bound stands first.
  [[nodiscard]] std::vector<SignInBound> bounds(std::string_view user,
                                                const Request& request) const;

  Store& store_;
  const Keys& keys_;
  const Clock& clock_;
  std::string dummy_;  ///< verified in place of an unknown user's, to take the same time
  std::counting_semaphore<2> turns_{2};
};

}  // namespace kanal
