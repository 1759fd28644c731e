#include "connectors/twitter/world_fixture.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

TEST_CASE("all pages are read and given out oldest first, each once") {
  World world;
  world.x.page_size = 7;
  for (int i = 0; i < 30; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  const auto texts = world.read_texts();
  REQUIRE(texts.size() == 30);
  for (int i = 0; i < 30; ++i) CHECK(texts[static_cast<std::size_t>(i)] == std::to_string(i));
  CHECK(world.read_texts().empty());
}

TEST_CASE("a channel that starts now does not bring up the past") {
  World world;
  world.settings.start_from = "now";
  world.mention("@kanal lama");
  world.open();
  CHECK(world.read_texts().empty());
  world.next = first_tweet_id_of(k_now + 1min);
  world.mention("@kanal baru");
  CHECK(world.read_texts() == std::vector<std::string>{"baru"});
}

TEST_CASE("a limit in the middle of the pages is waited for, and reading goes on where it was") {
  World world;
  world.x.page_size = 5;
  for (int i = 0; i < 20; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  REQUIRE(world.poll());
  int pages = 0;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.ends_with("/mentions") || ++pages != 3) return std::nullopt;
    auto refusal = MemoryX::reply(429, "{}");
    refusal.headers = {
        {"x-rate-limit-remaining", "0"},
        {"x-rate-limit-reset",
         std::to_string(
             std::chrono::floor<std::chrono::seconds>(k_now + 5min).time_since_epoch().count())}};
    return Result<HttpReply>(refusal);
  };
  // What the pages cost is kept first.
  const auto counted = world.poll();
  REQUIRE(counted);
  CHECK(counted->posts.empty());
  CHECK_FALSE(counted->more);
  const auto limited = world.poll();
  REQUIRE_FALSE(limited);
  CHECK(limited.error().remedy == Remedy::throttled);
  CHECK(limited.error().retry_after >= 5min);
  const auto asked = world.x.calls.size();
  CHECK_FALSE(world.poll());
  CHECK(world.x.calls.size() == asked);
  world.clock.advance(5min + 1s);
  CHECK(world.read_texts().size() == 20);
  CHECK(pages == 5);
}

TEST_CASE("a limit on the look-ups of threads is waited for, and no page is read twice") {
  World world;
  world.x.posts["100"] = R"({"id":"100","author_id":"42","text":"Jembatan putus"})";
  world.x.includes =
      R"("tweets":[{"id":"101","author_id":"42","text":"di Banjar",
         "referenced_tweets":[{"type":"replied_to","id":"100"}]}])";
  world.mention("tolong @kanal", R"(,"referenced_tweets":[{"type":"replied_to","id":"101"}])");
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path != "/2/tweets") return std::nullopt;
    return Result<HttpReply>(limited());
  };
  world.open();
  REQUIRE(world.poll());
  const auto counted = world.poll();
  REQUIRE(counted);
  CHECK_FALSE(counted->more);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(world.poll());
  const auto mentions = "/2/users/" + world.x.account + "/mentions";
  CHECK(world.x.count(mentions) == 1);
  world.x.before = nullptr;
  world.clock.advance(5min + 1s);
  CHECK(world.read_texts() == std::vector<std::string>{"Jembatan putus\ndi Banjar\ntolong"});
  CHECK(world.x.count(mentions) == 1);
  CHECK(parse_position(world.cursor)->spent.reads_today == 2);
}

TEST_CASE("more pages than a turn takes are read in the next one, and nothing is left out") {
  World world;
  world.x.page_size = 5;
  for (int i = 0; i < 400; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  const auto texts = world.read_texts();
  REQUIRE(texts.size() == 400);
  CHECK(texts.front() == "0");
  CHECK(texts.back() == "399");
}

TEST_CASE("a look stops at the cap and goes on behind it when the cap starts anew") {
  World world;
  world.x.page_size = 20;
  world.settings.caps.reads_per_day = 50;
  for (int i = 0; i < 100; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  REQUIRE(world.poll());
  REQUIRE(world.poll());
  CHECK(parse_position(world.cursor)->spent.reads_today == 50);
  const auto dry = world.poll();
  REQUIRE_FALSE(dry);
  CHECK(dry.error().remedy == Remedy::throttled);
  world.clock.advance(24h);
  const auto texts = world.read_texts();
  REQUIRE(texts.size() == 100);
  CHECK(texts.front() == "0");
}

TEST_CASE("pages without end and with nothing in them end the look") {
  const bool same = GENERATE(false, true);
  World world;
  int pages = 0;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.ends_with("/mentions")) return std::nullopt;
    ++pages;
    const auto token = same ? "x" : "x" + std::to_string(pages);
    return Result<HttpReply>(MemoryX::reply(200, R"({"meta":{"next_token":")" + token + "\"}}"));
  };
  world.open();
  bool more = true;
  for (int turns = 0; turns < 100 && more; ++turns) {
    const auto batch = world.poll();
    REQUIRE(batch);
    more = batch->more;
  }
  CHECK_FALSE(more);
  CHECK(pages <= (same ? 4 : 100));
}

TEST_CASE("what lies behind too many empty pages is reported as a gap") {
  World world;
  const auto id = first_tweet_id_of(k_now - 1h);
  int pages = 0;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.ends_with("/mentions")) return std::nullopt;
    const auto data = R"("data":[{"id":")" + std::to_string(id) + R"(","created_at":")" +
                      print_rfc3339(time_of(id)) +
                      R"(","author_id":"42","text":"@kanal Lampu mati"}],)";
    ++pages;
    return Result<HttpReply>(MemoryX::reply(200, "{" + (pages == 1 ? data : "") +
                                                     R"("meta":{"next_token":"x)" +
                                                     std::to_string(pages) + "\"}}"));
  };
  world.open();
  std::size_t posts = 0;
  std::vector<Unreadable> gaps;
  for (bool more = true; more && pages < 100;) {
    const auto batch = world.poll();
    REQUIRE(batch);
    posts += batch->posts.size();
    for (const auto& each : batch->unreadable) gaps.push_back(each);
    more = batch->more;
  }
  CHECK(posts == 1);
  CHECK(pages < 100);
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].id.value().starts_with("gap:"));
}

TEST_CASE("a page that X no longer knows begins the look anew") {
  World world;
  world.x.page_size = 5;
  for (int i = 0; i < 20; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  REQUIRE(world.poll());
  bool stale = true;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!stale || !call.parameters.contains("pagination_token")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(400, "{}"));
  };
  world.poll();
  world.poll();
  stale = false;
  CHECK(world.read_texts().size() == 20);
}

TEST_CASE("what a search finds beyond all bounds is reported as a gap") {
  World world;
  world.settings.hashtags = {"lapor"};
  world.settings.search_every_s = 0s;
  world.settings.caps.reads_per_day = 0;
  world.settings.caps.reads_per_month = 0;
  const auto early = world.next++;
  const auto find = [&](int count) {
    for (int i = 0; i < count; ++i) world.mention("#lapor " + std::to_string(i));
    std::ranges::move(world.x.mentions, std::back_inserter(world.x.found));
    world.x.mentions.clear();
  };
  find(1);
  world.open();
  REQUIRE(world.read_texts().size() == 1);
  find(6'100);
  std::size_t posts = 0;
  std::vector<Unreadable> gaps;
  for (bool more = true; more;) {
    const auto batch = world.poll();
    REQUIRE(batch);
    posts += batch->posts.size();
    for (const auto& each : batch->unreadable) gaps.push_back(each);
    more = batch->more;
  }
  CHECK(posts == 6'000);
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].id.value().starts_with("gap:"));
  // Mentions have a position of their own, which this does not move.
  world.next = early;
  world.mention("@kanal lebih dahulu");
  CHECK(world.read_texts() == std::vector<std::string>{"lebih dahulu"});
}

TEST_CASE("what no search reaches after days away is a gap, and quiet days are none") {
  World world;
  world.settings.hashtags = {"lapor"};
  world.settings.search_every_s = 0s;
  const auto find = [&](const std::string& text) {
    const auto id = first_tweet_id_of(world.clock.now() - 1h);
    world.x.found.emplace_back(
        id, R"({"id":")" + std::to_string(id) + R"(","author_id":"42","text":")" + text + "\"}");
  };
  world.open();
  find("#lapor satu");
  std::vector<Unreadable> gaps;
  const auto read = [&] {
    std::size_t posts = 0;
    for (bool more = true; more;) {
      const auto batch = world.poll();
      REQUIRE(batch);
      posts += batch->posts.size();
      for (const auto& each : batch->unreadable) gaps.push_back(each);
      more = batch->more;
    }
    return posts;
  };
  CHECK(read() == 1);
  // Nobody writes for weeks.
  for (int day = 0; day < 20; ++day) {
    world.clock.advance(24h);
    CHECK(read() == 0);
  }
  CHECK(gaps.empty());
  // Away: MemoryX would show what X does not.
  world.x.found.clear();
  world.clock.advance(10 * 24h);
  world.open();
  const bool is_something_found = GENERATE(true, false);
  if (is_something_found) find("#lapor dua");
  CHECK(read() == (is_something_found ? 1 : 0));
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].id.value().starts_with("gap:"));
  CHECK(gaps[0].reason.find("seven days back only") != std::string::npos);
  CHECK(gaps[0].reason.find("backfill") == std::string::npos);
  CHECK(read() == 0);
  CHECK(gaps.size() == 1);
}

TEST_CASE("a picture that cannot be had now is waited for, and one that never comes is named") {
  World world;
  world.x.includes = R"("media":[{"media_key":"3_1","type":"photo",)"
                     R"("url":"https://api.x.com/media/1.jpg"}])";
  const auto with_picture = [&](const std::string& text) {
    world.mention(text, R"(,"attachments":{"media_keys":["3_1"]})");
  };
  with_picture("@kanal Jalan rusak");
  int status = 503;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.starts_with("/media/")) return std::nullopt;
    if (status == 0) return Result<HttpReply>(fail(Remedy::uncertain, "no answer"));
    return Result<HttpReply>(MemoryX::reply(status,
                                            "\xff\xd8\xff"
                                            "p"));
  };
  world.open();
  REQUIRE(world.poll());
  const auto counted = world.poll();
  REQUIRE(counted);
  CHECK(counted->posts.empty());
  status = 0;
  const auto waits = world.poll();
  REQUIRE_FALSE(waits);
  CHECK(waits.error().remedy == Remedy::retry);
  status = 200;
  const auto whole = world.poll();
  REQUIRE(whole);
  REQUIRE(whole->posts.size() == 1);
  CHECK(whole->posts[0].attachments.size() == 1);
  CHECK(whole->posts[0].text == "Jalan rusak");
  // While the host is away for long, complaints do not wait for it one after the other.
  status = 503;
  with_picture("@kanal Lampu mati");
  with_picture("@kanal Pohon tumbang");
  REQUIRE(world.poll());
  CHECK_FALSE(world.poll());
  world.clock.advance(16min);
  const auto without = world.poll();
  REQUIRE(without);
  REQUIRE(without->posts.size() == 2);
  CHECK(without->posts[0].text == "Lampu mati");
  CHECK(without->posts[0].full_text == "@kanal Lampu mati\n[1 gambar tidak dapat diambil dari X]");
  CHECK(without->posts[1].text == "Pohon tumbang");
  // What X does not give out is not waited for.
  status = 404;
  with_picture("@kanal Got mampet");
  CHECK(world.read_texts() == std::vector<std::string>{"Got mampet"});
}

TEST_CASE("a missing picture of what does not fit the turn is named once") {
  World world;
  world.x.includes = R"("media":[{"media_key":"3_1","type":"photo",)"
                     R"("url":"https://api.x.com/media/1.jpg"}])";
  for (const auto* text : {"@kanal Jalan rusak", "@kanal Lampu mati"}) {
    world.mention(text, R"(,"attachments":{"media_keys":["3_1"]})");
  }
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.starts_with("/media/")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(404, ""));
  };
  world.open();
  Budget narrow;
  narrow.bytes = 1;
  std::vector<std::string> texts;
  for (int turn = 0; turn < 5; ++turn) {
    const auto batch = world.channel->poll(world.cursor, narrow);
    REQUIRE(batch);
    for (const auto& post : batch->posts) texts.push_back(post.full_text);
    world.cursor = batch->next;
    REQUIRE(world.channel->committed(*batch));
  }
  const std::string note = "\n[1 gambar tidak dapat diambil dari X]";
  CHECK(texts == std::vector<std::string>{"@kanal Jalan rusak" + note, "@kanal Lampu mati" + note});
}

TEST_CASE("pictures of direct messages are fetched, and one that cannot be had is named") {
  World world;
  world.settings.direct_messages = true;
  world.x.includes = R"("media":[{"media_key":"3_1","type":"photo",)"
                     R"("url":"https://api.x.com/media/1.jpg"},{"media_key":"3_2","type":"photo",)"
                     R"("url":"https://ton.twitter.com/2.jpg"}])";
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.starts_with("/media/")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(200,
                                            "\xff\xd8\xff"
                                            "p"));
  };
  const auto message = [&](std::uint64_t id, const std::string& text, const std::string& key) {
    world.x.messages.emplace_back(
        id, R"({"id":")" + std::to_string(id) +
                R"(","event_type":"MessageCreate","sender_id":"42","text":")" + text +
                R"( https://t.co/p","entities":{"urls":[{"url":"https://t.co/p",)"
                R"("expanded_url":"https://x.com/messages/media/9"}]},)"
                R"("attachments":{"media_keys":[")" +
                key + R"("]}})");
  };
  message(8, "Jalan rusak", "3_1");
  message(9, "", "3_2");
  world.open();
  REQUIRE(world.poll());
  const auto batch = world.poll();
  REQUIRE(batch);
  REQUIRE(batch->posts.size() == 2);
  CHECK(batch->posts[0].text == "Jalan rusak");
  CHECK(batch->posts[0].attachments.size() == 1);
  CHECK(batch->posts[0].hints.threadless);
  CHECK(batch->posts[1].text == "[1 gambar tidak dapat diambil dari X]");
  const auto& asked = world.x.calls;
  const auto call = std::ranges::find(asked, "/2/dm_events", &MemoryX::Call::path);
  REQUIRE(call != asked.end());
  CHECK(call->parameters.at("expansions").find("attachments.media_keys") != std::string::npos);
}

TEST_CASE("what is read a little out of order is found, and nothing is given out twice") {
  World world;
  world.next = first_tweet_id_of(k_now - 10s);
  const auto early = world.next;
  world.next = first_tweet_id_of(k_now - 5s);
  world.mention("@kanal kedua");
  world.open();
  CHECK(world.read_texts() == std::vector<std::string>{"kedua"});
  CHECK(world.read_texts().empty());
  // One of an earlier moment shows late.
  world.x.mentions.insert(world.x.mentions.begin(),
                          {early, R"({"id":")" + std::to_string(early) +
                                      R"(","author_id":"42","text":"@kanal pertama"})"});
  CHECK(world.read_texts() == std::vector<std::string>{"pertama"});
  CHECK(world.read_texts().empty());
  CHECK(parse_position(world.cursor)->spent.reads_today == 2);
  // In the end the position passes them.
  world.clock.advance(2min);
  CHECK(world.read_texts().empty());
  CHECK(parse_position(world.cursor)->mentions == world.next - 1);
}

TEST_CASE("our own messages among those that are read bring no further look") {
  World world;
  world.settings.direct_messages = true;
  world.settings.messages_every_s = 90s;
  const auto id = first_tweet_id_of(k_now - 5s);
  world.x.messages.emplace_back(
      id, R"({"id":")" + std::to_string(id) +
              R"(","event_type":"MessageCreate","sender_id":"1000","text":"Jawaban"})");
  world.open();
  // As the worker does: what brings nothing is not stored, and not told of.
  for (int i = 0; i < 4; ++i) {
    const auto batch = world.channel->poll(world.cursor, {});
    REQUIRE(batch);
    CHECK(batch->posts.empty());
    if (batch->next == world.cursor) continue;
    world.cursor = batch->next;
    REQUIRE(world.channel->committed(*batch));
  }
  CHECK(world.x.count("/2/dm_events") == 1);
}

TEST_CASE("a batch that was not stored is given out again") {
  World world;
  world.next = first_tweet_id_of(k_now - 5s);
  world.mention("@kanal baru");
  world.open();
  REQUIRE(world.poll());
  const auto lost = world.channel->poll(world.cursor, {});
  REQUIRE(lost);
  REQUIRE(lost->posts.size() == 1);
  CHECK(world.read_texts() == std::vector<std::string>{"baru"});
}

TEST_CASE("a limit or refusal of one source is its own matter") {
  World world;
  world.settings.direct_messages = true;
  world.settings.messages_every_s = 90s;
  auto refusal = GENERATE(limited(), MemoryX::reply(403, R"({"detail":"no messages"})"));
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.ends_with("/dm_events")) return std::nullopt;
    return Result<HttpReply>(refusal);
  };
  world.open();
  REQUIRE(world.poll());
  const auto refused = world.poll();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().retry_after <= 1s);
  world.mention("@kanal Jalan rusak");
  CHECK(world.read_texts() == std::vector<std::string>{"Jalan rusak"});
  CHECK(world.x.count("/2/dm_events") == 1);
  world.clock.advance(5min + 1s);
  world.poll();
  CHECK(world.x.count("/2/dm_events") == 2);
}

TEST_CASE("a page that is refused is told of before reading goes on, and costs nothing more") {
  World world;
  world.x.page_size = 5;
  for (int i = 0; i < 20; ++i) world.mention("@kanal " + std::to_string(i));
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.parameters.contains("pagination_token")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(400, "{}"));
  };
  world.open();
  REQUIRE(world.poll());
  const auto counted = world.poll();
  REQUIRE(counted);
  CHECK_FALSE(counted->more);
  const auto asked = world.x.calls.size();
  const auto refused = world.poll();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(world.x.calls.size() == asked);
  CHECK_FALSE(world.poll());
  CHECK(parse_position(world.cursor)->spent.reads_today == 5);
}

TEST_CASE("a gap tells how it can be filled, and that of direct messages cannot") {
  World world;
  world.settings.hashtags = {"lapor"};
  world.open();
  REQUIRE(world.channel->backfill({k_now - 1h}, {}, {}));
  CHECK(world.x.calls.back().parameters.at("query") ==
        "(@kanal OR #lapor) -is:retweet -from:kanal");
  Settings many = world.settings;
  CHECK(wrong_settings(many).empty());
  for (int i = 0; i < 40; ++i) many.hashtags.push_back("lapor_kabupaten" + std::to_string(i));
  CHECK(wrong_settings(many).size() == 1);
}

TEST_CASE("more mentions than X gives out are reported as a gap") {
  World world;
  world.mention("@kanal awal");
  world.open();
  world.read_texts();
  for (int i = 0; i < 800; ++i) world.mention("@kanal banyak " + std::to_string(i));
  std::size_t posts = 0;
  std::vector<Unreadable> gaps;
  for (bool more = true; more;) {
    const auto batch = world.poll();
    REQUIRE(batch);
    posts += batch->posts.size();
    for (const auto& each : batch->unreadable) gaps.push_back(each);
    more = batch->more;
  }
  CHECK(posts == 800);
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].reason.find("backfill x --from") != std::string::npos);
}

TEST_CASE("the beginning of a complaint that called us only later is fetched") {
  World world;
  world.x.posts["100"] = R"({"id":"100","author_id":"42","text":"Jembatan putus"})";
  world.x.includes =
      R"("tweets":[{"id":"101","author_id":"42","text":"di Banjar",
         "referenced_tweets":[{"type":"replied_to","id":"100"}]}])";
  world.mention("tolong @kanal", R"(,"referenced_tweets":[{"type":"replied_to","id":"101"}])");
  world.open();
  CHECK(world.read_texts() == std::vector<std::string>{"Jembatan putus\ndi Banjar\ntolong"});
  CHECK(world.x.count("/2/tweets") == 1);
}

TEST_CASE("the next look is due at the pace of the quickest source that has one") {
  World world;
  world.settings.search_every_s = 10s;
  world.settings.hashtags = {"jalan"};
  SECTION("one alone") {
    world.open();
    world.read_texts();
    CHECK(world.channel->rests_for() == 10s);
  }
  SECTION("the quicker of two") {
    world.settings.mentions_every_s = 3s;
    world.open();
    world.read_texts();
    CHECK(world.channel->rests_for() == 3s);
    world.clock.advance(1s);
    CHECK(world.channel->rests_for() == 2s);
    world.clock.advance(5s);
    CHECK(world.channel->rests_for() == 0s);
  }
}

TEST_CASE("the next look for additions is due at the pace of searches") {
  World world;
  world.settings.mentions_every_s = 30s;
  world.settings.search_every_s = 10s;
  world.settings.follow_s = 600s;
  world.next = first_tweet_id_of(k_now);
  world.mention("@kanal Jalan rusak");
  world.open();
  CHECK(world.read_texts().size() == 1);
  world.clock.advance(30s);
  world.read_texts();
  CHECK(world.x.count("/2/tweets/search/recent") == 1);
  CHECK(world.channel->rests_for() == 10s);
  world.clock.advance(10s);
  world.read_texts();
  CHECK(world.x.count("/2/tweets/search/recent") == 2);
  CHECK(world.channel->rests_for() == 10s);
  world.clock.advance(1h);
  world.read_texts();
  CHECK(world.channel->rests_for() == 30s);
}

TEST_CASE("a clock that is set back closes no channel until it has caught up") {
  World world;
  world.settings.mentions_every_s = 30s;
  world.clock.advance(8h);
  world.open();
  world.read_texts();
  world.clock.advance(-8h);
  world.mention("@kanal Jalan rusak");
  CHECK(world.read_texts() == std::vector<std::string>{"Jalan rusak"});
}

}  // namespace
}  // namespace kanal::twitter
