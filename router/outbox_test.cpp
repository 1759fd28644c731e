#include "router/outbox.hpp"

#include <functional>
#include <set>

#include <catch2/catch.hpp>

#include "connectors/repeater.hpp"
#include "router/connector_fixture.hpp"
#include "router/counters.hpp"

namespace kanal {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

OutboxTurn turn(Outbox& outbox) {
  const auto done = outbox.turn();
  INFO((done ? "" : done.error().message));
  REQUIRE(done);
  return *done;
}

OutboxRecord only_reply(const Office& office) {
  const auto all = office.store->outbox(office.mail, std::nullopt, 10);
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  return all->front();
}

Outbox outbox_of(Office& office, Connector& connector, const std::string& node = "a",
                 OutboxOptions options = {}) {
  return {*office.store, connector, office.clock, office.mail, node, options};
}

TEST_CASE("waiting times double up to a bound and are shortened at random by up to a half") {
  Backoff backoff(milliseconds(100), milliseconds(5'000), 7);
  Backoff same(milliseconds(100), milliseconds(5'000), 7);
  std::int64_t bound = 100;
  for (int failures = 1; failures < 20; ++failures) {
    const auto delay = backoff.after(failures);
    CHECK(delay == same.after(failures));
    CHECK(delay.count() >= bound / 2);
    CHECK(delay.count() <= bound);
    bound = std::min<std::int64_t>(bound * 2, 5'000);
  }
  Backoff other(milliseconds(1'000'000), milliseconds(1'000'000), 8);
  CHECK(other.after(1) != Backoff(milliseconds(1'000'000), milliseconds(1'000'000), 9).after(1));
}

TEST_CASE("a pause that one way of sending asks for keeps nothing else back") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ScriptedConnector connector;
  connector.answer_sends([](const Reply&) -> Result<Receipt> {
    auto error = Error{Remedy::throttled, "no more direct messages", minutes(15)};
    error.of_this_alone = true;
    return tl::unexpected(error);
  });
  auto outbox = outbox_of(office, connector);
  CHECK_FALSE(turn(outbox).trouble);
  const auto waits = only_reply(office);
  CHECK(waits.state == ReplyState::owed);
  CHECK(waits.attempts == 0);
  CHECK(waits.due_at == office.clock.now() + minutes(15));
}

TEST_CASE("what is owed is sent once and settled with what the far side calls it") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ScriptedConnector connector;
  auto outbox = outbox_of(office, connector);
  const auto done = turn(outbox);
  CHECK(done.claimed == 1);
  CHECK(done.sent == 1);
  CHECK_FALSE(done.trouble);
  CHECK(only_reply(office).state == ReplyState::sent);
  CHECK(turn(outbox).claimed == 0);
  CHECK(connector.sent().size() == 1);
  // The citizen's answer to that very message finds the report.
  auto answer = a_post("m2", "Terima kasih, kapan diperbaiki?");
  answer.in_reply_to = ExternalId("out-" + connector.sent().front());
  CHECK(office.take({answer}).filings.at(0).fate == Fate::joined);
}

TEST_CASE("a passing fault is tried again later and later, and given up in the end") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ScriptedConnector connector;
  connector.answer_sends([](const Reply&) { return fail(Remedy::retry, "greylisted"); });
  OutboxOptions options;
  options.most_attempts = 3;
  auto outbox = outbox_of(office, connector, "a", options);
  CHECK(turn(outbox).trouble);
  CHECK(only_reply(office).state == ReplyState::owed);
  CHECK(turn(outbox).claimed == 0);
  office.clock.advance(seconds(31));
  CHECK(turn(outbox).claimed == 1);
  CHECK(only_reply(office).state == ReplyState::owed);
  office.clock.advance(minutes(2));
  CHECK(turn(outbox).claimed == 1);
  CHECK(only_reply(office).state == ReplyState::failed);
  CHECK(only_reply(office).detail.find("given up after 3") != std::string::npos);
  office.clock.advance(hours(48));
  CHECK(turn(outbox).claimed == 0);

  const auto id = only_reply(office).reply.id;
  const Actor technician{Role::connector_admin, OfficerId(1), {}, {}};
  REQUIRE(office.store->decide({&id, 1}, Verdict::send_again, technician).value() == 1);
  for (int attempt = 0; attempt < 3; ++attempt) {
    CHECK(only_reply(office).state == ReplyState::owed);
    CHECK(turn(outbox).claimed == 1);
    office.clock.advance(minutes(5));
  }
  CHECK(only_reply(office).state == ReplyState::failed);
  CHECK(only_reply(office).attempts == 6);
}

TEST_CASE("a reply that will never arrive is given up, and nobody's address is kept in why") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ScriptedConnector connector;
  connector.answer_sends(
      [](const Reply&) { return fail(Remedy::drop, "550 <made@example.org> no such user"); });
  auto outbox = outbox_of(office, connector);
  CHECK_FALSE(turn(outbox).trouble);
  CHECK(only_reply(office).state == ReplyState::failed);
  CHECK(only_reply(office).detail.find("550") != std::string::npos);
  CHECK(only_reply(office).detail.find("made@") == std::string::npos);
}

TEST_CASE("a reply that a rule keeps back is withheld with the rule, and nothing has failed") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ScriptedConnector connector;
  connector.answer_sends(
      [](const Reply&) { return fail(Remedy::withhold, std::string(withheld::k_confidential)); });
  auto outbox = outbox_of(office, connector);
  const auto failures_before = counters().channel(office.mail).send_errors.load();
  CHECK_FALSE(turn(outbox).trouble);
  const auto record = only_reply(office);
  CHECK(record.state == ReplyState::withheld);
  CHECK(record.detail == withheld::k_confidential);
  CHECK(record.settled_at);
  CHECK(counters().channel(office.mail).send_errors == failures_before);
  CHECK(turn(outbox).claimed == 0);
  CHECK(office.store->outbox({}, ReplyState::withheld, 10).value().size() == 1);
}

TEST_CASE("a doubtful reply is never sent again by itself") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ScriptedConnector connector;
  connector.answer_sends([](const Reply&) { return fail(Remedy::uncertain, "cut off"); });
  auto outbox = outbox_of(office, connector);
  turn(outbox);
  CHECK(only_reply(office).state == ReplyState::uncertain);
  for (int i = 0; i < 5; ++i) {
    office.clock.advance(hours(12));
    CHECK(turn(outbox).claimed == 0);
  }
  CHECK(connector.sent().size() == 1);
}

TEST_CASE("a connector that can find out is asked about a doubtful reply") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ConfirmingConnector connector;
  connector.answer_sends([](const Reply&) { return fail(Remedy::uncertain, "cut off"); });
  auto outbox = outbox_of(office, connector);
  SECTION("it had gone out") {
    connector.answer = [](const Reply&) { return std::optional(Receipt{ExternalId("x1"), true}); };
    turn(outbox);
    CHECK(only_reply(office).state == ReplyState::delivered);
    CHECK(only_reply(office).detail == k_found_there);
  }
  SECTION("it had not, so it is sent again") {
    connector.answer = [](const Reply&) { return std::optional<Receipt>(); };
    turn(outbox);
    CHECK(only_reply(office).state == ReplyState::owed);
    connector.answer_sends({});
    office.clock.advance(minutes(2));
    CHECK(turn(outbox).sent == 1);
    CHECK(only_reply(office).state == ReplyState::sent);
    CHECK(only_reply(office).detail.empty());
  }
  SECTION("it cannot be known yet, so it is asked again after a while") {
    connector.answer = [](const Reply&) { return fail(Remedy::retry, "away"); };
    turn(outbox);
    CHECK(only_reply(office).state == ReplyState::uncertain);
    const auto asked = connector.asked;
    turn(outbox);
    CHECK(connector.asked <= asked + 1);
    office.clock.advance(minutes(6));
    connector.answer = [](const Reply&) { return std::optional(Receipt{ExternalId("x1"), false}); };
    turn(outbox);
    CHECK(only_reply(office).state == ReplyState::sent);
    CHECK(only_reply(office).detail == k_found_there);
  }
}

TEST_CASE("a throttled channel waits as it was told and uses no attempts up") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ScriptedConnector connector;
  connector.answer_sends(
      [](const Reply&) { return fail(Remedy::throttled, "slow down", minutes(10)); });
  OutboxOptions options;
  options.most_attempts = 2;
  auto outbox = outbox_of(office, connector, "a", options);
  for (int i = 0; i < 4; ++i) {
    const auto done = turn(outbox);
    REQUIRE(done.trouble);
    CHECK(done.trouble->remedy == Remedy::throttled);
    CHECK(done.trouble->retry_after == minutes(10));
    office.clock.advance(minutes(9));
    CHECK(turn(outbox).claimed == 0);
    office.clock.advance(minutes(2));
  }
  connector.answer_sends([](const Reply&) { return fail(Remedy::retry, "busy"); });
  turn(outbox);
  CHECK(only_reply(office).state == ReplyState::owed);
  connector.answer_sends({});
  office.clock.advance(hours(1));
  CHECK(turn(outbox).sent == 1);
}

TEST_CASE("one reply's fault is not the channel's") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  office.file("m2", "Lampu jalan mati di depan sekolah", "budi@example.org");
  ScriptedConnector connector;
  connector.answer_sends([](const Reply& reply) -> Result<Receipt> {
    if (reply.address == "budi@example.org") return fail(Remedy::retry, "450 greylisted");
    return Receipt{ExternalId("x"), false};
  });
  auto outbox = outbox_of(office, connector);
  const auto done = turn(outbox);
  CHECK(done.sent == 1);
  CHECK_FALSE(done.trouble);
}

TEST_CASE("a fault of one reply that goes out alone is not the channel's either") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ScriptedConnector connector;
  connector.answer_sends([](const Reply&) -> Result<Receipt> {
    Error full{Remedy::retry, "452 mailbox full", {}, true};
    return tl::unexpected(full);
  });
  auto outbox = outbox_of(office, connector);
  CHECK_FALSE(turn(outbox).trouble);
  const auto waiting = only_reply(office);
  CHECK(waiting.state == ReplyState::owed);
  CHECK(waiting.attempts == 1);
}

TEST_CASE("all that is in doubt is asked about in turns, not the newest only") {
  Office office;
  std::vector<Post> posts;
  for (int i = 0; i < 60; ++i) {
    const auto mark = std::to_string(i);
    posts.push_back(a_post("m" + mark, "Keluhan nomor " + mark + " di sini", "warga" + mark));
  }
  office.take(std::move(posts));
  REQUIRE(office.store->claim(office.mail, "lost", 100, minutes(1))->size() == 60);
  office.clock.advance(hours(1));
  ConfirmingConnector connector;
  std::set<OutboxId> asked;
  connector.answer = [&](const Reply& reply) -> Result<std::optional<Receipt>> {
    asked.insert(reply.id);
    return fail(Remedy::uncertain, "not among the newest");
  };
  auto outbox = outbox_of(office, connector);
  turn(outbox);
  CHECK(asked.size() == 50);
  office.clock.advance(hours(1));
  turn(outbox);
  CHECK(asked.size() == 60);
}

TEST_CASE("asking about doubtful replies ends where the far side is away, or takes long") {
  Office office;
  for (int i = 0; i < 5; ++i) {
    office.file("m" + std::to_string(i), "Keluhan nomor " + std::to_string(i) + " di sini",
                "warga" + std::to_string(i));
  }
  REQUIRE(office.store->claim(office.mail, "lost", 100, minutes(1))->size() == 5);
  office.clock.advance(hours(1));
  ConfirmingConnector connector;
  std::set<OutboxId> asked;
  const bool away = GENERATE(true, false);
  connector.answer = [&](const Reply& reply) -> Result<std::optional<Receipt>> {
    asked.insert(reply.id);
    if (away) return fail(Remedy::retry, "away");
    office.clock.advance(seconds(12));
    return fail(Remedy::uncertain, "not among the newest");
  };
  auto outbox = outbox_of(office, connector);
  turn(outbox);
  CHECK(connector.asked == (away ? 1 : 2));
  for (int turns = 0; turns < 6; ++turns) {
    office.clock.advance(minutes(10));
    turn(outbox);
  }
  // One that cannot be asked about keeps no other from being so.
  CHECK(asked.size() == 5);
}

TEST_CASE("a reply that stays in doubt is asked about more and more seldom, and not for ever") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ConfirmingConnector connector;
  connector.answer_sends([](const Reply&) { return fail(Remedy::uncertain, "cut off"); });
  connector.answer = [](const Reply&) { return fail(Remedy::uncertain, "not among the newest"); };
  auto outbox = outbox_of(office, connector);
  const auto asked_within = [&](minutes time) {
    const int before = connector.asked;
    const auto step = std::max(minutes(5), time / 96);
    for (const auto until = office.clock.now() + time; office.clock.now() < until;) {
      turn(outbox);
      office.clock.advance(step);
    }
    return connector.asked - before;
  };
  CHECK(asked_within(hours(1)) >= 3);
  const int first_day = asked_within(hours(23));
  CHECK(first_day >= 2);
  CHECK(first_day <= 6);
  CHECK(asked_within(hours(48)) <= 2);
  CHECK(asked_within(hours(5 * 24)) == 0);
  CHECK(only_reply(office).state == ReplyState::uncertain);
}

TEST_CASE("in quiet hours steps wait for the morning, and only who has just written is answered") {
  // 13:00 in Buleleng at the start.
  Office office;
  OutboxOptions options;
  options.quiet = parse_quiet_hours("21:00-06:00", minutes(8 * 60));
  ScriptedConnector connector;
  const auto morning = office.clock.now() + hours(17);
  office.clock.advance(hours(10));
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  auto outbox = outbox_of(office, connector, "a", options);
  CHECK(turn(outbox).sent == 1);
  office.act(report.id, to_agency());
  CHECK(turn(outbox).sent == 0);
  auto waiting = office.store->replies_of(report.id).value().back();
  CHECK(waiting.state == ReplyState::owed);
  CHECK(waiting.due_at == morning);
  CHECK(waiting.attempts == 0);
  CHECK(waiting.detail == k_waits_for_morning);
  CHECK(turn(outbox).claimed == 0);
  // Another process on the same database, after midnight.
  office.clock.advance(hours(3));
  auto reborn = outbox_of(office, connector, "a", options);
  CHECK(turn(reborn).claimed == 0);
  office.clock.advance(hours(4) - seconds(1));
  CHECK(turn(reborn).claimed == 0);
  office.clock.advance(seconds(1));
  CHECK(turn(reborn).sent == 1);
  CHECK(connector.sent().size() == 2);
}

TEST_CASE("who writes in the night is answered, though a step told by day waits for the morning") {
  Office office;
  OutboxOptions options;
  options.quiet = parse_quiet_hours("21:00-06:00", minutes(8 * 60));
  ScriptedConnector connector;
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  auto outbox = outbox_of(office, connector, "a", options);
  CHECK(turn(outbox).sent == 1);
  office.clock.advance(hours(10));
  office.act(report.id, to_agency());
  CHECK(turn(outbox).sent == 0);
  auto more = a_post("m2", "Lubangnya sekarang lebih dalam lagi");
  more.hints.references = {ExternalId("m1")};
  office.take({more});
  CHECK(turn(outbox).sent == 1);
}

TEST_CASE("an acknowledgement that was held up into the night waits too") {
  Office office;
  OutboxOptions options;
  options.quiet = parse_quiet_hours("21:00-06:00", minutes(8 * 60));
  ScriptedConnector connector;
  connector.answer_sends([](const Reply&) { return fail(Remedy::retry, "away"); });
  office.clock.advance(hours(7) + minutes(50));
  office.file("m1", "Jalan berlubang di depan pasar");
  auto outbox = outbox_of(office, connector, "a", options);
  CHECK(turn(outbox).trouble);
  connector.answer_sends({});
  office.clock.advance(minutes(20));
  CHECK(turn(outbox).sent == 0);
  CHECK(only_reply(office).detail == k_waits_for_morning);
  office.clock.advance(hours(9));
  CHECK(turn(outbox).sent == 1);
}

TEST_CASE("what a killed bridge was sending is doubtful as soon as it is back") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  REQUIRE(office.store->claim(office.mail, "a", 10, hours(1))->size() == 1);
  ScriptedConnector connector;
  auto other = outbox_of(office, connector, "b");
  turn(other);
  CHECK(only_reply(office).state == ReplyState::sending);
  auto again = outbox_of(office, connector, "a");
  turn(again);
  CHECK(only_reply(office).state == ReplyState::uncertain);
  CHECK(connector.sent().empty());
}

class RepeatingConnector final : public ScriptedConnector, public Repeater {};

TEST_CASE("what a killed bridge was sending goes out at once where it is known again") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  const auto claimed = office.store->claim(office.mail, "a", 10, hours(1)).value();
  REQUIRE(claimed.size() == 1);
  RepeatingConnector connector;
  auto again = outbox_of(office, connector, "a");
  turn(again);
  CHECK(connector.sent() == std::vector{claimed[0].key});
  CHECK(only_reply(office).state == ReplyState::sent);
  CHECK(only_reply(office).attempts == 2);
  turn(again);
  CHECK(connector.sent().size() == 1);
}

TEST_CASE("what a lost node was sending is doubtful when its claim runs out") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  REQUIRE(office.store->claim(office.mail, "a", 10, minutes(5))->size() == 1);
  ScriptedConnector connector;
  auto other = outbox_of(office, connector, "b");
  turn(other);
  CHECK(only_reply(office).state == ReplyState::sending);
  office.clock.advance(minutes(6));
  turn(other);
  CHECK(only_reply(office).state == ReplyState::uncertain);
  CHECK(connector.sent().empty());
}

TEST_CASE("what a slow far side leaves no time for is given back untried, and sent once") {
  Office office;
  for (const auto* mark : {"1", "2", "3", "4"}) {
    office.file("m" + std::string(mark), "Keluhan nomor " + std::string(mark) + " di sini",
                "warga" + std::string(mark));
  }
  ConfirmingConnector idle;
  idle.answer = [](const Reply&) { return std::optional<Receipt>(); };
  auto other = outbox_of(office, idle, "b");
  class Slow final : public Connector {
   public:
    Slow(ManualClock& clock, std::function<void()> while_sending)
        : clock_(clock), while_sending_(std::move(while_sending)) {}
    Result<Batch> poll(const Cursor&, Budget) override { return Batch{}; }
    std::vector<Result<Receipt>> send(std::span<const Reply> replies) override {
      std::vector<Result<Receipt>> results;
      for (const auto& reply : replies) {
        if (clock_.now() >= reply.begin_before) {
          results.emplace_back(tl::unexpected(Error{Remedy::throttled, "late", seconds(1), true}));
          continue;
        }
        sent.push_back(reply.key);
        clock_.advance(minutes(2));
        while_sending_();
        results.emplace_back(Receipt{ExternalId("out-" + reply.key), false});
      }
      return results;
    }
    std::vector<std::string> sent;

   private:
    ManualClock& clock_;
    std::function<void()> while_sending_;
  } slow(office.clock, [&] { CHECK(turn(other).claimed == 0); });
  auto outbox = outbox_of(office, slow);
  const auto done = turn(outbox);
  CHECK(done.sent == 3);
  CHECK_FALSE(done.trouble);
  const auto waiting = office.store->outbox(office.mail, ReplyState::owed, 10).value();
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].attempts == 0);
  office.clock.advance(seconds(2));
  CHECK(turn(other).sent == 1);
  CHECK(idle.sent() == std::vector{waiting[0].reply.key});
  CHECK(turn(outbox).claimed == 0);
  CHECK(slow.sent.size() == 3);
}

TEST_CASE("a connector that fails to say how it ended leaves doubt, not a second sending") {
  class Silent final : public Connector {
   public:
    bool throws = false;
    Result<Batch> poll(const Cursor&, Budget) override { return Batch{}; }
    std::vector<Result<Receipt>> send(std::span<const Reply>) override {
      if (throws) throw std::runtime_error("a fault");
      return {};
    }
  };
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  Silent connector;
  connector.throws = GENERATE(false, true);
  auto outbox = outbox_of(office, connector);
  turn(outbox);
  CHECK(only_reply(office).state == ReplyState::uncertain);
}

}  // namespace
}  // namespace kanal
