#pragma once

#include <string>
#include <string_view>

namespace kanal::twitter {

/// The four keys of OAuth 1.0a, an app's and an account's.
struct OauthKeys {
  std::string consumer_key;
  std::string consumer_secret;
  std::string token;
  std::string token_secret;
};

/// What makes a signature this one's and no other's.
struct OauthMoment {
  std::string nonce;
  std::string timestamp;  ///< seconds since 1970
};

/// The value of the Authorization header (RFC 5849 §3.5.1, HMAC-SHA1). `url` with its query.
/// `form`: the body if it is a urlencoded form, which is signed; other bodies are not (§3.4.1.3.1).
std::string oauth_header(std::string_view method, const std::string& url, std::string_view form,
                         const OauthKeys& keys, const OauthMoment& moment);

}  // namespace kanal::twitter
