#include "connectors/twitter/world_fixture.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a token that was renewed is not used before it is stored") {
  World world;
  world.settings.authorisation = "oauth2";
  world.mention("@kanal satu");
  world.open();
  const auto first = world.channel->poll({}, {});
  REQUIRE(first);
  CHECK(first->more);
  CHECK(first->posts.empty());
  CHECK(world.x.refreshes == 1);
  CHECK(world.x.calls.size() == 1);
  CHECK(first->next.value.find("access-1") == std::string::npos);
  // The commit failed: the same token is offered again, and none is fetched.
  REQUIRE(world.channel->poll({}, {}));
  CHECK(world.x.refreshes == 1);
  CHECK(world.x.calls.size() == 1);
  CHECK(world.send(World::reply(5)).error().remedy == Remedy::throttled);
  world.cursor = first->next;
  CHECK(world.read_texts() == std::vector<std::string>{"satu"});
  CHECK(world.x.calls.back().headers.at("authorization") == "Bearer access-1");
  world.clock.advance(7000s);
  const auto second = world.poll();
  REQUIRE(second);
  CHECK(world.x.refreshes == 2);
  REQUIRE(world.poll());
  CHECK(world.x.calls.back().headers.at("authorization") == "Bearer access-2");
  // After a restart the stored one is taken up.
  world.open();
  REQUIRE(world.poll());
  CHECK(world.x.refreshes == 2);
}

TEST_CASE("a refresh token that is not taken any more asks for a person") {
  World world;
  world.settings.authorisation = "oauth2";
  world.x.before = [](const MemoryX::Call&) {
    return std::optional(Result<HttpReply>(MemoryX::reply(400, R"({"error":"invalid_request"})")));
  };
  world.open();
  const auto refused = world.poll();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("refresh_token") != std::string::npos);
}

TEST_CASE("an empty account stops the channel and says what to do") {
  World world;
  world.x.before = [](const MemoryX::Call&) {
    return std::optional(Result<HttpReply>(MemoryX::reply(
        402, R"({"title":"Payment Required","detail":"credits depleted","status":402})")));
  };
  world.open();
  const auto refused = world.poll();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("console.x.com") != std::string::npos);
  CHECK(world.send(World::reply(5)).error().remedy == Remedy::reconfigure);
}

TEST_CASE("what was used up is kept with the position and closes the channel when it is all") {
  World world;
  world.settings.caps.reads_per_day = 10;
  for (int i = 0; i < 10; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  CHECK(world.read_texts().size() == 10);
  CHECK(parse_position(world.cursor)->spent.reads_today == 10);
  world.open();
  const auto dry = world.poll();
  REQUIRE_FALSE(dry);
  CHECK(dry.error().remedy == Remedy::throttled);
  CHECK(dry.error().message.find("reads_per_day") != std::string::npos);
  // Until the next day, but what a poll does besides goes on.
  CHECK(dry.error().retry_after == 15min);
  CHECK(dry.error().message.find("2026-03-03") != std::string::npos);
}

TEST_CASE("while the caps keep reading closed the token is renewed in time") {
  World world;
  world.settings.authorisation = "oauth2";
  world.settings.caps.reads_per_day = 10;
  for (int i = 0; i < 10; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  world.read_texts();
  for (int quarters = 0; quarters < 12; ++quarters) {
    world.poll();
    CHECK(world.send(World::reply(world.next - 1)));
    world.clock.advance(15min);
  }
  CHECK(world.x.refreshes == 2);
}

TEST_CASE("a token that is refused as soon as it is renewed is not renewed for that") {
  World world;
  world.settings.authorisation = "oauth2";
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path == "/2/oauth2/token") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(401, "{}"));
  };
  world.open();
  REQUIRE(world.poll());
  for (int i = 0; i < 5; ++i) CHECK(world.poll().error().remedy == Remedy::reconfigure);
  CHECK(world.x.refreshes == 1);
  world.clock.advance(11min);
  CHECK_FALSE(world.poll());
  REQUIRE(world.poll());
  CHECK(world.x.refreshes == 2);
  // Its age is not known any more.
  world.clock.advance(-8h);
  CHECK_FALSE(world.poll());
  REQUIRE(world.poll());
  CHECK(world.x.refreshes == 3);
}

TEST_CASE("a token that another node has renewed takes the place of our own unstored one") {
  World world;
  world.settings.authorisation = "oauth2";
  world.open();
  const auto ours = world.channel->poll({}, {});
  REQUIRE(ours);
  auto other = Twitter::create(ChannelName("x"), world.settings, world.around);
  REQUIRE(other);
  const auto theirs = (*other)->poll({}, {});
  REQUIRE(theirs);
  world.cursor = theirs->next;
  REQUIRE(world.poll());
  world.clock.advance(7000s);
  const auto next = world.poll();
  REQUIRE(next);
  CHECK(world.x.refreshes == 3);
  CHECK(next->next != ours->next);
}

TEST_CASE("another name or other keys ask whose account it is") {
  World world;
  world.open();
  world.read_texts();
  const auto asked = [&] { return world.x.count("/2/users/me"); };
  world.open();
  REQUIRE(world.poll());
  CHECK(asked() == 1);
  world.settings.handle = world.x.handle = "lapor";
  world.x.account = "2000";
  world.open();
  REQUIRE(world.poll());
  CHECK(asked() == 2);
  CHECK(parse_position(world.cursor)->account == "2000");
  ::setenv("KANAL_TEST_OTHER", "lain", 1);
  world.settings.access_token = Secret("env:KANAL_TEST_OTHER");
  world.open();
  REQUIRE(world.poll());
  CHECK(asked() == 3);
}

TEST_CASE("what was used, what is left and when it starts anew is told") {
  World world;
  world.settings.caps.reads_per_day = 100;
  world.settings.caps.cost_per_day_usd = 0.5;
  world.settings.caps.cost_per_month_usd = 1;
  for (int i = 0; i < 90; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  world.read_texts();
  REQUIRE(world.send(World::reply(world.next - 1)));
  const auto usage = world.channel->usage();
  const auto meter = [&](const char* what) {
    return *std::ranges::find(usage.meters, what, &Meter::what);
  };
  CHECK(meter("caps.reads_per_day").used == 90);
  CHECK(meter("caps.reads_per_day").left() == 10);
  CHECK(meter("caps.reads_per_day").is_near_its_end());
  CHECK(meter("caps.reads_per_day").starts_anew ==
        Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 3}));
  CHECK(meter("caps.posts_per_day").used == 1);
  CHECK(meter("caps.cost_per_day_usd").is_money);
  CHECK(meter("caps.cost_per_day_usd").used == Approx(0.1));
  CHECK(meter("caps.cost_per_day_usd").most == 0.5);
  CHECK(meter("caps.cost_per_day_usd").starts_anew ==
        Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 3}));
  CHECK(meter("caps.cost_per_month_usd").is_money);
  CHECK(meter("caps.cost_per_month_usd").used == Approx(0.1));
  CHECK(meter("caps.cost_per_month_usd").starts_anew ==
        Time(std::chrono::sys_days{std::chrono::year{2026} / 4 / 1}));
  CHECK(usage.pace > usage.usual);
}

TEST_CASE("what a channel of the same credential had used counts, though nobody polls it here") {
  World world;
  world.settings.caps.reads_per_day = 100;
  world.open();
  world.read_texts();
  auto other = parse_position(world.cursor).value();
  other.spent.reads_today = 95;
  world.channel->recall(ChannelName("y"), print_position(other));
  CHECK(world.channel->usage().meters[0].used == 95);
  other.account_of = "another@kanal";
  world.channel->recall(ChannelName("z"), print_position(other));
  CHECK(world.channel->usage().meters[0].used == 95);
}

TEST_CASE("a back-fill keeps to what the caps leave, and is counted in a name of its own") {
  World world;
  world.settings.caps.reads_per_day = 100;
  for (int i = 0; i < 90; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  world.read_texts();
  const auto stored = world.cursor;
  world.clock.advance(std::chrono::minutes(5));
  world.x.found = world.x.mentions;
  for (auto& each : world.x.found) each.first += 1'000;

  // As in a process of its own.
  world.channel.reset();
  world.open();
  world.channel->recall(ChannelName("x"), stored);
  const auto begun = world.channel->backfill({k_now - std::chrono::hours(1)}, {}, {});
  REQUIRE(begun);
  CHECK_FALSE(world.channel->backfill({k_now - std::chrono::hours(1)}, begun->next, {}));
  world.settings.caps.reads_per_day = 200;
  world.open();
  world.channel->recall(ChannelName("x"), stored);
  REQUIRE(world.channel->backfill({k_now - std::chrono::hours(1)}, {}, {}));
  const auto apart = world.channel->used_apart();
  const auto used = parse_position(apart)->spent.reads_today;
  CHECK(used > 0);

  // And in the bridge.
  world.channel.reset();
  world.open();
  world.channel->recall(ChannelName("x"), stored);
  for (int each = 0; each < 2; ++each) world.channel->recall_apart(ChannelName("x"), apart);
  CHECK(world.channel->usage().meters[0].used == 90 + static_cast<double>(used));
  CHECK(world.channel->usage().shared_with == "x (back-fill)");
}

TEST_CASE("answers that are sent while reading rests are counted in what is kept") {
  World world;
  world.settings.caps.reads_per_day = 10;
  for (int i = 0; i < 10; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  world.read_texts();
  REQUIRE_FALSE(world.poll());
  REQUIRE(world.send(World::reply(world.next - 1)));
  REQUIRE(world.poll());
  CHECK(parse_position(world.cursor)->spent.posts_today == 1);
  CHECK_FALSE(world.poll());
}

TEST_CASE("a credential of another account is refused") {
  World world;
  world.x.handle = "orang_lain";
  world.open();
  const auto refused = world.poll();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("orang_lain") != std::string::npos);
}

TEST_CASE("the position of another kind of channel is not taken for ours") {
  World world;
  world.open();
  world.cursor = {"imap1 5 6 7 - INBOX"};
  CHECK(world.poll().error().remedy == Remedy::reconfigure);
}

TEST_CASE("requests are written in the dialect that the settings choose") {
  for (const auto* dialect : {"tweets", "posts"}) {
    World world;
    world.settings.dialect = dialect;
    world.open();
    world.read_texts();
    const auto& asked = world.x.calls.back().parameters;
    CHECK(asked.contains("tweet.fields") == (std::string(dialect) == "tweets"));
    CHECK(asked.contains("post.fields") == (std::string(dialect) == "posts"));
  }
}

TEST_CASE("where X knows our fields by their other names, it is asked by those, and told once") {
  for (const auto* dialect : {"tweets", "posts"}) {
    const std::string speaks = std::string(dialect) == "tweets" ? "posts" : "tweets";
    World world;
    world.settings.dialect = dialect;
    world.x.speaks = speaks;
    const auto note = speaks == "posts" ? "note_post" : "note_tweet";
    const auto references = speaks == "posts" ? "referenced_posts" : "referenced_tweets";
    const auto ours = world.next - 1;
    world.mention(
        "@kanal Lampu jalan mati di depan…",
        ",\"" + std::string(note) + R"(":{"text":"@kanal Lampu jalan mati di depan pasar"})");
    world.mention("@kanal masih mati", ",\"" + std::string(references) +
                                           R"(":[{"type":"replied_to","id":")" +
                                           std::to_string(ours) + "\"}]");
    world.open();
    std::vector<Post> posts;
    for (int i = 0; i < 3; ++i) {
      const auto batch = world.poll();
      REQUIRE(batch);
      posts.insert(posts.end(), batch->posts.begin(), batch->posts.end());
    }
    REQUIRE(posts.size() == 2);
    CHECK(posts[0].text == "Lampu jalan mati di depan pasar");
    CHECK(posts[1].in_reply_to == ExternalId(std::to_string(ours)));
    const auto path = "/2/users/" + world.x.account + "/mentions";
    // The first page twice, and what was read of it is billed once.
    CHECK(world.x.count(path) == 3);
    CHECK(parse_position(world.cursor)->spent.reads_today == 2);
    CHECK(world.x.calls.back().parameters.contains(speaks == "posts" ? "post.fields"
                                                                     : "tweet.fields"));
  }
}

TEST_CASE("where X refuses our fields' names, it is asked by their other ones") {
  World world;
  world.settings.dialect = "tweets";
  world.x.speaks = "posts";
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.parameters.contains("tweet.fields")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(
        400, R"({"errors":[{"message":"The query parameter [tweet.fields] is not one of [...]"}],)"
             R"("title":"Invalid Request","detail":"One or more parameters was invalid."})"));
  };
  world.mention("@kanal Lampu jalan mati");
  world.open();
  std::vector<Post> posts;
  for (int i = 0; i < 3 && posts.empty(); ++i) {
    const auto batch = world.poll();
    REQUIRE(batch);
    posts.insert(posts.end(), batch->posts.begin(), batch->posts.end());
  }
  CHECK(posts.size() == 1);
}

TEST_CASE("where a window allows one call, the other names of our fields have the next one") {
  const bool refuses = GENERATE(false, true);
  World world;
  world.settings.dialect = "tweets";
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.ends_with("/mentions")) return std::nullopt;
    const bool knows = call.parameters.contains("post.fields");
    const auto id = first_tweet_id_of(k_now - 1h);
    const auto time = R"("created_at":")" + print_rfc3339(time_of(id)) + "\",";
    auto answer =
        MemoryX::reply(knows || !refuses ? 200 : 400,
                       R"({"data":[{"id":")" + std::to_string(id) + "\"," + (knows ? time : "") +
                           R"("author_id":"42","text":"@kanal Lampu mati"}]})");
    const auto until =
        std::chrono::floor<std::chrono::seconds>(world.clock.now() + 15min).time_since_epoch();
    answer.headers = {{"x-rate-limit-remaining", "0"},
                      {"x-rate-limit-reset", std::to_string(until.count())}};
    return Result<HttpReply>(answer);
  };
  world.open();
  std::vector<Post> posts;
  for (int i = 0; i < 8; ++i) {
    if (const auto batch = world.poll()) {
      posts.insert(posts.end(), batch->posts.begin(), batch->posts.end());
    } else if (batch.error().remedy == Remedy::throttled) {
      world.clock.advance(15min + 1s);
    }
  }
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == "Lampu mati");
}

TEST_CASE("an answer without posts shows in no dialect that it is understood") {
  World world;
  world.settings.dialect = "tweets";
  world.x.speaks = "tweets";
  bool refuses = true;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.parameters.contains("tweet.fields") || !std::exchange(refuses, false)) {
      return std::nullopt;
    }
    return Result<HttpReply>(MemoryX::reply(400, "{}"));
  };
  world.open();
  CHECK(world.read_texts().empty());
  CHECK(world.x.calls.back().parameters.contains("post.fields"));
  world.mention("@kanal Lampu jalan mati");
  CHECK(world.read_texts() == std::vector<std::string>{"Lampu jalan mati"});
  CHECK(world.x.calls.back().parameters.contains("tweet.fields"));
}

TEST_CASE("nothing is stored of posts that X gives without what was asked for") {
  World world;
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.ends_with("/mentions")) return std::nullopt;
    return Result<HttpReply>(
        MemoryX::reply(200, R"({"data":[{"id":"1900000000000000001","text":"@kanal Jalan"}]})"));
  };
  world.open();
  REQUIRE(world.poll());
  const auto counted = world.poll();
  REQUIRE(counted);
  CHECK(counted->posts.empty());
  CHECK(parse_position(world.cursor)->spent.reads_today == 1);
  for (int i = 0; i < 2; ++i) {
    const auto refused = world.poll();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().remedy == Remedy::reconfigure);
    CHECK(refused.error().message.find("dialect") != std::string::npos);
  }
}

}  // namespace
}  // namespace kanal::twitter
