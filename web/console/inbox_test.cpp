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

TEST_CASE(
    "what a reporter writes after an answer waits for its unit and agency until they have seen "
    "it") {
  ConsoleWorld world;
  world.hire("putr", Role::liaison, "buleleng", "putr");
  world.hire("regency", Role::agency_admin, "buleleng");
  world.hire("other", Role::liaison, "buleleng", "dlh");
  world.hire("admin", Role::national_admin);
  const auto unit = world.sign_in("putr");
  const auto agency = world.sign_in("regency");
  const auto other = world.sign_in("other");
  const auto admin = world.sign_in("admin");
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  world.assign(id, "buleleng", "putr");
  Command answer;
  answer.event = Event::answer;
  answer.actor = {Role::liaison, {}, AgencyId("buleleng"), UnitId("putr")};
  answer.words = "Sudah kami tambal.";
  world.act(id, answer);
  const auto row = "href=\"" + world.page_of(id);
  const auto waits = [&](const std::string& cookie) {
    return says(world.get("/console?tab=mine", cookie), row);
  };
  const auto says_something = [&](std::string_view words) {
    world.clock.advance(std::chrono::minutes(1));
    REQUIRE(world.casework.reply(id, words));
    REQUIRE(world.read(id).state == State::answered);
  };
  CHECK_FALSE(waits(unit));
  says_something("Terima kasih");
  says_something("STATUS");
  CHECK_FALSE(waits(unit));
  CHECK(says(world.get("/console?tab=all", unit), "menunggu pelapor"));
  says_something("Lampunya masih gelap");
  CHECK(waits(unit));
  CHECK(waits(agency));
  CHECK_FALSE(waits(other));
  CHECK_FALSE(waits(admin));
  CHECK_FALSE(says(world.get("/console?tab=mine&state=in_progress", unit), row));
  for (const auto& cookie : {unit, agency, admin}) {
    const auto all = world.get("/console?tab=all", cookie);
    CHECK(says(all, "Pelapor sudah menulis"));
    CHECK_FALSE(says(all, "menunggu pelapor"));
    CHECK(says(world.get(world.page_of(id), cookie), "Pelapor sudah menulis"));
  }
  CHECK(says(world.ask("GET", world.page_of(id), unit + "; lang=en"), "The reporter has written"));
  SECTION("thanks do not hide it") {
    says_something("Terima kasih");
    CHECK(waits(unit));
  }
  SECTION("another answer") {
    world.clock.advance(std::chrono::minutes(1));
    world.act(id, answer);
    CHECK_FALSE(waits(unit));
    CHECK_FALSE(says(world.get("/console?tab=all", unit), "Pelapor sudah menulis"));
    says_something("Tetap gelap");
    CHECK(waits(unit));
  }
  SECTION("a note of its office, but of nobody else") {
    Command note;
    note.event = Event::note;
    note.actor.role = Role::monitor;
    note.words = "Mohon dilihat.";
    world.act(id, note);
    CHECK(waits(unit));
    note.actor = answer.actor;
    world.act(id, note);
    CHECK_FALSE(waits(unit));
  }
  SECTION("silence closes it as what it is") {
    world.clock.advance(std::chrono::days(60));
    REQUIRE(world.casework.run_timers() == 1);
    const auto later = world.sign_in("putr");
    const auto page = world.get(world.page_of(id), later);
    CHECK(says(page, "Ditutup otomatis"));
    CHECK_FALSE(says(page, "tidak membalas"));
    CHECK_FALSE(waits(later));
  }
}

TEST_CASE("however many are on the page, one question tells which reporters have written") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto admin = world.sign_in("admin");
  Command answer;
  answer.event = Event::answer;
  answer.actor = {Role::liaison, {}, AgencyId("buleleng"), UnitId("putr")};
  answer.words = "Sudah.";
  const auto answered = [&](const std::string& name) {
    const auto id = world.file(world.post(name, "Jalan rusak " + name));
    world.assign(id, "buleleng", "putr");
    world.act(id, answer);
    world.clock.advance(std::chrono::minutes(1));
    REQUIRE(world.casework.reply(id, "Lampunya masih gelap"));
  };
  const auto statements = [&] {
    const auto before = world.store->statements();
    world.get("/console?tab=all", admin);
    return world.store->statements() - before;
  };
  answered("m1");
  statements();
  const auto of_one = statements();
  for (int i = 2; i < 8; ++i) answered("m" + std::to_string(i));
  CHECK(statements() == of_one);
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

TEST_CASE("a reply that an officer decided not to send is no failure to look at") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("teknis", Role::connector_admin);
  world.file(world.post("m1", "Jalan rusak"));
  const auto owed = world.store->claim(world.mail, "n", 9, std::chrono::seconds(9)).value();
  REQUIRE(owed.size() == 1);
  const Settlement doubtful{owed[0].id, ReplyState::uncertain, {}, "no answer", {}};
  REQUIRE(world.store->settle({&doubtful, 1}));
  CHECK(world
            .send("/console/outbox", world.sign_in("teknis"),
                  {{"how", "failed"}, {"replies", std::to_string(owed[0].id.value())}})
            .status == 303);
  REQUIRE(world.store->outbox({}, ReplyState::failed, 9).value().size() == 1);
  const auto page = world.get("/console", world.sign_in("admin"));
  CHECK_FALSE(says(page, "balasan gagal terkirim"));
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
