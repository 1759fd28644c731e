#include "connectors/sms_gateway/verify.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "config/keys.hpp"
#include "core/text.hpp"
#include "format/digest.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal::sms_gateway {
namespace {

tl::unexpected<Error> refuse(std::string why) {
  return fail(Remedy::reconfigure, std::move(why));
}

/// Any of the secrets makes it; all are tried, so that time tells nothing.
bool any(const Trust& trust, const std::function<bool(const std::string&)>& makes) {
  bool found = false;
  for (const auto& secret : trust.secrets) found = makes(secret) || found;
  return found;
}

std::string url_of(const Delivery& delivery, const Trust& trust) {
  auto url = trust.public_url;
  if (!delivery.path.empty()) url += '/' + delivery.path;
  if (!delivery.query.empty()) url += '?' + delivery.query;
  return url;
}

Result<> verify_path(const Delivery& delivery, const Trust& trust) {
  const auto given = std::string_view(delivery.path).substr(0, delivery.path.find('/'));
  if (any(trust, [&](const std::string& secret) { return equal_secrets(given, secret); })) {
    return {};
  }
  return refuse("the address does not hold this channel's secret");
}

/// twilio.com/docs/usage/security: the URL with every field of the form behind it, in order.
Result<> verify_twilio(const Delivery& delivery, const Trust& trust) {
  auto text = url_of(delivery, trust);
  const bool json = header(delivery, "content-type").starts_with("application/json");
  if (json) {
    const auto query = TRY(parse_form(delivery.query));
    if (!equal_secrets(field(query, "bodySHA256"), to_hex(digest(Hash::sha256, delivery.body)))) {
      return refuse("the body is not the one that was signed");
    }
  } else {
    auto fields = TRY(parse_form(delivery.body));
    std::ranges::sort(fields);
    for (const auto& [name, value] : fields) text += name + value;
  }
  const auto given = header(delivery, "x-twilio-signature");
  const auto makes = [&](const std::string& secret) {
    return equal_secrets(given, to_base64(hmac(Hash::sha1, secret, text)));
  };
  if (any(trust, makes)) return {};
  return refuse("the signature is not right; check the auth token and public_url");
}

std::string vonage_signature(VonageMethod method, const std::string& secret,
                             const std::string& text) {
  switch (method) {
    case VonageMethod::md5hash:
      return to_hex(digest(Hash::md5, text + secret));
    case VonageMethod::md5:
      return to_hex(hmac(Hash::md5, secret, text));
    case VonageMethod::sha1:
      return to_hex(hmac(Hash::sha1, secret, text));
    case VonageMethod::sha256:
      return to_hex(hmac(Hash::sha256, secret, text));
    case VonageMethod::sha512:
      return to_hex(hmac(Hash::sha512, secret, text));
    case VonageMethod::any_hmac:
      break;
  }
  return {};
}

/// developer.vonage.com, "Signing messages": "&name=value" of every parameter but sig, in order.
Result<> verify_vonage(const Delivery& delivery, const Trust& trust, Time now) {
  auto fields = TRY(parameters(delivery));
  std::ranges::sort(fields);
  std::string text;
  for (const auto& [name, value] : fields) {
    if (name == "sig") continue;
    auto clean = value;
    std::ranges::replace(clean, '&', '_');
    std::ranges::replace(clean, '=', '_');
    text += '&' + name + '=' + clean;
  }
  const auto given = to_lower_ascii(field(fields, "sig"));
  constexpr auto k_hmacs = std::to_array<VonageMethod>(
      {VonageMethod::sha256, VonageMethod::sha512, VonageMethod::sha1, VonageMethod::md5});
  const auto methods = trust.method == VonageMethod::any_hmac
                           ? std::span<const VonageMethod>(k_hmacs)
                           : std::span<const VonageMethod>(&trust.method, 1);
  const auto makes = [&](const std::string& secret) {
    bool found = false;
    for (const auto method : methods) {
      found = equal_secrets(given, vonage_signature(method, secret, text)) || found;
    }
    return found;
  };
  if (!any(trust, makes)) {
    return refuse("the signature is not right; check the signature secret and its method");
  }
  if (!is_fresh(whole_number(field(fields, "timestamp")), trust.skew, now)) {
    return refuse("the request is too old, or a clock is wrong");
  }
  return {};
}

/// The claims of a JWT of HS256 (RFC 7519); nothing else is taken for one.
Result<Json> read_token(std::string_view text, const Trust& trust) {
  const auto parts = split(text, '.');
  if (parts.size() != 3) return refuse("there is no signed token");
  const auto head = from_base64url(parts[0]);
  const auto body = from_base64url(parts[1]);
  const auto seal = from_base64url(parts[2]);
  if (!head || !body || !seal) return refuse("the token cannot be read");
  const auto signed_text = text.substr(0, parts[0].size() + 1 + parts[1].size());
  const auto makes = [&](const std::string& secret) {
    return equal_secrets(*seal, hmac(Hash::sha256, secret, signed_text));
  };
  if (!any(trust, makes)) return refuse("the token is not signed with our secret");
  const auto header_json = Json::parse(*head);
  auto claims = Json::parse(*body);
  if (!header_json || header_json->text("alg") != "HS256" || !claims) {
    return refuse("the token cannot be read");
  }
  return std::move(*claims);
}

std::optional<std::int64_t> time_claim(const Json& claims, std::string_view name) {
  const auto* const found = claims.find(name);
  if (found == nullptr || found->type != Json::Type::integer) return std::nullopt;
  return found->integer;
}

bool is_body(const Json& claims, const Delivery& delivery) {
  return equal_secrets(to_lower_ascii(claims.text("payload_hash")),
                       to_hex(digest(Hash::sha256, delivery.body)));
}

Result<> verify_vonage_jwt(const Delivery& delivery, const Trust& trust, Time now) {
  auto bearer = header(delivery, "authorization");
  if (bearer.size() > 7 && equals_ignoring_case(bearer.substr(0, 7), "bearer ")) {
    bearer.remove_prefix(7);
  }
  const auto claims = TRY(read_token(bearer, trust));
  if (!is_fresh(time_claim(claims, "iat"), trust.skew, now)) {
    return refuse("the request is too old, or a clock is wrong");
  }
  if (!is_body(claims, delivery)) return refuse("the body is not the one that was signed");
  return {};
}

Result<> verify_bird_token(const Delivery& delivery, const Trust& trust, Time now) {
  const auto claims = TRY(read_token(header(delivery, "messagebird-signature-jwt"), trust));
  const auto begins = time_claim(claims, "nbf");
  const auto ends = time_claim(claims, "exp");
  const auto now_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  if (!begins || !ends || *begins > (now_s + trust.skew).count() ||
      *ends < (now_s - trust.skew).count()) {
    return refuse("the request is too old, or a clock is wrong");
  }
  const auto url = to_hex(digest(Hash::sha256, url_of(delivery, trust)));
  if (!equal_secrets(to_lower_ascii(claims.text("url_hash")), url)) {
    return refuse("the token is for another address; check public_url");
  }
  if (!delivery.body.empty() && !is_body(claims, delivery)) {
    return refuse("the body is not the one that was signed");
  }
  return {};
}

/// The query as MessageBird's first scheme signs it: in order, encoded anew.
Result<std::string> sorted_query(std::string_view query) {
  auto fields = TRY(parse_form(query));
  std::ranges::sort(fields);
  return print_form(fields);
}

/// docs.bird.com: the time, the URL (at first the sorted query) and the body's SHA-256, a line
/// each.
Result<> verify_bird(const Delivery& delivery, const Trust& trust, Time now) {
  if (!header(delivery, "messagebird-signature-jwt").empty()) {
    return verify_bird_token(delivery, trust, now);
  }
  const auto at = header(delivery, "messagebird-request-timestamp");
  const auto given = header(delivery, "messagebird-signature");
  const auto body = digest(Hash::sha256, delivery.body);
  const std::array signed_parts = {url_of(delivery, trust), TRY(sorted_query(delivery.query))};
  const auto makes = [&](const std::string& secret) {
    bool found = false;
    for (const auto& what : signed_parts) {
      const auto text = std::string(at) + '\n' + what + '\n' + body;
      found = equal_secrets(given, to_base64(hmac(Hash::sha256, secret, text))) || found;
    }
    return found;
  };
  if (!any(trust, makes)) {
    return refuse("the signature is not right; check the signing key and public_url");
  }
  if (!is_fresh(whole_number(at), trust.skew, now)) {
    return refuse("the request is too old, or a clock is wrong");
  }
  return {};
}

}  // namespace

std::string_view field(const Fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Fields::value_type::first);
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

Result<Fields> parameters(const Delivery& delivery) {
  auto fields = TRY(parse_form(delivery.query));
  const auto type = header(delivery, "content-type");
  if (type.starts_with("application/x-www-form-urlencoded")) {
    std::ranges::move(TRY(parse_form(delivery.body)), std::back_inserter(fields));
  } else if (type.starts_with("application/json")) {
    if (const auto json = Json::parse(delivery.body)) {
      for (const auto& [name, value] : json->object) {
        if (value.type == Json::Type::string) fields.emplace_back(name, value.string);
        if (value.type == Json::Type::integer) {
          fields.emplace_back(name, std::to_string(value.integer));
        }
      }
    }
  }
  return fields;
}

Result<> verify(const Delivery& delivery, const Trust& trust, Time now) {
  switch (trust.scheme) {
    case Scheme::path:
      return verify_path(delivery, trust);
    case Scheme::twilio:
      return verify_twilio(delivery, trust);
    case Scheme::vonage:
      return verify_vonage(delivery, trust, now);
    case Scheme::vonage_jwt:
      return verify_vonage_jwt(delivery, trust, now);
    case Scheme::bird:
      return verify_bird(delivery, trust, now);
    case Scheme::standard:
      return verify_standard_webhook(delivery, trust.secrets, trust.skew, now);
  }
  return refuse("unknown scheme");
}

}  // namespace kanal::sms_gateway
