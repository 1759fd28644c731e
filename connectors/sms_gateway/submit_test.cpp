#include "connectors/sms_gateway/submit.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "connectors/sms_gateway/verify.hpp"
#include "core/names.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal::sms_gateway {
namespace {

constexpr Time k_submitted{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

Reply reply_of(std::string text) {
  Reply reply;
  reply.key = "12.3.sms";
  reply.address = "+6281234567890";
  reply.text = std::move(text);
  return reply;
}

Settings settings_of(Provider provider) {
  Settings settings;
  settings.provider = provider;
  settings.source = "1708";
  settings.user = "bridge";
  settings.public_url = "https://lapor.test/in/sms";
  return settings;
}

HttpCall call_of(const Settings& settings, const std::string& text = "Terima kasih") {
  const Login login{"rahasia", "sandi"};
  auto call = compose(reply_of(text), settings, login, k_submitted);
  REQUIRE(call);
  return *call;
}

std::string in_form(const HttpCall& call, std::string_view name) {
  return std::string(field(parse_form(call.body).value(), name));
}

TEST_CASE("Kannel is posted the text as UTF-8, and asked for reports under our own key") {
  auto settings = settings_of(Provider::kannel);
  settings.send_url = "http://127.0.0.1:13013/cgi-bin/sendsms";
  auto call = call_of(settings);
  CHECK(call.method == "POST");
  CHECK(call.url == settings.send_url);
  CHECK_FALSE(call.allow_private);
  CHECK(field(call.headers, "X-Kannel-Password") == "sandi");
  CHECK(field(call.headers, "X-Kannel-To") == "+6281234567890");
  CHECK(field(call.headers, "X-Kannel-Coding") == "0");
  CHECK(field(call.headers, "X-Kannel-DLR-Url") ==
        "https://lapor.test/in/sms/rahasia/dlr?status=%d&key=12.3.sms");
  CHECK(call.body == "Terima kasih");
  settings.private_network = true;
  call = call_of(settings, "Terima kasih ❤");
  CHECK(call.allow_private);
  CHECK(field(call.headers, "X-Kannel-Coding") == "2");
  const auto probe = compose_probe(settings, {"rahasia", "sandi"});
  CHECK(probe.method == "POST");
  CHECK(probe.url == settings.send_url);
}

TEST_CASE("each provider is called as its API wants it") {
  auto call = call_of(settings_of(Provider::twilio));
  CHECK(call.url == "https://api.twilio.com/2010-04-01/Accounts/bridge/Messages.json");
  CHECK(in_form(call, "To") == "+6281234567890");
  CHECK(in_form(call, "StatusCallback") == "https://lapor.test/in/sms/dlr");
  CHECK(header(Delivery{{}, {}, {}, call.headers, {}, {}}, "Authorization") ==
        "Basic " + to_base64("bridge:sandi"));
  call = call_of(settings_of(Provider::vonage), "Terima kasih ❤");
  CHECK(in_form(call, "to") == "6281234567890");
  CHECK(in_form(call, "type") == "unicode");
  CHECK(in_form(call, "client-ref") == "12.3.sms");
  call = call_of(settings_of(Provider::messagebird));
  CHECK(in_form(call, "recipients") == "6281234567890");
  CHECK(in_form(call, "datacoding") == "plain");
}

TEST_CASE("what we send by Standard Webhooks is signed so that we would take it ourselves") {
  auto settings = settings_of(Provider::standard);
  settings.send_url = "https://gateway.test/send";
  const auto call = call_of(settings);
  Delivery delivery;
  delivery.method = "POST";
  delivery.headers = call.headers;
  delivery.body = call.body;
  Trust trust;
  trust.scheme = Scheme::standard;
  trust.secrets = {"rahasia"};
  CHECK(verify(delivery, trust, k_submitted));
  const auto json = Json::parse(call.body);
  REQUIRE(json);
  CHECK(json->text("to") == "+6281234567890");
}

TEST_CASE("nothing goes to names and short codes") {
  for (const auto* address : {"TELKOMSEL", "3636", "", "+62x8123456789"}) {
    auto reply = reply_of("Terima kasih");
    reply.address = address;
    const auto call =
        compose(reply, settings_of(Provider::twilio), {"rahasia", "sandi"}, k_submitted);
    REQUIRE_FALSE(call);
    CHECK(call.error().remedy == Remedy::drop);
  }
}

TEST_CASE("an answer says what to do next") {
  const auto remedy = [](Provider provider, int status, std::string body) {
    const auto judged = judge(HttpReply{status, {}, std::move(body)}, settings_of(provider));
    return judged ? std::nullopt : std::optional(judged.error().remedy);
  };
  CHECK(remedy(Provider::kannel, 202, "0: Accepted for delivery") == std::nullopt);
  CHECK(remedy(Provider::kannel, 403, "Authorization failed") == Remedy::reconfigure);
  CHECK(remedy(Provider::kannel, 503, "Temporal failure") == Remedy::throttled);
  CHECK(remedy(Provider::twilio, 201, R"({"sid":"SM1"})") == std::nullopt);
  CHECK(remedy(Provider::twilio, 400, R"({"code":21211})") == Remedy::drop);
  CHECK(remedy(Provider::twilio, 429, "") == Remedy::throttled);
  CHECK(remedy(Provider::twilio, 503, "") == Remedy::retry);
  CHECK(remedy(Provider::twilio, 502, "") == Remedy::uncertain);
  for (const auto provider : {Provider::kannel, Provider::twilio, Provider::vonage,
                              Provider::messagebird, Provider::standard}) {
    INFO(name_in(k_providers, provider));
    CHECK(remedy(provider, 301, "") == Remedy::reconfigure);
    CHECK(remedy(provider, 404, "Unknown request.") == Remedy::reconfigure);
  }
  CHECK(remedy(Provider::vonage, 200, R"({"messages":[{"status":"0","message-id":"1"}]})") ==
        std::nullopt);
  CHECK(remedy(Provider::vonage, 200, R"({"messages":[{"status":"1"}]})") == Remedy::throttled);
  CHECK(remedy(Provider::vonage, 200, R"({"messages":[{"status":"4"}]})") == Remedy::reconfigure);
  CHECK(remedy(Provider::vonage, 200, "x") == Remedy::uncertain);
  // One of its parts is on its way.
  CHECK(remedy(Provider::vonage, 200, R"({"messages":[{"status":"1"},{"status":"0"}]})") ==
        Remedy::uncertain);
  const auto named = judge(HttpReply{201, {}, R"({"sid":"SM1"})"}, settings_of(Provider::twilio));
  REQUIRE(named);
  CHECK(named->id.value() == "SM1");
}

}  // namespace
}  // namespace kanal::sms_gateway
