#include "connectors/twitter/stories.hpp"

#include "connectors/twitter/world_fixture.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

/// A complaint whose first post calls us, and what is told below it.
struct Thread {
  World world;
  TweetId first = 0;

  Thread() {
    world.settings.follow_s = 600s;
    world.next = first_tweet_id_of(k_now);
    first = world.mention("@kanal Jalan berlubang (1/2)");
    world.open();
  }
  TweetId below(TweetId parent, const std::string& author, const std::string& text) {
    const auto id = world.next++;
    const auto post = R"({"id":")" + std::to_string(id) + R"(","author_id":")" + author +
                      R"(","text":")" + text + R"(","conversation_id":")" + std::to_string(first) +
                      R"(","referenced_tweets":[{"type":"replied_to","id":")" +
                      std::to_string(parent) + "\"}]}";
    world.x.found.emplace_back(id, post);
    auto& all = world.x.includes;
    if (all.empty()) {
      all = R"("tweets":[)" + world.x.mentions.front().second + "]";
    }
    all.insert(all.size() - 1, "," + post);
    return id;
  }
  [[nodiscard]] std::size_t searches() const { return world.x.count("/2/tweets/search/recent"); }
};

TEST_CASE("what the author of a complaint adds below it is read, each once and as it stands") {
  Thread thread;
  auto& world = thread.world;
  CHECK(world.read_texts() == std::vector<std::string>{"Jalan berlubang (1/2)"});
  const auto second = thread.below(thread.first, "42", "Persis depan SMPN 4 (2/2)");
  thread.below(second, "42", "Sudah dua minggu");
  thread.below(second, "43", "Setuju");
  thread.below(thread.first, "42", "@kanal halo");
  const auto batch = world.poll();
  REQUIRE(batch);
  REQUIRE(batch->posts.size() == 2);
  CHECK(batch->posts[0].text == "Persis depan SMPN 4 (2/2)");
  CHECK(batch->posts[0].in_reply_to->value() == std::to_string(thread.first));
  CHECK(batch->posts[1].text == "Sudah dua minggu");
  CHECK(batch->posts[1].in_reply_to->value() == std::to_string(second));
  CHECK(parse_position(batch->next)->mentions <= thread.first);
  world.clock.advance(300s);
  CHECK(world.read_texts().empty());
  CHECK(thread.searches() == 2);
  // Also by another process.
  world.open();
  thread.below(second, "42", "Mohon segera");
  world.clock.advance(301s);
  const auto last = world.read_texts();
  CHECK(std::ranges::find(last, "Mohon segera") != last.end());
  world.clock.advance(1h);
  const auto asked = thread.searches();
  CHECK(world.read_texts().empty());
  CHECK(thread.searches() == asked);
}

TEST_CASE("what was given out of a story and not stored is given out again") {
  Thread thread;
  auto& world = thread.world;
  world.read_texts();
  thread.below(thread.first, "42", "Persis depan SMPN 4 (2/2)");
  REQUIRE(world.channel->poll(world.cursor, {}).value().posts.size() == 1);
  world.clock.advance(300s);
  CHECK(world.read_texts() == std::vector<std::string>{"Persis depan SMPN 4 (2/2)"});
}

TEST_CASE("stories are followed within the caps, and never when nobody wants it") {
  Thread thread;
  auto& world = thread.world;
  SECTION("never") {
    world.settings.follow_s = 0s;
  }
  SECTION("the last fifth of the reads is for mentions") {
    world.settings.caps.reads_per_day = 100;
    world.read_texts();
    auto spent = parse_position(world.cursor).value();
    spent.spent.reads_today = 90;
    world.cursor = print_position(spent);
  }
  world.open();
  world.read_texts();
  thread.below(thread.first, "42", "Persis depan SMPN 4 (2/2)");
  world.clock.advance(300s);
  CHECK(world.read_texts().empty());
  CHECK(thread.searches() == 0);
}

TEST_CASE("no query is longer than the search takes, and every story is in one") {
  std::vector<Story> stories;
  const TweetId first = 1'790'000'000'000'000'000;
  for (TweetId i = 0; i < 30; ++i) stories.push_back({first + i, first + i, "1234567890123456789"});
  const auto queries = queries_for(stories);
  CHECK(queries.size() == 5);
  std::string all;
  for (const auto& each : queries) {
    CHECK(each.query.size() <= 512);
    all += each.query;
  }
  CHECK(queries[1].since > queries[0].since);
  for (const auto& story : stories) {
    CHECK(all.find("conversation_id:" + std::to_string(story.id) + " ") != std::string::npos);
  }
  CHECK(queries_for({}).empty());
}

TEST_CASE("the stories that are followed stand in the position") {
  Position position;
  position.stories = {{7, 5, "42"}, {9, 9, "43"}};
  CHECK(parse_position(print_position(position))->stories == position.stories);
}

}  // namespace
}  // namespace kanal::twitter
