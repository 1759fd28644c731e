#include <catch2/catch.hpp>

#include "store/migrations.hpp"
#include "tests/support/bridge_process.hpp"
#include "tests/support/database.hpp"

// What docs/OPERATIONS.md says of backups, as it says it.
namespace kanal::test {
namespace {

using testing::TestDatabase;

namespace fs = std::filesystem;

const std::string k_settings =
    "[channel.form]\nkind = \"webform\"\n[channel.letters]\nkind = \"webform\"\n";

std::string post_line(const std::string& id, const std::string& text) {
  return "{\"id\":\"" + id + "\",\"author\":{\"id\":\"" + id + "\"},\"text\":\"" + text +
         "\",\"posted_at\":\"2026-01-02T03:04:05+07:00\"}\n";
}

void take_in(const BridgeProcess& bridge, const std::string& id, const std::string& text) {
  const auto taken = bridge.command({"ingest", "--channel", "letters", "-"}, post_line(id, text));
  INFO(taken.err);
  REQUIRE(taken.code == 0);
}

void dump(const std::string& database, const std::string& file) {
  const auto done = run_program({"/usr/bin/pg_dump", "-Fc", "-f", file, "-d", database});
  INFO(done.err);
  REQUIRE(done.code == 0);
}

void restore(const std::string& database, const std::string& file) {
  const auto done = run_program({"/usr/bin/pg_restore", "-d", database, file});
  INFO(done.err);
  REQUIRE(done.code == 0);
}

TEST_CASE("a backup is restored beside no bridge, and what it owes waits for a person") {
  const TemporaryDirectory safe;
  const auto file = (safe.path() / "kanal.dump").string();
  BridgeProcess lost(k_settings);
  lost.start();
  take_in(lost, "1", "Jalan rusak di depan pasar");
  const auto code = lost.query({"report", "list"}).at(0).text("code");
  REQUIRE(lost.command({"report", "act", code, "verify", "--agency", "buleleng"}).code == 0);
  dump(lost.database(), file);
  take_in(lost, "2", "Setelah salinan dibuat");
  lost.kill();

  BridgeProcess restored(k_settings);
  const auto data = restored.directory() / "data";
  fs::create_directory(data);
  fs::copy(lost.directory() / "data/kanal.key", data);
  const auto address = restored.start_database();
  const auto refused = restored.command({"serve", "--listen", "127.0.0.1:0"});
  CHECK(refused.code == 1);
  CHECK(refused.err.find("another bridge runs") != std::string::npos);
  restore(address, file);
  REQUIRE(restored.command({"channel", "pause", "letters"}).code == 0);
  CHECK(restored.stop() == 0);

  restored.start();
  const auto reports = restored.query({"report", "list"});
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].text("code") == code);
  CHECK(reports[0].text("state") == "at_agency");
  CHECK(restored.command({"report", "verify"}).code == 0);
  bool is_paused = false;
  for (const auto& channel : restored.query({"channel", "list"})) {
    if (channel.text("name") == "letters") is_paused = channel.find("paused")->boolean;
  }
  CHECK(is_paused);
  REQUIRE(restored.command({"channel", "resume", "letters"}).code == 0);
  take_in(restored, "2", "Setelah salinan dibuat");
  CHECK(restored.query({"report", "list"}).size() == 2);
  CHECK(restored.stop() == 0);
}

TEST_CASE("a backup of an earlier version is restored, and brought up to date") {
  const TemporaryDirectory safe;
  const auto file = (safe.path() / "kanal.dump").string();
  const TestDatabase old(TestDatabase::Schema::none);
  const int newest = migrations().back().version;
  constexpr int k_earlier = 12;
  REQUIRE(migrate(old.url(), k_earlier));
  dump(old.url(), file);

  BridgeProcess restored(k_settings);
  const auto address = restored.start_database();
  CHECK(schema_version(address).value() == 0);
  restore(address, file);
  CHECK(schema_version(address).value() == k_earlier);
  CHECK(restored.stop() == 0);
  CHECK(schema_version(restored.start_database()).value() == newest);
  CHECK(restored.stop() == 0);
}

TEST_CASE("there is nothing private to run where the database is the user's own") {
  BridgeProcess bridge(k_settings + "[store]\nurl = \"postgresql:///kanal\"\n");
  const auto refused = bridge.command({"database"});
  CHECK(refused.code == 2);
  CHECK(refused.err.find("a database of your own") != std::string::npos);
}

}  // namespace
}  // namespace kanal::test
