#include "connectors/sms_gateway/sms_gateway.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>

#include "format/digest.hpp"
#include "format/encode.hpp"
#include "tests/support/connector_world.hpp"

namespace kanal::sms_gateway {
namespace {

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

/// Answers everything in one way.
class OneAnswer final : public Http {
 public:
  Result<HttpReply> fetch(const HttpCall& /*call*/) override {
    if (status == 0) return fail(Remedy::uncertain, "no answer in time");
    return HttpReply{status, {}, {}};
  }
  int status = 200;
};

struct Gateway : test::ConnectorWorld<OneAnswer> {
  explicit Gateway(Settings settings, int status = 200) : ConnectorWorld(k_now) {
    http.status = status;
    settings.source = "1708";
    settings.secret = Secret("env:KANAL_TEST_GATEWAY");
    made = SmsGateway::create(std::move(settings), around);
  }
  Result<std::unique_ptr<SmsGateway>> made = fail(Remedy::drop, "");
};

TEST_CASE("to a request that Vonage signed nothing can be added that is read") {
  ::setenv("KANAL_TEST_GATEWAY", "rahasia", 1);
  Settings settings;
  settings.provider = Provider::vonage;
  const Gateway gateway(settings);

  const auto timestamp =
      std::to_string(std::chrono::floor<std::chrono::seconds>(k_now).time_since_epoch().count());
  const auto sig = to_hex(
      hmac(Hash::sha256, "rahasia",
           "&messageId=m1&msisdn=6281234567890&text=asli&timestamp=" + timestamp + "&to=1708"));
  Delivery delivery;
  delivery.method = "POST";
  delivery.headers = {{"content-type", "application/json"}};
  delivery.body = R"({"messageId":"m1","msisdn":"6281234567890","text":"asli","to":"1708",)"
                  R"("timestamp":")" +
                  timestamp + R"(","sig":")" + sig +
                  R"(","results":[{"from":"6281299999999","text":"palsu","messageId":"m2"}]})";
  const auto received = gateway.made.value()->receive(delivery);
  REQUIRE(received);
  REQUIRE(received->posts.size() == 1);
  CHECK(received->posts[0].text == "asli");
  CHECK(received->posts[0].author.phone == "+6281234567890");
}

TEST_CASE("what is signed by Standard Webhooks is sent again, whatever became of it") {
  ::setenv("KANAL_TEST_GATEWAY", "a phrase of words, long enough for a key", 1);
  for (const int status : {0, 500, 502}) {
    Settings settings;
    settings.provider = Provider::standard;
    settings.send_url = "https://gateway.test/send";
    Gateway gateway(settings, status);
    Reply reply;
    reply.key = "12.3.sms";
    reply.address = "+6281234567890";
    reply.text = "Terima kasih";
    const auto sent = gateway.made.value()->send({&reply, 1});
    REQUIRE_FALSE(sent.front());
    CHECK(sent.front().error().remedy == Remedy::retry);
  }
}

TEST_CASE("a weak secret of our own is refused") {
  const auto takes = [](Provider provider, const char* secret) {
    ::setenv("KANAL_TEST_GATEWAY", secret, 1);
    Settings settings;
    settings.provider = provider;
    settings.public_url = "https://lapor.test/in/sms";
    return Gateway(settings).made.has_value();
  };
  for (const auto provider : {Provider::path, Provider::kannel}) {
    CHECK_FALSE(takes(provider, "rahasia"));
    CHECK(takes(provider, "alamat-rahasia-42"));
    CHECK(takes(provider, "Kx+0q7vZ2m=alamat"));
    // Never matched, as no request with it in its address is let in.
    for (const auto* secret : {"Kx/0q7vZ2malamat", "Kx\\0q7vZ2malamat", "Kx\n0q7vZ2malamat"}) {
      CHECK_FALSE(takes(provider, secret));
    }
  }
  CHECK(takes(Provider::twilio, "Kx/0q7vZ2malamat"));
  CHECK_FALSE(takes(Provider::standard, "alamat-rahasia-42"));
  CHECK(takes(Provider::standard, "a phrase of words, long enough for a key"));
  CHECK(takes(Provider::vonage, "rahasia"));
}

TEST_CASE("reports of delivery of what the Messages API's account sent by SMS are taken") {
  ::setenv("KANAL_TEST_GATEWAY", "rahasia", 1);
  Settings settings;
  settings.provider = Provider::vonage;
  settings.signature = "jwt";
  const Gateway gateway(settings);
  const auto timestamp =
      std::to_string(std::chrono::floor<std::chrono::seconds>(k_now).time_since_epoch().count());
  for (const auto hash : {Hash::sha256, Hash::sha512, Hash::sha1, Hash::md5}) {
    const auto sig = to_hex(
        hmac(hash, "rahasia", "&client-ref=12.3.sms&status=delivered&timestamp=" + timestamp));
    Delivery delivery;
    delivery.method = "GET";
    delivery.path = "dlr";
    delivery.query = "client-ref=12.3.sms&status=delivered&timestamp=" + timestamp + "&sig=" + sig;
    const auto received = gateway.made.value()->receive(delivery);
    REQUIRE(received);
    REQUIRE(received->signals.size() == 1);
    CHECK(received->signals[0].reply_key == "12.3.sms");
    delivery.path.clear();
    CHECK_FALSE(gateway.made.value()->receive(delivery));
    delivery.path = "dlr";
    delivery.query += "0";
    CHECK_FALSE(gateway.made.value()->receive(delivery));
  }
}

TEST_CASE("a message is read as its gateway sends it, with the request's head or without") {
  ::setenv("KANAL_TEST_GATEWAY", "alamat-rahasia-42", 1);
  Settings settings;
  settings.provider = Provider::kannel;
  settings.send_url = "https://gateway.test/cgi-bin/sendsms";
  const Gateway gateway(settings);
  const std::string query = "from=%2B6281234567890&to=1708&text=Jalan+rusak";
  for (const std::string& raw : std::initializer_list<std::string>{
           query + "\n", "GET /in/sms/alamat-rahasia-42?" + query + " HTTP/1.1\r\nHost: x\r\n\r\n",
           "POST /in/sms/alamat-rahasia-42?from=%2B6281234567890&to=1708 HTTP/1.1\n"
           "Content-Type: text/plain; charset=utf-8\n\nJalan rusak"}) {
    INFO(raw);
    const auto batch = gateway.made.value()->translate(raw);
    REQUIRE(batch);
    REQUIRE(batch->posts.size() == 1);
    CHECK(batch->posts[0].text == "Jalan rusak");
    CHECK(batch->posts[0].author.phone == "+6281234567890");
    CHECK(batch->posts[0].posted_at == k_now);
  }
  const auto receipt =
      gateway.made.value()->translate("GET /in/sms/dlr?key=12.3.sms&status=1 HTTP/1.1\n\n");
  REQUIRE(receipt);
  REQUIRE(receipt->signals.size() == 1);
  CHECK(receipt->signals[0].reply_key == "12.3.sms");
  settings.provider = Provider::path;
  const auto json = Gateway(settings).made.value()->translate(
      R"({"from":"+6281234567890","to":"1708","text":"Jalan rusak"})");
  REQUIRE(json);
  REQUIRE(json->posts.size() == 1);
  CHECK(json->posts[0].text == "Jalan rusak");
}

TEST_CASE("an address in the clear needs a private network") {
  Settings settings;
  settings.provider = Provider::kannel;
  settings.send_url = "http://127.0.0.1:13013/cgi-bin/sendsms";
  CHECK(wrong_settings(settings).size() == 1);
  settings.private_network = true;
  CHECK(wrong_settings(settings).empty());
}

}  // namespace
}  // namespace kanal::sms_gateway
