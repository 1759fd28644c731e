#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("a browser is told anew how long its session lasts while the officer works") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  const auto renewed = [&](const Fields& headers = {}) {
    const auto set =
        ConsoleWorld::header(world.ask("GET", "/console", cookie, {}, headers), "Set-Cookie");
    if (set.empty()) return false;
    CHECK(set.starts_with(cookie.substr(0, cookie.find(';'))));
    CHECK(set.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200"));
    return true;
  };
  world.get("/console", cookie);
  world.clock.advance(std::chrono::hours(8));
  CHECK_FALSE(renewed({{"x-refresh", "1"}}));
  CHECK(renewed());
  CHECK_FALSE(renewed());
  world.clock.advance(std::chrono::minutes(11));
  CHECK(renewed());
  world.clock.advance(std::chrono::minutes(11));
  const auto left = world.send("/console/logout", cookie, {});
  CHECK(ConsoleWorld::cookies_of(left) == "kanal_session=");
}

TEST_CASE("what was written into a form whose session has ended is shown, to be kept") {
  ConsoleWorld world;
  world.hire("roads", Role::liaison, "buleleng", "putr");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  world.assign(id, "buleleng", "putr");
  const auto answer = world.page_of(id) + "/act/answer";
  const Fields form{{"expected_steps", "3"}, {"words", "Sudah <ditambal> kemarin."}};
  const auto cookie = world.sign_in("roads");
  world.clock.advance(std::chrono::hours(13));
  const auto late = world.ask("POST", answer, cookie, form);
  CHECK(late.status == 401);
  CHECK(says(late, "Sudah &lt;ditambal&gt; kemarin."));
  CHECK(says(late, "/console/login"));
  CHECK(world.read(id).state == State::at_unit);
  const auto elsewhere =
      world.ask("POST", answer, cookie, form, {{"sec-fetch-site", "cross-site"}});
  CHECK_FALSE(says(elsewhere, "ditambal"));
  // Nothing was written: nothing is kept.
  CHECK(world.ask("POST", "/console/logout", cookie).status == 303);
}

TEST_CASE("what was written under an earlier session is shown, with who is signed in now") {
  ConsoleWorld world;
  world.hire("roads", Role::liaison, "buleleng", "putr");
  world.hire("regency", Role::agency_admin, "buleleng");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  world.assign(id, "buleleng", "putr");
  const auto answer = world.page_of(id) + "/act/answer";
  const auto before = world.csrf_of(world.sign_in("roads"));
  Fields form{{"expected_steps", "3"}, {"words", "Sudah <ditambal> kemarin."}, {"csrf", before}};
  const auto now = world.sign_in("regency");
  const auto refused = world.ask("POST", answer, now, form);
  CHECK(refused.status == 403);
  CHECK(says(refused, "Sudah &lt;ditambal&gt; kemarin."));
  CHECK(says(refused, "Anda sekarang masuk sebagai regency &lt;i&gt;."));
  CHECK(says(refused, world.page_of(id) + "\""));
  CHECK(world.read(id).state == State::at_unit);
  CHECK_FALSE(
      says(world.ask("POST", answer, now, form, {{"sec-fetch-site", "cross-site"}}), "ditambal"));
  form[1].second.clear();
  const auto empty = world.ask("POST", answer, now, form);
  CHECK(empty.status == 403);
  CHECK(says(empty, "Anda sekarang masuk sebagai regency"));
  // Nothing broke: there is nothing to quote to anybody.
  CHECK_FALSE(says(empty, "<code>"));
}

TEST_CASE("a program that the console refuses reads why as JSON") {
  ConsoleWorld world;
  world.hire("monitor", Role::monitor);
  const auto cookie = world.sign_in("monitor");
  const Fields json{{"accept", "application/json"}};
  for (const auto& refused :
       {world.ask("POST", "/console/login", {}, {{"user", "x"}}, json),
        world.ask("GET", "/console/reports/1", cookie, {}, json),
        world.ask("POST", "/console/channels/mail/pause", cookie, {}, json)}) {
    CHECK(refused.status >= 400);
    CHECK_FALSE(says(refused, "\"detail\":\"\""));
    CHECK(ConsoleWorld::header(refused, "Content-Type") == "application/problem+json");
    CHECK(says(refused, "\"reference\":\"ref\""));
  }
}

TEST_CASE("an open page is told of the session's end in its place") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto page = world.page_of(world.file(world.post("m1", "Lampu mati")));
  for (const auto& target : {std::string("/console?tab=all"), page + "/news?since=1"}) {
    const auto told =
        world.ask("GET", target, {}, {}, {{"x-refresh", "1"}, {"hx-request", "true"}});
    CHECK(told.status == 401);
    CHECK(says(told, "Sesi Anda telah berakhir"));
    CHECK_FALSE(says(told, "<main"));
    CHECK(ConsoleWorld::header(told, "HX-Retarget") == "#live");
    CHECK(ConsoleWorld::header(told, "HX-Reswap") == "innerHTML");
    CHECK(ConsoleWorld::header(told, "HX-Reselect") == "#ended");
  }
}

TEST_CASE("what was written stays when the database fails") {
  ConsoleWorld world;
  world.hire("roads", Role::liaison, "buleleng", "putr");
  world.hire("monitor", Role::monitor);
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  world.assign(id, "buleleng", "putr");
  REQUIRE(world.hold(world.post("m2", "Menang undian")));
  const auto cookie = world.sign_in("roads");
  const auto monitor = world.sign_in("monitor");
  const auto page = world.page_of(id);
  const Fields sent{{"expected_steps", "3"},
                    {"words", "Sudah <ditambal> kemarin."},
                    {"csrf", world.csrf_of(cookie)}};
  const auto answer = [&] { return world.ask("POST", page + "/act/answer", cookie, sent); };
  const auto fail_on = [&](const std::string& table) {
    world.database.ask("CREATE FUNCTION fail_" + table +
                       "() RETURNS trigger LANGUAGE plpgsql AS "
                       "$$BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END$$");
    world.database.ask("CREATE TRIGGER fails BEFORE INSERT ON " + table +
                       " FOR EACH ROW EXECUTE FUNCTION fail_" + table + "()");
  };
  fail_on("entry");
  fail_on("act");
  const auto drawn = answer();
  CHECK(drawn.status == 503);
  CHECK(says(drawn, "id=\"text-answer\""));
  CHECK(says(drawn, "Sudah &lt;ditambal&gt; kemarin."));
  CHECK(says(drawn, "Coba lagi sebentar lagi"));
  CHECK(world.read(id).state == State::at_unit);

  const auto set_aside = world.send("/console/messages/2/discard", monitor, {{"reason", "undian"}});
  CHECK(set_aside.status == 503);
  CHECK(says(set_aside, ">undian</textarea>"));
  CHECK(says(set_aside, "href=\"/console/messages/2\""));

  // Not even who asks can be looked up.
  world.database.ask("ALTER TABLE session RENAME TO away");
  const auto lost = answer();
  CHECK(lost.status == 503);
  CHECK(says(lost, "Sudah &lt;ditambal&gt; kemarin.</textarea>"));
  CHECK(says(lost, "href=\"" + page + "\""));
  const auto elsewhere =
      world.ask("POST", page + "/act/answer", cookie, sent, {{"sec-fetch-site", "cross-site"}});
  CHECK(elsewhere.status == 503);
  CHECK_FALSE(says(elsewhere, "ditambal"));
}
