#pragma once

#include <string>

#include "connectors/connector.hpp"
#include "connectors/sms_gateway/settings.hpp"
#include "format/sms.hpp"
#include "net/http_client.hpp"

// How a reply is handed to each provider, and what it answers. Pure.
namespace kanal::sms_gateway {

/// The secrets, revealed.
struct Login {
  std::string secret;
  std::string password;
};

/// Error `drop`: the address is no number that can be answered.
Result<HttpCall> compose(const Reply& reply, const Settings& settings, const Login& login,
                         Time now);
/// The text messages that it takes, as a phone shows them.
SmsText text_of(const Reply& reply, const Settings& settings);
/// What the provider's answer means.
Result<Receipt> judge(const HttpReply& answer, const Settings& settings);

/// A request that costs nothing and shows whether the login is right; no url: there is none.
HttpCall compose_probe(const Settings& settings, const Login& login);
Result<> judge_probe(const HttpReply& answer);

}  // namespace kanal::sms_gateway
