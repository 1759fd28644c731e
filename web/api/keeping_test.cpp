#include <catch2/catch.hpp>

#include "format/picture_fixture.hpp"
#include "web/api/api_fixture.hpp"

namespace kanal::testing {
namespace {

/// One message that nobody could read.
void quarantine(ApiWorld& world) {
  auto batch = world.batch({});
  batch.unreadable.push_back({ExternalId("q1"), "raw \x01 bytes", "torn"});
  REQUIRE(world.store->commit(batch));
}

TEST_CASE("a file that came with a message is given to who may read it, under its own address") {
  ApiWorld world;
  auto post = world.post("m1", "Jalan berlubang");
  post.attachments.push_back({"jalan.jpg", "image/jpeg", "the picture's bytes", {}, 0, {}});
  const auto code = world.report(world.store->report(world.file(post)).value()->code.value()).code;
  world.dispose(code.value());
  const auto posts = world.get("putr", "/reports/" + code.value() + "/posts");
  const auto href = posts.find("posts")->array.at(0).find("attachments")->array.at(0).text("href");
  REQUIRE(href.starts_with("/api/v1/reports/"));
  const auto path = href.substr(std::string("/api/v1").size());
  const auto reply = world.call("putr", "GET", path);
  CHECK(reply.status == 200);
  CHECK(reply.header("content-type") == "image/jpeg");
  CHECK(reply.body == "the picture's bytes");
  CHECK(world.status("dlh", path) == 404);
  CHECK(world.status("", path) == 401);
  CHECK(world.status("putr", path + "1") == 404);
  const auto other = world.complaint("m2");
  CHECK(world.status("admin", "/reports/" + other + "/posts/1/files/0") == 404);
  REQUIRE(world.act("admin", code.value(), R"({"event":"correct","confidential":true})").status ==
          200);
  CHECK(world.status("monitor", path) == 404);
  CHECK(world.status("putr", path) == 200);
}

TEST_CASE("a file of the history is given to whoever may read its line") {
  ApiWorld world;
  Scratch scratch;
  const auto code = world.complaint("m1");
  world.dispose(code);
  const auto file = telling_jpeg(scratch);
  const auto form =
      "--edge\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\nanswer\r\n"
      "--edge\r\nContent-Disposition: form-data; name=\"words\"\r\n\r\nSudah.\r\n"
      "--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.jpg\"\r\n\r\n" +
      file + "\r\n--edge--\r\n";
  REQUIRE(world
              .ask("POST", "/api/v1/reports/" + code + "/events", form,
                   {{"Authorization", "Bearer " + world.tokens.at("putr")},
                    {"Content-Type", "multipart/form-data; boundary=edge"}})
              .status == 200);
  const auto history = world.get("", "/reports/" + code + "/history");
  const auto& line = history.find("history")->array.back();
  const auto href = line.find("files")->array.at(0).text("href");
  const auto reply = world.call("", "GET", href.substr(std::string("/api/v1").size()));
  CHECK(reply.status == 200);
  CHECK(reply.body.starts_with("\xff\xd8"));
  REQUIRE(world.act("admin", code, R"({"event":"correct","confidential":true})").status == 200);
  CHECK(world.status("", href.substr(std::string("/api/v1").size())) == 404);
}

TEST_CASE("what came is given as it came to who may read it, for a reason that is recorded") {
  ApiWorld world;
  world.complaint("m1");
  quarantine(world);
  for (const std::string path : {"/messages/1/raw", "/quarantine/1/raw"}) {
    CHECK(world.call("admin", "POST", path, "{}").status == 422);
    CHECK(world.call("admin", "POST", path, R"({"reason":"   "})").status == 422);
    CHECK(world.call("monitor", "POST", path, R"({"reason":"curious"})").status == 403);
    // A reason in an address would stand in logs, and whoever fetches again would read again.
    CHECK(world.status("admin", path + "?why=curious") == 405);
  }
  CHECK(world.acts().empty());
  const auto raw =
      world.call("auditor", "POST", "/messages/1/raw", R"({"reason":"a court's order"})");
  CHECK(raw.status == 200);
  CHECK(raw.body == "raw m1");
  CHECK(raw.header("content-type") == "application/octet-stream");
  CHECK(world.call("teknis", "POST", "/quarantine/1/raw", R"({"reason":"torn here"})").body ==
        "raw \x01 bytes");
  CHECK(world.acts() ==
        "auditor payload post 1 a court's order\n"
        "teknis payload quarantine 1 torn here");
  for (const std::string path : {"/messages/9/raw", "/quarantine/9/raw"}) {
    CHECK(world.call("admin", "POST", path, R"({"reason":"missing"})").status == 404);
  }
}

TEST_CASE("one quarantined message is told of by its number") {
  ApiWorld world;
  quarantine(world);
  CHECK(world.get("teknis", "/quarantine/1").text("reason") == "torn");
  CHECK(world.status("teknis", "/quarantine/2") == 404);
  CHECK(world.status("putr", "/quarantine/1") == 403);
}

TEST_CASE("a sender is blocked by what they wrote, listed, and let through again") {
  ApiWorld world;
  world.complaint("m1");
  const std::string why = R"({"reason":"threats"})";
  CHECK(world.call("putr", "POST", "/messages/1/block", why).status == 403);
  CHECK(world.call("monitor", "POST", "/messages/1/block", R"({"reason":"   "})").status == 422);
  CHECK(world.call("monitor", "POST", "/messages/9/block", why).status == 404);
  CHECK(world.call("monitor", "POST", "/messages/1/block", why).status == 204);
  const auto list = world.get("admin", "/senders/blocked");
  REQUIRE(list.find("blocked")->array.size() == 1);
  const auto& sender = list.find("blocked")->array[0];
  CHECK(sender.text("reason") == "threats");
  CHECK(sender.find("newest_message")->integer == 1);
  CHECK(sender.text("channel") == "mail");
  const auto path = "/senders/blocked/" + std::to_string(sender.find("id")->integer) + "/unblock";
  CHECK(world.call("admin", "POST", path, R"({"reason":"apologised"})").status == 204);
  CHECK(world.call("admin", "POST", path, R"({"reason":"apologised"})").status == 404);
  CHECK(world.get("admin", "/senders/blocked").find("blocked")->array.empty());
}

TEST_CASE("who may not know a confidential report's sender neither blocks nor recognises them") {
  ApiWorld world;
  const auto code = world.complaint("m1");
  REQUIRE(world.act("admin", code, R"({"event":"correct","confidential":true})").status == 200);
  const std::string why = R"({"reason":"threats"})";
  CHECK(world.call("monitor", "POST", "/messages/1/block", why).status == 404);
  CHECK(world.call("admin", "POST", "/messages/1/block", why).status == 204);
  const auto list = world.get("monitor", "/senders/blocked");
  CHECK(list.find("blocked")->array.at(0).find("newest_message") == nullptr);
}

TEST_CASE("no officer reads the key of a reporter's own link, whoever quotes it") {
  ApiWorld world;
  const std::string key = "AbC-dEf_0123456789xyzQ";
  const auto quoted = "https://kanal.example/r/271769347449?k=" + key;
  auto post = world.post("m1", quoted);
  post.hints.subject = quoted;
  const auto code = world.store->report(world.file(post)).value()->code.value();
  REQUIRE(world.act("admin", code, R"({"event":"correct","confidential":true})").status == 200);
  world.database.ask("UPDATE outbox SET text = '" + quoted + "', subject = '" + quoted + "'");
  // A mail program has broken the key over two lines.
  const std::string rest = key.substr(10);
  world.database.ask(R"(UPDATE post SET stages = '[{"stage":"screen","evidence":")" +
                     quoted.substr(0, quoted.size() - rest.size()) + R"(\n)" + rest +
                     R"(","decision":"pass","reason":"a complaint"}]')");
  for (const auto& path : {"/reports/" + code, "/reports/" + code + "/posts",
                           "/reports/" + code + "/replies", std::string("/messages/1")}) {
    const auto reply = world.call("admin", "GET", path);
    INFO(path << ": " << reply.body);
    CHECK(reply.status == 200);
    CHECK(reply.body.find("?k=█") != std::string::npos);
    CHECK(reply.body.find(key) == std::string::npos);
    CHECK(reply.body.find(rest) == std::string::npos);
  }
}

}  // namespace
}  // namespace kanal::testing
