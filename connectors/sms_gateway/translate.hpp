#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/keys.hpp"
#include "connectors/connector.hpp"
#include "connectors/sms_gateway/settings.hpp"
#include "core/clock.hpp"

// What a request says, whoever sent it. Pure.
namespace kanal::sms_gateway {

struct Origin {
  /// What of a request its signature covers; nothing else of it is read.
  enum class Signed : std::uint8_t { all, parameters, body };
  Provider provider = Provider::path;
  std::string region = "ID";
  Signed covered = Signed::all;
};

/// Messages, reports of delivery, or both; what cannot be read is kept for a person. The answer is
/// what the provider wants to hear. Names of fields are those of Kannel, Twilio, Vonage (SMS and
/// Messages API), Bird, Infobip and the simple form {id, from, to, text}.
Received translate(const Delivery& delivery, const Origin& origin, const Keys& keys, Time now);

/// Whether it came where reports of delivery are asked for.
bool is_callback(const Delivery& delivery);

/// A request as it is kept: method and query, Content-Type, the time it came, its webhook-id if it
/// has one, a blank line, the body. Its path is not, as a secret may stand there.
std::string print_payload(const Delivery& delivery, Time at);
struct Kept {
  Delivery delivery;
  Time at;
};
std::optional<Kept> parse_payload(std::string_view payload);

}  // namespace kanal::sms_gateway
