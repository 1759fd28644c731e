#include "web/console/console_fixture.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("an officer who goes to another office is moved, and has its reports at once") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("auditor", Role::auditor);
  const auto ketut = world.hire("ketut", Role::liaison, "buleleng", "putr");
  const auto report = world.file(world.post("m1", "Lampu mati"));
  world.assign(report, "buleleng", "putr");
  const auto cookie = world.sign_in("admin");
  const auto theirs = world.sign_in("ketut");
  const auto page = world.page_of(report);
  CHECK(world.get(page, theirs).status == 200);
  const auto address = "/console/officers/" + std::to_string(ketut.value());
  CHECK(says(world.get("/console/officers", cookie), "href=\"" + address + "\""));
  CHECK(says(world.get(address, cookie), "<option value=\"putr\" selected>"));

  const Fields moved{{"name", "Ketut S"}, {"role", "liaison"}, {"unit", "dlh"}, {"user", "x"}};
  CHECK(world.send(address, world.sign_in("auditor"), moved).status == 403);
  CHECK(world.send(address, cookie, {{"name", "Ketut"}, {"role", "liaison"}}).status == 422);
  CHECK(world.get(page, theirs).status == 200);
  CHECK(world.send(address, cookie, moved).status == 303);
  const auto now = world.store->officer("ketut").value().value();
  CHECK(now.name == "Ketut S");
  CHECK(now.unit == UnitId("dlh"));
  CHECK(now.agency == AgencyId("buleleng"));
  CHECK(world.get(page, theirs).status == 404);
  CHECK(world.acts().find("admin officer change officer ketut: liaison of dlh") !=
        std::string::npos);
}

TEST_CASE("all that is wrong with a new officer is said at its fields, and what was typed stays") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  const auto page =
      world.send("/console/officers", cookie,
                 {{"name", ""}, {"user", "admin"}, {"role", "agency_admin"}, {"agency", ""}});
  CHECK(page.status == 422);
  CHECK(says(page, "id=\"name-problem\""));
  CHECK(says(page, "id=\"user-problem\""));
  CHECK(says(page, "id=\"agency-problem\""));
  CHECK_FALSE(says(page, "id=\"role-problem\""));
  CHECK_FALSE(says(page, "id=\"unit-problem\""));
  CHECK(says(page, "value=\"admin\""));
  CHECK(says(page, "<option value=\"agency_admin\" selected>"));
}

TEST_CASE("nobody changes their own role, nor that of the last who could change it back") {
  ConsoleWorld world;
  const auto admin = world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  const auto address = "/console/officers/" + std::to_string(admin.value());
  const Fields demoted{{"name", "Admin"}, {"role", "auditor"}};
  CHECK(world.get(address, cookie).status == 404);
  CHECK(world.send(address, cookie, demoted).status == 404);
  auto last = world.store->officer(admin).value().value();
  last.role = Role::auditor;
  const Store::Act line{{Role::national_admin, admin, {}, {}}, "officer change", "officer admin"};
  CHECK_FALSE(world.store->set_remit(last, line));
  world.hire("second", Role::national_admin);
  CHECK(world.send(address, world.sign_in("second"), demoted).status == 303);
  CHECK(world.get("/console/officers", cookie).status == 200);
  CHECK_FALSE(
      says(world.get("/console/officers", cookie), "method=\"post\" action=\"/console/off"));
}

}  // namespace
}  // namespace kanal::testing
