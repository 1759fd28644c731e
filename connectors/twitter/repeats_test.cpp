#include "connectors/twitter/world_fixture.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a duplicate that X refuses has been sent before") {
  World world;
  world.open();
  const auto reply = World::reply(5);
  REQUIRE(world.send(reply));
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(
        403, R"({"detail":"You are not allowed to create a Tweet with duplicate content."})"));
  };
  const auto again = world.send(reply);
  REQUIRE(again);
  CHECK(again->id.value() == std::to_string(world.x.next_number));
}

TEST_CASE("the same line as to somebody else is no proof that this citizen was answered") {
  World world;
  world.open();
  const auto first = first_tweet_id_of(k_now);
  auto reply = World::reply(first);
  reply.confidential = true;
  REQUIRE(world.send(reply));
  // A second later the line is another one.
  reply.in_reply_to = ExternalId(std::to_string(first_tweet_id_of(k_now + 1s)));
  REQUIRE(world.send(reply));
  REQUIRE(world.x.sent_posts.size() == 2);
  const auto text = [&](std::size_t i) {
    return Json::parse(world.x.sent_posts.at(i)).value().text("text");
  };
  CHECK(text(0) != text(1));
  // In the same second it is the same, and X refuses it.
  bool knows_own_posts = false;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path == "/2/users/" + world.x.account + "/tweets" && !knows_own_posts) {
      return Result<HttpReply>(MemoryX::reply(503, "{}"));
    }
    if (call.method == "GET") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(
        403, R"({"detail":"You are not allowed to create a Tweet with duplicate content."})"));
  };
  reply.in_reply_to = ExternalId(std::to_string(first + 1));
  const auto doubtful = world.send(reply);
  REQUIRE_FALSE(doubtful);
  CHECK(doubtful.error().remedy == Remedy::uncertain);
  knows_own_posts = true;
  const auto unheard = world.send(reply);
  REQUIRE_FALSE(unheard);
  CHECK(unheard.error().remedy == Remedy::drop);
}

Result<HttpReply> duplicate() {
  return MemoryX::reply(
      403, R"({"detail":"You are not allowed to create a Tweet with duplicate content."})");
}

TEST_CASE("an answer that X refuses as a repeat, and that is nowhere, goes out told apart") {
  World world;
  world.open();
  const auto reply = World::reply(first_tweet_id_of(k_now - 1h));
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    const bool plain = call.body.find(reply.text + '"') != std::string::npos;
    return plain ? std::optional(duplicate()) : std::nullopt;
  };
  // It may only not show yet.
  for (int i = 0; i < 2; ++i) {
    const auto refused = world.send(reply);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().remedy == Remedy::retry);
    CHECK(refused.error().of_this_alone);
    world.clock.advance(1min);
  }
  CHECK(world.x.sent_posts.empty());
  REQUIRE(world.send(reply));
  REQUIRE(world.x.sent_posts.size() == 1);
  CHECK(Json::parse(world.x.sent_posts[0]).value().text("text") == reply.text + " (2/3 09.00.00)");
}

TEST_CASE("a repeat after a doubtful try was posted, though it never shows") {
  World world;
  world.open();
  auto reply = World::reply(first_tweet_id_of(k_now - 1h));
  reply.code = TrackingCode("123456789016");
  bool is_doubtful = true;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET") return std::nullopt;
    return is_doubtful ? Result<HttpReply>(MemoryX::reply(503, "{}")) : duplicate();
  };
  CHECK(world.send(reply).error().remedy == Remedy::uncertain);
  is_doubtful = false;
  CHECK(world.send(reply).error().remedy == Remedy::retry);
  world.clock.advance(2min);
  const auto known = world.send(reply);
  REQUIRE(known);
  CHECK(known->delivered);
  CHECK(world.x.sent_posts.empty());
}

TEST_CASE("a doubtful try is waited for also when its words stand elsewhere") {
  World world;
  world.open();
  const auto called_at = first_tweet_id_of(k_now - 1h);
  REQUIRE(world.send(World::reply(called_at)));
  auto reply = World::reply(called_at + 1);
  reply.key = "8.1.x";
  bool is_doubtful = true;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.body.find(reply.text + '"') == std::string::npos) return std::nullopt;
    return is_doubtful ? Result<HttpReply>(MemoryX::reply(503, "{}")) : duplicate();
  };
  CHECK(world.send(reply).error().remedy == Remedy::uncertain);
  is_doubtful = false;
  CHECK(world.send(reply).error().remedy == Remedy::retry);
  CHECK(world.x.sent_posts.size() == 1);
  world.clock.advance(2min);
  REQUIRE(world.send(reply));
  CHECK(world.x.sent_posts.size() == 2);
}

TEST_CASE("a doubtful try in other words does not prove that these were posted") {
  World world;
  world.open();
  auto reply = World::reply(first_tweet_id_of(k_now - 1h));
  reply.code = TrackingCode("123456789016");
  bool is_doubtful = true;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET") return std::nullopt;
    if (call.body.find(reply.text + '"') != std::string::npos) return duplicate();
    return is_doubtful ? std::optional(Result<HttpReply>(MemoryX::reply(503, "{}"))) : std::nullopt;
  };
  CHECK(world.send(reply).error().remedy == Remedy::retry);
  world.clock.advance(2min);
  CHECK(world.send(reply).error().remedy == Remedy::uncertain);
  is_doubtful = false;
  CHECK(world.send(reply).error().remedy == Remedy::retry);
  world.clock.advance(2min);
  const auto sent = world.send(reply);
  REQUIRE(sent);
  CHECK_FALSE(sent->id.value().starts_with("duplicate:"));
  CHECK(world.x.sent_posts.size() == 1);
}

TEST_CASE("a doubtful try is known among ten thousand others") {
  World world;
  world.open();
  auto reply = World::reply(first_tweet_id_of(k_now - 1h));
  reply.code = TrackingCode("123456789016");
  bool is_doubtful = true;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET") return std::nullopt;
    return is_doubtful ? Result<HttpReply>(MemoryX::reply(503, "{}")) : duplicate();
  };
  CHECK_FALSE(world.send(reply));
  for (int other = 1; other < 10'000; ++other) {
    auto another = reply;
    another.key = std::to_string(other) + ".1.other";
    CHECK_FALSE(world.send(another));
  }
  is_doubtful = false;
  CHECK(world.send(reply).error().remedy == Remedy::retry);
  world.clock.advance(2min);
  CHECK(world.send(reply));
}

TEST_CASE("the same words to two people, or twice to one, are told apart by a time") {
  World world;
  world.open();
  // As X does.
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET") return std::nullopt;
    const auto text = Json::parse(call.body).value().text("text");
    const bool is_new = std::ranges::none_of(world.x.sent_posts, [&](const std::string& post) {
      return Json::parse(post).value().text("text") == text;
    });
    if (is_new) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(
        403, R"({"detail":"You are not allowed to create a Tweet with duplicate content."})"));
  };
  const auto posted = [&] { return Json::parse(world.x.sent_posts.back()).value().text("text"); };
  const auto called_at = first_tweet_id_of(k_now - 1h);
  auto reply = World::reply(called_at, "#123456789016 sedang diproses.");
  reply.owed_at = k_now - 30min;
  SECTION("steps of one report") {
    reply.code = TrackingCode("123456789016");
    world.x.next_number = first_tweet_id_of(k_now - 20min);
    REQUIRE(world.send(reply));
    CHECK(posted() == "#123456789016 sedang diproses.");
    // Below another post of the same reporter, or to another who follows the report.
    reply.in_reply_to = ExternalId(std::to_string(first_tweet_id_of(k_now - 50min)));
    const auto again = world.send(reply);
    REQUIRE(again);
    CHECK(again->id.value() == std::to_string(world.x.next_number + 1));
    CHECK(posted() == "#123456789016 sedang diproses. (2/3 09.10.00)");
    // Sent once more without our knowing, it is found in the words that it went out in.
    const auto found = world.channel->confirm(reply);
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->id == again->id);
    CHECK(world.send(reply).value().id == again->id);
    // Below the same post, long after.
    reply.in_reply_to = ExternalId(std::to_string(called_at));
    reply.owed_at = k_now + 2h;
    REQUIRE(world.send(reply));
    CHECK(posted() == "#123456789016 sedang diproses. (2/3 09.00.00)");
    reply.owed_at = k_now + 3h;
    REQUIRE(world.send(reply));
    CHECK(posted() == "#123456789016 sedang diproses. (2/3 13.00.00)");
    CHECK(world.x.sent_posts.size() == 4);
  }
  SECTION("words for the service") {
    reply.report = {};
    reply.text = "Kami berhenti mengirim pesan.";
    REQUIRE(world.send(reply));
    CHECK(posted() == reply.text + " (2/3 09.00.00)");
    reply.in_reply_to = ExternalId(std::to_string(called_at + (60'000ULL << 22U)));
    REQUIRE(world.send(reply));
    CHECK(posted() == reply.text + " (2/3 09.01.00)");
  }
  SECTION("a long answer keeps its time") {
    reply.report = {};
    for (int i = 0; i < 100; ++i) reply.text += " panjang";
    REQUIRE(world.send(reply));
    CHECK(posted().ends_with("… (2/3 09.00.00)"));
  }
}

}  // namespace
}  // namespace kanal::twitter
