#pragma once

#include <string>
#include <vector>

#include "config/keys.hpp"
#include "config/organisation.hpp"
#include "core/clock.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"

namespace kanal {

/// An officer of the demonstration, with the password to sign in by.
struct DemoLogin {
  std::string user;
  std::string role;
  std::string password;
};

/// What stands behind the channels of a demonstration: the control APIs of far sides on loopback,
/// empty where a channel is not there, and how a citizen finds us by each.
struct DemoStage {
  std::vector<DemoLogin> officers;
  std::string twitter_control;
  std::string email_control;
  std::string sms_control;
  std::string gateway_control;
  std::string office_control;
  std::string gateway_channel;  ///< where the gateway posts texts to, without its secret
  std::string office_channel;   ///< where the offices' systems post to
  std::string handle;
  std::string address;
  std::string number;
  std::string gateway_number;
  std::string office_address;   ///< of the office that is handed reports by mail
  std::string application_key;  ///< for /open311/v2
};

/// What the page to play a citizen stands on; all of it outlives the routes.
struct DemoParts {
  DemoStage stage;
  const Organisation& organisation;
  const Keys& keys;
  const Clock& clock;
  Http& http;
  std::string public_url;  ///< without a slash at its end
};

/// The page /demo on which a newcomer tweets, texts, mails and fills in the form, and sees what is
/// answered. Only for demonstrations: it shows the officers' passwords. Thread-safe.
std::vector<Route> demo_routes(DemoParts parts);

}  // namespace kanal
