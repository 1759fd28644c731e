#include "connectors/twitter/world_fixture.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a look takes no more than the money that is left pays for") {
  World world;
  world.settings.caps.cost_per_month_usd = 0.05;
  for (int i = 0; i < 100; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  REQUIRE(world.poll());
  REQUIRE(world.poll());
  CHECK(parse_position(world.cursor)->spent.microdollars_this_month <= 50'000);
  const auto dry = world.poll();
  REQUIRE_FALSE(dry);
  CHECK(dry.error().message.find("cost_per_month_usd") != std::string::npos);
}

TEST_CASE("a day's money closes the channel, after a restart too, until the next day") {
  World world;
  world.x.page_size = 20;
  world.settings.caps.cost_per_day_usd = 0.05;
  for (int i = 0; i < 100; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  REQUIRE(world.poll());
  REQUIRE(world.poll());
  CHECK(parse_position(world.cursor)->spent.microdollars_today == 50'000);
  world.open();
  const auto dry = world.poll();
  REQUIRE_FALSE(dry);
  CHECK(dry.error().remedy == Remedy::throttled);
  CHECK(dry.error().message.find("cost_per_day_usd") != std::string::npos);
  CHECK(dry.error().message.find("2026-03-03") != std::string::npos);
  const auto kept = world.send(World::reply(world.next - 1));
  REQUIRE_FALSE(kept);
  CHECK(kept.error().remedy == Remedy::throttled);
  // All of it and an answer, if nothing is left of the day before.
  world.settings.caps.cost_per_day_usd = 0.12;
  world.open();
  world.clock.advance(24h);
  CHECK(world.read_texts().size() == 100);
  REQUIRE(world.send(World::reply(world.next - 1)));
}

TEST_CASE("without money for its beginning a story goes out unfinished") {
  World world;
  world.settings.caps.cost_per_month_usd = 0.012;
  world.x.includes =
      R"("tweets":[{"id":"101","author_id":"42","text":"di Banjar",
         "referenced_tweets":[{"type":"replied_to","id":"100"}]}])";
  world.mention("tolong @kanal", R"(,"referenced_tweets":[{"type":"replied_to","id":"101"}])");
  world.open();
  CHECK(world.read_texts() == std::vector<std::string>{"di Banjar\ntolong"});
  CHECK(world.x.count("/2/tweets") == 0);
}

}  // namespace
}  // namespace kanal::twitter
