#include <algorithm>
#include <cstdlib>

#include <catch2/catch.hpp>

#include "net/far_side_fixture.hpp"
#include "net/own_certificate_fixture.hpp"
#include "tests/support/bridge_process.hpp"

namespace kanal::test {
namespace {

// Never called: it stands behind the proxy.
constexpr const char* k_far_away = "https://93.184.215.14";

std::string channel(const std::string& api_url) {
  ::setenv("KANAL_TEST_X_SECRET", "secret", 1);
  std::string text = "[channel.x]\nkind = \"twitter\"\nhandle = \"kanal\"\napi_url = \"" + api_url +
                     "\"\ntimeout_s = 20\n";
  for (const auto* key : {"consumer_key", "consumer_secret", "access_token", "access_secret"}) {
    text += std::string(key) + " = \"env:KANAL_TEST_X_SECRET\"\n";
  }
  return text;
}

FarSide::Script always(const Answer& answer) {
  return [answer](const std::string&, int) { return answer; };
}

TEST_CASE("the bridge and a command ask the proxy of the settings for what is far away") {
  FarSide proxy(always(plain_answer("", "403 Forbidden")));
  BridgeProcess bridge("[http_client]\nproxy = \"" + proxy.url("") + "\"\n" + channel(k_far_away));
  CHECK(bridge.command({"check"}).code == 0);
  const auto tried = bridge.command({"channel", "test", "x"});
  INFO(tried.out << tried.err);
  CHECK(tried.code == 1);
  const auto by_command = proxy.requests().size();
  CHECK(by_command > 0);
  bridge.start();
  CHECK(eventually([&] { return proxy.requests().size() > by_command; }));
  for (const auto& request : proxy.requests()) {
    CHECK(request.starts_with("CONNECT 93.184.215.14:443 HTTP/1.1\r\n"));
  }
  CHECK(bridge.stop() == 0);
}

TEST_CASE("where the settings name no proxy the environment does, unless they want none") {
  FarSide proxy(always(plain_answer("", "403 Forbidden")));
  FarSide far(always(plain_answer("{}", "401 Unauthorized")));
  ::setenv("https_proxy", proxy.url("").c_str(), 1);
  const BridgeProcess bridge(channel(k_far_away));
  CHECK(bridge.command({"channel", "test", "x"}).code == 1);
  CHECK(proxy.requests().size() > 0);
  // This machine is nobody's far side.
  const auto before = proxy.requests().size();
  const BridgeProcess near(channel(far.url("")));
  CHECK(near.command({"channel", "test", "x"}).code == 1);
  CHECK(far.requests().size() > 0);
  CHECK(proxy.requests().size() == before);
  ::unsetenv("https_proxy");
}

TEST_CASE("an authority of the settings' own is trusted") {
  const OwnCertificate own;
  FarSide far(always(plain_answer("{}")), own.context());
  ::setenv("KANAL_TEST_HOOK_SECRET", "a-secret-of-more-than-24-bytes-for-tests", 1);
  const auto channel = "[channel.hook]\nkind = \"webhook\"\nprivate_network = true\nurl = \"" +
                       far.url("/hook") + "\"\nsecret = \"env:KANAL_TEST_HOOK_SECRET\"\n";
  const auto test = [&](const std::string& settings) {
    const auto tried = BridgeProcess(settings + channel).command({"channel", "test", "hook"});
    UNSCOPED_INFO(tried.out << tried.err);
    return tried.code;
  };
  CHECK(test("") == 1);
  CHECK(far.requests().empty());
  CHECK(test("[http_client]\nca_file = \"" + own.path() + "\"\n") == 0);
  CHECK(far.requests().size() == 1);
}

}  // namespace
}  // namespace kanal::test
