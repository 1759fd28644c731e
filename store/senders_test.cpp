#include <catch2/catch.hpp>

#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("a blocked sender is known as such until they are let through, with who and why") {
  World world;
  const auto sender =
      world.store->report(world.file(world.post("m1", "Jalan rusak"))).value()->reporter;
  world.file(world.post("m2", "Lampu mati", "wayan@example.org"));
  const Actor monitor{Role::monitor, OfficerId(1), {}, {}};
  const auto is_blocked = [&] {
    std::vector posts{world.post("m3", "Sampah menumpuk")};
    return world.store->gather(world.mail, posts).value().front().blocked;
  };
  CHECK(world.store->blocked_senders(10).value().empty());
  CHECK_FALSE(is_blocked());

  REQUIRE(world.store->block(sender, true, monitor, "insults"));
  CHECK(is_blocked());
  const auto listed = world.store->blocked_senders(10).value();
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].reporter == sender);
  CHECK(listed[0].channel == world.mail);
  CHECK(listed[0].by == OfficerId(1));
  CHECK(listed[0].reason == "insults");
  CHECK(listed[0].since == world.clock.now());
  CHECK(world.store->blocked(sender).value()->newest_post ==
        world.store->posts_of(ReportId(1)).value().front().id);

  // A second press of the button is no second act.
  REQUIRE(world.store->block(sender, true, monitor, "again"));
  CHECK(world.recorded("block") == 1);
  REQUIRE(world.store->block(sender, false, monitor, "apologised"));
  CHECK_FALSE(is_blocked());
  CHECK_FALSE(world.store->blocked(sender).value());
  CHECK(world.recorded("unblock") == 1);
  CHECK_FALSE(world.store->block(ReporterId(999), true, monitor, "nobody"));
}
