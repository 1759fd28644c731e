#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <poll.h>
#include <thread>

#include <catch2/catch.hpp>

#include "router/worker_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

TEST_CASE("a throttled channel is left alone for as long as it asks, and still sends") {
  Office office;
  ScriptedConnector connector;
  connector.answer_polls(
      [](const Cursor&) { return fail(Remedy::throttled, "slow down", hours(1)); });
  const auto worker = start(office, connector);
  CHECK(becomes(office, Health::throttled));
  office.file("m1", "Jalan berlubang di depan pasar");
  worker->wake();
  CHECK(eventually([&] { return connector.sent().size() == 1; }));
  CHECK(connector.polls == 1);
}

TEST_CASE("trouble with sending shows, while reading goes on") {
  Office office;
  ScriptedConnector connector;
  connector.answer_sends([](const Reply&) { return fail(Remedy::reconfigure, "535 login"); });
  office.file("m1", "Jalan berlubang di depan pasar");
  const auto worker = start(office, connector);
  CHECK(becomes(office, Health::credentials_refused));
  connector.bring(a_post("m2", "Lampu jalan mati", "budi@example.org"));
  CHECK(eventually([&] { return connector.told().size() == 1; }));
  connector.answer_sends({});
  office.clock.advance(hours(1));
  worker->wake();
  CHECK(eventually([&] { return connector.sent().size() >= 3; }));
  CHECK(becomes(office, Health::waiting));
}

TEST_CASE("a far side that refuses to send is left alone, whatever is committed meanwhile") {
  Office office;
  ScriptedConnector connector;
  const bool asks_for_time = GENERATE(false, true);
  connector.answer_sends([=](const Reply&) -> Result<Receipt> {
    if (asks_for_time) return fail(Remedy::throttled, "421 later", hours(1));
    return fail(Remedy::reconfigure, "535 login");
  });
  std::vector<Post> posts;
  for (int i = 0; i < 35; ++i) {
    const auto number = std::to_string(i);
    posts.push_back(a_post("m" + number, "Jalan berlubang nomor " + number, "w" + number));
  }
  office.take(std::move(posts));
  const auto worker = start(office, connector, office.mail, asks_for_time ? quick() : patient());
  const Wired wired(office, *worker);
  CHECK(becomes(office, asks_for_time ? Health::throttled : Health::credentials_refused));
  for (std::size_t i = 1; i <= 5; ++i) {
    // Those that were refused are due again, and what comes is answered too.
    office.clock.advance(hours(2));
    const auto number = std::to_string(i);
    connector.bring(a_post("n" + number, "Lampu jalan mati " + number, "budi@example.org"));
    CHECK(eventually([&] { return connector.told().size() == i; }));
    worker->wake();
    turn_once(connector);
  }
  CHECK(connector.sent().size() == 10);
}

TEST_CASE("a channel that is paused and resumed tries at once to send again") {
  Office office;
  ScriptedConnector connector;
  connector.answer_sends([](const Reply&) { return fail(Remedy::reconfigure, "535 login"); });
  office.file("m1", "Jalan berlubang di depan pasar");
  const auto worker = start(office, connector, office.mail, patient());
  CHECK(becomes(office, Health::credentials_refused));
  connector.answer_sends({});
  office.clock.advance(hours(2));
  REQUIRE(office.store->set_paused(office.mail, true));
  worker->wake();
  CHECK(becomes(office, Health::paused));
  REQUIRE(office.store->set_paused(office.mail, false));
  worker->wake();
  CHECK(eventually([&] { return connector.sent().size() == 2; }));
  CHECK(becomes(office, Health::waiting));
}

/// A mail with a photo, read again until it is stored.
void bring_photo_until_stored(ScriptedConnector& connector) {
  connector.answer_polls([](const Cursor& since) {
    Batch batch;
    batch.next.value = "1";
    if (since.value == "1") return batch;
    batch.posts.push_back(a_post("m1", "Jalan berlubang di depan pasar"));
    Attachment photo;
    photo.name = "jalan.jpg";
    photo.type = "image/jpeg";
    photo.bytes = "a photo";
    batch.posts.front().attachments.push_back(photo);
    return batch;
  });
}

TEST_CASE("what cannot be stored is read again only after a while, and the health says why") {
  Office office;
  // As good as a full disk, for root too.
  const auto& files = office.database.attachments();
  std::filesystem::remove_all(files);
  std::ofstream(files) << "no directory";
  ScriptedConnector connector;
  bring_photo_until_stored(connector);
  SECTION("it is not read while it waits") {
    const auto worker = start(office, connector, office.mail, patient());
    Wired wired(office, *worker);
    CHECK(becomes(office, Health::failing));
    CHECK(record(office).said.find("attachment") != std::string::npos);
    for (int i = 0; i < 5; ++i) {
      wired.after([&] { REQUIRE(office.store->set_paused(office.mail, false)); });
      worker->wake();
    }
    std::this_thread::sleep_for(milliseconds(100));
    CHECK(connector.polls == 1);
    CHECK(becomes(office, Health::failing));
  }
  SECTION("it is stored when it can be, unaided") {
    const auto worker = start(office, connector);
    CHECK(becomes(office, Health::failing));
    CHECK(connector.told().empty());
    std::filesystem::remove(files);
    CHECK(eventually([&] { return connector.told() == std::vector<std::string>{"m1"}; }));
    CHECK(becomes(office, Health::waiting));
    CHECK(record(office).said.empty());
  }
}

TEST_CASE("what is committed elsewhere costs a channel with nothing to do no statement") {
  Office office;
  ScriptedConnector connector;
  auto options = quick();
  options.interval = options.outbox_interval = hours(1);
  const auto worker = start(office, connector, office.mail, options);
  Wired wired(office, *worker);
  CHECK(becomes(office, Health::waiting));
  const ChannelName other("other");
  const auto commit = [&] { REQUIRE(office.store->save_health(other, Health::waiting, "")); };
  wired.after(commit);
  const auto before = settled([&] { return office.store->statements(); });
  const auto began = std::chrono::steady_clock::now();
  constexpr std::uint64_t k_commits = 50;
  for (std::uint64_t i = 0; i < k_commits; ++i) wired.after(commit);
  std::this_thread::sleep_for(milliseconds(100));
  // It looks after its lease now and then.
  const auto passed = std::chrono::steady_clock::now() - began;
  CHECK(office.store->statements() - before <
        k_commits + 10 + static_cast<std::uint64_t>(passed / seconds(1)));
}

TEST_CASE("what is owed on a channel is sent at once, in few statements") {
  Office office;
  ScriptedConnector connector;
  auto options = quick();
  options.interval = options.outbox_interval = hours(1);
  const auto worker = start(office, connector, office.mail, options);
  Wired wired(office, *worker);
  CHECK(becomes(office, Health::waiting));
  office.file("m0", "Jalan berlubang di depan pasar", "w0");
  CHECK(eventually([&] { return connector.sent().size() == 1; }));
  constexpr std::uint64_t k_reports = 20;
  const auto before = office.store->statements();
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t own = 0;
  for (std::uint64_t i = 1; i <= k_reports; ++i) {
    const auto number = std::to_string(i);
    const auto taking = office.store->statements();
    office.take({a_post("m" + number, "Jalan berlubang nomor " + number, "w" + number)});
    own += office.store->statements() - taking;
    CHECK(eventually([&] { return connector.sent().size() == i + 1; }));
    std::this_thread::sleep_for(milliseconds(40));
  }
  // Woken, it looks after its lease once a second.
  const auto passed = std::chrono::steady_clock::now() - began;
  CHECK(office.store->statements() - before - own <
        k_reports * 13 + 2 * static_cast<std::uint64_t>(passed / seconds(1)));
}

/// Sits waiting for a push, as a mailbox on IDLE does.
class ListeningConnector : public ScriptedConnector {
 public:
  std::atomic<int> waits{0};
  Result<Batch> poll(const Cursor& since, Budget budget) override {
    if (budget.wait.count() > 0) {
      ++waits;
      pollfd wake{budget.wake, POLLIN, 0};
      (void)::poll(&wake, 1, static_cast<int>(budget.wait.count()));
    }
    auto batch = ScriptedConnector::poll(since, budget);
    if (batch) batch->listens = budget.wait.count() > 0;
    return batch;
  }
};

TEST_CASE("a channel that waits for a push sends at once, goes on waiting, and stops at once") {
  Office office;
  ListeningConnector connector;
  auto options = quick();
  options.wait = options.outbox_interval = hours(1);
  auto worker = start(office, connector, office.mail, options);
  {
    Wired wired(office, *worker);
    REQUIRE(eventually([&] { return connector.waits >= 1; }));
    office.file("m0", "Jalan berlubang di depan pasar", "w0");
    CHECK(eventually([&] { return connector.sent().size() == 1; }));
    // It does not turn in a circle.
    CHECK(settled([&] { return connector.waits.load(); }) <= 6);
  }
  auto stopped = std::async(std::launch::async, [&] { worker.reset(); });
  CHECK(stopped.wait_for(std::chrono::minutes(3)) == std::future_status::ready);
}

TEST_CASE("a channel that had much to send waits for a push again as soon as that is sent") {
  Office office;
  ListeningConnector connector;
  auto options = quick();
  options.interval = options.wait = options.outbox_interval = hours(1);
  std::vector<Post> posts;
  for (int i = 0; i < 25; ++i) {
    const auto number = std::to_string(i);
    posts.push_back(a_post("m" + number, "Jalan berlubang nomor " + number, "w" + number));
  }
  office.take(std::move(posts));
  const auto worker = start(office, connector, office.mail, options);
  CHECK(eventually([&] { return connector.waits >= 1; }));
  CHECK(connector.sent().size() == 25);
  // What is owed and waits for its time does not make it turn in a circle.
  CHECK(settled([&] { return connector.polls.load(); }) <= 4);
}

/// Asks its source at a pace of its own.
class PacedConnector final : public ScriptedConnector, public Paced {
 public:
  explicit PacedConnector(milliseconds pace) : pace_(pace) {}
  [[nodiscard]] std::optional<milliseconds> rests_for() const override { return pace_; }

 private:
  milliseconds pace_;
};

TEST_CASE("a connector is asked again at its own pace where that is quicker") {
  Office office;
  SECTION("than every hour") {
    PacedConnector connector{seconds(1)};
    auto options = quick();
    options.interval = hours(1);
    const auto worker = start(office, connector, office.mail, options);
    CHECK(eventually([&] { return connector.polls >= 3; }));
  }
  SECTION("and without a pause not much oftener than once in a second") {
    PacedConnector connector{milliseconds(0)};
    auto options = quick();
    options.interval = hours(1);
    const auto began = std::chrono::steady_clock::now();
    const auto worker = start(office, connector, office.mail, options);
    CHECK(eventually([&] { return connector.polls >= 3; }));
    CHECK(std::chrono::steady_clock::now() - began >= seconds(2));
  }
  SECTION("and where it is slower, as often as any other") {
    PacedConnector connector{hours(1)};
    const auto worker = start(office, connector);
    CHECK(eventually([&] { return connector.polls >= 3; }));
  }
}

}  // namespace
}  // namespace kanal
