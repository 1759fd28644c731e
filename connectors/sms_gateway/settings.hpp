#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "config/describe.hpp"
#include "config/secret.hpp"
#include "connectors/signed_requests.hpp"

namespace kanal::sms_gateway {

/// Whose requests and API they are. `path` takes messages of any sender who knows the secret in the
/// address, `standard` is signed as Standard Webhooks has it.
enum class Provider : std::uint8_t { kannel, twilio, vonage, messagebird, standard, path };
inline constexpr std::array<std::string_view, 6> k_providers = {"kannel",      "twilio",   "vonage",
                                                                "messagebird", "standard", "path"};
constexpr std::span<const std::string_view> names_of(Provider /*of all*/) {
  return k_providers;
}

struct Settings : SignedRequests {
  Provider provider = Provider::path;
  std::string signature = "sha256";
  std::string public_url;
  std::string send_url;
  std::string user;
  Secret password;
  std::string source;
  std::string region = "ID";
  std::int64_t most_segments = 3;
  bool private_network = false;
  std::chrono::seconds timeout_s{30};

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(provider,
          Field{.key = "provider",
                .about = "Whose requests and API they are; \"path\" takes messages of any "
                         "sender who knows the secret in the address, \"standard\" is "
                         "signed as Standard Webhooks has it.",
                .required = true,
                .example = "path"});
    describe_secrets(visit,
                     "What requests to us are signed with; for kannel and path the last part of "
                     "the address that messages are posted to: at least 16 characters.",
                     "One that still counts while the provider changes to the new one.");
    visit(signature, Field{.key = "signature",
                           .about = "vonage: the account's signature method; jwt is the Messages "
                                    "API, with reports of delivery signed by any HMAC.",
                           .choices = {"sha256", "sha512", "sha1", "md5", "md5hash", "jwt"}});
    visit(public_url, Field{.key = "public_url",
                            .about = "This channel's address as the provider calls it "
                                     "(\"https://lapor.example.go.id/in/sms\"): signatures cover "
                                     "it, and reports of delivery are asked for there."});
    visit(send_url,
          Field{.key = "send_url",
                .about = "Where answers are sent; empty is the provider's usual address."});
    visit(user, Field{.key = "user",
                      .about = "Kannel's sendsms-user, Twilio's account SID, Vonage's API key."});
    visit(password, Field{.key = "password",
                          .about = "What goes with it: Kannel's password, Vonage's API secret, "
                                   "Bird's access key; empty for twilio takes the secret."});
    visit(source, Field{.key = "source",
                        .about = "The number or name that answers come from (\"1708\").",
                        .required = true});
    visit(region, Field{.key = "region",
                        .about = "Whose national numbers (08…) are meant, as in ISO 3166."});
    visit(most_segments, Field{.key = "most_segments",
                               .about = "Parts that an answer may have; a longer one is cut.",
                               .least = 1,
                               .most = 10});
    visit(private_network,
          Field{.key = "private_network",
                .about = "The sending address may be on this machine or a private network, and "
                         "without TLS, as Kannel's usually is."});
    describe_skew(visit);
    visit(timeout_s, Field{.key = "timeout_s",
                           .about = "How long the provider may take to answer.",
                           .least = 1,
                           .most = 600});
  }
};

}  // namespace kanal::sms_gateway
