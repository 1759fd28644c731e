#include "connectors/sms_gateway/sms_gateway.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>

#include "format/digest.hpp"
#include "format/encode.hpp"
#include "tests/support/no_http.hpp"

namespace kanal::sms_gateway {
namespace {

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

TEST_CASE("to a request that Vonage signed nothing can be added that is read") {
  ManualClock clock{k_now};
  const auto keys = Keys::of_seed("gateway");
  const Organisation organisation;
  kanal::test::NoHttp http;
  const auto mail = make_mail();
  const Surroundings around{clock, keys, organisation, http, *mail, {}};
  ::setenv("KANAL_TEST_GATEWAY", "rahasia", 1);
  Settings settings;
  settings.provider = "vonage";
  settings.secret = Secret("env:KANAL_TEST_GATEWAY");
  const auto channel = SmsGateway::create(settings, around).value();

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
  const auto received = channel->receive(delivery);
  REQUIRE(received);
  REQUIRE(received->posts.size() == 1);
  CHECK(received->posts[0].text == "asli");
  CHECK(received->posts[0].author.phone == "+6281234567890");
}

}  // namespace
}  // namespace kanal::sms_gateway
