#include <algorithm>
#include <set>

#include "core/tracking_code.hpp"
#include "web/console/console_fixture.hpp"
#include "web/console/desk.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("the address of every form leads to a page when it is opened") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto auditor = std::to_string(world.hire("auditor", Role::auditor).value());
  const auto cookie = world.sign_in("admin");
  const auto report = world.page_of(world.file(world.post("m1", "Lampu mati")));
  const auto opened = [&](const std::string& address) {
    const auto response = world.get(address, cookie);
    return response.status == 303 ? ConsoleWorld::header(response, "Location")
                                  : std::to_string(response.status);
  };
  for (const auto* act : {"/act/answer", "/act/no-such-act", "/identity", "/block"}) {
    CHECK(opened(report + act) == report);
  }
  CHECK(opened("/console/messages/1/raw") == "/console/messages/1");
  CHECK(opened("/console/quarantine/1/replay") == "/console/quarantine/1");
  CHECK(opened("/console/officers/" + auditor + "/password") == "/console/officers");
  CHECK(opened("/console/channels/mail/pause") == "/console/channels");
  CHECK(opened("/console/blocked/1") == "/console/blocked");
  CHECK(opened("/console/spam") == "/console");
  CHECK(opened("/console/logout") == "/console");

  std::set<std::string> shown;
  std::set<std::string> sent_to;
  for (const auto& route : console_routes(world.parts())) {
    (route.method == "GET" ? shown : sent_to).insert(route.pattern);
  }
  for (const auto& pattern : sent_to) {
    INFO(pattern);
    CHECK(shown.contains(pattern));
    CHECK(shown.contains(console::page_of(pattern)));
  }
}

TEST_CASE("a script is told where else to go, and puts no other page into its own") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  const auto page = world.page_of(world.file(world.post("m1", "Lampu mati")));
  const auto search = "/console?q=" + page.substr(page.rfind('/') + 1);
  CHECK(world.get(search, cookie).status == 303);
  const auto told = world.ask("GET", search, cookie, {}, {{"hx-request", "true"}});
  CHECK(told.status == 204);
  CHECK(ConsoleWorld::header(told, "HX-Redirect") == page);
  CHECK(ConsoleWorld::header(told, "Location").empty());
  const auto ended = world.ask("GET", "/console?q=lampu", {}, {}, {{"hx-request", "true"}});
  CHECK(ConsoleWorld::header(ended, "HX-Redirect").starts_with("/console/login?to="));
}

TEST_CASE("the last page that can be turned to says so") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  world.file(world.post("m1", "Lampu mati"));
  world.database.ask(
      "INSERT INTO report SELECT (jsonb_populate_record(r, jsonb_build_object('id', r.id + n, "
      "'code', to_char(n, 'FM000000000000')))).* FROM report AS r, generate_series(1, 9001) AS n");
  const auto before = world.get("/console?tab=all&page=299", cookie);
  CHECK(says(before, "page=300"));
  CHECK_FALSE(says(before, "Persempit"));
  const auto last = world.get("/console?tab=all&page=300", cookie);
  CHECK(says(last, "page=299"));
  CHECK_FALSE(says(last, "rel=\"next\""));
  CHECK(says(last, "Persempit"));
}

}  // namespace
}  // namespace kanal::testing
