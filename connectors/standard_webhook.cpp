#include "connectors/standard_webhook.hpp"

#include <algorithm>
#include <charconv>

#include "config/keys.hpp"
#include "core/text.hpp"
#include "format/digest.hpp"
#include "format/encode.hpp"

namespace kanal {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

bool is_fresh(std::optional<std::int64_t> at_s, std::chrono::seconds skew, Time now) {
  constexpr std::int64_t k_far = 1LL << 40U;
  if (!at_s || *at_s < 0 || *at_s > k_far) return false;
  const Time at{std::chrono::seconds(*at_s)};
  return at >= now - skew && at <= now + skew;
}

namespace {

constexpr std::string_view k_mark = "whsec_";
constexpr std::size_t k_least_key_bytes = 24;

std::string_view bare(std::string_view secret) {
  return secret.starts_with(k_mark) ? secret.substr(k_mark.size()) : secret;
}

}  // namespace

Result<> check_standard_secret(const std::string& secret) {
  const auto key = from_base64(bare(secret));
  const bool whole = key || !secret.starts_with(k_mark);
  if (whole && key.value_or(secret).size() >= k_least_key_bytes) return {};
  return fail(Remedy::reconfigure,
              "the secret is too short or not base64: make one by"
              " echo \"whsec_$(head -c 24 /dev/urandom | base64)\"");
}

std::string standard_signature(const std::string& secret, std::string_view id, std::string_view at,
                               std::string_view body) {
  const auto key = std::string(bare(secret));
  const auto text = std::string(id) + '.' + std::string(at) + '.' + std::string(body);
  return "v1," + to_base64(hmac(Hash::sha256, from_base64(key).value_or(key), text));
}

std::string_view header(const Delivery& delivery, std::string_view name) {
  const auto found =
      std::ranges::find(delivery.headers, name, &std::pair<std::string, std::string>::first);
  return found == delivery.headers.end() ? std::string_view() : std::string_view(found->second);
}

// "id.time.body"; the header holds several signatures while keys change.
Result<> verify_standard_webhook(const Delivery& delivery, std::span<const std::string> secrets,
                                 std::chrono::seconds skew, Time now) {
  const auto refuse = [](std::string why) { return fail(Remedy::reconfigure, std::move(why)); };
  const auto id = header(delivery, "webhook-id");
  const auto at = header(delivery, "webhook-timestamp");
  if (id.empty()) return refuse("there is no webhook-id");
  // The standard keeps it for itself: ids with it could be told from the time in two ways.
  if (id.find('.') != std::string_view::npos) return refuse("a webhook-id may hold no dot");
  bool found = false;
  // All are tried, so that time tells nothing.
  for (const auto& secret : secrets) {
    const auto expected = standard_signature(secret, id, at, delivery.body);
    for (const auto each : split(header(delivery, "webhook-signature"), ' ')) {
      found = equal_secrets(each, expected) || found;
    }
  }
  if (!found) return refuse("the signature is not right");
  if (!is_fresh(whole_number(at), skew, now)) {
    return refuse("the request is too old, or a clock is wrong");
  }
  return {};
}

}  // namespace kanal
