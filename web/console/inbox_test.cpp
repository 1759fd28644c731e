#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("whoever may act on held messages is told how many wait, and of none that they may not") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("monitor", Role::monitor);
  world.hire("auditor", Role::auditor);
  world.hire("regency", Role::agency_admin, "buleleng");
  const auto admin = world.sign_in("admin");
  const auto monitor = world.sign_in("monitor");
  constexpr std::string_view k_link = "/console/messages?fate=held";
  CHECK_FALSE(says(world.get("/console", admin), k_link));
  REQUIRE(world.hold(world.post("h1", "Jalan rusak")));
  auto secret = world.post("h2", "Pungutan liar");
  secret.hints.confidential = true;
  REQUIRE(world.hold(secret));
  const auto seen = world.get("/console", admin);
  CHECK(says(seen, k_link));
  CHECK(says(seen, "2 pesan ditahan, menunggu petugas"));
  CHECK(says(world.get("/console", monitor), "1 pesan ditahan, menunggu petugas"));
  CHECK_FALSE(says(world.get("/console", world.sign_in("auditor")), k_link));
  CHECK_FALSE(says(world.get("/console", world.sign_in("regency")), k_link));
  world.send("/console/messages/1/discard", monitor, {{"reason", "spam"}});
  CHECK_FALSE(says(world.get("/console", monitor), k_link));
  CHECK(says(world.get("/console", admin), "1 pesan ditahan, menunggu petugas"));
}

TEST_CASE("a number that is typed leads to its report, whatever filters are set") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto admin = world.sign_in("admin");
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  const auto number = world.read(id).code.value();
  for (const std::string filter : {"state=closed", "agency=kemenkes", "unit=putr", "category=road",
                                   "channel=x", "tab=overdue"}) {
    INFO(filter);
    const auto answer = world.get("/console?" + filter + "&q=" + number, admin);
    CHECK(answer.status == 303);
    CHECK(ConsoleWorld::header(answer, "Location") == world.page_of(id));
  }
}

TEST_CASE("what came by a channel that runs no more is filtered as any other") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto admin = world.sign_in("admin");
  REQUIRE(world.store->set_paused(ChannelName("letters"), false));
  for (const auto* page : {"/console?channel=letters", "/console/messages?channel=letters"}) {
    const auto shown = world.get(page, admin);
    CHECK(says(shown, "<option value=\"letters\" selected>letters</option>"));
    CHECK(says(shown, "<option value=\"mail\">"));
  }
}

TEST_CASE("a report says in both languages how many people passed it on, to whoever may read it") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("monitor", Role::monitor);
  const auto admin = world.sign_in("admin");
  const auto monitor = world.sign_in("monitor");
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  const auto page = world.page_of(id);
  const auto in_english = [&](const std::string& target) {
    return world.ask("GET", target, admin + "; lang=en");
  };
  for (const auto& target : {page, std::string("/console?tab=all")}) {
    CHECK_FALSE(says(world.get(target, admin), "Didukung"));
    CHECK_FALSE(says(in_english(target), "passed it on"));
  }
  world.pass_on("m1", 1);
  for (const auto& target : {page, std::string("/console?tab=all")}) {
    INFO(target);
    const bool listed = target != page;
    const auto* words = listed ? "Didukung 1 orang" : "<dt>Didukung</dt><dd>1 orang</dd>";
    CHECK(says(world.get(target, admin), words));
    CHECK(says(in_english(target), listed ? "1 person passed it on" : "<dd>1 person</dd>"));
    CHECK(says(world.get(target, monitor), words));
  }
  const auto statements = [&](const std::string& target) {
    const auto before = world.store->statements();
    world.get(target, admin);
    return world.store->statements() - before;
  };
  const auto one = statements("/console?tab=all");
  world.file(world.post("m2", "Lampu mati"));
  world.pass_on("m2", 3);
  CHECK(says(in_english("/console?tab=all"), "3 people passed it on"));
  CHECK(statements("/console?tab=all") == one);
  Command hide;
  hide.event = Event::correct;
  hide.actor.role = Role::national_admin;
  hide.confidential = true;
  world.act(id, hide);
  for (const auto& target : {page, std::string("/console?tab=all&q=") + "jalan"}) {
    CHECK_FALSE(says(world.get(target, monitor), "1 orang"));
    CHECK(says(world.get(target, admin), "1 orang"));
  }
}

TEST_CASE("a page behind the last one says so, and speaks of no filter") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto page = world.get("/console?tab=all&page=99", world.sign_in("admin"));
  CHECK(says(page, "Ke halaman pertama"));
  CHECK_FALSE(says(page, "Hapus saringan"));
}

TEST_CASE("a reply that failed today is told in the inbox, and one of last week is not") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.file(world.post("m1", "Jalan rusak"));
  const auto owed = world.store->claim(world.mail, "n", 9, std::chrono::seconds(9)).value();
  REQUIRE(owed.size() == 1);
  const Settlement lost{owed[0].id, ReplyState::failed, {}, "550 no such user", {}};
  REQUIRE(world.store->settle({&lost, 1}));
  CHECK(says(world.get("/console", world.sign_in("admin")), "1 balasan gagal terkirim"));
  world.clock.advance(std::chrono::days(7));
  CHECK_FALSE(says(world.get("/console", world.sign_in("admin")), "balasan gagal terkirim"));
}
