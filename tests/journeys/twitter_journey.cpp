#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "tests/support/bridge_process.hpp"
#include "tests/support/sandbox_process.hpp"

namespace kanal::test {
namespace {

constexpr int k_patience_s = 180;

std::string settings(SandboxProcess& x) {
  // Looks without a pause: a slow machine would use the quarter of an hour up.
  x.order("POST", "/settings", R"({"limits":{"GET /2/users/:id/mentions":100000}})");
  std::string text = "[channel.x]\nkind = \"twitter\"\nhandle = \"kanal\"\napi_url = \"" +
                     x.ready("url") +
                     "\"\nstart_from = \"all\"\nmentions_every_s = 0\ntimeout_s = 20\n"
                     "replies_per_hour = 1000\n";
  for (const auto* key : {"consumer_key", "consumer_secret", "access_token", "access_secret"}) {
    const auto variable = std::string("KANAL_TEST_X_") + key;
    ::setenv(variable.c_str(), x.ready(key).c_str(), 1);
    text += std::string(key) + " = \"env:" + variable + "\"\n";
  }
  return text;
}

std::string citizen_posts(SandboxProcess& x, const std::string& who, const std::string& text,
                          const std::string& in_reply_to = {}) {
  JsonWriter body;
  body.begin_object().member("as", who).member("text", text);
  if (!in_reply_to.empty()) body.member("in_reply_to", in_reply_to);
  return x.order("POST", "/posts", body.end_object().take()).text("id");
}

/// Our answers to a post, oldest first.
std::vector<Json> answers_to(SandboxProcess& x, const std::string& id) {
  std::vector<Json> answers;
  const auto timeline = x.order("GET", "/timeline");
  for (const auto& post : timeline.find("posts")->array) {
    if (post.text("by") == "kanal" && post.text("in_reply_to") == id) answers.push_back(post);
  }
  return answers;
}

std::vector<Json> reports(const BridgeProcess& bridge) {
  return bridge.query({"report", "list", "--most", "1000"});
}

void officer_acts(const BridgeProcess& bridge, const std::string& code,
                  std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"report", "act", code});
  const auto finished = bridge.command(arguments);
  INFO(finished.err);
  REQUIRE(finished.code == 0);
}

TEST_CASE("a post that calls us becomes a report, and is acknowledged and answered there") {
  SandboxProcess x("twitter");
  BridgeProcess bridge(settings(x));
  bridge.start();
  const auto id =
      citizen_posts(x, "budi_s", "@kanal Jalan berlubang di depan Pasar Banyuasri, sudah 2 minggu");
  REQUIRE(eventually([&] { return answers_to(x, id).size() == 1; }, k_patience_s));
  REQUIRE(reports(bridge).size() == 1);
  const auto code = reports(bridge).at(0).text("code");
  const auto acknowledgement = answers_to(x, id).at(0).text("text");
  CHECK(acknowledgement.find(code) != std::string::npos);
  CHECK(acknowledgement.find("://") == std::string::npos);

  officer_acts(bridge, code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(bridge, code, {"dispose", "--as", "buleleng", "--unit", "putr"});
  officer_acts(bridge, code, {"accept", "--as", "putr"});
  officer_acts(bridge, code,
               {"answer", "--as", "putr", "--words", "Lubang sudah ditambal hari ini."});
  REQUIRE(eventually([&] { return answers_to(x, id).size() == 2; }, k_patience_s));
  const auto answer = answers_to(x, id).at(1);
  CHECK(answer.text("text").find("Lubang sudah ditambal") != std::string::npos);

  const auto dispute = citizen_posts(x, "budi_s", "BELUM, masih berlubang", answer.text("id"));
  REQUIRE(eventually(
      [&] {
        const auto report = bridge.query({"report", "show", code}).at(0);
        return report.text("state") != "answered";
      },
      k_patience_s));
  CHECK(reports(bridge).size() == 1);
  CHECK(bridge.stop() == 0);
}

TEST_CASE("the outcome stands below the post that called us, whatever its author added") {
  SandboxProcess x("twitter");
  BridgeProcess bridge(settings(x));
  const auto call = citizen_posts(x, "budi_s", "@kanal Jalan berlubang di Banyuasri (1/2)");
  const auto addition = citizen_posts(x, "budi_s", "Persis depan SMPN 4 (2/2)", call);
  bridge.start();
  REQUIRE(eventually([&] { return answers_to(x, call).size() == 1; }, k_patience_s));
  const auto code = reports(bridge).at(0).text("code");
  REQUIRE(eventually(
      [&] {
        const auto report = bridge.query({"report", "show", code}).at(0);
        const auto& history = report.find("history")->array;
        return std::ranges::any_of(history, [](const Json& entry) {
          return entry.text("words").find("SMPN 4") != std::string::npos;
        });
      },
      k_patience_s));
  officer_acts(bridge, code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(bridge, code, {"dispose", "--as", "buleleng", "--unit", "putr"});
  officer_acts(bridge, code, {"accept", "--as", "putr"});
  officer_acts(bridge, code, {"answer", "--as", "putr", "--words", "Sudah ditambal."});
  REQUIRE(eventually([&] { return answers_to(x, call).size() == 2; }, k_patience_s));
  CHECK(answers_to(x, addition).empty());
  CHECK(reports(bridge).size() == 1);
  CHECK(bridge.stop() == 0);
}

TEST_CASE("the photograph that an officer puts to the answer goes with it") {
  SandboxProcess x("twitter");
  BridgeProcess bridge(settings(x));
  bridge.start();
  const auto id = citizen_posts(x, "budi_s", "@kanal Trotoar ambles di depan Pasar Banyuasri");
  REQUIRE(eventually([&] { return answers_to(x, id).size() == 1; }, k_patience_s));
  const auto code = reports(bridge).at(0).text("code");
  officer_acts(bridge, code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(bridge, code, {"dispose", "--as", "buleleng", "--unit", "putr"});
  const auto token = bridge.command({"user", "token", "putr", "--label", "test"}).out;
  const auto photograph =
      from_base64(
          "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJ"
          "RU5ErkJggg==")
          .value();
  const auto sent = bridge.post(
      "/api/v1/reports/" + code + "/events", "multipart/form-data; boundary=batas",
      multipart("batas", {{"event", "answer"}, {"words", "Trotoarnya sudah kami perbaiki."}},
                FormFile{"files", "sesudah.png", "image/png", photograph}),
      {{"Authorization", "Bearer " + std::string(trim(token))}});
  INFO(sent.body);
  REQUIRE(sent.status == 200);
  REQUIRE(eventually([&] { return answers_to(x, id).size() == 2; }, k_patience_s));
  const auto answer = answers_to(x, id).at(1);
  CHECK(answer.text("text").find("sudah kami perbaiki") != std::string::npos);
  REQUIRE(answer.find("picture_bytes") != nullptr);
  CHECK(answer.find("picture_bytes")->integer == static_cast<std::int64_t>(photograph.size()));
  CHECK(bridge.stop() == 0);
}

TEST_CASE("who passes a complaint on supports its report, and is told nothing") {
  SandboxProcess x("twitter");
  BridgeProcess bridge(settings(x));
  bridge.start();
  const auto id =
      citizen_posts(x, "budi_s", "@kanal Jalan berlubang di depan Pasar Banyuasri #DLH");
  REQUIRE(eventually([&] { return answers_to(x, id).size() == 1; }, k_patience_s));
  const auto code = reports(bridge).at(0).text("code");
  const auto before = bridge.query({"report", "show", code}).at(0);
  CHECK(before.text("agency") == "buleleng");
  CHECK(before.find("support")->integer == 0);
  const auto pass_on = [&](const std::string& who, const std::string& text, const char* how) {
    JsonWriter body;
    body.begin_object().member("as", who).member("text", text).member(how, id);
    return x.order("POST", "/posts", body.end_object().take()).text("id");
  };
  const std::vector passed_on = {pass_on("ayu", "@kanal", "quotes"),
                                 pass_on("ayu", "RT @budi_s: @kanal Jalan", "repeats"),
                                 pass_on("wati", "RT @budi_s: @kanal Jalan", "repeats"),
                                 pass_on("budi_s", "@kanal naik lagi", "quotes")};
  REQUIRE(eventually(
      [&] {
        return bridge.query({"report", "show", code}).at(0).find("support")->integer == 2;
      },
      k_patience_s));
  // What comes behind them is read after them.
  const auto last = citizen_posts(x, "komang", "@kanal Lampu jalan mati di simpang Sukasada");
  REQUIRE(eventually([&] { return answers_to(x, last).size() == 1; }, k_patience_s));
  const auto after = bridge.query({"report", "show", code}).at(0);
  CHECK(after.find("support")->integer == 2);
  CHECK(after.find("history")->array.size() == before.find("history")->array.size());
  CHECK(after.find("replies")->array.size() == before.find("replies")->array.size());
  CHECK(reports(bridge).size() == 2);
  for (const auto& each : passed_on) CHECK(answers_to(x, each).empty());
  CHECK(bridge.command({"report", "show", code}).out.find("2 people passed it on") !=
        std::string::npos);

  const auto file = bridge.directory() / "quotation.json";
  std::ofstream(file) << R"({"data":[{"id":"1900000000000000001","author_id":"9","text":"@kanal",)"
                      << R"("referenced_tweets":[{"type":"quoted","id":")" << id << R"("}]}]})";
  const auto traced = bridge.query({"trace", "--channel", "x", file.string()}).at(0);
  CHECK(traced.text("fate") == "screened");
  CHECK(traced.find("support")->text("report") == code);
  CHECK(traced.find("support")->find("people")->integer == 2);
  CHECK(bridge.stop() == 0);
}

TEST_CASE("an answer that X posted without saying so is found again and not posted twice") {
  SandboxProcess x("twitter");
  BridgeProcess bridge(settings(x));
  x.order("POST", "/faults", R"({"on":"POST /2/tweets","fault":"503_posted"})");
  bridge.start();
  const auto id = citizen_posts(x, "ayu", "@kanal Lampu jalan mati di simpang empat Sukasada");
  REQUIRE(eventually([&] { return answers_to(x, id).size() == 1; }, k_patience_s));
  REQUIRE(reports(bridge).size() == 1);
  const auto code = reports(bridge).at(0).text("code");
  CHECK(eventually(
      [&] {
        const auto report = bridge.query({"report", "show", code}).at(0);
        const auto* replies = report.find("replies");
        return replies != nullptr && !replies->array.empty() &&
               replies->array.front().text("state") == "delivered";
      },
      k_patience_s));
  CHECK(answers_to(x, id).size() == 1);
}

TEST_CASE("a picture that X does not give out just now comes with its report") {
  SandboxProcess x("twitter");
  BridgeProcess bridge(settings(x));
  x.order("POST", "/faults", R"({"on":"GET /media/:id","fault":"503","times":2})");
  x.order("POST", "/posts",
          R"({"as":"budi_s","text":"@kanal Jalan berlubang di Banyuasri","pictures":[{}]})");
  bridge.start();
  REQUIRE(eventually([&] { return reports(bridge).size() == 1; }, k_patience_s));
  const auto shown = bridge.query({"report", "show", reports(bridge).at(0).text("code")}).at(0);
  REQUIRE(shown.find("attachments") != nullptr);
  CHECK(shown.find("attachments")->array.size() == 1);
  CHECK(shown.text("text") == "Jalan berlubang di Banyuasri");
  CHECK(bridge.stop() == 0);
}

TEST_CASE("reading again from a date leaves the place from which the channel reads on") {
  SandboxProcess x("twitter");
  BridgeProcess bridge(settings(x));
  bridge.start();
  const auto before = citizen_posts(x, "budi_s", "@kanal Jalan berlubang di depan Pasar Banyuasri");
  REQUIRE(eventually([&] { return answers_to(x, before).size() == 1; }, k_patience_s));
  CHECK(bridge.stop() == 0);

  const auto back = bridge.command({"channel", "backfill", "x", "--from", "2026-01-31T00:00:00Z"});
  INFO(back.err);
  CHECK(back.code == 0);
  CHECK(back.out == "1 post read, 0 new reports.\n");

  bridge.start();
  const auto after = citizen_posts(x, "ayu", "@kanal Lampu jalan mati di simpang empat Sukasada");
  CHECK(eventually([&] { return answers_to(x, after).size() == 1; }, k_patience_s));
  CHECK(bridge.command({"channel", "show", "x"}).out.find("stored position") == std::string::npos);
  CHECK(reports(bridge).size() == 2);
}

TEST_CASE("killed again and again, every post becomes one report and is answered at most once") {
  constexpr int k_kills = 4;
  SandboxProcess x("twitter");
  BridgeProcess bridge(settings(x));
  std::map<std::string, std::string> posts;
  for (int kill = 0; kill < k_kills; ++kill) {
    bridge.start();
    for (int i = 0; i < 3; ++i) {
      const auto number = std::to_string(kill * 3 + i);
      const auto text = "Sampah menumpuk di gang nomor " + number + " @kanal";
      posts[citizen_posts(x, "warga" + number, text)] = text;
    }
    // Somewhere between reading and answering.
    CHECK(eventually(
        [&] { return !reports(bridge).empty() && reports(bridge).size() + 1 > posts.size() / 2; },
        k_patience_s));
    bridge.kill();
  }
  bridge.start();
  CHECK(eventually(
      [&] {
        return std::ranges::all_of(
            posts, [&](const auto& post) { return !answers_to(x, post.first).empty(); });
      },
      k_patience_s));
  CHECK(reports(bridge).size() == posts.size());
  for (const auto& [id, text] : posts) {
    INFO(text);
    CHECK(answers_to(x, id).size() == 1);
  }
}

}  // namespace
}  // namespace kanal::test
