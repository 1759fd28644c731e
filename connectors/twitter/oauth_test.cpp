#include "connectors/twitter/oauth.hpp"

#include <catch2/catch.hpp>

#include "net/http_client.hpp"

namespace kanal::twitter {
namespace {

// The example of the public documentation ("Creating a signature").
const OauthKeys k_keys{"xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
                       "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
                       "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"};
const OauthMoment k_moment{"kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", "1318622958"};

TEST_CASE("the documented request gets the documented signature") {
  const auto header =
      oauth_header("POST", "https://api.twitter.com/1.1/statuses/update.json?include_entities=true",
                   "status=Hello%20Ladies%20%2B%20Gentlemen%2C%20a%20signed%20OAuth%20request%21",
                   k_keys, k_moment);
  INFO(header);
  CHECK(header.starts_with("OAuth "));
  CHECK(header.find("oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\"") != std::string::npos);
  CHECK(header.find("oauth_nonce=\"kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg\"") !=
        std::string::npos);
  CHECK(header.find("oauth_version=\"1.0\"") != std::string::npos);
  CHECK(header.find("status") == std::string::npos);
  CHECK(header.find("include_entities") == std::string::npos);
}

TEST_CASE("the secrets do not stand in the header") {
  const auto header = oauth_header("GET", "https://api.x.com/2/users/me", {}, k_keys, k_moment);
  CHECK(header.find(k_keys.consumer_secret) == std::string::npos);
  CHECK(header.find(k_keys.token_secret) == std::string::npos);
}

TEST_CASE("method, address, query and time each change the signature") {
  const auto sign = [](const char* method, const char* url, const OauthMoment& moment) {
    return oauth_header(method, url, {}, k_keys, moment);
  };
  const auto one = sign("GET", "https://api.x.com/2/tweets?ids=1", k_moment);
  CHECK(one == sign("GET", "https://api.x.com/2/tweets?ids=1", k_moment));
  CHECK(one != sign("POST", "https://api.x.com/2/tweets?ids=1", k_moment));
  CHECK(one != sign("GET", "https://api.x.com/2/tweets?ids=2", k_moment));
  CHECK(one != sign("GET", "https://api.x.com/2/tweets?ids=1", {"n", "1318622958"}));
}

// liboauth brings a second libcurl and a second TLS into the process.
TEST_CASE("signing stands beside the client that carries the request") {
  const auto http = make_http({});
  oauth_header("GET", "https://api.x.com/2/users/me", {}, k_keys, k_moment);
  HttpCall call;
  call.url = "http://127.0.0.1:1/";
  call.allow_private = true;
  CHECK(http->fetch(call).error().remedy == Remedy::retry);
}

}  // namespace
}  // namespace kanal::twitter
