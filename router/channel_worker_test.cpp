#include "router/channel_worker.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

#include <catch2/catch.hpp>

#include "router/worker_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

TEST_CASE("a worker reads, stores, tells the source and sends what is owed") {
  Office office;
  ScriptedConnector connector;
  connector.bring(a_post("m1", "Jalan berlubang di depan pasar"));
  const auto worker = start(office, connector);
  CHECK(eventually([&] { return connector.told() == std::vector<std::string>{"m1"}; }));
  CHECK(eventually([&] { return connector.sent().size() == 1; }));
  CHECK(record(office).cursor.value == "1");
  connector.bring(a_post("m2", "Lampu jalan mati", "budi@example.org"));
  CHECK(eventually([&] { return connector.told().size() == 2; }));
  CHECK(becomes(office, Health::waiting));
  CHECK(record(office).posts_today == 2);
}

TEST_CASE("a worker goes on where the last one was") {
  Office office;
  {
    ScriptedConnector connector;
    connector.bring(a_post("m1", "Jalan berlubang di depan pasar"));
    const auto worker = start(office, connector);
    CHECK(eventually([&] { return connector.told().size() == 1; }));
  }
  ScriptedConnector connector;
  const auto worker = start(office, connector);
  CHECK(eventually([&] { return connector.polls > 0; }));
  CHECK(connector.cursors().front() == "1");
}

/// One that must be asked what became of what it sent.
class FollowingConnector final : public ScriptedConnector, public Follower {
 public:
  std::atomic<int> asked{0};
  Result<Batch> follow(std::span<const Outstanding> /*sent*/, const Cursor& since,
                       Budget budget) override {
    ++asked;
    return ScriptedConnector::poll(since, budget);
  }
};

TEST_CASE("a far side that must be asked is asked in place of a poll, from where it was") {
  Office office;
  FollowingConnector connector;
  connector.bring(a_post("m1", "Jalan berlubang di depan pasar"));
  const auto worker = start(office, connector);
  CHECK(eventually([&] { return record(office).cursor.value == "1" && connector.asked > 1; }));
  CHECK(connector.told() == std::vector<std::string>{"m1"});
}

TEST_CASE("a channel with more reports at an office than it asks after says so") {
  Office office;
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  FollowingConnector connector;
  auto options = quick();
  options.most_followed = 0;
  const auto worker = start(office, connector, office.mail, options);
  CHECK(eventually([&] { return connector.asked > 1; }));
  CHECK(record(office).said.empty());
  office.act(report.id, to_agency());
  CHECK(
      eventually([&] { return record(office).said.find("there are more") != std::string::npos; }));
  CHECK_FALSE(record(office).health == Health::failing);
}

TEST_CASE("a source that could not be told is told with the next batch") {
  Office office;
  ScriptedConnector connector;
  connector.refuse_word(true);
  connector.bring(a_post("m1", "Jalan berlubang di depan pasar"));
  const auto worker = start(office, connector);
  CHECK(eventually([&] { return record(office).cursor.value == "1"; }));
  CHECK(connector.told().empty());
  CHECK(becomes(office, Health::failing));
  CHECK(record(office).said.find("could not be marked") != std::string::npos);
  connector.refuse_word(false);
  CHECK(eventually([&] { return connector.told() == std::vector<std::string>{"m1"}; }));
  CHECK(becomes(office, Health::waiting));
}

TEST_CASE("however long a source cannot be told, in the end it is told of everything") {
  Office office;
  ScriptedConnector connector;
  connector.refuse_word(true);
  const auto worker = start(office, connector);
  std::vector<std::string> all;
  for (int i = 1; i <= 12; ++i) {
    all.push_back("m" + std::to_string(i));
    connector.bring(a_post(all.back(), "Lampu jalan " + all.back() + " mati"));
    REQUIRE(eventually([&] { return record(office).cursor.value == std::to_string(i); }));
  }
  connector.refuse_word(false);
  CHECK(eventually([&] { return connector.told().size() == all.size(); }));
  CHECK(connector.told() == all);
}

TEST_CASE(
    "while too much waits for its source to be told, nothing more is read, and that is said") {
  Office office;
  ScriptedConnector connector;
  connector.refuse_word(true);
  auto options = quick();
  options.most_untold = 4;
  const auto worker = start(office, connector, office.mail, options);
  for (int i = 1; i <= 2; ++i) {
    const auto id = "m" + std::to_string(i);
    connector.bring(a_post(id, "Lampu jalan " + id + " mati"));
    REQUIRE(eventually([&] { return record(office).cursor.value == std::to_string(i); }));
  }
  connector.bring(a_post("m3", "Lampu jalan m3 mati"));
  CHECK(eventually(
      [&] { return record(office).said.find("Nothing more is read") != std::string::npos; }));
  CHECK(record(office).cursor.value == "2");
  connector.refuse_word(false);
  CHECK(eventually([&] { return connector.told().size() == 3; }));
  CHECK(becomes(office, Health::waiting));
}

TEST_CASE("a channel sends itself a test message, and knows it when it comes back") {
  Office office;
  ScriptedConnector connector;
  std::mutex mutex;
  std::vector<Reply> sent;
  connector.answer_sends([&](const Reply& reply) {
    const std::scoped_lock lock(mutex);
    sent.push_back(reply);
    return Receipt{ExternalId("out"), false};
  });
  auto options = quick();
  options.canary_address = "lapor@example.org";
  const auto worker = start(office, connector, office.mail, options);
  REQUIRE(eventually([&] {
    const std::scoped_lock lock(mutex);
    return sent.size() == 1;
  }));
  CHECK(record(office).canary_sent == office.clock.now());
  CHECK_FALSE(record(office).canary_seen);
  const auto canary = [&] {
    const std::scoped_lock lock(mutex);
    return sent.at(0);
  }();
  CHECK(canary.address == "lapor@example.org");
  CHECK(canary.code.empty());
  CHECK(record(office).canary_missing == office.clock.now());

  // What says more than a test message is a complaint, whatever stands in it.
  connector.bring(a_post("m1", "Apa ini? " + canary.text + " Jalan rusak di desa kami."));
  connector.bring(a_post("m2", "Test KANAL-CANARY-000000000000000000000000", "0812"));
  CHECK(eventually([&] { return connector.told().size() == 2; }));
  CHECK_FALSE(record(office).canary_seen);
  CHECK(record(office).posts_today == 1);
  office.clock.advance(seconds(90));
  connector.bring(a_post("m3", canary.text, "lapor@example.org"));
  CHECK(eventually([&] { return record(office).canary_seen.has_value(); }));
  CHECK(record(office).canary_seen == office.clock.now());
  CHECK_FALSE(record(office).canary_missing);
  CHECK(record(office).posts_today == 1);
  CHECK(record(office).last_post < office.clock.now());
  CHECK(eventually([&] { return connector.told().size() == 3; }));
  const auto fate = [&](const char* id) {
    PostFilter filter;
    filter.external_id = id;
    return office.store->find_posts(filter).value().at(0).fate;
  };
  CHECK(fate("m1") == Fate::report);
  CHECK(fate("m2") == Fate::screened);
  CHECK(fate("m3") == Fate::screened);
}

TEST_CASE("a test message is due once at a time, and again at once when it could not be sent") {
  Office office;
  REQUIRE(office.store->save_health(office.mail, Health::waiting, ""));
  const auto next = [&] { return office.store->next_canary(office.mail, hours(6)).value(); };
  const auto first = next();
  REQUIRE(first);
  CHECK_FALSE(next());
  REQUIRE(office.store->withdraw_canary(office.mail, *first));
  CHECK_FALSE(record(office).canary_missing);
  const auto began = office.clock.now();
  CHECK(next());
  CHECK_FALSE(next());
  office.clock.advance(hours(6));
  const auto second = next();
  REQUIRE(second);
  // A newer one does not make the older one any less missing.
  CHECK(record(office).canary_missing == began);
  REQUIRE(office.store->withdraw_canary(office.mail, *second));
  CHECK(record(office).canary_missing == began);
  // Once the setting is taken out, nothing is missed.
  ScriptedConnector connector;
  const auto worker = start(office, connector);
  CHECK(eventually([&] { return !record(office).canary_missing; }));
}

TEST_CASE("a test message that cannot be sent shows as trouble with sending, and is tried again") {
  Office office;
  ScriptedConnector connector;
  connector.answer_sends([](const Reply&) { return fail(Remedy::retry, "550 no"); });
  auto options = quick();
  options.canary_address = "lapor@example.org";
  const auto worker = start(office, connector, office.mail, options);
  CHECK(becomes(office, Health::failing));
  CHECK(record(office).said.find("test message") != std::string::npos);
  connector.answer_sends({});
  CHECK(eventually([&] { return record(office).canary_missing.has_value(); }));
  CHECK(becomes(office, Health::waiting));
}

TEST_CASE("a failing channel says so, is tried again, and works by itself when it is mended") {
  Office office;
  ScriptedConnector connector;
  const auto [remedy, health] = GENERATE(table<Remedy, Health>(
      {{Remedy::retry, Health::failing}, {Remedy::reconfigure, Health::credentials_refused}}));
  connector.answer_polls([remedy = remedy](const Cursor&) {
    return fail(remedy, "the server said: no, made@example.org, 081234567890");
  });
  const auto worker = start(office, connector);
  CHECK(becomes(office, health));
  const auto said = record(office).said;
  CHECK(said.starts_with("the server said: no, "));
  CHECK(said.find("made@") == std::string::npos);
  CHECK(said.find("081234567890") == std::string::npos);
  const int before = connector.polls;
  CHECK(eventually([&] { return connector.polls > before + 2; }));
  connector.bring(a_post("m1", "Jalan berlubang di depan pasar"));
  connector.answer_polls({});
  CHECK(eventually([&] { return connector.told().size() == 1; }));
  CHECK(becomes(office, Health::waiting));
  CHECK(record(office).said.empty());
}

TEST_CASE("a channel that hangs or breaks down stops no other") {
  Office office;
  auto second = mail_rules();
  second.name = ChannelName("second");
  auto third = mail_rules();
  third.name = ChannelName("third");
  office.know(second);
  office.know(third);
  ScriptedConnector hanging;
  ScriptedConnector broken;
  ScriptedConnector sound;
  std::promise<void> released;
  const auto release = released.get_future().share();
  hanging.answer_polls([release](const Cursor& since) {
    release.wait();
    Batch batch;
    batch.next = since;
    return batch;
  });
  broken.answer_polls([](const Cursor&) -> Result<Batch> { throw std::runtime_error("a fault"); });
  sound.bring(a_post("m1", "Jalan berlubang di depan pasar"));
  const auto first = start(office, hanging);
  const auto other = start(office, broken, second.name);
  const auto last = start(office, sound, third.name);
  CHECK(eventually([&] { return sound.told().size() == 1; }));
  CHECK(eventually([&] {
    return office.store->channel(second.name).value().health == Health::failing && broken.polls > 2;
  }));
  released.set_value();
}

TEST_CASE("a paused channel rests until it is resumed") {
  Office office;
  ScriptedConnector connector;
  const auto worker = start(office, connector);
  CHECK(eventually([&] { return connector.polls > 0; }));
  REQUIRE(office.store->set_paused(office.mail, true));
  worker->wake();
  CHECK(becomes(office, Health::paused));
  CHECK(connector.rests == 1);
  connector.bring(a_post("m1", "Jalan berlubang di depan pasar"));
  const int polls = connector.polls;
  worker->wake();
  std::this_thread::sleep_for(milliseconds(100));
  CHECK(connector.polls == polls);
  REQUIRE(office.store->set_paused(office.mail, false));
  worker->wake();
  CHECK(eventually([&] { return connector.told().size() == 1; }));
  CHECK(becomes(office, Health::waiting));
}

TEST_CASE("a worker whose channel another node has taken writes nothing more") {
  Office office;
  ScriptedConnector connector;
  std::promise<void> reached;
  std::promise<void> released;
  auto release = released.get_future().share();
  std::atomic<bool> first{true};
  connector.answer_polls([&](const Cursor& since) {
    Batch batch;
    batch.next = since;
    if (!first.exchange(false)) return batch;
    reached.set_value();
    release.wait();
    batch.posts.push_back(a_post("m1", "Jalan berlubang di depan pasar"));
    batch.next.value = "late";
    return batch;
  });
  const auto worker = start(office, connector);
  reached.get_future().wait();
  office.clock.advance(seconds(61));
  REQUIRE(office.store->lease(office.mail, "other", hours(1)).value());
  released.set_value();
  // It looks for its lease again, and must not poll without one.
  REQUIRE(eventually([&] { return connector.rests == 1; }));
  std::this_thread::sleep_for(milliseconds(200));
  CHECK(connector.told().empty());
  CHECK(connector.polls == 1);
  CHECK(connector.rests == 1);
  CHECK(office.database.ask("SELECT count(*) FROM post") == "0");
  CHECK(record(office).cursor.value.empty());
}

TEST_CASE("a worker whose channel another node has taken while it was sending reads nothing") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  ScriptedConnector connector;
  auto options = quick();
  options.lease = milliseconds(200);
  std::atomic<bool> taken{false};
  connector.answer_sends([&](const Reply&) {
    office.clock.advance(seconds(61));
    taken = office.store->lease(office.mail, "other", hours(1)).value().has_value();
    std::this_thread::sleep_for(options.lease / 2);
    return Receipt{ExternalId("s1"), true};
  });
  const auto worker = start(office, connector, office.mail, options);
  REQUIRE(eventually([&] { return taken && connector.rests > 0; }));
  CHECK(connector.polls == 0);
}

TEST_CASE("a worker whose channel another node has taken leaves that node's word on its health") {
  Office office;
  ScriptedConnector connector;
  std::promise<void> reached;
  std::promise<void> released;
  auto release = released.get_future().share();
  std::atomic<bool> first{true};
  connector.answer_polls([&](const Cursor&) -> Result<Batch> {
    if (first.exchange(false)) reached.set_value();
    release.wait();
    return fail(Remedy::retry, "no route from here");
  });
  {
    const auto worker = start(office, connector);
    reached.get_future().wait();
    office.clock.advance(seconds(61));
    REQUIRE(office.store->lease(office.mail, "other", hours(1)).value());
    REQUIRE(office.store->save_health(office.mail, Health::waiting, ""));
    released.set_value();
    CHECK(eventually([&] { return connector.rests > 0; }));
  }
  CHECK(record(office).health == Health::waiting);
  CHECK(connector.polls == 1);
}

TEST_CASE("a stopped worker gives its channel up at once") {
  Office office;
  ScriptedConnector connector;
  {
    const auto worker = start(office, connector);
    CHECK(eventually([&] { return connector.polls > 0; }));
  }
  CHECK(office.store->lease(office.mail, "other", hours(1)).value());
}

class PushedConnector final : public ScriptedConnector, public Receiver {
 public:
  Result<Received> receive(const Delivery& /*delivery*/) const override { return Received(); }
};

TEST_CASE("a channel whose source also pushes is read like any other") {
  Office office;
  PushedConnector connector;
  connector.bring(a_post("m1", "Jalan berlubang di depan pasar"));
  const auto worker = start(office, connector);
  CHECK(eventually([&] { return connector.told() == std::vector<std::string>{"m1"}; }));
  CHECK(becomes(office, Health::waiting));
}

/// One whose source tells of deletions only when asked, and bills for it.
class AskedConnector final : public ScriptedConnector, public Rechecker, public Metered {
 public:
  std::atomic<int> asked{0};
  std::atomic<bool> away{false};
  std::atomic<bool> recalled{false};
  [[nodiscard]] Wish wanted(const Cursor& since) const override {
    if (since.value == "checked" || since.value.empty()) return {};
    return {ExternalId("m"), ExternalId("n"), 10};
  }
  Result<Batch> recheck(const Cursor& /*since*/, std::span<const ExternalId> ids) override {
    ++asked;
    if (away) return fail(Remedy::retry, "nobody listens there");
    Batch batch;
    for (const auto& id : ids) {
      if (id.value() == "m1") continue;
      Signal signal;
      signal.kind = Signal::Kind::deletion;
      signal.subject = id;
      batch.signals.push_back(signal);
    }
    batch.next.value = "checked";
    return batch;
  }
  void recall(const ChannelName&, const Cursor&) override {}
  void recall_apart(const ChannelName& /*channel*/, const Cursor& used) override {
    recalled = used.value == "used";
  }
  [[nodiscard]] Cursor used_apart() const override { return {}; }
  [[nodiscard]] Usage usage() const override {
    Usage usage;
    Meter meter;
    meter.what = "caps.reads_per_day";
    meter.used = 1.0 * asked;
    meter.most = 1;
    usage.meters.push_back(meter);
    return usage;
  }
};

TEST_CASE("a worker asks after stored posts, erases what is gone, and keeps what was used") {
  Office office;
  AskedConnector connector;
  connector.away = true;
  connector.bring(a_post("m1", "Jalan berlubang di depan pasar"));
  connector.bring(a_post("m2", "Lampu jalan mati", "budi@example.org"));
  REQUIRE(office.store->save_used_apart(office.mail, Cursor{"used"}));
  const auto worker = start(office, connector);
  // That asking fails is no trouble of the channel's.
  CHECK(eventually([&] { return connector.asked > 0; }));
  CHECK(becomes(office, Health::waiting));
  CHECK(connector.recalled);
  connector.away = false;
  CHECK(eventually([&] { return record(office).cursor.value == "checked"; }));
  CHECK(office.store->ids_between(office.mail, ExternalId("m"), ExternalId("n"), 9).value() ==
        std::vector{ExternalId("m1")});
  CHECK(eventually([&] {
    const auto usage = record(office).usage;
    return !usage.empty() && usage.meters[0].used >= 1;
  }));
  CHECK(record(office).usage.meters[0].is_near_its_end());
}

}  // namespace
}  // namespace kanal
