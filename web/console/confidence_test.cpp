#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("a page of what was found has no gap where a confidential report would stand") {
  ConsoleWorld world;
  world.hire("monitor", Role::monitor);
  std::vector<std::string> pages;
  for (int i = 0; i < 30; ++i) {
    const auto id = world.file(world.post("m" + std::to_string(i), "Jalan berlubang"));
    pages.push_back(world.page_of(id));
  }
  auto batch = world.batch({world.post("secret", "Pungutan liar di jalan")});
  batch.changes[0].after.confidential = true;
  REQUIRE(world.store->commit(batch));
  const auto found = world.get("/console?tab=all&q=jalan", world.sign_in("monitor"));
  for (const auto& page : pages) CHECK(says(found, page));
  CHECK_FALSE(says(found, "page=2"));
}
