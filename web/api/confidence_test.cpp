#include <catch2/catch.hpp>

#include "web/api/api_fixture.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("a confidential report's messages are found by nothing that would tell who wrote them") {
  ApiWorld world;
  const auto open = world.complaint("m1", "Lampu mati");
  const auto secret = world.complaint("m2", "Pungutan liar");
  world.complaint("m3", "Sampah");
  REQUIRE(world.act("admin", secret, R"({"event":"correct","confidential":true})").status == 200);
  const auto found = [&](const std::string& user, const std::string& query) {
    std::vector<std::int64_t> ids;
    const auto list = world.get(user, "/messages?" + query);
    for (const auto& each : list.find("messages")->array) ids.push_back(each.find("id")->integer);
    return ids;
  };
  using Ids = std::vector<std::int64_t>;
  const std::string made = "sender=made%40example.org";
  CHECK(found("admin", made) == Ids{3, 2, 1});
  CHECK(found("auditor", made) == Ids{3, 2, 1});
  CHECK(found("monitor", made) == Ids{3, 1});
  // Nor by a gap in the pages.
  const auto page = world.get("monitor", "/messages?most=2&" + made);
  CHECK(page.find("messages")->array.size() == 2);
  CHECK(page.find("next")->integer == 1);
  CHECK(found("monitor", "words=Pungutan").empty());
  CHECK(found("monitor", "channel=mail") == Ids{3, 2, 1});
}

TEST_CASE("a message that asks to stay confidential is, as long as it waits") {
  ApiWorld world;
  const auto open = world.complaint("m1", "Lampu mati");
  auto secret = world.post("m2", "Pungutan liar", "wayan@example.org");
  secret.hints.confidential = true;
  REQUIRE(world.hold(secret));
  secret.id = ExternalId("m3");
  REQUIRE(world.hold(secret, world.report(open).id));
  for (const auto* path : {"/messages/2", "/messages/3"}) {
    CHECK(world.get("monitor", path).find("text") == nullptr);
    CHECK(world.get("admin", path).text("text") == "Pungutan liar");
  }
  const auto posts = "/reports/" + open + "/posts";
  CHECK(world.call("monitor", "GET", posts).body.find("Pungutan") == std::string::npos);
  CHECK(world.call("monitor", "GET", posts).body.find("Lampu") != std::string::npos);
  CHECK(world.call("admin", "GET", posts).body.find("Pungutan") != std::string::npos);
  for (const auto* query : {"words=pungutan", "sender=wayan%40example.org"}) {
    const auto found = [&](const std::string& user) {
      return world.get(user, "/messages?" + std::string(query)).find("messages")->array.size();
    };
    CHECK(found("monitor") == 0);
    CHECK(found("auditor") == 2);
  }
  const auto* why = R"({"reason":"no complaint"})";
  for (const auto* path : {"/messages/2/promote", "/messages/3/promote"}) {
    CHECK(world.call("monitor", "POST", path).status == 404);
  }
  for (const auto* path : {"/messages/2/discard", "/messages/3/discard"}) {
    CHECK(world.call("monitor", "POST", path, why).status == 404);
    CHECK(world.call("admin", "POST", path, why).status == 204);
  }
}

TEST_CASE("how many people passed a report on is told to whoever may read it") {
  ApiWorld world;
  const auto open = world.complaint("m1", "Lampu mati");
  const auto quiet = world.complaint("m2", "Sampah");
  world.pass_on("m1", 2);
  const auto support = [&](const std::string& user, const std::string& code) {
    const auto report = world.get(user, "/reports/" + code);
    const auto* told = report.find("support");
    return told == nullptr ? -1 : told->integer;
  };
  CHECK(support("monitor", open) == 2);
  CHECK(support("monitor", quiet) == 0);
  const auto list = world.get("monitor", "/reports");
  for (const auto& each : list.find("reports")->array) {
    CHECK(each.find("support")->integer == (each.text("code") == open ? 2 : 0));
  }
  const auto done = world.act("admin", open, R"({"event":"correct","confidential":true})");
  CHECK(done.body.find(R"("support":2)") != std::string::npos);
  CHECK(support("monitor", open) == -1);
  CHECK(support("auditor", open) == 2);
  CHECK(world.get("monitor", "/reports/" + open + "/posts").find("posts")->array.size() == 1);
}

}  // namespace
}  // namespace kanal::testing
