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

TEST_CASE("no page of officers shows the key of a reporter's own link") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const std::string key = "AbC-dEf_0123456789xyzQ";
  const auto quoted = "Baca: https://kanal.test/r/271769347449?k=" + key;
  auto post = world.post("m1", quoted);
  post.full_text = quoted + "\n> " + quoted;
  post.hints.subject = quoted;
  const auto page = world.page_of(world.file(post));
  world.database.ask("UPDATE outbox SET text = '" + quoted + "', subject = '" + quoted + "'");
  const auto admin = world.sign_in("admin");
  for (const auto& target :
       {page, std::string("/console/messages/1"), std::string("/console/messages")}) {
    const auto shown = world.get(target, admin);
    INFO(target);
    CHECK(says(shown, "271769347449?k=█"));
    CHECK_FALSE(says(shown, key));
  }
  CHECK_FALSE(says(world.get("/console/messages?q=baca", admin), key));
  CHECK_FALSE(says(world.get("/console/outbox", admin), key));
  // A reply to nobody's report is called by its subject.
  world.database.ask("UPDATE outbox SET report = 0");
  const auto outbox = world.get("/console/outbox", admin);
  CHECK(says(outbox, "271769347449?k=█"));
  CHECK_FALSE(says(outbox, key));
}

TEST_CASE("a message that asks to stay confidential is shown to no monitor while it waits") {
  ConsoleWorld world;
  world.hire("monitor", Role::monitor);
  world.hire("admin", Role::national_admin);
  const auto id = world.file(world.post("m1", "Lampu mati"));
  auto secret = world.post("m2", "Pungutan liar", "wayan@example.org");
  secret.hints.subject = "Pungutan";
  secret.hints.confidential = true;
  secret.attachments.push_back({"kuitansi.jpg", "image/jpeg", "no picture", {}, 0, {}});
  REQUIRE(world.hold(secret));
  secret.id = ExternalId("m3");
  secret.attachments.front().bytes = "another";
  REQUIRE(world.hold(secret, id));
  const auto page = world.page_of(id);
  const auto monitor = world.sign_in("monitor");
  const auto admin = world.sign_in("admin");
  for (const auto& target : {std::string("/console/messages"), std::string("/console/messages/2"),
                             std::string("/console/messages/3"), page}) {
    INFO(target);
    CHECK_FALSE(says(world.get(target, monitor), "Pungutan"));
    CHECK(says(world.get(target, admin), "Pungutan"));
  }
  CHECK_FALSE(says(world.get(page, monitor), "kuitansi"));
  CHECK(world.get(page + "/files/3/0", monitor).status == 404);
  CHECK(world.get(page + "/files/3/0", admin).status == 200);
  for (const auto* query : {"q=pungutan", "sender=wayan%40example.org"}) {
    const auto target = "/console/messages?" + std::string(query);
    CHECK_FALSE(says(world.get(target, monitor), "/console/messages/2"));
    CHECK(says(world.get(target, admin), "/console/messages/2"));
  }
  CHECK(world.send("/console/messages/2/promote", monitor, {}).status == 404);
  CHECK(world.send("/console/messages/3/discard", monitor, {{"reason", "spam"}}).status == 404);
  CHECK(world.send("/console/messages/2/block", monitor, {{"reason", "spam"}}).status == 404);
}
