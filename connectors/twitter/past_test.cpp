#include "connectors/twitter/world_fixture.hpp"
#include "core/rfc3339.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a back-fill is given out by its budget, and goes on after a restart where it was") {
  World world;
  world.next = first_tweet_id_of(k_now - 2h);
  for (int i = 0; i < 50; ++i) world.mention("@kanal " + std::to_string(i));
  world.x.found = world.x.mentions;
  world.open();
  Budget budget;
  budget.posts = 20;
  std::vector<std::string> texts;
  Cursor cursor;
  const auto turn = [&] {
    const auto batch = world.channel->backfill({k_now - 2h - 1min}, cursor, budget);
    REQUIRE(batch);
    CHECK(batch->posts.size() <= 20);
    for (const auto& post : batch->posts) texts.push_back(post.text);
    cursor = batch->next;
    return batch->more;
  };
  REQUIRE(turn());
  REQUIRE(texts.size() == 20);
  world.open();
  world.x.found.resize(50);
  for (int turns = 0; turns < 10 && texts.size() < 50; ++turns) turn();
  REQUIRE(texts.size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(texts[static_cast<std::size_t>(i)] == std::to_string(i));
}

TEST_CASE("an hour of a back-fill that begins where X forgets is fetched once") {
  World world;
  world.next = first_tweet_id_of(k_now - 7 * 24h + 5min);
  for (int i = 0; i < 50; ++i) world.mention("@kanal " + std::to_string(i));
  world.x.found = world.x.mentions;
  world.open();
  Budget budget;
  budget.posts = 20;
  Cursor cursor;
  for (int turn = 0; turn < 3; ++turn) {
    const auto batch = world.channel->backfill({k_now - 10 * 24h}, cursor, budget);
    REQUIRE(batch);
    cursor = batch->next;
    world.clock.advance(1500ms);
  }
  CHECK(world.x.count("/2/tweets/search/recent") == 1);
}

TEST_CASE("a back-fill that stood still for longer than X remembers goes on with what is left") {
  World world;
  world.open();
  const auto batch =
      world.channel->backfill({k_now - 20 * 24h}, {print_rfc3339(k_now - 8 * 24h)}, {});
  REQUIRE(batch);
  CHECK(batch->next.value == print_rfc3339(k_now - 7 * 24h + 61min));
}

TEST_CASE("a back-fill keeps to the cap on reads") {
  World world;
  world.settings.caps.reads_per_day = 60;
  world.next = first_tweet_id_of(k_now - 30min);
  for (int i = 0; i < 200; ++i) world.mention("@kanal " + std::to_string(i));
  world.x.found = world.x.mentions;
  world.open();
  // What a page cost can be kept before the next one is read.
  const auto first = world.channel->backfill({k_now - 1h}, {}, {});
  REQUIRE(first);
  CHECK(first->more);
  CHECK(first->posts.empty());
  CHECK(parse_position(world.channel->used_apart())->spent.reads_today == 60);
  const auto dry = world.channel->backfill({k_now - 1h}, first->next, {});
  REQUIRE_FALSE(dry);
  CHECK(dry.error().remedy == Remedy::throttled);
  CHECK(world.channel->usage().meters.at(0).used <= 60);
}

TEST_CASE("what has no number is kept of a back-filled time too") {
  World world;
  world.x.found.emplace_back(world.next++, R"({"text":"tanpa nomor"})");
  world.open();
  const auto batch = world.channel->backfill({k_now - 1h}, {}, {});
  REQUIRE(batch);
  CHECK(batch->unreadable.size() == 1);
}

}  // namespace
}  // namespace kanal::twitter
