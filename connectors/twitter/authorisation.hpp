#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/keys.hpp"
#include "connectors/twitter/oauth.hpp"
#include "connectors/twitter/settings.hpp"
#include "core/clock.hpp"
#include "net/http_client.hpp"

namespace kanal::twitter {

/// Puts our credential on calls. An OAuth 2.0 token is replaced in two steps, because the old one
/// is worthless from then on: `renew` fetches the new one sealed, the caller stores it, and only
/// what `adopt` is given back is used.
class Authorisation {
 public:
  static Result<Authorisation> create(const Settings& settings, const Keys& keys);

  /// Names the credential without showing it; the same for all channels that use it.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }
  [[nodiscard]] bool is_app_only() const { return bearer_fixed_; }

  /// What was stored; ignored when the settings hold another first token by now.
  void adopt(const std::string& sealed);
  [[nodiscard]] bool wants_renewal(Time now) const;
  /// The successor, sealed, to be stored before it is adopted. The same one until it is.
  Result<std::string> renew(Http& http, Time now);
  /// The far side does not take the token any more. One that was just renewed is not renewed for
  /// that: what is refused then is something else.
  void expire(Time now);

  /// For calls whose body is no form.
  Result<> sign(HttpCall& call, Time now) const;

 private:
  struct Token {
    std::string access;
    std::string refresh;
    Time expires;
    Time renewed;
  };
  explicit Authorisation(const Keys& keys) : keys_(&keys) {}
  [[nodiscard]] std::optional<Token> read(const std::string& sealed) const;
  [[nodiscard]] std::string seal(const Token& token) const;

  const Keys* keys_;
  std::string api_url_;
  bool allow_private_ = false;
  std::chrono::milliseconds timeout_ms_{30'000};
  std::string fingerprint_;
  bool bearer_fixed_ = false;
  bool rotates_ = false;
  OauthKeys oauth_;
  std::string client_id_;
  std::string client_secret_;
  std::string first_;  ///< hash of the refresh token in the settings
  Token token_;
  std::string adopted_;
  std::string pending_;
};

/// Whether the API stands on this machine (a sandbox), where private addresses are called.
bool is_local(std::string_view url);

}  // namespace kanal::twitter
