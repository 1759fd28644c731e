#include "connectors/twitter/world_fixture.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

struct Rechecks {
  World world;
  std::vector<ExternalId> ids;

  Rechecks() {
    for (int i = 0; i < 250; ++i) {
      const auto id = std::to_string(world.mention("@kanal " + std::to_string(i)));
      ids.emplace_back(id);
      world.x.posts[id] = world.x.mentions.back().second;
    }
    world.open();
    world.read_texts();
    world.clock.advance(1h);
  }
  /// As the worker does it, until nothing is wanted; what was told to be gone.
  std::vector<std::string> round() {
    std::vector<std::string> gone;
    for (auto wish = world.channel->wanted(world.cursor); wish.most > 0;
         wish = world.channel->wanted(world.cursor)) {
      std::vector<ExternalId> page;
      for (const auto& id : ids) {
        const bool between = id.value() > wish.after.value() && id.value() < wish.before.value();
        if (between && std::ssize(page) < wish.most) page.push_back(id);
      }
      const auto batch = world.channel->recheck(world.cursor, page);
      REQUIRE(batch);
      for (const auto& signal : batch->signals) {
        CHECK(signal.kind == Signal::Kind::deletion);
        gone.push_back(signal.subject.value());
      }
      world.cursor = batch->next;
    }
    return gone;
  }
};

TEST_CASE("a stored post that was changed so that it calls us no more is read as it stands now") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  const auto first = rechecks.ids[7].value();
  const auto later = std::to_string(world.next++);
  const auto versions = R"(,"edit_history_tweet_ids":[")" + first + "\",\"" + later + "\"]}";
  world.x.posts[first] = R"({"id":")" + first + R"(","text":"@kanal 7")" + versions;
  world.x.posts[later] = R"({"id":")" + later +
                         R"(","author_id":"42","text":"Jalan Gajah Mada 7",)" +
                         R"("attachments":{"media_keys":["3_1"]})" + versions;
  world.x.includes = R"("media":[{"media_key":"3_1","type":"photo",)"
                     R"("url":"https://api.x.com/media/1.jpg"}])";
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.starts_with("/media/")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(200, "\xff\xd8\xffp"));
  };
  const auto page = std::vector{rechecks.ids[6], rechecks.ids[7]};
  const auto batch = world.channel->recheck(world.cursor, page);
  REQUIRE(batch);
  CHECK(batch->signals.empty());
  REQUIRE(batch->posts.size() == 1);
  CHECK(batch->posts[0].id.value() == first);
  CHECK(batch->posts[0].hints.edition == later);
  CHECK(batch->posts[0].text == "Jalan Gajah Mada 7");
  CHECK(batch->posts[0].hints.uncalled);
  CHECK(batch->posts[0].attachments.size() == 1);
  // That one is stored too now.
  const auto both = std::vector{rechecks.ids[7], ExternalId(later)};
  CHECK(world.channel->recheck(world.cursor, both).value().posts.empty());
  // Read once more as long as its round may not be stored, and not in the next one.
  const auto again = world.channel->recheck(batch->next, page);
  REQUIRE(again);
  CHECK(again->posts.size() == 1);
  REQUIRE(world.channel->committed(*again));
  const auto over = world.channel->recheck(again->next, {});
  REQUIRE(over);
  world.clock.advance(20h);
  CHECK(world.channel->recheck(over->next, page).value().posts.empty());
}

TEST_CASE("a round that does not end within a day is told") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.settings.caps.rechecks_per_day = 100;
  world.open();
  const auto lag = [&]() -> std::optional<Meter> {
    for (auto& meter : world.channel->usage().meters) {
      if (meter.what == "recheck_hours") return meter;
    }
    return std::nullopt;
  };
  rechecks.round();
  REQUIRE(lag());
  CHECK_FALSE(lag()->is_near_its_end());
  world.clock.advance(24h);
  REQUIRE(world.poll());
  CHECK(lag()->is_near_its_end());
  rechecks.round();
  world.clock.advance(24h);
  rechecks.round();
  // The next one has begun.
  REQUIRE(lag());
  CHECK(lag()->used == 0);
}

TEST_CASE("stored posts are asked after once a day, a hundred at a time") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.x.posts.erase(rechecks.ids[7].value());
  world.x.posts.erase(rechecks.ids[200].value());
  CHECK(rechecks.round() == std::vector{rechecks.ids[7].value(), rechecks.ids[200].value()});
  CHECK(world.x.count("/2/tweets") == 3);
  CHECK(parse_position(world.cursor)->spent.rechecks_today == 250);
  world.open();
  CHECK(rechecks.round().empty());
  CHECK(world.x.count("/2/tweets") == 3);
  world.clock.advance(20h);
  world.x.posts.erase(rechecks.ids[8].value());
  CHECK(rechecks.round().size() == 3);
  // Reading goes on where it was.
  world.next = first_tweet_id_of(world.clock.now());
  world.mention("@kanal baru");
  CHECK(world.read_texts() == std::vector<std::string>{"baru"});
  // Old ones are let be.
  world.clock.advance(std::chrono::days(31));
  const auto asked = world.x.count("/2/tweets");
  CHECK(rechecks.round().empty());
  CHECK(world.x.count("/2/tweets") == asked);
}

TEST_CASE("posts from before numbers had 19 digits are let be, and the rest found among them") {
  Rechecks rechecks;
  rechecks.world.settings.recheck_days = 3'650;
  rechecks.world.open();
  rechecks.ids.insert(rechecks.ids.begin() + 1, ExternalId("187654321098765432"));
  rechecks.world.x.posts.erase(rechecks.ids[5].value());
  CHECK(rechecks.round() == std::vector{rechecks.ids[5].value()});
  for (const auto& call : rechecks.world.x.calls) {
    const auto ids = call.parameters.find("ids");
    if (ids != call.parameters.end()) CHECK(ids->second.find("1876543") == std::string::npos);
  }
}

TEST_CASE("asking after stored posts is bounded, and leaves what mentions need") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.settings.caps.rechecks_per_day = 150;
  world.open();
  REQUIRE(world.poll());
  rechecks.round();
  CHECK(world.x.count("/2/tweets") == 2);
  world.clock.advance(24h);
  REQUIRE(world.poll());
  // What was left of the round, and the beginning of the next.
  rechecks.round();
  CHECK(world.x.count("/2/tweets") == 4);
  world.settings.caps.rechecks_per_day = 0;
  world.settings.caps.reads_per_day = 200;
  world.open();
  world.clock.advance(24h);
  REQUIRE(world.poll());
  // From four fifths of the cap on nothing is asked.
  rechecks.round();
  CHECK(parse_position(world.cursor)->spent.reads_today == 200);
  CHECK(world.channel->wanted(world.cursor).most == 0);
}

TEST_CASE("only what X says is not there is taken for deleted") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path != "/2/tweets") return std::nullopt;
    const auto id = rechecks.ids[3].value();
    return Result<HttpReply>(MemoryX::reply(
        200, R"({"errors":[{"resource_id":")" + id +
                 R"(","type":"https://api.x.com/2/problems/not-authorized-for-resource"}]})"));
  };
  CHECK(rechecks.round().empty());
}

TEST_CASE("a limit while asking after posts moves nothing") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path != "/2/tweets") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(429, "{}"));
  };
  const auto refused = world.channel->recheck(world.cursor, {rechecks.ids.data(), 100});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::throttled);
  world.x.before = nullptr;
  world.x.posts.erase(rechecks.ids[0].value());
  CHECK(rechecks.round().size() == 1);
}

TEST_CASE("a change whose first reading was not stored is read again, however long that takes") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  const auto first = rechecks.ids[7].value();
  const auto later = std::to_string(world.next++);
  const auto versions = R"(,"edit_history_tweet_ids":[")" + first + "\",\"" + later + "\"]}";
  world.x.posts[first] = R"({"id":")" + first + R"(","text":"@kanal 7")" + versions;
  world.x.posts[later] =
      R"({"id":")" + later + R"(","author_id":"42","text":"Jalan Gajah Mada 7")" + versions;
  const std::vector page{rechecks.ids[7]};
  for (int i = 0; i < 3; ++i) {
    CHECK(world.channel->recheck(world.cursor, page).value().posts.size() == 1);
    world.clock.advance(1min);
  }
}

TEST_CASE("a picture that cannot be had keeps back neither deletions nor other changes") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.x.posts.erase(rechecks.ids[3].value());
  const auto change = [&](std::size_t place, const std::string& more) {
    const auto first = rechecks.ids[place].value();
    const auto later = std::to_string(world.next++);
    const auto versions = R"(,"edit_history_tweet_ids":[")" + first + "\",\"" + later + "\"]}";
    world.x.posts[first] = R"({"id":")" + first + R"(","text":"@kanal")" + versions;
    world.x.posts[later] =
        R"({"id":")" + later + R"(","author_id":"42","text":"Jalan baru")" + more + versions;
  };
  change(5, R"(,"attachments":{"media_keys":["3_1"]})");
  change(6, "");
  world.x.includes = R"("media":[{"media_key":"3_1","type":"photo",)"
                     R"("url":"https://api.x.com/media/1.jpg"}])";
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.starts_with("/media/")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(503, "{}"));
  };
  const auto batch = world.channel->recheck(world.cursor, {rechecks.ids.data(), 100});
  REQUIRE(batch);
  CHECK(batch->signals.size() == 1);
  CHECK(batch->posts.size() == 1);
}

TEST_CASE("a round that cannot begin is told too") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  const auto lag = [&]() -> std::optional<double> {
    for (auto& meter : world.channel->usage().meters) {
      if (meter.what == "recheck_hours") return meter.used;
    }
    return std::nullopt;
  };
  rechecks.round();
  world.settings.caps.reads_per_month = 300;
  world.open();
  REQUIRE(world.poll());
  CHECK_FALSE(lag());
  world.clock.advance(22h);
  CHECK(world.channel->wanted(world.cursor).most == 0);
  REQUIRE(lag());
  CHECK(*lag() == 22);
}

}  // namespace
}  // namespace kanal::twitter
