#include "connectors/open311/open311.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "tests/support/connector_world.hpp"

namespace kanal::open311 {
namespace {

const std::string k_key = "kunci-jalanku-0123";
const std::string k_other_key = "kunci-kotaku-45678";

struct Bench : test::ConnectorWorld<> {
  Bench()
      : ConnectorWorld(
            Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}) + std::chrono::hours(3),
            Organisation::shipped()) {}
  Open311 channel{Settings{}, {{"jalanku", k_key, 600}, {"kotaku", k_other_key, 600}}, around};

  Received receive(const std::string& body, const std::string& path = "requests.json",
                   const std::string& query = {},
                   const std::string& type = "application/x-www-form-urlencoded",
                   const std::string& method = "POST") const {
    return channel.receive({method, path, query, {{"content-type", type}}, body, "192.0.2.7"})
        .value();
  }
};

const std::string k_light =
    "service_code=street_light&lat=-8.112&long=115.088&description=Lampu+mati";

TEST_CASE("a request is a post of the application that holds the key") {
  const Bench bench;
  const auto received = bench.receive("api_key=" + k_key + "&" + k_light);
  REQUIRE(received.posts.size() == 1);
  const auto& post = received.posts[0];
  CHECK(post.id.value().starts_with("jalanku-r-"));
  CHECK(post.author.id == post.id);
  CHECK(post.payload.find(k_key) == std::string::npos);
  const auto other = bench.receive("api_key=" + k_other_key + "&" + k_light);
  REQUIRE(other.posts.size() == 1);
  CHECK_FALSE(bench.channel.is_same_application(post.id, other.posts[0].id));
  CHECK(bench.channel.is_same_application(post.id, ExternalId("jalanku-u-1")));
}

TEST_CASE("a key may stand in the address") {
  const Bench bench;
  CHECK(bench.receive(k_light, "requests.xml", "api_key=" + k_key).posts.size() == 1);
}

TEST_CASE("who writes is the same wherever the key stands") {
  const Bench bench;
  const auto body = k_light + "&account_id=u7";
  const auto author = [&](const std::string& more, const std::string& query) {
    return bench.channel.author_of({"POST", "servicerequestupdates.json", query, {}, more, ""});
  };
  const auto posted = bench.receive(body, "requests.json", "api_key=" + k_key).posts.at(0).author;
  CHECK(author("api_key=" + k_key + "&" + body, "") == posted.id);
  CHECK(author(body, "api_key=" + k_key) == posted.id);
}

TEST_CASE("without a key that is known nothing is read, and the answer is the standard's") {
  const Bench bench;
  const auto none = bench.receive(k_light);
  CHECK(none.posts.empty());
  CHECK(none.answer.status == 403);
  CHECK(none.answer.type == "application/json; charset=utf-8");
  CHECK(none.answer.body == R"([{"code":403,"description":"api_key was not provided."}])");
  const auto wrong = bench.receive("api_key=" + k_key + "x&" + k_light, "requests.xml");
  CHECK(wrong.posts.empty());
  CHECK(wrong.answer.status == 403);
  CHECK(wrong.answer.type == "text/xml; charset=utf-8");
  CHECK(wrong.answer.body ==
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<errors><error><code>403</code>"
        "<description>api_key is not known.</description></error></errors>\n");
}

TEST_CASE("the same words within a day are the same request, and the next day another") {
  Bench bench;
  const auto body = "api_key=" + k_key + "&" + k_light;
  const auto first = bench.receive(body).posts.at(0).id;
  bench.clock.advance(std::chrono::minutes(5));
  CHECK(bench.receive(body).posts.at(0).id == first);
  CHECK(bench.receive(body + "+lagi").posts.at(0).id != first);
  bench.clock.advance(std::chrono::hours(24));
  CHECK(bench.receive(body).posts.at(0).id != first);
}

TEST_CASE("an update is known by its report and its own number") {
  const Bench bench;
  const auto body = [code = make_tracking_code(7).value()](const std::string& number,
                                                           const std::string& text) {
    return "api_key=" + k_key + "&service_request_id=" + code + "&update_id=" + number +
           "&updated_datetime=2026-03-02T10:00:00Z&status=OPEN&description=" + text;
  };
  const auto path = "servicerequestupdates.xml";
  const auto first = bench.receive(body("1", "a"), path);
  REQUIRE(first.posts.size() == 1);
  CHECK(first.posts[0].id.value().starts_with("jalanku-u-"));
  CHECK(bench.receive(body("1", "b"), path).posts.at(0).id == first.posts[0].id);
  CHECK(bench.receive(body("2", "a"), path).posts.at(0).id != first.posts[0].id);
}

TEST_CASE("what is no form, no post or no resource is refused in the format that was asked for") {
  const Bench bench;
  const auto body = "api_key=" + k_key + "&" + k_light;
  CHECK(bench.receive(body, "requests.json", "", "application/json").answer.status == 400);
  CHECK(bench.receive(body, "requests.json", "", "multipart/form-data; boundary=x").answer.status ==
        400);
  CHECK(bench.receive(body, "requests.json", "", "").posts.size() == 1);
  for (const auto* path : {"", "services.json", "requests.yaml", "requests/1.json", "tokens/1.xml",
                           "requests.json/x", "/"}) {
    INFO(path);
    const auto received = bench.receive(body, path);
    CHECK(received.posts.empty());
    CHECK(received.answer.status == 404);
  }
  CHECK(bench.receive(body, "requests.json", "", "", "GET").answer.status == 404);
}

TEST_CASE("all faults of a request come in one answer") {
  const Bench bench;
  const auto received = bench.receive("api_key=" + k_key);
  CHECK(received.answer.status == 400);
  CHECK(received.answer.body ==
        R"([{"code":400,"description":"service_code was not provided."},)"
        R"({"code":400,"description":"A location was not provided: lat and long, )"
        R"(address_string or address_id."}])");
}

TEST_CASE("a reply is delivered by standing where it is looked up") {
  Bench bench;
  std::vector<Reply> replies(2);
  replies[0].key = "1.1.apps";
  replies[1].key = "1.2.apps";
  const auto receipts = bench.channel.send(replies);
  REQUIRE(receipts.size() == 2);
  CHECK(receipts[1]->delivered);
  CHECK(receipts[1]->id.value() == "1.2.apps");
  // Also when the process died before it had said so.
  const auto stands = bench.channel.confirm(replies[0]);
  REQUIRE(stands);
  REQUIRE(*stands);
  CHECK((*stands)->delivered);
  CHECK((*stands)->id.value() == "1.1.apps");
}

Result<std::unique_ptr<Connector>> made_of(const std::string& toml) {
  return Bench().create("open311", ChannelName("apps"), toml);
}

TEST_CASE("keys that are short or shared, and names that are none, stop the start") {
  ::setenv("KANAL_OPEN311_LONG", k_key.c_str(), 1);
  ::setenv("KANAL_OPEN311_SHORT", "123", 1);
  const std::string good = "[applications.jalanku]\nkey = \"env:KANAL_OPEN311_LONG\"\n";
  CHECK(made_of(good));
  CHECK(made_of(""));
  const auto error = [](const std::string& toml) {
    const auto made = made_of(toml);
    REQUIRE_FALSE(made);
    CHECK(made.error().remedy == Remedy::reconfigure);
    return made.error().message;
  };
  CHECK(error(good + "[applications.kotaku]\nkey = \"env:KANAL_OPEN311_LONG\"\n")
            .find("two applications have one api_key") != std::string::npos);
  CHECK(error("[applications.jalanku]\nkey = \"env:KANAL_OPEN311_SHORT\"\n")
            .find("at least 16 characters") != std::string::npos);
  CHECK(
      error("[applications.Jalan-Ku]\nkey = \"env:KANAL_OPEN311_LONG\"\n").find("small letters") !=
      std::string::npos);
  CHECK(error("[applications.jalanku]\n").find("key") != std::string::npos);
}

}  // namespace
}  // namespace kanal::open311
