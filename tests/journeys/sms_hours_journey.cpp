// Text messages through an hour without the operator: the real connectors, intake, outbox and
// database on one clock, so that the hour passes in a moment.

#include <algorithm>
#include <cstdlib>

#include "connectors/smpp/smpp.hpp"
#include "connectors/sms_gateway/sms_gateway.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "tests/journeys/hours_world.hpp"
#include "tests/support/no_http.hpp"
#include "tests/support/smsc.hpp"

namespace kanal::test {
namespace {

using namespace std::chrono_literals;

std::string phone(int number) {
  return "+62812345678" + std::to_string(10 + number);
}

std::string complaint(int number) {
  return "Sampah menumpuk di gang nomor " + std::to_string(number);
}

struct Bound : HoursWorld {
  Smsc smsc;
  NoHttp http;
  Surroundings around{clock, keys, organisation, http, mail, {}};
  smpp::Settings settings;
  int complained = 0;

  Bound() : HoursWorld("sms", "smpp") {
    ::setenv("KANAL_HOURS_SMSC", "rahasia", 1);
    settings.host = "127.0.0.1";
    settings.port = smsc.port();
    settings.security = "plain";
    settings.system_id = "kanal";
    settings.password = Secret("env:KANAL_HOURS_SMSC");
    settings.source = "1708";
    settings.timeout_s = 60s;
    rules.length = Length::brief;
    restart();
  }
  ~Bound() { close(); }
  void restart() {
    HoursWorld::restart(
        [this] { return std::make_unique<smpp::Smpp>(name, settings, around, make_dialer()); });
  }
  void phones_send(int count) {
    for (const auto last = complained + count; complained < last; ++complained) {
      smsc.text(phone(complained), "1708", complaint(complained));
    }
  }
  /// Until so many reports are there.
  void read_until(int reports) {
    Budget budget;
    budget.wait = 200ms;
    for (int turn = 0; turn < 200; ++turn) {
      (void)read(budget);
      if (database.ask("SELECT count(*) FROM report") == std::to_string(reports)) return;
    }
    FAIL("not all became reports");
  }
};

TEST_CASE("an hour without the SMSC loses no text and answers none twice") {
  Bound bridge;
  bridge.phones_send(3);
  bridge.read_until(3);
  bridge.smsc.order([](Smsc::Orders& all) { all.away = true; });
  bridge.smsc.hang_up();
  (void)bridge.read();
  for (int minute = 0; minute < 60; minute += 5) {
    if (minute % 15 == 0) bridge.phones_send(1);
    CHECK_FALSE(bridge.read());
    (void)bridge.send();
    bridge.clock.advance(5min);
  }
  CHECK(bridge.owed().size() == 3);
  CHECK(bridge.smsc.shown().empty());
  const bool killed = GENERATE(false, true);
  if (killed) bridge.restart();
  bridge.smsc.order([](Smsc::Orders& all) { all.away = false; });
  bridge.clock.advance(10min);
  bridge.read_until(7);
  for (int turn = 0; turn < 60 && !bridge.owed().empty(); ++turn) {
    (void)bridge.send();
    bridge.clock.advance(2min);
    Budget budget;
    budget.wait = 50ms;
    (void)bridge.read(budget);
  }
  CHECK(bridge.owed().empty());
  const auto shown = bridge.smsc.shown();
  CHECK(shown.size() == 7);
  for (int number = 0; number < 7; ++number) {
    INFO(phone(number));
    CHECK(std::ranges::count(shown, phone(number), &Smsc::Shown::phone) == 1);
  }
  CHECK(bridge.smsc.wait_answered(60s));
}

/// A gateway that takes messages, or is away.
class Gateway final : public Http {
 public:
  bool is_away = false;
  std::vector<std::string> to;

  Result<HttpReply> fetch(const HttpCall& call) override {
    if (is_away) return fail(Remedy::retry, "nobody listens there");
    for (const auto& [key, value] : parse_form(call.body).value_or(FormFields())) {
      if (key == "To") to.push_back(value);
    }
    return HttpReply{201, {}, R"({"sid":"SM)" + std::to_string(to.size()) + "\"}"};
  }
};

TEST_CASE("an hour without the gateway keeps every answer, and none goes out twice") {
  HoursWorld bridge("sms", "sms_gateway");
  bridge.rules.length = Length::brief;
  Gateway http;
  Surroundings around{bridge.clock, bridge.keys, bridge.organisation, http, bridge.mail, {}};
  ::setenv("KANAL_HOURS_GATEWAY", "token-akun", 1);
  sms_gateway::Settings settings;
  settings.provider = sms_gateway::Provider::twilio;
  settings.secret = Secret("env:KANAL_HOURS_GATEWAY");
  settings.user = "AC42";
  settings.source = "1708";
  settings.public_url = "https://lapor.test/in/sms";
  const auto restart = [&] {
    bridge.restart([&]() -> std::unique_ptr<Connector> {
      auto made = sms_gateway::SmsGateway::create(settings, around);
      REQUIRE(made);
      return std::move(*made);
    });
  };
  restart();
  int sent = 0;
  const auto texts_come = [&](int count) {
    Batch batch;
    for (const auto last = sent + count; sent < last; ++sent) {
      Post post;
      post.id = ExternalId("SM-in-" + std::to_string(sent));
      post.author.id = ExternalId(phone(sent));
      post.text = complaint(sent);
      post.posted_at = bridge.clock.now();
      batch.posts.push_back(std::move(post));
    }
    REQUIRE(bridge.intake->ingest(bridge.name, std::move(batch), std::nullopt));
  };
  http.is_away = true;
  for (int minute = 0; minute < 60; minute += 5) {
    if (minute % 15 == 0) texts_come(2);
    (void)bridge.send();
    bridge.clock.advance(5min);
  }
  CHECK(bridge.owed().size() == 8);
  if (GENERATE(false, true)) restart();
  http.is_away = false;
  for (int turn = 0; turn < 60 && !bridge.owed().empty(); ++turn) {
    (void)bridge.send();
    bridge.clock.advance(5min);
  }
  CHECK(bridge.owed().empty());
  std::ranges::sort(http.to);
  CHECK(http.to.size() == 8);
  CHECK(std::ranges::adjacent_find(http.to) == http.to.end());
  bridge.close();
}

}  // namespace
}  // namespace kanal::test
