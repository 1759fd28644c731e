#include "connectors/sms_gateway/sms_gateway.hpp"

#include <algorithm>

#include "connectors/far_system.hpp"
#include "connectors/raw_request.hpp"
#include "connectors/send_each.hpp"
#include "connectors/sms_gateway/submit.hpp"
#include "connectors/sms_gateway/translate.hpp"
#include "connectors/sms_gateway/verify.hpp"
#include "core/names.hpp"
#include "core/text.hpp"

namespace kanal::sms_gateway {
namespace {

Scheme scheme_of(const Settings& settings) {
  if (settings.provider == Provider::twilio) return Scheme::twilio;
  if (settings.provider == Provider::vonage) {
    return settings.signature == "jwt" ? Scheme::vonage_jwt : Scheme::vonage;
  }
  if (settings.provider == Provider::messagebird) return Scheme::bird;
  if (settings.provider == Provider::standard) return Scheme::standard;
  return Scheme::path;
}

Origin::Signed covered_by(Scheme scheme) {
  switch (scheme) {
    case Scheme::vonage:
      return Origin::Signed::parameters;
    case Scheme::vonage_jwt:
    case Scheme::standard:
      return Origin::Signed::body;
    default:
      return Origin::Signed::all;
  }
}

VonageMethod method_of(const Settings& settings) {
  if (settings.signature == "md5hash") return VonageMethod::md5hash;
  if (settings.signature == "md5") return VonageMethod::md5;
  if (settings.signature == "sha1") return VonageMethod::sha1;
  if (settings.signature == "sha512") return VonageMethod::sha512;
  return VonageMethod::sha256;
}

// What the provider made is as it is.
Result<> check_secret(const std::string& secret, Scheme scheme) {
  constexpr std::size_t k_least_bytes = 16;
  if (secret.empty()) return fail(Remedy::reconfigure, "the secret is empty");
  if (scheme == Scheme::standard) return check_standard_secret(secret);
  if (scheme == Scheme::path && secret.size() < k_least_bytes) {
    return fail(Remedy::reconfigure, "the secret of an address has at least 16 characters");
  }
  // The server refuses such a part of an address, escaped or not.
  const auto stands_in_no_address = [](char c) {
    return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  };
  if (scheme == Scheme::path &&
      (std::ranges::any_of(secret, stands_in_no_address) || !is_utf8(secret))) {
    return fail(Remedy::reconfigure,
                "the secret of an address holds a slash or a character that no address can hold; "
                "\"openssl rand -hex 24\" makes one");
  }
  return {};
}

}  // namespace

struct SmsGateway::Inside {
  Settings settings;
  const Surroundings& around;
  Trust trust;
  Login login;
  Origin origin;

  /// The Messages API brings tokens; what it cannot send goes by the SMS API, which signs its
  /// reports of delivery as it does its own messages.
  [[nodiscard]] bool is_of_sms_api(const Delivery& delivery) const {
    return trust.scheme == Scheme::vonage_jwt && is_callback(delivery) &&
           header(delivery, "authorization").empty();
  }

  [[nodiscard]] Result<Received> receive(const Delivery& delivery) const {
    auto by = trust;
    auto from = origin;
    if (is_of_sms_api(delivery)) {
      by.scheme = Scheme::vonage;
      by.method = VonageMethod::any_hmac;
      from.covered = covered_by(by.scheme);
    }
    TRY(verify(delivery, by, around.clock.now()));
    return sms_gateway::translate(delivery, from, around.keys, around.clock.now());
  }

  Result<Receipt> send(const Reply& reply) const {
    const auto call = TRY(compose(reply, settings, login, around.clock.now()));
    if (call.url.empty()) {
      return fail(Remedy::reconfigure, "there is no send_url to send answers to");
    }
    auto fetched = around.http.fetch(call);
    // Whoever takes Standard Webhooks knows a request again by its webhook-id.
    if (settings.provider == Provider::standard) fetched = judge_repeatable(std::move(fetched));
    const auto answer = TRY(std::move(fetched));
    auto receipt = TRY(judge(answer, settings));
    receipt.segments = static_cast<int>(text_of(reply, settings).segments.size());
    return receipt;
  }
};

WrongSettings wrong_settings(const Settings& settings) {
  WrongSettings wrong;
  const auto provider = settings.provider;
  const bool covers_url = provider == Provider::twilio || provider == Provider::messagebird;
  if (covers_url && settings.public_url.empty()) {
    wrong.emplace_back("public_url", std::string(name_in(k_providers, provider)) +
                                         " signs the address: it must be known");
  }
  if (provider == Provider::kannel && settings.send_url.empty()) {
    wrong.emplace_back("send_url",
                       "Kannel's sendsms must be known "
                       "(\"http://127.0.0.1:13013/cgi-bin/sendsms\")");
  }
  auto why = settings.send_url.empty()
                 ? std::string()
                 : why_not_called(settings.send_url, settings.private_network);
  if (!why.empty()) wrong.emplace_back("send_url", std::move(why));
  return wrong;
}

SmsGateway::SmsGateway(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
SmsGateway::~SmsGateway() = default;

Result<std::unique_ptr<SmsGateway>> SmsGateway::create(Settings settings,
                                                       const Surroundings& around) {
  std::unique_ptr<Inside> inside(new Inside{std::move(settings), around, {}, {}, {}});
  auto& own = inside->settings;
  while (own.public_url.ends_with('/')) own.public_url.pop_back();
  auto& trust = inside->trust;
  trust.secrets = TRY(reveal_secrets(own, around.keys));
  inside->login.secret = trust.secrets.front();
  if (!own.password.empty()) inside->login.password = TRY(own.password.reveal(&around.keys));
  trust.scheme = scheme_of(own);
  trust.method = method_of(own);
  trust.public_url = own.public_url;
  trust.skew = own.clock_skew_s;
  for (const auto& secret : trust.secrets) TRY(check_secret(secret, trust.scheme));
  inside->origin = {own.provider, own.region, covered_by(trust.scheme)};
  return std::unique_ptr<SmsGateway>(new SmsGateway(std::move(inside)));
}

std::vector<Result<Receipt>> SmsGateway::send(std::span<const Reply> replies) {
  return send_each(replies, inside_->around.clock,
                   [this](const Reply& reply) { return inside_->send(reply); });
}

Result<Received> SmsGateway::receive(const Delivery& delivery) const {
  return inside_->receive(delivery);
}

Result<Batch> SmsGateway::translate(std::string_view raw) const {
  auto kept = parse_payload(raw);
  if (!kept) kept = Kept{read_raw_request(raw), inside_->around.clock.now()};
  auto received =
      sms_gateway::translate(kept->delivery, inside_->origin, inside_->around.keys, kept->at);
  Batch batch;
  batch.posts = std::move(received.posts);
  batch.unreadable = std::move(received.unreadable);
  batch.signals = std::move(received.signals);
  return batch;
}

std::vector<Appearance> SmsGateway::preview(const Reply& reply) const {
  auto sms = text_of(reply, inside_->settings);
  return {{.text = std::move(sms.text), .segments = sms.segments.size()}};
}

std::vector<ProbeStep> SmsGateway::probe(std::string_view send_to) {
  const auto question = compose_probe(inside_->settings, inside_->login);
  if (question.url.empty()) return {{"settings", true, "messages are posted to us"}};
  const auto answer = inside_->around.http.fetch(question);
  const auto login = answer ? judge_probe(*answer) : Result<>(tl::unexpected(answer.error()));
  std::vector<ProbeStep> steps = {{"ask the provider", login.has_value(),
                                   login ? "it takes our login" : login.error().message}};
  if (!login || send_to.empty()) return steps;
  Reply reply;
  reply.key = "probe";
  reply.address = send_to;
  reply.text = "Kanal: tes. / Kanal: test.";
  const auto sent = inside_->send(reply);
  steps.push_back(
      {"send a message", sent.has_value(), sent ? "the provider took it" : sent.error().message});
  return steps;
}

}  // namespace kanal::sms_gateway
