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
  /// One that calls us, which the search finds too.
  TweetId call_below(TweetId parent, const std::string& text) {
    const auto id = below(parent, "42", text);
    world.x.mentions.push_back(world.x.found.back());
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
  CHECK(batch->posts[1].in_reply_to->value() == std::to_string(thread.first));
  CHECK(batch->posts[1].hints.references.size() == 1);
  CHECK(batch->posts[1].hints.uncalled);
  const auto again = world.channel->translate(batch->posts[1].payload);
  REQUIRE(again);
  REQUIRE(again->posts.size() == 1);
  CHECK(again->posts[0].text == batch->posts[1].text);
  CHECK(again->posts[0].in_reply_to == batch->posts[1].in_reply_to);
  CHECK(again->posts[0].hints.uncalled);
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

TEST_CASE("what the author of a complaint says to others in the same conversation is none of it") {
  Thread thread;
  auto& world = thread.world;
  world.read_texts();
  const auto stranger = thread.below(thread.first, "43", "Setuju");
  const auto talk = thread.below(stranger, "42", "Wah parah");
  thread.below(talk, "42", "Makasih doanya");
  thread.call_below(talk, "@kanal tolong jalan ini");
  thread.below(talk, "42", "Iya banget");
  CHECK(world.read_texts() == std::vector<std::string>{"Wah parah\ntolong jalan ini"});
  world.clock.advance(301s);
  CHECK(world.read_texts().empty());
}

TEST_CASE("what a post that calls us takes along is no addition besides") {
  Thread thread;
  auto& world = thread.world;
  world.read_texts();
  const auto second = thread.below(thread.first, "42", "Di depan pasar");
  SECTION("it calls us at once") {
    thread.call_below(second, "@kanal tolong");
    CHECK(world.read_texts() == std::vector<std::string>{"Di depan pasar\ntolong"});
    world.open();
  }
  SECTION("it calls us when the addition is there already") {
    CHECK(world.read_texts() == std::vector<std::string>{"Di depan pasar"});
    thread.call_below(second, "@kanal tolong");
    const auto batch = world.poll();
    REQUIRE(batch);
    REQUIRE(batch->posts.size() == 1);
    CHECK(batch->posts[0].text == "tolong");
    CHECK(batch->posts[0].in_reply_to->value() == std::to_string(second));
    CHECK_FALSE(batch->posts[0].hints.uncalled);
  }
  world.clock.advance(301s);
  const auto later = world.read_texts();
  CHECK(std::ranges::find(later, "Di depan pasar") == later.end());
}

TEST_CASE("what a known bot goes on telling is not followed") {
  Thread thread;
  auto& world = thread.world;
  world.settings.bots = {"infobmkg"};
  world.x.includes = R"("users":[{"id":"42","username":"InfoBMKG","name":"BMKG"}])";
  world.open();
  CHECK(world.read_texts().size() == 1);
  CHECK(parse_position(world.cursor)->stories.empty());
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
  std::size_t followed = 0;
  SECTION("never") {
    world.settings.follow_s = 0s;
  }
  SECTION("the last fifth of the reads is for mentions") {
    world.settings.caps.reads_per_day = 100;
    world.read_texts();
    auto spent = parse_position(world.cursor).value();
    spent.spent.reads_today = 90;
    world.cursor = print_position(spent);
    followed = 1;
  }
  world.open();
  world.read_texts();
  thread.below(thread.first, "42", "Persis depan SMPN 4 (2/2)");
  world.clock.advance(300s);
  CHECK(world.read_texts().empty());
  CHECK(thread.searches() == 0);
  // Until reads are to be had again.
  world.clock.advance(15min);
  CHECK(world.read_texts().empty());
  CHECK(parse_position(world.cursor)->stories.size() == followed);
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
  const std::vector<Story> one_thread{{first + 1, first, "42"}, {first, first, "42"}};
  const auto once = queries_for(one_thread);
  REQUIRE(once.size() == 1);
  CHECK(once[0].query.find(" OR ") == std::string::npos);
  CHECK(once[0].since == first);
}

TEST_CASE("the stories that are followed stand in the position") {
  Position position;
  position.stories = {{7, 5, "42"}, {9, 9, "43"}};
  CHECK(parse_position(print_position(position))->stories == position.stories);
}

TEST_CASE("a picture on the post before the one that calls us comes with its report") {
  World world;
  const std::string first =
      R"({"id":"101","author_id":"42","created_at":"2026-03-02T02:00:00Z","text":"Lampu mati",)"
      R"("attachments":{"media_keys":["3_1"]}})";
  world.x.includes = R"("tweets":[)" + first + "]";
  world.x.posts["101"] = first;
  world.mention("@kanal mohon diperbaiki",
                R"(,"referenced_tweets":[{"type":"replied_to","id":"101"}])");
  bool shows_pictures = true;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path == "/2/tweets" && shows_pictures) {
      return Result<HttpReply>(MemoryX::reply(
          200, R"({"data":[)" + first + R"(],"includes":{"media":[{"media_key":"3_1",)" +
                   R"("type":"photo","url":"https://api.x.com/media/1.jpg"}]}})"));
    }
    if (!call.path.starts_with("/media/")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(200, "\xff\xd8\xffp"));
  };
  world.open();
  REQUIRE(world.poll());
  SECTION("X shows it when it is asked for that post") {
    const auto batch = world.poll();
    REQUIRE(batch);
    REQUIRE(batch->posts.size() == 1);
    CHECK(batch->posts[0].text == "Lampu mati\nmohon diperbaiki");
    CHECK(batch->posts[0].attachments.size() == 1);
  }
  SECTION("else it is named") {
    shows_pictures = false;
    const auto batch = world.poll();
    REQUIRE(batch);
    REQUIRE(batch->posts.size() == 1);
    CHECK(batch->posts[0].full_text.ends_with("[1 gambar tidak dapat diambil dari X]"));
  }
  CHECK(world.x.count("/2/tweets") == 1);
}

TEST_CASE("who calls us again below what they told us with names it, and it is not told again") {
  Thread thread;
  auto& world = thread.world;
  world.x.mentions.clear();
  const auto first = R"({"id":"101","author_id":"42","text":"Lampu mati"})";
  const auto call = [&](const std::string& text) {
    const auto id = world.mention(text, R"(,"conversation_id":"101","referenced_tweets":[)"
                                        R"({"type":"replied_to","id":"101"}])");
    world.x.includes = std::string(R"("tweets":[)") + first + "]";
    return id;
  };
  call("@kanal tolong");
  CHECK(world.read_texts() == std::vector<std::string>{"Lampu mati\ntolong"});
  call("@kanal belum juga ada petugas");
  const auto batch = world.poll();
  REQUIRE(batch);
  REQUIRE(batch->posts.size() == 1);
  CHECK(batch->posts[0].text == "belum juga ada petugas");
  CHECK(batch->posts[0].hints.references.front().value() == "101");
}

TEST_CASE("an author who goes on and on is followed so far, and the rest is told of once") {
  Thread thread;
  auto& world = thread.world;
  world.read_texts();
  for (int i = 0; i < 60; ++i) thread.below(thread.first, "42", "Lagi " + std::to_string(i));
  std::size_t posts = 0;
  std::size_t notes = 0;
  for (int turn = 0; turn < 4; ++turn) {
    for (bool more = true; more;) {
      const auto batch = world.poll();
      REQUIRE(batch);
      for (const auto& post : batch->posts) posts += post.hints.goes_on ? 1 : 0;
      notes += batch->unreadable.size();
      more = batch->more;
    }
    thread.below(thread.first, "42", "Dan lagi " + std::to_string(turn));
    world.clock.advance(120s);
    world.open();
  }
  CHECK(posts == 25);
  CHECK(notes == 1);
}

TEST_CASE("an answer to the later version of an addition names the addition") {
  Thread thread;
  auto& world = thread.world;
  world.read_texts();
  const auto identity = world.next++;
  const auto later = thread.below(thread.first, "42", "Depan SMPN 4");
  const auto versions = R"("edit_history_tweet_ids":[")" + std::to_string(identity) + R"(",")" +
                        std::to_string(later) + R"("],)";
  world.x.found.back().second.insert(1, versions);
  auto& all = world.x.includes;
  all.insert(all.rfind("{\"id\":\"" + std::to_string(later)) + 1, versions);
  CHECK(world.read_texts() == std::vector<std::string>{"Depan SMPN 4"});
  thread.call_below(later, "@kanal tolong");
  const auto batch = world.poll();
  REQUIRE(batch);
  REQUIRE(batch->posts.size() == 1);
  CHECK(batch->posts[0].text == "tolong");
  CHECK(batch->posts[0].in_reply_to->value() == std::to_string(identity));
}

}  // namespace
}  // namespace kanal::twitter
