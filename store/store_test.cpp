#include "store/store.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("who a reporter is stands in no table in the clear") {
  World world;
  auto post = world.post("m1", "Jalan rusak");
  post.author = {ExternalId("rahasia@example.org"), "rahasia_akun", "Ibu Rahasia", "+6281234567890",
                 "rahasia2@example.org"};
  post.payload = "From: rahasia@example.org";
  auto batch = world.batch({post});
  batch.changes[0].replies[0].address = "rahasia3@example.org";
  REQUIRE(world.store->commit(batch));
  const auto tables = world.database.ask(
      "SELECT string_agg(format('SELECT %L WHERE EXISTS (SELECT FROM %I t WHERE t::text ~* "
      "''rahasia|81234567890|%s'')', tablename, tablename, encode('rahasia', 'hex')), ' UNION ALL "
      "') FROM pg_tables WHERE schemaname = 'public'");
  CHECK(world.database.ask(tables).empty());

  const auto id = batch.changes[0].after.id;
  const auto reporter = world.store->report(id).value()->reporter;
  const auto officer = Actor{Role::national_admin, OfficerId(3), {}, {}};
  const auto author = world.store->identity(reporter, officer, "to call back").value();
  CHECK(author.id.value() == "rahasia@example.org");
  CHECK(author.phone == "+6281234567890");
  CHECK(world.database.ask("SELECT reason FROM act WHERE act = 'identity' AND officer = 3") ==
        "to call back");
  CHECK(world.store->replies_of(id).value().at(0).reply.address == "rahasia3@example.org");
}

TEST_CASE("a database that another key sealed is refused and left alone") {
  World world;
  world.file(world.post("m1", "Jalan rusak"));
  world.store.reset();
  const auto refused =
      Store::open(world.database.options(), Keys::of_seed("another bridge"), world.clock);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("kanal.key") != std::string::npos);
  world.store = world.database.open(world.keys, world.clock);
  CHECK(world.reports_with("rusak").size() == 1);
}

TEST_CASE("who waits for changes is woken by one, and by none once it is forgotten") {
  World world;
  std::atomic<int> woken{0};
  world.store->on_change([&](const auto&) { ++woken; });
  world.file(world.post("m1", "Lampu mati"));
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(180);
  while (woken == 0 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  CHECK(woken > 0);
  world.store->on_change({});
  const int before = woken;
  world.file(world.post("m2", "Air mati"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(woken == before);
}

TEST_CASE("a change names the channels that owe more by it, to other nodes too") {
  World world;
  const auto other_node = world.database.open(world.keys, world.clock);
  std::mutex mutex;
  std::map<std::string, std::set<ChannelName>> told;
  const auto listen = [&](Store& store, const std::string& node) {
    store.on_change([&, node](const std::set<ChannelName>& concerned) {
      const std::scoped_lock lock(mutex);
      told[node].insert(concerned.begin(), concerned.end());
    });
  };
  listen(*world.store, "own");
  listen(*other_node, "other");
  const auto eventually = [&](const std::function<bool()>& so) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(180);
    while (std::chrono::steady_clock::now() < patience) {
      {
        const std::scoped_lock lock(mutex);
        if (so()) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  };
  const ChannelName idle("idle");
  const ChannelName paused("paused");
  // Until it listens.
  CHECK(eventually([&] {
    CHECK(world.store->save_health(idle, Health::waiting, ""));
    return told.contains("own") && told.contains("other");
  }));
  world.file(world.post("m1", "Lampu mati"));
  REQUIRE(world.store->set_paused(paused, true));
  for (const auto* node : {"own", "other"}) {
    CHECK(eventually([&] { return told[node].contains(world.mail); }));
    CHECK(eventually([&] { return told[node].contains(paused); }));
    const std::scoped_lock lock(mutex);
    CHECK_FALSE(told[node].contains(idle));
  }
  world.store->on_change({});
  other_node->on_change({});
}
