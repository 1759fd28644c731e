#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

namespace {

/// Three reports of one sender that are spam, one that is not, and who may say so.
struct Flood : ConsoleWorld {
  std::vector<ReportId> spam;
  ReportId kept;
  std::string cookie;

  Flood() {
    hire("admin", Role::national_admin);
    hire("monitor", Role::monitor);
    for (const auto* id : {"m1", "m2", "m3"}) {
      spam.push_back(file(post(id, "Menang undian " + std::string(id), "spam@example.org")));
    }
    kept = file(post("m4", "Lampu mati", "warga@example.org"));
    cookie = sign_in("admin");
  }
  /// What the list's boxes say now.
  std::string ticks() {
    std::string all;
    for (const auto id : spam) {
      const auto code = read(id).code.value();
      const auto tick = between(get("/console?tab=all", cookie).body, "value=\"" + code, "\"");
      all += code + tick + " ";
    }
    return all;
  }
  Response archive(const std::string& ticked, Fields more = {}) {
    more.emplace_back("how", "spam");
    more.emplace_back("reports", ticked);
    return send("/console/spam", cookie, more);
  }
  std::string offer(const Response& done) { return get(header(done, "Location"), cookie).body; }
  Response take_back(const std::string& offered) {
    const auto undo = between(offered, "name=\"undo\" value=\"", "\"");
    return send("/console/spam", cookie, {{"how", "undo"}, {"undo", undo}});
  }
  std::string count(const std::string& state) {
    return database.ask("SELECT count(*) FROM report WHERE state = '" + state + "'");
  }
};

}  // namespace

TEST_CASE("a flood of spam is archived in one act, its sender blocked, and all of it taken back") {
  Flood world;
  world.hire("agency", Role::agency_admin, "pu");
  const auto ticks = world.ticks();
  const auto owed = world.database.ask("SELECT count(*) FROM outbox");
  const auto agency = world.sign_in("agency");
  CHECK(says(world.get("/console?tab=all", world.cookie), "value=\"spam\""));
  CHECK_FALSE(says(world.get("/console?tab=all", agency), "value=\"spam\""));
  CHECK(world.send("/console/spam", agency, {{"how", "spam"}, {"reports", ticks}}).status == 422);
  CHECK(world.archive("1 x 2:1").status == 422);
  // A report that nobody says to have seen is none of the list's.
  CHECK(world.archive(world.read(world.kept).code.value()).status == 422);
  CHECK(world.count("received") == "4");

  const auto done = world.archive(ticks, {{"block", "1"}, {"to", "/console?tab=open"}});
  REQUIRE(done.status == 303);
  CHECK(world.count("archived") == "3");
  CHECK(world.read(world.kept).state == State::received);
  CHECK(world.store->blocked_senders(9).value().size() == 1);
  const auto offer = world.offer(done);
  CHECK(offer.find("value=\"undo\"") != std::string::npos);
  CHECK(world.archive(ticks).status == 422);

  CHECK(world.take_back(offer).status == 303);
  CHECK(world.count("received") == "4");
  CHECK(world.store->blocked_senders(9).value().empty());
  CHECK(world.database.ask("SELECT count(*) FROM outbox") == owed);
  CHECK(world.database.ask("SELECT count(*) FROM entry WHERE event IN ('archive', 'restore')") ==
        "6");
}

TEST_CASE("what others have worked on since it was ticked is no spam, and that is said") {
  Flood world;
  const auto ticks = world.ticks();
  world.assign(world.spam[1], "buleleng", {});
  const auto done = world.archive(ticks);
  REQUIRE(done.status == 303);
  CHECK(world.read(world.spam[1]).state == State::at_agency);
  CHECK(world.count("archived") == "2");
  const auto offer = world.offer(done);
  CHECK(offer.find("2 laporan diarsipkan sebagai spam. 1 dilewati") != std::string::npos);
}

TEST_CASE("a row that is ticked twice, by itself and with its page, is one report") {
  Flood world;
  const auto ticks = world.ticks();
  const auto offer = world.offer(world.archive(ticks + ticks));
  CHECK(offer.find("3 laporan diarsipkan sebagai spam.") != std::string::npos);
  CHECK(offer.find("dilewati") == std::string::npos);
}

TEST_CASE("whose report stays in the archive stays blocked, and what was left out is said") {
  Flood world;
  const auto other = world.file(world.post("m5", "Menang undian lagi", "other@example.org"));
  const auto page = world.get("/console?tab=all", world.cookie).body;
  const auto code = world.read(other).code.value();
  const auto tick = code + ConsoleWorld::between(page, "value=\"" + code, "\"");
  const auto offer = world.offer(world.archive(world.ticks() + tick, {{"block", "1"}}));
  REQUIRE(world.store->blocked_senders(9).value().size() == 2);
  Command note;
  note.event = Event::note;
  note.actor = {Role::national_admin, OfficerId(1), {}, {}};
  note.words = "Sungguh spam.";
  REQUIRE(world.casework.act(other, note));
  const auto done = world.take_back(offer);
  CHECK(world.read(other).state == State::archived);
  CHECK(world.count("archived") == "1");
  CHECK(world.store->blocked(world.read(other).reporter).value());
  CHECK(world.store->blocked_senders(9).value().size() == 1);
  CHECK(says(world.get(ConsoleWorld::header(done, "Location"), world.cookie),
             "Diurungkan sebagian."));
}

TEST_CASE("a sender who cannot be blocked keeps nothing from being taken back") {
  Flood world;
  world.database.ask("ALTER TABLE reporter ADD CONSTRAINT none CHECK (NOT blocked)");
  const auto done = world.archive(world.ticks(), {{"block", "1"}});
  REQUIRE(done.status == 303);
  CHECK(world.count("archived") == "3");
  world.database.ask("ALTER TABLE reporter DROP CONSTRAINT none");
  const auto offer = world.offer(done);
  INFO(ConsoleWorld::header(done, "Location"));
  CHECK(offer.find("1 pengirim gagal diblokir") != std::string::npos);
  CHECK(world.take_back(offer).status == 303);
  CHECK(world.count("received") == "4");
}

TEST_CASE("taking back unblocks whom the act blocked, and nobody who was blocked before") {
  Flood world;
  const auto sender = world.read(world.spam[0]).reporter;
  const Actor monitor{Role::monitor, OfficerId(2), {}, {}};
  REQUIRE(world.store->block(sender, true, monitor, "threats"));
  const auto offer = world.offer(world.archive(world.ticks(), {{"block", "1"}}));
  CHECK(world.take_back(offer).status == 303);
  CHECK(world.count("received") == "4");
  CHECK(world.store->blocked(sender).value()->reason == "threats");
}

TEST_CASE("an address that somebody else made offers to take nothing back") {
  Flood world;
  const auto done = world.archive(world.ticks(), {{"block", "1"}});
  const auto address = ConsoleWorld::header(done, "Location");
  CHECK(says(world.get(address, world.cookie), "value=\"undo\""));
  CHECK_FALSE(says(world.get(address, world.sign_in("admin")), "value=\"undo\""));
  const auto code = world.read(world.spam[0]).code.value();
  for (const auto& undo : {code, code + ":2~.1~0~AAAAAAAAAAAAAAAAAAAAAA", std::string("~~~")}) {
    CHECK_FALSE(says(world.get("/console?undo=" + undo, world.cookie), "value=\"undo\""));
    CHECK(world.send("/console/spam", world.cookie, {{"how", "undo"}, {"undo", undo}}).status ==
          404);
  }
  CHECK(world.count("archived") == "3");
}
