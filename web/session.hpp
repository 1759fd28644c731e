#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/keys.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "net/http_server.hpp"
#include "store/store.hpp"

namespace kanal {

/// argon2id, encoded with its parameters (OWASP: 19 MiB, two passes, one lane). Takes some 30 ms.
Result<std::string> hash_password(std::string_view password);
bool verify_password(std::string_view password, const std::string& encoded);
/// Why a password is too weak, in `language`; empty when it will do.
std::string weakness(std::string_view password, std::string_view user, std::string_view language);

/// A signed-in officer. `csrf` goes into every form and is empty for bearer tokens.
struct Session {
  Officer officer;
  std::string csrf;
  std::string token;    ///< what the browser holds; only for signing out
  std::string renewal;  ///< Set-Cookie of a session that was lengthened; mostly empty
  [[nodiscard]] Actor actor() const {
    return {officer.role, officer.id, officer.agency, officer.unit};
  }
  /// Has the browser keep its cookie as long as the session, unless the answer sets it already.
  void renew(Response& response) const;
};

/// Knows officers again who have signed in. The database holds only keyed hashes of tokens, and a
/// token counts only with the password that it was given out under: changing the password ends
/// every session and token. Thread-safe.
class Sessions {
 public:
  Sessions(Store& store, const Keys& keys, const Clock& clock);

  /// Starts a browser's session of twelve hours, which slides; gives the Set-Cookie value.
  Result<std::string> start(const Officer& officer, const Request& request);
  /// Who sent this request by its cookie; nothing when nobody that may come in.
  Result<std::optional<Session>> find(const Request& request);
  /// The same by `Authorization: Bearer`.
  Result<std::optional<Session>> find_bearer(const Request& request);
  /// Ends it; gives the Set-Cookie value that removes the cookie.
  Result<std::string> end(const Session& session, const Request& request);
  /// A bearer token of the officer's role. It is shown once and cannot be read again.
  Result<std::string> issue_token(const Officer& officer, std::chrono::seconds lifetime,
                                  std::string_view label);
  struct Token {
    std::string token;
    Time until;
  };
  /// One given out by another token: it ends no later than that one, and with it.
  Result<Token> issue_token(const Session& by, std::chrono::seconds lifetime,
                            std::string_view label);
  Result<> revoke_token(std::string_view token);

  /// Whether a form was sent from one of our pages: Origin or Sec-Fetch-Site, where the browser
  /// says them. The token in the form is checked besides.
  [[nodiscard]] static bool is_ours(const Request& request, std::string_view public_url);
  [[nodiscard]] static bool has_csrf(const Session& session, const Request& request);

 private:
  [[nodiscard]] std::string bind(std::string_view token, const Officer& officer) const;
  [[nodiscard]] Digest hash(std::string_view what, std::string_view token) const;
  Result<std::optional<Session>> find(std::string_view what, std::string_view held);
  /// Whether it was lengthened: once in a while is enough.
  Result<bool> slide(const Digest& hashed);

  Store& store_;
  const Keys& keys_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Time> slid_;  ///< when a session was last lengthened here
};

}  // namespace kanal
