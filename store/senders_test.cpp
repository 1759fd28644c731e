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

TEST_CASE("blocked senders are listed page by page, also behind one who has been let through") {
  World world;
  const Actor monitor{Role::monitor, OfficerId(1), {}, {}};
  std::vector<ReporterId> senders;
  for (const auto* address : {"made@example.org", "wayan@example.org", "nyoman@example.org"}) {
    const auto id = world.file(world.post(address, "Jalan rusak", address));
    senders.push_back(world.store->report(id).value()->reporter);
    REQUIRE(world.store->block(senders.back(), true, monitor, "insults"));
  }
  using Ids = std::vector<std::int64_t>;
  const auto listed = [&](int most, ReporterId after) {
    Ids ids;
    const auto page = world.store->blocked_senders(most, after).value();
    for (const auto& each : page) ids.push_back(each.reporter.value());
    return ids;
  };
  CHECK(listed(2, {}) == Ids{senders[2].value(), senders[1].value()});
  CHECK(listed(2, senders[1]) == Ids{senders[0].value()});
  REQUIRE(world.store->block(senders[1], false, monitor, "apologised"));
  CHECK(listed(2, senders[1]) == Ids{senders[0].value()});
  CHECK(listed(2, senders[0]).empty());
}
