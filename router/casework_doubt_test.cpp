#include <algorithm>
#include <future>

#include <catch2/catch.hpp>

#include "router/connector_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

/// Sessions that begin while it is there wait, when they commit, for a standby that never comes;
/// whoever is cut off then has committed and does not know it.
class WaitingCommits {
 public:
  explicit WaitingCommits(TestDatabase& database) : database_(database) {
    const auto name = database_.ask("SELECT current_database()");
    database_.ask("ALTER DATABASE " + name + " SET synchronous_commit = on");
  }
  void begin() {
    database_.ask("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    database_.ask("SELECT pg_reload_conf()");
    REQUIRE(
        eventually([&] { return database_.ask("SHOW synchronous_standby_names") == "nobody"; }));
    // The checkpointer tells the others, and has read its settings before it does anything else.
    database_.ask("CHECKPOINT");
  }
  bool cut_off() {
    const bool cut = eventually([&] {
      return database_.ask(
                 "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                 " WHERE wait_event = 'SyncRep'") == "1";
    });
    end();
    return cut;
  }
  ~WaitingCommits() { end(); }
  WaitingCommits(const WaitingCommits&) = delete;
  WaitingCommits& operator=(const WaitingCommits&) = delete;

 private:
  void end() {
    database_.ask("ALTER SYSTEM RESET synchronous_standby_names");
    database_.ask("SELECT pg_reload_conf()");
  }
  TestDatabase& database_;
};

TEST_CASE("what was kept although the database went away in its commit is not kept twice") {
  Office office;
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  WaitingCommits commits(office.database);
  const auto store = office.database.open(office.keys, office.clock);
  Casework casework(*store, shipped(), office.clock, "https://lapor.test");
  casework.know(mail_rules());
  commits.begin();
  auto said = std::async(std::launch::async,
                         [&] { return casework.reply(report.id, "Makin dalam sejak kemarin"); });
  CHECK(commits.cut_off());
  const auto done = said.get();
  INFO((done ? "" : done.error().message));
  REQUIRE(done);
  CHECK(*done == Casework::Heard::said);
  CHECK(office.report(report.id).steps == report.steps + 1);
  const auto history = office.store->history(report.id).value();
  CHECK(std::ranges::count(history, "Makin dalam sejak kemarin", &Entry::words) == 1);
}

TEST_CASE("what was not kept because the database went away in its commit is done again") {
  Office office;
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  // Cuts the first commit off before it is done.
  office.database.ask(
      "CREATE SEQUENCE commits;"
      "CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
      " IF nextval('commits') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
      " RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER cut_off AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED"
      " FOR EACH ROW EXECUTE FUNCTION cut_off()");
  REQUIRE(office.casework.reply(report.id, "Makin dalam sejak kemarin"));
  const auto history = office.store->history(report.id).value();
  CHECK(std::ranges::count(history, "Makin dalam sejak kemarin", &Entry::words) == 1);
  CHECK(office.database.ask("SELECT last_value FROM commits") == "2");
}

}  // namespace
}  // namespace kanal
