#include "connectors/webhook/webhook.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "connectors/far_system.hpp"
#include "connectors/standard_webhook.hpp"
#include "connectors/webhook/messages.hpp"
#include "format/json.hpp"
#include "tests/support/connector_world.hpp"

namespace kanal::webhook {
namespace {

constexpr auto k_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
const ChannelName k_channel("putr");

/// Remembers what it was asked.
class Listener final : public Http {
 public:
  Result<HttpReply> fetch(const HttpCall& call) override {
    calls.push_back(call);
    return answer;
  }
  std::vector<HttpCall> calls;
  Result<HttpReply> answer = HttpReply{200, {}, ""};
};

struct System : test::ConnectorWorld<Listener> {
  std::unique_ptr<Connector> connector;

  System() : ConnectorWorld(k_now) {
    ::setenv("KANAL_TEST_WEBHOOK", k_secret, 1);
    connector = create("webhook", k_channel,
                       "url = \"https://putr.example/kanal\"\n"
                       "secret = \"env:KANAL_TEST_WEBHOOK\"\n")
                    .value();
  }
  [[nodiscard]] const Receiver& receiver() const {
    return dynamic_cast<const Receiver&>(*connector);
  }
};

Reply handed_over() {
  Reply reply;
  reply.key = "41.3.7.putr";
  reply.code = TrackingCode("123456789016");
  reply.address = "putr";
  reply.office = HandedTo{AgencyId("buleleng"), UnitId("putr")};
  reply.subject = "Laporan untuk ditindaklanjuti";
  reply.text = R"({"news":"handed","text":"Jalan \"rusak\"","possible":["answer"]})";
  return reply;
}

Delivery signed_request(const std::string& body, const std::string& at = "1772409600",
                        const std::string& secret = k_secret) {
  Delivery delivery;
  delivery.method = "POST";
  delivery.body = body;
  delivery.headers = {{"webhook-id", "msg_1"},
                      {"webhook-timestamp", at},
                      {"webhook-signature", standard_signature(secret, "msg_1", at, body)}};
  return delivery;
}

const std::string k_answer =
    R"({"type":"office.answer","timestamp":"2026-03-02T00:00:00Z",)"
    R"("data":{"key":"41.3.7.putr","event":"answer","words":"Sudah ditambal."}})";

TEST_CASE("a report that is handed over is posted signed, with its notice and its files") {
  System system;
  const auto directory =
      std::filesystem::temp_directory_path() / ("kanal-webhook-" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "file") << "isi";
  auto reply = handed_over();
  reply.attachments.push_back({.name = "jalan.jpg",
                               .type = "image/jpeg",
                               .bytes = {},
                               .file = directory / "file",
                               .size_bytes = 3,
                               .sha256 = "abc"});
  const auto sent = system.connector->send(std::vector{reply});
  REQUIRE(sent.at(0));
  CHECK(sent[0]->delivered);
  REQUIRE(system.http.calls.size() == 1);
  const auto& call = system.http.calls[0];
  CHECK(call.url == "https://putr.example/kanal");
  CHECK_FALSE(call.allow_private);
  Delivery delivery;
  delivery.headers = call.headers;
  delivery.body = call.body;
  const std::vector<std::string> secrets{k_secret};
  CHECK(verify_standard_webhook(delivery, secrets, std::chrono::seconds(300), k_now));
  CHECK(header(delivery, "webhook-id") == "41-3-7-putr");
  const auto message = Json::parse(call.body);
  REQUIRE(message);
  CHECK(message->text("type") == "report.handed_over");
  const auto& data = *message->find("data");
  CHECK(data.text("key") == "41.3.7.putr");
  CHECK(data.find("report")->text("text") == "Jalan \"rusak\"");
  REQUIRE(data.find("files")->array.size() == 1);
  CHECK(data.find("files")->array[0].text("content") == "aXNp");
  std::filesystem::remove_all(directory);
  CHECK(system.connector->send(std::vector{reply}).at(0).error().remedy == Remedy::retry);
}

TEST_CASE("what the other system answers decides what becomes of a request") {
  System system;
  const auto remedy = [&](int status) {
    system.http.answer = HttpReply{status, {{"retry-after", "7"}}, ""};
    const auto sent = system.connector->send(std::vector{handed_over()});
    REQUIRE_FALSE(sent.at(0));
    return sent[0].error();
  };
  CHECK(remedy(401).remedy == Remedy::reconfigure);
  CHECK(remedy(429).remedy == Remedy::throttled);
  CHECK(remedy(429).retry_after == std::chrono::seconds(7));
  CHECK(remedy(503).remedy == Remedy::retry);
  // It is known again by its webhook-id.
  CHECK(remedy(500).remedy == Remedy::retry);
  CHECK(remedy(502).remedy == Remedy::retry);
  CHECK(remedy(422).remedy == Remedy::drop);
  // It was not the message that was wrong.
  for (const int status : {301, 308, 404, 405, 410, 415, 501}) {
    INFO(status);
    CHECK(remedy(status).remedy == Remedy::reconfigure);
  }
  system.http.answer = fail(Remedy::uncertain, "no answer in time");
  CHECK(system.connector->send(std::vector{handed_over()}).at(0).error().remedy == Remedy::retry);
}

TEST_CASE("what is too late to be begun is owed as if it had not been taken up") {
  System system;
  auto reply = handed_over();
  reply.begin_before = k_now + std::chrono::seconds(1);
  auto late = reply;
  late.begin_before = k_now;
  const auto sent = system.connector->send(std::vector{late, reply});
  REQUIRE(sent.size() == 2);
  REQUIRE_FALSE(sent[0]);
  CHECK(sent[0].error().remedy == Remedy::throttled);
  CHECK(sent[0].error().of_this_alone);
  CHECK(sent[1]);
  CHECK(system.http.calls.size() == 1);
}

TEST_CASE("an office's answer by webhook names the message that it answers") {
  System system;
  const auto received = system.receiver().receive(signed_request(k_answer));
  REQUIRE(received);
  REQUIRE(received->posts.size() == 1);
  const auto& post = received->posts[0];
  CHECK(post.id.value() == "msg_1");
  CHECK(post.author.id.value() == "putr");
  CHECK(post.hints.thread_token == "41.3.7.putr");
  CHECK(post.text == "SELESAI\nSudah ditambal.");
  CHECK(received->answer.status == 202);
}

TEST_CASE("what is unsigned, altered, of another secret or too old is refused") {
  System system;
  const auto refused = [&](const Delivery& delivery) {
    const auto received = system.receiver().receive(delivery);
    return !received && received.error().remedy == Remedy::reconfigure;
  };
  auto bare = signed_request(k_answer);
  bare.headers.pop_back();
  CHECK(refused(bare));
  auto dotted = signed_request(k_answer);
  dotted.headers[0].second = "msg.1";
  const auto no_dot = system.receiver().receive(dotted);
  REQUIRE_FALSE(no_dot);
  CHECK(no_dot.error().message == "a webhook-id may hold no dot");
  auto altered = signed_request(k_answer);
  altered.body[altered.body.size() - 5] = 'x';
  CHECK(refused(altered));
  CHECK(refused(signed_request(k_answer, "1772409600", "whsec_bGFpbi1sYWluLWxhaW4tbGFpbi1sYWlu")));
  CHECK(refused(signed_request(k_answer, "1772409000")));
  CHECK(refused(signed_request(k_answer, "1772410200")));
}

TEST_CASE("a key that could be guessed is refused before anybody can use it") {
  for (const auto* secret : {"", "whsec_", "rahasia", "whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=",
                             "whsec_this is not base64 but long enough to be a key"}) {
    INFO(secret);
    const auto checked = check_standard_secret(secret);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().remedy == Remedy::reconfigure);
  }
  CHECK(check_standard_secret(k_secret));
  CHECK(check_standard_secret("a phrase of words, much longer than it needs to be"));
}

TEST_CASE("a request that cannot be understood is refused with what is missing") {
  const auto why = [](const std::string& body) {
    const auto post = read_message({"msg_1", "1772409600", body}, k_channel, {});
    REQUIRE_FALSE(post);
    CHECK(post.error().remedy == Remedy::drop);
    return post.error().message;
  };
  const std::string start = R"({"timestamp":"2026-03-02T00:00:00Z","type":)";
  CHECK(why("[") == "the body is not JSON");
  CHECK(why("{}") == "timestamp is missing");
  CHECK(why(start + R"("x","data":{}})") == "type must be complaint or office.answer");
  CHECK(why(start + R"("complaint","data":{"text":"x"}})") == "data.author.id is missing");
  CHECK(why(start + R"("complaint","data":{"author":{"id":"a"}}})") == "data.text is missing");
  CHECK(why(start + R"("office.answer","data":{"event":"answer"}})") == "data.key is missing");
  CHECK(why(start + R"("office.answer","data":{"key":"1.2.3.putr","event":"close"}})") ==
        "data.event must be answer, proceed, ask or not_ours");
}

TEST_CASE("http in the clear is for private networks only") {
  const auto problems_of = [](const std::string& text) {
    Problems problems;
    const auto table = Table::parse(text + "secret = \"env:X\"\n", "t.toml", problems);
    find_kind("webhook")->check(table, nullptr, problems);
    return print(problems);
  };
  CHECK(problems_of("url = \"http://putr.example/\"\n").find("t.toml:1: url") != std::string::npos);
  CHECK(problems_of("url = \"ftp://putr.example/\"\nprivate_network = true\n") != "");
  CHECK(problems_of("url = \"http://10.0.0.5/\"\nprivate_network = true\n").empty());
}

TEST_CASE("an address names a host, and a port that there can be") {
  const auto why = [](std::string_view url) { return why_not_called(url, true); };
  for (const auto* url : {"https://putr.example", "http://127.0.0.1:8080/hook", "http://[::1]:1/x",
                          "https://a:b@putr.example:443?x=1", "http://[::1]/"}) {
    INFO(url);
    CHECK(why(url).empty());
  }
  for (const auto* url : {"http://127.0.0.1:/hook", "http://127.0.0.1:0/", "http://[::1]:x/",
                          "https://putr.example:65536", "https://putr.example:443:1/"}) {
    INFO(url);
    CHECK(why(url) == "has no number for its port");
  }
  for (const auto* url : {"https://", "https:///kanal", "http://:80/", "https://a@/"}) {
    INFO(url);
    CHECK(why(url) == "names no host");
  }
}

TEST_CASE("a channel that only takes in needs no address, and one that sends is said to") {
  const auto needed = [](const std::string& text) {
    Problems problems;
    const auto table = Table::parse(text + "secret = \"env:X\"\n", "t.toml", problems);
    find_kind("webhook")->check(table, nullptr, problems);
    CHECK(print(problems).empty());
    return find_kind("webhook")->needed_to_send(table);
  };
  CHECK(needed("") == "url");
  CHECK(needed("url = \"https://putr.example/\"\n").empty());

  test::ConnectorWorld<Listener> world(k_now);
  ::setenv("KANAL_TEST_WEBHOOK", k_secret, 1);
  const auto made = world.create("webhook", k_channel, "secret = \"env:KANAL_TEST_WEBHOOK\"\n");
  REQUIRE(made);
  CHECK(dynamic_cast<const Receiver&>(**made).receive(signed_request(k_answer)));
  CHECK((*made)->send(std::vector{handed_over()}).at(0).error().remedy == Remedy::reconfigure);
  CHECK(dynamic_cast<Probe&>(**made).probe("").at(0).passed);
  CHECK(world.http.calls.empty());
}

}  // namespace
}  // namespace kanal::webhook
