#include <string>

#include <catch2/catch.hpp>

#include "core/rfc3339.hpp"
#include "web/api/api_fixture.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("a list is read page by page to its end") {
  ApiWorld world;
  Texts filed;
  for (int at = 0; at < 5; ++at) {
    filed.insert(filed.begin(), world.complaint("m" + std::to_string(at)));
  }
  Texts read;
  std::string next;
  do {
    const auto page =
        world.get("admin", "/reports?most=2" + (next.empty() ? "" : "&before=" + next));
    for (const auto& code : codes_in(page)) read.push_back(code);
    next = page.text("next");
  } while (!next.empty());
  CHECK(read == filed);
  CHECK(codes_in(world.get("admin", "/reports?state=at_unit&state=received")) == filed);
  CHECK(codes_in(world.get("admin", "/reports?state=at_unit")).empty());
}

TEST_CASE("a list goes on behind a report that has left the office meanwhile") {
  ApiWorld world;
  Texts filed;
  for (int at = 0; at < 3; ++at) {
    filed.insert(filed.begin(), world.complaint("m" + std::to_string(at)));
    REQUIRE(world.act("admin", filed[0], R"({"event":"verify","agency":"buleleng"})").status ==
            200);
  }
  const auto next = world.get("buleleng", "/reports?most=2").text("next");
  CHECK(next == filed[1]);
  REQUIRE(world.act("buleleng", next, R"({"event":"give_back","reason":"not ours"})").status ==
          204);
  CHECK(codes_in(world.get("buleleng", "/reports?most=2&before=" + next)) == Texts{filed[2]});
}

TEST_CASE("the outbox is read page by page to its end") {
  ApiWorld world;
  for (int at = 0; at < 3; ++at) world.complaint("m" + std::to_string(at));
  std::vector<std::int64_t> read;
  std::string before;
  do {
    const auto page = world.get("teknis", "/outbox?state=owed&most=2" + before);
    for (const auto& reply : page.find("replies")->array) {
      read.push_back(reply.find("id")->integer);
    }
    const auto* next = page.find("next");
    before = next == nullptr ? "" : "&before=" + std::to_string(next->integer);
  } while (!before.empty());
  CHECK(read.size() == world.store->outbox({}, ReplyState::owed, 9).value().size());
  CHECK(read.size() > 2);
  CHECK(std::ranges::is_sorted(read, std::ranges::greater()));
  CHECK(world.status("teknis", "/outbox?before=0") == 422);
}

TEST_CASE("blocked senders are read page by page to the last") {
  ApiWorld world;
  world.database.ask(
      "INSERT INTO reporter (channel, lookup, sealed, first_seen, blocked)"
      " SELECT 'mail', ('x' || n)::bytea, '', now(), true"
      " FROM generate_series(1, 201) AS n");
  const auto first = world.get("admin", "/senders/blocked");
  REQUIRE(first.find("blocked")->array.size() == 200);
  const auto next = first.find("next")->integer;
  const auto last = world.get("admin", "/senders/blocked?before=" + std::to_string(next));
  CHECK(last.find("blocked")->array.size() == 1);
  CHECK(last.find("next") == nullptr);
}

TEST_CASE("nobody learns from a page's end that a confidential report exists") {
  ApiWorld world;
  const auto secret = world.complaint("m1");
  REQUIRE(world.act("admin", secret, R"({"event":"correct","confidential":true})").status == 200);
  CHECK(world.status("", "/reports?before=" + secret) == 422);
  CHECK(world.status("", "/reports?before=" + make_tracking_code(77).value()) == 422);
}

TEST_CASE("a network searches no more than its share, and officers search on") {
  ApiWorld world;
  world.complaint("m1");
  for (int i = 0; i < 60; ++i) CHECK(world.status("", "/reports?words=jalan") == 200);
  const auto refused = world.call("", "GET", "/reports?words=jalan");
  CHECK(refused.status == 429);
  CHECK(refused.header("retry-after") == "180");
  CHECK(world.status("", "/reports") == 200);
  CHECK(world.status("admin", "/reports?words=jalan") == 200);
}

TEST_CASE("who asks for another office's reports gets none, and not the own ones instead") {
  ApiWorld world;
  const auto roads = world.complaint("m1");
  world.dispose(roads);
  CHECK(codes_in(world.get("buleleng", "/reports?agency=buleleng")) == Texts{roads});
  CHECK(codes_in(world.get("buleleng", "/reports?agency=kemenpu")).empty());
  CHECK(codes_in(world.get("buleleng", "/reports?unit=dlh")).empty());
  CHECK(codes_in(world.get("putr", "/reports?unit=putr&agency=buleleng")) == Texts{roads});
  CHECK(codes_in(world.get("putr", "/reports?unit=dlh")).empty());
  CHECK(codes_in(world.get("putr", "/reports?agency=kemenpu")).empty());
}

TEST_CASE("a report's clock turns amber in its last days, and red when they are over") {
  ApiWorld world;
  const auto code = world
                        .report(world.store->report(world.file(world.post("m1", "Jalan rusak")))
                                    .value()
                                    ->code.value())
                        .code.value();
  const auto colour = [&](std::chrono::hours left, const std::string& state) {
    world.database.ask("UPDATE report SET state = '" + state + "', due_at = '" +
                       print_rfc3339(world.clock.now() + left) + "'");
    return world.get("admin", "/reports/" + code).text("timeliness_colour");
  };
  using std::chrono::hours;
  CHECK(colour(hours(24 * 30), "received") == "green");
  CHECK(colour(hours(20), "received") == "amber");
  CHECK(colour(hours(-1), "received") == "red");
  CHECK(colour(hours(20), "answered") == "green");
}

}  // namespace
}  // namespace kanal::testing
