#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/standard_webhook.hpp"
#include "core/clock.hpp"
#include "format/encode.hpp"

// Whether a request comes from the provider. Pure.
namespace kanal::sms_gateway {

using Fields = FormFields;
/// Empty when there is none of that name.
std::string_view field(const Fields& fields, std::string_view name);
/// The parameters of the query and of the body, where that is a form or a JSON object; `drop` where
/// they are too many.
Result<Fields> parameters(const Delivery& delivery);

enum class Scheme : std::uint8_t { path, twilio, vonage, vonage_jwt, bird, standard };
/// vonage: how its `sig` is made.
enum class VonageMethod : std::uint8_t { md5hash, md5, sha1, sha256, sha512, any_hmac };

struct Trust {
  Scheme scheme = Scheme::path;
  VonageMethod method = VonageMethod::sha256;
  std::vector<std::string> secrets;  ///< any of them counts; none is empty
  std::string public_url;            ///< of the channel, without a slash at its end
  std::chrono::seconds skew{300};
};

/// Refuses what is not signed with a secret of ours, or too long ago. A request that is sent again
/// within that time passes: providers do so, and what it says is stored once by its id.
Result<> verify(const Delivery& delivery, const Trust& trust, Time now);

}  // namespace kanal::sms_gateway
