#include <algorithm>

#include "router/connector_fixture.hpp"
#include "router/house_fixture.hpp"
#include "router/outbox.hpp"

namespace kanal {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::minutes;

/// A house whose mail to offices ends as a test says; people get theirs.
struct Untold : House {
  Untold() { REQUIRE(store->save_health(mail, Health::working, "")); }

  void send(ReplyState to_offices) {
    std::vector<Settlement> settlements;
    const auto claimed = store->claim(mail, "a", 20, minutes(5)).value();
    for (const auto& reply : claimed) {
      const auto state = reply.office ? to_offices : ReplyState::sent;
      settlements.push_back({reply.id, state, {}, "the relay is away", {}});
    }
    REQUIRE(store->settle(settlements));
  }
  std::int64_t count() { return store->channel(mail).value().offices_untold; }
  int decide(ReplyState about, Verdict verdict) {
    std::vector<OutboxId> ids;
    const auto records = store->outbox(mail, about, 20).value();
    for (const auto& record : records) {
      ids.push_back(record.reply.id);
    }
    return store->decide(ids, verdict, national_admin()).value();
  }
};

TEST_CASE("a message to an office that failed is counted until it goes out after all") {
  Untold house;
  house.handed();
  CHECK(house.count() == 0);
  house.send(ReplyState::failed);
  CHECK(house.count() == 1);
  CHECK(house.store->channels().value().at(0).offices_untold == 1);
  CHECK(house.decide(ReplyState::failed, Verdict::send_again) == 1);
  CHECK(house.count() == 0);
  house.send(ReplyState::sent);
  CHECK(house.count() == 0);
}

TEST_CASE("a message to an office that failed is counted until somebody gives it up") {
  Untold house;
  house.handed();
  house.send(ReplyState::failed);
  CHECK(house.decide(ReplyState::failed, Verdict::went_out) == 0);
  CHECK(house.decide(ReplyState::failed, Verdict::give_up) == 1);
  CHECK(house.count() == 0);
  CHECK(house.decide(ReplyState::failed, Verdict::give_up) == 0);
  CHECK(house.store->outbox(house.mail, ReplyState::failed, 9).value().at(0).detail ==
        "an officer gave it up; before: the relay is away");
  CHECK(house.decide(ReplyState::failed, Verdict::send_again) == 1);
}

TEST_CASE("a message to an office in doubt is counted when it does not clear up by itself") {
  Untold house;
  house.handed();
  house.send(ReplyState::uncertain);
  CHECK(house.count() == 0);
  house.clock.advance(minutes(15));
  CHECK(house.count() == 1);
  CHECK(house.decide(ReplyState::uncertain, Verdict::went_out) == 1);
  CHECK(house.count() == 0);
}

TEST_CASE("what an office was not told counts no longer once the report is elsewhere or answered") {
  Untold house;
  const auto elsewhere = house.handed();
  house.send(ReplyState::failed);
  CHECK(house.count() == 1);
  house.act(elsewhere.id, command(Event::give_back, agency_admin(), "bukan kami"));
  CHECK(house.count() == 0);
  house.send(ReplyState::sent);
  const auto answered = house.handed(a_post("m2", "Lampu jalan mati", "wayan@example.org"));
  house.send(ReplyState::failed);
  CHECK(house.count() == 1);
  house.act(answered.id, command(Event::answer, liaison(), "Sudah kami tambal."));
  CHECK(house.count() == 0);
}

TEST_CASE("what a citizen is not told is no office's matter") {
  Untold house;
  house.take(a_post("m1", "Jalan berlubang"));
  std::vector<Settlement> settlements;
  const auto claimed = house.store->claim(house.mail, "a", 20, minutes(5)).value();
  for (const auto& reply : claimed) {
    settlements.push_back({reply.id, ReplyState::failed, {}, "550", {}});
  }
  REQUIRE_FALSE(settlements.empty());
  REQUIRE(house.store->settle(settlements));
  CHECK(house.count() == 0);
}

TEST_CASE("an office's message outlasts a far side that is away over the holidays") {
  House house;
  const auto report = house.handed();
  ScriptedConnector connector;
  connector.answer_sends([](const Reply&) { return fail(Remedy::retry, "the relay is away"); });
  OutboxOptions options;
  options.most_attempts = 3;
  Outbox outbox(*house.store, connector, house.clock, house.mail, "a", options);
  const auto states = [&](bool to_an_office) {
    std::vector<ReplyState> found;
    const auto records = house.store->replies_of(report.id).value();
    for (const auto& record : records) {
      if (record.reply.office.has_value() == to_an_office) found.push_back(record.state);
    }
    return found;
  };
  for (int turns = 0; turns < 27; ++turns) {
    REQUIRE(outbox.turn());
    house.clock.advance(hours(6));
  }
  CHECK(states(true) == std::vector{ReplyState::owed});
  CHECK(std::ranges::count(states(false), ReplyState::owed) == 0);
  house.clock.advance(hours(6));
  REQUIRE(outbox.turn());
  CHECK(states(true) == std::vector{ReplyState::failed});
}

}  // namespace
}  // namespace kanal
