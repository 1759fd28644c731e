#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connectors/connector.hpp"
#include "core/clock.hpp"

// Requests signed as standardwebhooks.com has it. Pure.
namespace kanal {

/// Refuses (`reconfigure`) a secret whose key has fewer than the 24 bytes that the standard asks
/// for, and a "whsec_" that is not base64.
Result<> check_standard_secret(const std::string& secret);

/// What stands in webhook-signature for a body sent at `at` (seconds); the secret may begin with
/// "whsec_".
std::string standard_signature(const std::string& secret, std::string_view id, std::string_view at,
                               std::string_view body);

/// Refuses (`reconfigure`) what none of the secrets signed, or what was signed too long ago. A
/// request that is sent again within that time passes: senders do so, and what it says is stored
/// once by its webhook-id.
Result<> verify_standard_webhook(const Delivery& delivery, std::span<const std::string> secrets,
                                 std::chrono::seconds skew, Time now);

/// A header's value; empty when there is none.
std::string_view header(const Delivery& delivery, std::string_view name);

std::optional<std::int64_t> whole_number(std::string_view text);
/// Whether a time in seconds is within `skew` of now.
bool is_fresh(std::optional<std::int64_t> at_s, std::chrono::seconds skew, Time now);

}  // namespace kanal
