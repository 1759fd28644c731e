#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("a stranger is sent to sign in, and back to where they wanted to go") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto turned = world.get("/console/messages?q=lampu");
  CHECK(turned.status == 303);
  const auto to = ConsoleWorld::header(turned, "Location");
  CHECK(to == "/console/login?to=%2Fconsole%2Fmessages%3Fq%3Dlampu");
  const auto page = world.get(to);
  CHECK(says(page, "value=\"/console/messages?q=lampu\""));
  const auto in = world.ask("POST", "/console/login", {},
                            {{"user", "admin"},
                             {"password", std::string(ConsoleWorld::k_password)},
                             {"to", "/console/messages?q=lampu"}});
  CHECK(in.status == 303);
  CHECK(ConsoleWorld::header(in, "Location") == "/console/messages?q=lampu");
  CHECK(ConsoleWorld::header(in, "Set-Cookie").find("HttpOnly") != std::string::npos);
}

TEST_CASE("signing in never leads to another site") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  for (const auto* to :
       {"https://evil.example/", "//evil.example", "/console/../../x", "/console\\..\\x",
        "/console//evil.example", "/reports", "/consolex", "/console/%0d%0aSet-Cookie:x\r\n"}) {
    const auto in = world.ask(
        "POST", "/console/login", {},
        {{"user", "admin"}, {"password", std::string(ConsoleWorld::k_password)}, {"to", to}});
    const auto location = ConsoleWorld::header(in, "Location");
    INFO(to);
    CHECK((location == "/console" || location == "/console/%0d%0aSet-Cookie:x"));
  }
}

TEST_CASE("a wrong user and a wrong password are told alike") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto attempt = [&](const std::string& user, const std::string& password) {
    return world.ask("POST", "/console/login", {}, {{"user", user}, {"password", password}});
  };
  auto unknown = attempt("nobody", "wrong");
  auto wrong = attempt("admin", "wrong");
  CHECK(unknown.status == wrong.status);
  CHECK(ConsoleWorld::between(unknown.body, "role=\"alert\"", "</p>") ==
        ConsoleWorld::between(wrong.body, "role=\"alert\"", "</p>"));
}

TEST_CASE("signing out ends the session") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  CHECK(world.get("/console", cookie).status == 200);
  CHECK(world.send("/console/logout", cookie, {}).status == 303);
  CHECK(world.get("/console", cookie).status == 303);
}

TEST_CASE("each role sees only its own reports") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("regency", Role::agency_admin, "buleleng");
  world.hire("ministry", Role::agency_admin, "kemenkes");
  world.hire("roads", Role::liaison, "buleleng", "putr");
  world.hire("waste", Role::liaison, "buleleng", "dlh");
  world.hire("technician", Role::connector_admin);
  const auto id = world.file(world.post("m1", "Jalan berlubang di Banyuasri"));
  world.assign(id, "buleleng", "putr");
  const auto page = world.page_of(id);
  const auto sees = [&](const std::string& user) {
    const auto cookie = world.sign_in(user);
    const auto listed = world.get("/console?tab=all", cookie);
    const auto shown = world.get(page, cookie);
    const bool in_list = listed.status == 200 && says(listed, page);
    CHECK(in_list == (shown.status == 200));
    CHECK((shown.status == 200) == says(shown, "Banyuasri"));
    return shown.status;
  };
  CHECK(sees("admin") == 200);
  CHECK(sees("regency") == 200);
  CHECK(sees("roads") == 200);
  CHECK(sees("ministry") == 404);
  CHECK(sees("waste") == 404);
  CHECK(sees("technician") == 403);
}

TEST_CASE("a confidential report is not found by its words by who may not read it") {
  ConsoleWorld world;
  world.hire("monitor", Role::monitor);
  auto batch = world.batch({world.post("m1", "Pungutan liar di Puskesmas")});
  batch.changes[0].after.confidential = true;
  REQUIRE(world.store->commit(batch));
  const auto cookie = world.sign_in("monitor");
  const auto page = world.page_of(batch.changes[0].after.id);
  CHECK(says(world.get("/console?tab=all", cookie), page));
  CHECK_FALSE(says(world.get("/console?tab=all&q=Pungutan", cookie), page));
  CHECK_FALSE(says(world.get(page, cookie), "Pungutan"));
  CHECK_FALSE(says(world.get("/console/messages", cookie), "Pungutan"));
  CHECK_FALSE(says(world.get("/console/messages?q=Pungutan", cookie), "/console/messages/1"));
  CHECK_FALSE(says(world.get("/console/messages/1", cookie), "Pungutan"));
  CHECK_FALSE(says(world.get("/console/outbox", cookie), "Laporan diterima"));
}

TEST_CASE("a form without its token changes nothing, nor does one from another site") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto id = world.file(world.post("m1", "Lampu mati"));
  const auto cookie = world.sign_in("admin");
  const Fields fields{{"expected_steps", "1"}, {"agency", "buleleng"}};
  const auto target = world.page_of(id) + "/act/verify";
  CHECK(world.ask("POST", target, cookie, fields).status == 403);
  auto with_token = fields;
  with_token.emplace_back("csrf", world.csrf_of(cookie));
  CHECK(
      world.ask("POST", target, cookie, with_token, {{"origin", "https://evil.example"}}).status ==
      403);
  CHECK(world.ask("POST", target, cookie, with_token, {{"sec-fetch-site", "cross-site"}}).status ==
        403);
  CHECK(world.read(id).state == State::received);
  CHECK(world.ask("POST", target, cookie, with_token).status == 303);
  CHECK(world.read(id).state == State::at_agency);
}

TEST_CASE("a report goes through verification, disposition, work and answer by its pages") {
  ConsoleWorld world;
  ChannelRules rules;
  rules.name = world.mail;
  world.casework.know(rules);
  world.hire("admin", Role::national_admin);
  world.hire("regency", Role::agency_admin, "buleleng");
  world.hire("roads", Role::liaison, "buleleng", "putr");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  const auto page = world.page_of(id);
  const auto go = [&](const std::string& user, const std::string& event, Fields fields) {
    const auto cookie = world.sign_in(user);
    CHECK(says(world.get(page, cookie), page + "/act/" + event));
    fields.emplace_back("expected_steps", std::to_string(world.read(id).steps));
    const auto acted = world.send(page + "/act/" + event, cookie, fields);
    CHECK(acted.status == 303);
    CHECK(ConsoleWorld::header(acted, "Location") == page + "?done=" + event);
  };
  go("admin", "verify", {{"agency", "buleleng"}});
  go("regency", "dispose", {{"unit", "putr"}});
  go("roads", "accept", {});
  go("roads", "answer", {{"words", "Sudah ditambal kemarin."}});
  CHECK(world.read(id).state == State::answered);
  CHECK(world.store->history(id).value().back().words == "Sudah ditambal kemarin.");
  CHECK(world.store->verify(id));
}

TEST_CASE("of an answer that is sent to nobody the officer reads where it is read") {
  ConsoleWorld world;
  world.hire("roads", Role::liaison, "buleleng", "putr");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  world.assign(id, "buleleng", "putr");
  const auto cookie = world.sign_in("roads");
  const Fields form = {{"expected_steps", std::to_string(world.read(id).steps)},
                       {"words", "Sudah ditambal."}};
  // A second press of the button is told the same.
  for (int press = 1; press <= 2; ++press) {
    INFO(press);
    const auto acted = world.send(world.page_of(id) + "/act/answer", cookie, form);
    CHECK(acted.status == 303);
    const auto page = world.get(ConsoleWorld::header(acted, "Location"), cookie);
    CHECK(says(page, "Jawaban tersimpan; pelapor membacanya di halaman laporan."));
  }
}

TEST_CASE("of two officers at one report the slower is told, and keeps what was written") {
  ConsoleWorld world;
  world.hire("first", Role::liaison, "buleleng", "putr");
  world.hire("second", Role::liaison, "buleleng", "putr");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  world.assign(id, "buleleng", "putr");
  const auto page = world.page_of(id);
  const auto steps = std::to_string(world.read(id).steps);
  const auto one = world.sign_in("first");
  const auto two = world.sign_in("second");
  CHECK(world.send(page + "/act/accept", one, {{"expected_steps", steps}}).status == 303);
  const auto late = world.send(page + "/act/answer", two,
                               {{"expected_steps", steps}, {"words", "Jawaban panjang saya"}});
  CHECK(late.status == 409);
  CHECK(says(late, "sudah berubah"));
  CHECK(says(late, "Jawaban panjang saya"));
  CHECK(world.read(id).state == State::in_progress);
}

TEST_CASE("what a slower officer wrote is kept even when its form has gone") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("other", Role::national_admin);
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  const auto page = world.page_of(id);
  const auto one = world.sign_in("admin");
  const auto two = world.sign_in("other");
  world.send(page + "/act/verify", one, {{"expected_steps", "1"}, {"agency", "buleleng"}});
  const auto late = world.send(page + "/act/reject", two,
                               {{"expected_steps", "1"}, {"reason", "Bukan pengaduan"}});
  CHECK(late.status == 409);
  CHECK(says(late, "Bukan pengaduan"));
  CHECK(world.read(id).state == State::at_agency);
}

TEST_CASE("a button pressed twice acts once and shows no fault") {
  ConsoleWorld world;
  world.hire("roads", Role::liaison, "buleleng", "putr");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  world.assign(id, "buleleng", "putr");
  const auto page = world.page_of(id);
  const auto cookie = world.sign_in("roads");
  const Fields answer{{"expected_steps", std::to_string(world.read(id).steps)},
                      {"words", "Sudah selesai."}};
  CHECK(world.send(page + "/act/answer", cookie, answer).status == 303);
  CHECK(world.send(page + "/act/answer", cookie, answer).status == 303);
  CHECK(world.store->history(id).value().size() == 4);
}

TEST_CASE("what is missing is said, and nothing typed is lost") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  const auto page = world.page_of(id);
  const auto cookie = world.sign_in("admin");
  const auto unnamed =
      world.send(page + "/act/merge", cookie, {{"expected_steps", "1"}, {"other", "12 34"}});
  CHECK(unnamed.status == 422);
  CHECK(says(unnamed, "dua belas angka"));
  CHECK(says(unnamed, "value=\"12 34\""));
  CHECK(world.send(page + "/act/verify", cookie, {{"expected_steps", "1"}}).status == 422);
  CHECK(world.read(id).steps == 1);
}

TEST_CASE("who the reporter is stands on the page only after looking, which is recorded") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("roads", Role::liaison, "buleleng", "putr");
  const auto id = world.file(world.post("m1", "Jalan berlubang", "made@example.org"));
  world.assign(id, "buleleng", "putr");
  const auto page = world.page_of(id);
  const auto cookie = world.sign_in("admin");
  CHECK_FALSE(says(world.get(page, cookie), "made@example.org"));
  const auto unasked = world.send(page + "/identity", cookie, {{"why", "  "}});
  CHECK(unasked.status == 422);
  CHECK_FALSE(says(unasked, "made@example.org"));
  CHECK(world.recorded("identity") == 0);
  CHECK(says(world.send(page + "/identity", cookie, {{"why", "memanggil"}}), "made@example.org"));
  CHECK(world.recorded("identity") == 1);
}

TEST_CASE("nobody but who may learns who an anonymous reporter is") {
  ConsoleWorld world;
  world.hire("roads", Role::liaison, "buleleng", "putr");
  auto batch = world.batch({world.post("m1", "Jalan berlubang")});
  batch.changes[0].after.anonymous = true;
  REQUIRE(world.store->commit(batch));
  const auto id = batch.changes[0].after.id;
  world.assign(id, "buleleng", "putr");
  const auto cookie = world.sign_in("roads");
  const auto page = world.page_of(id);
  CHECK_FALSE(says(world.get(page, cookie), page + "/identity"));
  CHECK(world.send(page + "/identity", cookie, {}).status == 404);
  CHECK(world.recorded("identity") == 0);
}

TEST_CASE("nothing that came from outside becomes markup") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const std::string nasty = "\"><script>alert(1)</script>'`{{X}}<img src=x onerror=alert(2)>";
  auto post = world.post("<m1\"><script>alert(3)</script>", nasty, nasty);
  post.hints.subject = nasty;
  post.attachments.push_back({nasty, "image/jpeg", "no picture", {}, 0, {}});
  post.attachments.push_back({nasty + ".html", "text/html", "<script>", {}, 0, {}});
  auto batch = world.batch({post});
  batch.changes[0].after.place = Place{-8.1, 115.0, nasty};
  batch.filed[0].reason = nasty;
  batch.unreadable.push_back({ExternalId(nasty), nasty, nasty});
  REQUIRE(world.store->commit(batch));
  const auto id = batch.changes[0].after.id;
  Command note;
  note.event = Event::note;
  note.actor = {Role::national_admin, OfficerId(1), {}, {}};
  note.words = nasty;
  note.reason = nasty;
  world.act(id, note);
  const auto cookie = world.sign_in("admin");
  const auto page = world.page_of(id);
  const auto check = [&](const Response& response) {
    CHECK(response.body.size() > 500);
    CHECK_FALSE(says(response, "<script>alert"));
    CHECK_FALSE(says(response, "<img src=x"));
    CHECK_FALSE(says(response, "\" onerror"));
  };
  for (const auto* target :
       {"/console?tab=all", "/console/messages", "/console/messages/1", "/console/quarantine",
        "/console/quarantine/1", "/console/channels", "/console/outbox", "/console/officers"}) {
    INFO(target);
    check(world.get(target, cookie));
  }
  check(world.get(page, cookie));
  check(world.get("/console?tab=all&q=" + percent_encode(nasty), cookie));
  check(world.get("/console/messages?sender=" + percent_encode(nasty), cookie));
  check(world.send(page + "/identity", cookie, {{"why", nasty}}));
  check(world.send("/console/messages/1/raw", cookie, {{"reason", nasty}}));
  check(world.send("/console/quarantine/1/raw", cookie, {{"reason", nasty}}));
  check(world.send(page + "/act/merge", cookie, {{"expected_steps", "2"}, {"other", nasty}}));
  check(world.send("/console/officers", cookie, {{"user", nasty}, {"name", nasty}}));
  check(
      world.ask("POST", "/console/login", {}, {{"user", nasty}, {"password", "x"}, {"to", nasty}}));
}

TEST_CASE("pages are not kept, not framed, and run no script but ours") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  for (const auto& response : {world.get("/console", cookie), world.get("/console/login"),
                               world.get("/console/reports/7", cookie)}) {
    const auto policy = ConsoleWorld::header(response, "Content-Security-Policy");
    CHECK(policy.find("default-src 'none'") != std::string::npos);
    CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(ConsoleWorld::header(response, "Cache-Control") == "no-store");
    CHECK_FALSE(says(response, " style="));
    CHECK_FALSE(says(response, "<style"));
  }
}

TEST_CASE("an attachment is served as what it is, never as a page") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("ministry", Role::agency_admin, "kemenkes");
  auto post = world.post("m1", "Dengan lampiran");
  post.attachments.push_back({"jalan\r\n\".jpg", "image/jpeg", "a picture", {}, 0, {}});
  post.attachments.push_back({"page.html", "text/html", "<script>", {}, 0, {}});
  const auto id = world.file(post);
  const auto files = world.page_of(id) + "/files/1/";
  const auto cookie = world.sign_in("admin");
  const auto picture = world.get(files + "0", cookie);
  CHECK(ConsoleWorld::header(picture, "Content-Type") == "image/jpeg");
  CHECK(std::filesystem::file_size(picture.file) == 9);
  const auto page = world.get(files + "1", cookie);
  CHECK(ConsoleWorld::header(page, "Content-Type") == "application/octet-stream");
  CHECK(ConsoleWorld::header(page, "Content-Disposition").starts_with("attachment;"));
  CHECK(ConsoleWorld::header(page, "X-Content-Type-Options") == "nosniff");
  CHECK(world.get(files + "2", cookie).status == 404);
  CHECK(world.get(files + "0", world.sign_in("ministry")).status == 404);
}

TEST_CASE("a mail is found by its Message-ID even when nobody could read it") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  auto batch = world.batch({world.post("<a@example.org>", "Lampu mati")});
  batch.unreadable.push_back({ExternalId("<torn@example.org>"), "raw", "no end of a part"});
  REQUIRE(world.store->commit(batch));
  const auto cookie = world.sign_in("admin");
  CHECK(says(world.get("/console/messages?id=a%40example.org", cookie), "/console/messages/1"));
  CHECK(
      says(world.get("/console/messages?id=torn%40example.org", cookie), "/console/quarantine/1"));
  CHECK(says(world.get("/console/messages?sender=made%40example.org", cookie),
             "/console/messages/1"));
  CHECK(world.recorded("search_sender") == 1);
}

TEST_CASE("however much is quarantined, what waits is listed page by page and found by its id") {
  ConsoleWorld world;
  world.hire("monitor", Role::monitor);
  auto batch = world.batch({});
  batch.unreadable.push_back({ExternalId("<old@example.org>"), "raw", "the oldest of all"});
  for (int i = 0; i < 1500; ++i) {
    const auto number = std::to_string(i);
    batch.unreadable.push_back({ExternalId("line " + number), "raw " + number, "a line of import"});
  }
  REQUIRE(world.store->commit(batch));
  const auto cookie = world.sign_in("monitor");
  CHECK(says(world.get("/console/messages?id=old%40example.org", cookie), "the oldest of all"));
  CHECK(says(world.get("/console", cookie), "999+"));
  world.database.ask(
      "INSERT INTO act (at, role, act, subject, reason) SELECT now(), 'monitor', 'discard',"
      " 'quarantine ' || n, 'an old list' FROM generate_series(2, 1496) AS n");
  world.database.ask("UPDATE quarantine SET discarded_at = now() WHERE id BETWEEN 2 AND 1496");
  const auto first = world.get("/console/quarantine", cookie);
  CHECK(says(first, "the oldest of all"));
  CHECK_FALSE(says(first, "rel=\"next\""));
  std::string address = "/console/quarantine?show=all";
  int pages = 0;
  for (; pages < 20 && !says(world.get(address, cookie), "the oldest of all"); ++pages) {
    const auto body = world.get(address, cookie).body;
    const auto end = body.find("\" rel=\"next\"");
    REQUIRE(end != std::string::npos);
    const auto from = body.rfind("href=\"", end) + 6;
    address = body.substr(from, end - from);
    for (auto at = address.find("&amp;"); at != std::string::npos; at = address.find("&amp;")) {
      address.replace(at, 5, "&");
    }
  }
  CHECK(pages == 15);
}

TEST_CASE("a confidential report's message is not found by who wrote it") {
  ConsoleWorld world;
  world.hire("monitor", Role::monitor);
  world.hire("auditor", Role::auditor);
  auto batch = world.batch({world.post("m1", "Pungutan liar")});
  batch.changes[0].after.confidential = true;
  REQUIRE(world.store->commit(batch));
  world.file(world.post("m2", "Lampu mati"));
  const auto search = "/console/messages?sender=made%40example.org";
  const auto shown = world.get(search, world.sign_in("monitor"));
  CHECK(says(shown, "/console/messages/2"));
  CHECK_FALSE(says(shown, "/console/messages/1"));
  CHECK_FALSE(says(shown, world.page_of(batch.changes[0].after.id)));
  CHECK(says(world.get(search, world.sign_in("auditor")), "/console/messages/1"));
}

TEST_CASE("why a message is in quarantine tells nobody's number") {
  ConsoleWorld world;
  world.hire("monitor", Role::monitor);
  auto batch = world.batch({});
  batch.unreadable.push_back({ExternalId("torn"), "raw", "no number 081234567890"});
  REQUIRE(world.store->commit(batch));
  const auto shown = world.get("/console/messages?id=torn", world.sign_in("monitor"));
  CHECK(says(shown, "/console/quarantine/1"));
  CHECK_FALSE(says(shown, "081234567890"));
}

TEST_CASE("a session that was ended stays ended, however long the request of before takes") {
  ConsoleWorld world;
  const auto id = world.hire("admin", Role::national_admin);
  Digest hash{};
  REQUIRE(
      world.store->save_session(hash, id, world.clock.now() + std::chrono::hours(1), "console"));
  const auto later = world.clock.now() + std::chrono::hours(9);
  REQUIRE(world.store->lengthen_session(hash, later));
  world.clock.advance(std::chrono::hours(2));
  CHECK(world.store->session(hash).value());
  REQUIRE(world.store->end_session(hash));
  REQUIRE(world.store->lengthen_session(hash, later));
  CHECK_FALSE(world.store->session(hash).value());
}

TEST_CASE(
    "an officer is not added, disabled or given a password without a line that says by whom") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto id = std::to_string(world.hire("ketut", Role::monitor).value());
  const auto before = world.store->officer("ketut").value()->password_hash;
  const auto cookie = world.sign_in("admin");
  world.database.ask("ALTER TABLE act RENAME TO gone");
  world.send("/console/officers", cookie, {{"user", "wayan"}, {"name", "W"}, {"role", "monitor"}});
  CHECK_FALSE(world.store->officer("wayan").value());
  for (const auto* how : {"/disable", "/password"}) {
    world.send("/console/officers/" + id + how, cookie, {});
  }
  CHECK_FALSE(world.store->officer("ketut").value()->disabled);
  CHECK(world.store->officer("ketut").value()->password_hash == before);
}

TEST_CASE("a disabled officer's sessions do not come back") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto id = std::to_string(world.hire("ketut", Role::monitor).value());
  const auto theirs = world.sign_in("ketut");
  const auto cookie = world.sign_in("admin");
  world.send("/console/officers/" + id + "/disable", cookie, {});
  world.send("/console/officers/" + id + "/enable", cookie, {});
  CHECK(world.get("/console", theirs).status == 303);
  CHECK(world.recorded("officer disable") == 1);
}

TEST_CASE("opening a raw message is recorded, and not for everybody") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("monitor", Role::monitor);
  world.file(world.post("m1", "Lampu mati"));
  CHECK(world.send("/console/messages/1/raw", world.sign_in("monitor"), {}).status == 403);
  CHECK(world.recorded("payload") == 0);
  const auto cookie = world.sign_in("admin");
  CHECK(world.send("/console/messages/1/raw", cookie, {}).status == 422);
  CHECK(world.recorded("payload") == 0);
  CHECK(says(world.send("/console/messages/1/raw", cookie, {{"reason", "a lost mail"}}), "raw m1"));
  CHECK(world.recorded("payload") == 1);
  CHECK(world.acts().find("payload post 1 a lost mail") != std::string::npos);
}

TEST_CASE("a failed sign-in writes nothing of an officer but that it failed") {
  ConsoleWorld world;
  const auto id = world.hire("liaison", Role::liaison, "buleleng", "putr");
  auto read_before = world.store->officer(id).value().value();
  auto disabled = read_before;
  disabled.disabled = true;
  disabled.password_hash = "another";
  REQUIRE(world.store->save_officer(disabled));
  REQUIRE(world.store->count_failure(std::vector{SignInBound{}}, id));
  CHECK_FALSE(world.store->clear_failures(read_before, {}).value());
  CHECK_FALSE(world.store->change_password(read_before, "third").value());
  const auto now = world.store->officer(id).value().value();
  CHECK(now.disabled);
  CHECK(now.password_hash == "another");
  CHECK(now.locked_until);
}

TEST_CASE("a person decides once whether a doubtful reply went out") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.file(world.post("m1", "Lampu mati"));
  REQUIRE(world.store->claim(world.mail, "lost", 10, std::chrono::seconds(1)).value().size() == 1);
  world.clock.advance(std::chrono::minutes(1));
  REQUIRE(world.store->expire_claims(world.mail).value().size() == 1);
  const auto cookie = world.sign_in("admin");
  CHECK(says(world.get("/console", cookie), "/console/outbox?state=uncertain"));
  const auto decide = [&](const std::string& how, const std::string& replies) {
    return world.send("/console/outbox", cookie, {{"how", how}, {"replies", replies}}).status;
  };
  CHECK(decide("sent", "1") == 303);
  CHECK(world.store->outbox({}, {}, 9).value().at(0).state == ReplyState::sent);
  CHECK(decide("again", "1") == 409);
  CHECK(decide("again", "x 1x 99999999999999999999") == 409);
  CHECK(decide("perhaps", "1") == 404);
  CHECK(world.store->outbox({}, {}, 9).value().at(0).state == ReplyState::sent);
  CHECK(world.recorded("settle sent") == 1);
}

TEST_CASE("what failed is sent again, one by one or all that stand on the page") {
  ConsoleWorld world;
  world.hire("technician", Role::connector_admin);
  world.hire("agency", Role::agency_admin, "pu");
  for (const auto* id : {"m1", "m2", "m3"})
    world.file(world.post(id, "Lampu mati " + std::string(id)));
  std::vector<Settlement> failures;
  const auto claimed = world.store->claim(world.mail, "n", 10, std::chrono::minutes(1)).value();
  for (const auto& reply : claimed) {
    failures.push_back({reply.id, ReplyState::failed, {}, "the mailbox is full", {}});
  }
  REQUIRE(failures.size() == 3);
  REQUIRE(world.store->settle(failures));
  const auto cookie = world.sign_in("technician");
  const auto page = world.get("/console/outbox?state=failed", cookie);
  CHECK(says(page, "the mailbox is full"));
  const auto ids = ConsoleWorld::between(page.body, "name=\"replies\" value=\"", "\"");
  CHECK(world.send("/console/outbox", world.sign_in("agency"), {{"how", "again"}, {"replies", ids}})
            .status == 403);
  CHECK(world.store->outbox({}, ReplyState::failed, 9).value().size() == 3);
  CHECK(
      world
          .send("/console/outbox", cookie, {{"how", "again"}, {"from", "failed"}, {"replies", ids}})
          .status == 303);
  CHECK(world.store->outbox({}, ReplyState::owed, 9).value().size() == 3);
  CHECK(world.recorded("settle again") == 1);
  CHECK_FALSE(says(world.get("/console/outbox?state=owed", cookie), "value=\"again\""));
}

TEST_CASE("a channel is paused and resumed by who may") {
  ConsoleWorld world;
  world.hire("technician", Role::connector_admin);
  world.hire("monitor", Role::monitor);
  const auto technician = world.sign_in("technician");
  CHECK(world.send("/console/channels/mail/pause", world.sign_in("monitor"), {}).status == 403);
  CHECK(world.send("/console/channels/mail/pause", technician, {}).status == 303);
  CHECK(world.store->channel(world.mail).value().paused);
  CHECK(says(world.get("/console/channels", technician), "Dijeda"));
  CHECK(world.send("/console/channels/mail/resume", technician, {}).status == 303);
  CHECK_FALSE(world.store->channel(world.mail).value().paused);
  CHECK(world.send("/console/channels/none/pause", technician, {}).status == 404);
}

TEST_CASE("an officer is added with a first password, disabled, and given a new one") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("auditor", Role::auditor);
  const auto cookie = world.sign_in("admin");
  const Fields form{{"user", "ketut"}, {"name", "Ketut"}, {"role", "liaison"}, {"unit", "putr"}};
  CHECK(world.send("/console/officers", world.sign_in("auditor"), form).status == 403);
  const auto added = world.send("/console/officers", cookie, form);
  const auto password = ConsoleWorld::between(added.body, "class=\"password\">", "<");
  CHECK(password.size() >= 16);
  CHECK(world.store->officer("ketut").value()->agency == AgencyId("buleleng"));
  const auto theirs = world.sign_in("ketut", password);
  CHECK(world.get("/console", theirs).status == 200);
  const auto id = std::to_string(world.store->officer("ketut").value()->id.value());
  CHECK(world.send("/console/officers/" + id + "/disable", cookie, {}).status == 303);
  CHECK(world.get("/console", theirs).status == 303);
  CHECK(world.sign_in("ketut", password).empty());
  CHECK(world.send("/console/officers/" + id + "/enable", cookie, {}).status == 303);
  const auto again = world.send("/console/officers/" + id + "/password", cookie, {});
  const auto fresh = ConsoleWorld::between(again.body, "class=\"password\">", "<");
  CHECK(world.sign_in("ketut", password).empty());
  CHECK_FALSE(world.sign_in("ketut", fresh).empty());
}

TEST_CASE("of two who act on an officer at once neither undoes what the other did") {
  ConsoleWorld world;
  const auto admin = world.hire("admin", Role::national_admin);
  const auto ketut = world.hire("ketut", Role::monitor);
  const Store::Act line{{Role::national_admin, admin, {}, {}}, "officer act", "officer ketut"};
  REQUIRE(world.store->set_disabled(ketut, true, line));
  REQUIRE(world.store->set_password(ketut, hash_password("quite another one").value(), line));
  CHECK(world.sign_in("ketut", "quite another one").empty());
  REQUIRE(world.store->set_disabled(ketut, false, line));
  CHECK(world.sign_in("ketut").empty());
  CHECK_FALSE(world.sign_in("ketut", "quite another one").empty());
  CHECK(world.recorded("officer act") == 3);
  CHECK_FALSE(world.store->set_disabled(admin, true, line));
}

TEST_CASE("an officer changes the own password and stays signed in, here only") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto here = world.sign_in("admin");
  const auto there = world.sign_in("admin");
  const Fields weak{
      {"current", std::string(ConsoleWorld::k_password)}, {"fresh", "short"}, {"again", "short"}};
  CHECK(world.send("/console/account", here, weak).status == 422);
  const Fields good{{"current", std::string(ConsoleWorld::k_password)},
                    {"fresh", "another good sentence"},
                    {"again", "another good sentence"}};
  const auto changed = world.send("/console/account", here, good);
  CHECK(changed.status == 303);
  const auto set = ConsoleWorld::header(changed, "Set-Cookie");
  CHECK(world.get("/console", set.substr(0, set.find(';'))).status == 200);
  CHECK(world.get("/console", there).status == 303);
}
