#include "connectors/lapor/lapor.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "connectors/lapor/complaint.hpp"
#include "connectors/office_words.hpp"
#include "format/json.hpp"
#include "tests/support/connector_world.hpp"

namespace kanal::lapor {
namespace {

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
const ChannelName k_channel("lapor");

/// The parts of the API that are known, on no network.
class Api final : public Http {
 public:
  Result<HttpReply> fetch(const HttpCall& call) override {
    calls.push_back(call);
    if (away) return fail(Remedy::uncertain, "no answer in time");
    if (call.url.ends_with("/complaint/file")) {
      return HttpReply{200, {}, R"({"results":{"docs":[{"id":7},{"id":8}]}})"};
    }
    if (call.method == "POST") return HttpReply{status, {}, R"({"results":{"complaint_id":4711}})"};
    if (call.url.ends_with("/followups")) return HttpReply{200, {}, followups};
    if (!page.empty()) return HttpReply{status, {}, page};
    if (call.url.find("/666/") != std::string::npos) return HttpReply{broken, {}, "{}"};
    return HttpReply{
        status, {}, R"({"results":{"status_code":2,"status_name":")" + standing + R"("}})"};
  }
  bool away = false;
  int status = 200;
  std::string page;  ///< what any web server answers, in place of what is known
  int broken = 500;  ///< the status of complaint 666, which says nothing else
  std::string standing = "Belum Terverifikasi";
  std::string followups = R"({"results":[]})";
  std::vector<HttpCall> calls;
};

struct House : test::ConnectorWorld<Api> {
  std::unique_ptr<Connector> connector;
  Cursor cursor;

  House() : ConnectorWorld(k_now) {
    organisation.time_zone = "Asia/Makassar";
    ::setenv("KANAL_TEST_LAPOR", "rahasia-lapor", 1);
    const auto* const toml =
        "url = \"https://lapor.example/3.0.0\"\nclassification = 6\ncategory = 1\n"
        "location = 5108\ndisposition = 99\n[categories]\nroad = 12\n"
        "[headers]\nX-Key = \"env:KANAL_TEST_LAPOR\"\nAuthorization = \"env:KANAL_TEST_LAPOR\"\n";
    connector = create("lapor", k_channel, toml).value();
  }
  Result<Receipt> send(const Reply& reply) { return connector->send(std::span(&reply, 1)).at(0); }
  std::string follow() {
    clock.advance(std::chrono::hours(1));
    const Outstanding sent{"41.3.7.lapor", ExternalId("4711"), "id"};
    auto batch = dynamic_cast<Follower&>(*connector).follow(std::span(&sent, 1), cursor, {});
    INFO((batch ? "" : batch.error().message));
    REQUIRE(batch);
    cursor = batch->next;
    return batch->posts.empty() ? std::string() : batch->posts.at(0).text;
  }
};

Reply handed_over(const std::string& news = "handed") {
  Reply reply;
  reply.key = "41.3.7.lapor";
  reply.code = TrackingCode("123456789016");
  reply.address = "lapor";
  reply.language = "id";
  reply.text =
      R"({"news":")" + news +
      R"(","words":"Masih rusak","title":"Lubang","text":"Jalan berlubang","category":"road",)"
      R"("received_at":"2026-03-01T20:30:00Z","anonymous":true})";
  return reply;
}

TEST_CASE("a report that is handed over is made a complaint, in the fields that are known") {
  House house;
  const auto sent = house.send(handed_over());
  REQUIRE(sent);
  CHECK(sent->id.value() == "4711");
  REQUIRE(house.http.calls.size() == 1);
  const auto& call = house.http.calls[0];
  CHECK(call.url == "https://lapor.example/3.0.0/complaints/complaint");
  REQUIRE(call.headers.size() == 3);
  CHECK(call.headers[0].second == "rahasia-lapor");
  const auto body = Json::parse(call.body).value();
  CHECK(body.text("title") == "Lubang");
  CHECK(body.text("content") ==
        "Lubang\nJalan berlubang\nKanal 123456789016 " + marker_of(handed_over()));
  CHECK(body.find("category_id")->integer == 12);
  CHECK(body.find("classification_id")->integer == 6);
  CHECK(body.find("disposition_id")->integer == 99);
  CHECK(body.text("date_of_incident") == "02-03-2026 04:30:00");
  CHECK(body.find("is_anonymous")->boolean);
  CHECK_FALSE(body.find("is_secret")->boolean);
}

TEST_CASE("files go first, and the complaint names them") {
  House house;
  const auto file =
      std::filesystem::temp_directory_path() / ("kanal-lapor-" + std::to_string(::getpid()));
  std::ofstream(file) << "isi berkas";
  auto reply = handed_over();
  reply.attachments.push_back({.name = "ja\"lan\r\n.jpg",
                               .type = "image/jpeg",
                               .bytes = {},
                               .file = file,
                               .size_bytes = 10,
                               .sha256 = "abc"});
  REQUIRE(house.send(reply));
  REQUIRE(house.http.calls.size() == 2);
  const auto& upload = house.http.calls[0].body;
  CHECK(upload.find("name=\"attachments[]\"; filename=\"jalan.jpg\"\r\n") != std::string::npos);
  CHECK(upload.find("\r\n\r\nisi berkas\r\n--") != std::string::npos);
  const auto body = Json::parse(house.http.calls[1].body).value();
  REQUIRE(body.find("attachments")->array.size() == 2);
  CHECK(body.find("attachments")->array[1].integer == 8);
  std::filesystem::remove(file);
}

TEST_CASE("a deadline is told as a day in the office's language and zone") {
  House house;
  auto reply = handed_over();
  reply.text.insert(1, R"("due_at":"2026-03-09T15:59:59Z",)");
  REQUIRE(house.send(reply));
  const auto content = Json::parse(house.http.calls.back().body).value().text("content");
  CHECK(content.find("\nBatas waktu: 9 Maret 2026\n") != std::string::npos);
}

TEST_CASE("the connection is tested by a question about nobody's complaint") {
  House house;
  auto& probe = dynamic_cast<Probe&>(*house.connector);
  const auto passes = [&] { return probe.probe("").at(0).passed; };
  CHECK(passes());
  CHECK(house.http.calls.back().method == "GET");
  CHECK(house.http.calls.back().url == "https://lapor.example/3.0.0/complaints/0/complaint");
  house.http.status = 404;
  CHECK(passes());
  // Any web server answers an address that it does not know.
  for (const int status : {200, 404}) {
    house.http.status = status;
    house.http.page = "<html>Not found</html>";
    CHECK_FALSE(passes());
  }
  house.http.page.clear();
  house.http.status = 401;
  CHECK_FALSE(passes());
  house.http.away = true;
  CHECK_FALSE(passes());
}

TEST_CASE("a doubtful complaint is a person's to settle, and what cannot be told is said") {
  House house;
  house.http.away = true;
  CHECK(house.send(handed_over()).error().remedy == Remedy::uncertain);
  CHECK(dynamic_cast<Confirmer*>(house.connector.get()) == nullptr);
  house.http.away = false;
  house.http.status = 404;
  CHECK(house.send(handed_over()).error().remedy == Remedy::reconfigure);
  house.http.status = 422;
  CHECK(house.send(handed_over()).error().remedy == Remedy::drop);
  house.http.status = 200;
  CHECK(house.send(handed_over("added")).error().remedy == Remedy::drop);
  CHECK(house.send(handed_over("back")).error().remedy == Remedy::retry);
  auto back = handed_over("back");
  back.references = {ExternalId("4711")};
  REQUIRE(house.send(back));
  CHECK(Json::parse(house.http.calls.back().body)->text("content").find("4711") !=
        std::string::npos);
  auto confidential = handed_over();
  confidential.confidential = true;
  CHECK(house.send(confidential).error().remedy == Remedy::drop);
}

TEST_CASE("what becomes of a complaint moves the report, once each") {
  House house;
  CHECK(house.follow().empty());
  house.http.standing = "Dalam Proses";
  CHECK(house.follow() == "PROSES\n");
  CHECK(house.follow().empty());
  house.http.standing = "Selesai";
  house.http.followups = R"({"results":[{"content":"Dicek"},{"content":"Sudah ditambal."}]})";
  CHECK(house.follow() == "SELESAI\nSudah ditambal.");
  CHECK(house.follow().empty());
  house.http.standing = "Diarsipkan";
  CHECK(house.follow().starts_with("STATUS\n"));
  house.http.standing = "Ditolak";
  CHECK(house.follow() == "BUKAN KAMI\nSudah ditambal.");
}

TEST_CASE("a complaint that the other system breaks over is stepped over") {
  for (const int status : {500, 200}) {
    House house;
    house.http.broken = status;
    house.http.standing = "Selesai";
    const std::vector<Outstanding> sent{{"40.3.7.lapor", ExternalId("666"), "id"},
                                        {"41.3.7.lapor", ExternalId("4711"), "id"}};
    auto& follower = dynamic_cast<Follower&>(*house.connector);
    const auto batch = follower.follow(sent, {}, {});
    REQUIRE(batch);
    REQUIRE(batch->posts.size() == 1);
    CHECK(batch->posts[0].hints.thread_token == "41.3.7.lapor");
    // It is met again, and the round is over until the next is due.
    const auto asked = house.http.calls.size();
    REQUIRE(follower.follow(sent, batch->next, {}));
    CHECK(house.http.calls.size() == asked);
    house.clock.advance(std::chrono::hours(1));
    const auto alone = follower.follow({sent.data(), 1}, batch->next, {});
    REQUIRE_FALSE(alone);
    CHECK(alone.error().remedy == Remedy::retry);
  }
}

TEST_CASE("answers of another shape are not understood, and end nothing") {
  CHECK_FALSE(read_standing("{}", "", "id"));
  CHECK_FALSE(read_standing("<html>", "", "id"));
  CHECK(read_standing(R"({"status_name":"Selesai"})", "x", "en")->words ==
        "The office says that this has been dealt with.");
  CHECK(read_number("{\"results\":{\"complaint_id\":\"../x\"}}").empty());
  CHECK(read_number("[]").empty());
  CHECK(read_files("{}").empty());
}

}  // namespace
}  // namespace kanal::lapor
