#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("a sender is blocked and let through by whom it is given to, with a reason") {
  ConsoleWorld world;
  world.hire("monitor", Role::monitor);
  world.hire("auditor", Role::auditor);
  world.hire("roads", Role::liaison, "buleleng", "putr");
  const auto id = world.file(world.post("m1", "Jalan berlubang di Banyuasri"));
  world.assign(id, "buleleng", "putr");
  const auto page = world.page_of(id);
  const auto sender = world.read(id).reporter;
  const Fields block{{"blocked", "1"}, {"reason", "insults <b>"}};
  for (const auto* user : {"auditor", "roads"}) {
    const auto cookie = world.sign_in(user);
    CHECK_FALSE(says(world.get(page, cookie), "/block\""));
    CHECK(world.send(page + "/block", cookie, block).status == 403);
    CHECK(world.get("/console/blocked", cookie).status == 403);
  }
  const auto cookie = world.sign_in("monitor");
  CHECK(says(world.get(page, cookie), page + "/block\""));
  CHECK(world.send(page + "/block", cookie, {{"blocked", "1"}, {"reason", " "}}).status == 422);
  CHECK_FALSE(world.store->blocked(sender).value());
  CHECK(world.send(page + "/block", cookie, block).status == 303);
  CHECK(world.store->blocked(sender).value()->reason == "insults <b>");
  CHECK(says(world.get(page, cookie), "insults &lt;b&gt;"));
  const auto list = world.get("/console/blocked", cookie);
  CHECK(says(list, "insults &lt;b&gt;"));
  CHECK(says(list, "/console/messages/1"));
  CHECK(says(world.get("/console/messages/1", cookie), "insults &lt;b&gt;"));
  const auto address = "/console/blocked/" + std::to_string(sender.value());
  CHECK(world.send(address, cookie, block).status == 404);
  CHECK(world.send(address, cookie, {{"blocked", ""}, {"reason", "sorry"}}).status == 303);
  CHECK_FALSE(world.store->blocked(sender).value());
}

TEST_CASE("who may not know a confidential report's sender can neither block nor recognise them") {
  ConsoleWorld world;
  world.hire("monitor", Role::monitor);
  world.hire("admin", Role::national_admin);
  auto batch = world.batch({world.post("m1", "Pungutan liar di Puskesmas")});
  batch.changes[0].after.confidential = true;
  REQUIRE(world.store->commit(batch));
  const auto page = world.page_of(batch.changes[0].after.id);
  const auto monitor = world.sign_in("monitor");
  const Fields block{{"blocked", "1"}, {"reason", "insults"}};
  CHECK_FALSE(says(world.get(page, monitor), "/block\""));
  CHECK_FALSE(says(world.get("/console/messages/1", monitor), "/block\""));
  CHECK(world.send(page + "/block", monitor, block).status == 404);
  CHECK(world.send("/console/messages/1/block", monitor, block).status == 404);
  CHECK(world.send(page + "/block", world.sign_in("admin"), block).status == 303);
  const auto list = world.get("/console/blocked", monitor);
  CHECK(says(list, "insults"));
  CHECK_FALSE(says(list, "/console/messages/1"));
}
