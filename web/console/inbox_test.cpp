#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

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
