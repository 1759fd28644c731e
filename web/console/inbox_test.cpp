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
