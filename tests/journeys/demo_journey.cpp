#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "net/http_client.hpp"
#include "tests/support/bridge_process.hpp"

namespace kanal::test {
namespace {

constexpr int k_patience_s = 300;
constexpr std::size_t k_far_sides = 5;
constexpr auto k_form_type = "application/x-www-form-urlencoded";

/// The far sides that a bridge has started, by what they stand in for.
std::map<std::string, pid_t> far_sides(const BridgeProcess& bridge) {
  std::map<std::string, pid_t> found;
  const auto own = bridge.directory().string();
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto command = text_of(entry.path() / "cmdline");
    const auto words = split(command, '\0');
    const bool ours = command.find(own) != std::string::npos && words.size() > 1 &&
                      words[0].ends_with("/kanal-sandbox");
    if (ours) found[std::string(words[1])] = std::stoi(name);
  }
  return found;
}

/// A newcomer's browser on the page to play the citizen.
class Browser {
 public:
  explicit Browser(BridgeProcess& bridge) : bridge_(bridge) {
    const auto page = bridge_.get("/demo");
    REQUIRE(page.status == 200);
    page_ = page.body;
    cookie_ = between(page.header("set-cookie"), "kanal_citizen=", ";");
    csrf_ = between(page_, "name=\"csrf\" value=\"", "\"");
    REQUIRE_FALSE(cookie_.empty());
  }
  [[nodiscard]] const std::string& page() const { return page_; }
  int say(const std::string& channel, const std::string& text, const std::string& reply_to = {}) {
    return send(channel, std::string("subject=") + (reply_to.empty() ? "Laporan" : "") + "&text=" +
                             percent_encode(text) + "&in_reply_to=" + percent_encode(reply_to));
  }
  int say_directly(const std::string& text) {
    return send("x", "direct=1&text=" + percent_encode(text));
  }
  /// As the office that was handed the report over last.
  int answer_as_office(const std::string& event, const std::string& words) {
    const auto list = talk("offices");
    // Behind the line that asks to choose one.
    const auto choices = list.substr(std::min(list.size(), list.find("<option value=\"\"")) + 1);
    const auto report = between(choices, "<option value=\"", "\"");
    return send("offices", "report=" + percent_encode(report) + "&event=" + event +
                               "&text=" + percent_encode(words));
  }
  std::string talk(const std::string& channel) {
    return bridge_.get("/demo/" + channel, {{"Cookie", "kanal_citizen=" + cookie_}}).body;
  }
  /// Waits until so much was answered there.
  bool is_answered(const std::string& channel, std::size_t times, std::string_view with) {
    return eventually(
        [&] {
          const auto html = talk(channel);
          std::size_t count = 0;
          for (auto at = html.find("\"theirs\""); at != std::string::npos;
               at = html.find("\"theirs\"", at + 1)) {
            ++count;
          }
          return count >= times && html.find(with) != std::string::npos;
        },
        k_patience_s);
  }

 private:
  int send(const std::string& place, const std::string& fields) {
    return bridge_
        .post("/demo/" + place, k_form_type, "csrf=" + percent_encode(csrf_) + "&" + fields,
              {{"Cookie", "kanal_citizen=" + cookie_}})
        .status;
  }
  BridgeProcess& bridge_;
  std::string page_;
  std::string cookie_;
  std::string csrf_;
};

std::string code_on(const BridgeProcess& bridge, const std::string& channel) {
  for (const auto& report : bridge.query({"report", "list"})) {
    if (report.text("channel") == channel) return report.text("code");
  }
  return {};
}

TEST_CASE("in the demonstration a complaint by every channel is acknowledged on it") {
  BridgeProcess bridge("");
  bridge.start();
  CHECK(far_sides(bridge).size() == k_far_sides);
  for (const auto* page : {"/", "/report", "/reports", "/console/login"}) {
    INFO(page);
    CHECK(bridge.get(page).body.find("href=\"/demo\"") != std::string::npos);
  }
  Browser browser(bridge);
  for (const auto* channel : {"x", "sms", "mail", "gateway", "agency"}) {
    INFO(channel);
    REQUIRE(browser.say(channel, std::string("Jalan berlubang di Singaraja, lewat ") + channel) ==
            303);
  }
  const auto address = between(browser.page(), "class=\"pick\">warga.", "</code>");
  const auto token = between(bridge.get("/report").body, "name=\"token\" value=\"", "\"");
  const auto sent = bridge.post("/report", "multipart/form-data; boundary=b",
                                multipart("b",
                                          {{"token", token},
                                           {"text", "Trotoar pecah di Jalan Udayana"},
                                           {"email", "warga." + address}},
                                          {}));
  CHECK(sent.status == 303);
  const auto key = between(browser.page(), "api_key=", " ");
  const auto request = bridge.post("/open311/v2/requests.json", k_form_type,
                                   "api_key=" + key +
                                       "&service_code=road&lat=-8.112&long=115.088&description="
                                       "Pohon+tumbang+menutup+jalan");
  CHECK(request.status == 200);
  const auto number = between(request.body, "\"service_request_id\":\"", "\"");
  CHECK(bridge.get("/open311/v2/requests/" + number + ".json").status == 200);

  CHECK(browser.is_answered("x", 1, code_on(bridge, "twitter")));
  CHECK(browser.is_answered("sms", 1, code_on(bridge, "sms")));
  CHECK(browser.is_answered("gateway", 1, code_on(bridge, "gateway")));
  CHECK(browser.is_answered("agency", 1, code_on(bridge, "pdam")));
  CHECK(browser.is_answered("mail", 2, code_on(bridge, "email")));
  CHECK(browser.is_answered("mail", 2, code_on(bridge, "form")));
  CHECK(bridge.query({"report", "list"}).size() == 7);
  const auto channels = bridge.query({"channel", "list"});
  CHECK(channels.size() == 9);
  std::set<std::string> kinds;
  for (const auto& channel : channels) kinds.insert(channel.text("kind"));
  CHECK(kinds.size() == 9);
  // The gateway called back.
  CHECK(eventually([&] {
    const auto report = bridge.query({"report", "show", code_on(bridge, "gateway")}).at(0);
    return report.find("replies")->array.at(0).text("state") == "delivered";
  }));

  // What is answered to the last reply joins the report that it was about.
  const auto last = between(browser.talk("x"), "name=\"in_reply_to\" value=\"", "\"");
  REQUIRE(browser.say("x", "Lubangnya makin dalam", last) == 303);
  const auto code = code_on(bridge, "twitter");
  CHECK(eventually(
      [&] {
        const auto shown = bridge.command({"report", "show", code}).out;
        return shown.find("makin dalam") != std::string::npos;
      },
      k_patience_s));
  const auto mail = between(browser.talk("mail"), "name=\"in_reply_to\" value=\"", "\"");
  REQUIRE(browser.say("mail", "Sudah tiga minggu", mail) == 303);
  CHECK(eventually(
      [&] {
        return std::ranges::any_of(std::array{"email", "form"}, [&](const char* channel) {
          const auto shown = bridge.command({"report", "show", code_on(bridge, channel)}).out;
          return shown.find("tiga minggu") != std::string::npos;
        });
      },
      k_patience_s));
  CHECK(bridge.query({"report", "list"}).size() == 7);
  CHECK(bridge.stop() == 0);
  CHECK(far_sides(bridge).empty());
}

TEST_CASE("in the demonstration offices with systems of their own are handed reports and answer") {
  BridgeProcess bridge("");
  bridge.start();
  Browser browser(bridge);
  CHECK(browser.talk("offices").find("<option") == std::string::npos);
  const auto is_at_office = [&](const std::string& words) {
    return eventually(
        [&] {
          const auto html = browser.talk("offices");
          return between(html, "<p class=\"words\">", "</p>").find(words) != std::string::npos;
        },
        k_patience_s);
  };
  const auto comes_to = [&](const std::string& code, const std::string& state) {
    return eventually(
        [&] {
          return bridge.query({"report", "show", code}).at(0).text("state") == state;
        },
        k_patience_s);
  };
  struct Handed {
    const char* agency;
    const char* unit;
    const char* channel;  ///< that it was complained by
    const char* place;    ///< on the page
  };
  const Handed all[] = {{"buleleng", "dlh", "sms", "sms"},
                        {"buleleng", "pdam", "gateway", "gateway"},
                        {"buleleng", "dishub", "pdam", "agency"},
                        {"kemenpu", "bpjn", "email", "mail"}};
  for (const auto& each : all) {
    INFO(each.unit);
    const auto words = std::string("Jembatan rusak parah, untuk ") + each.unit;
    REQUIRE(browser.say(each.place, words) == 303);
    REQUIRE(eventually([&] { return !code_on(bridge, each.channel).empty(); }, k_patience_s));
    const auto code = code_on(bridge, each.channel);
    for (const auto& step :
         {std::vector<std::string>{"verify", "--as", "admin", "--agency", each.agency},
          {"dispose", "--as", each.agency, "--unit", each.unit}}) {
      auto command = std::vector<std::string>{"report", "act", code};
      command.insert(command.end(), step.begin(), step.end());
      const auto done = bridge.command(command);
      INFO(done.err);
      REQUIRE(done.code == 0);
    }
    REQUIRE(is_at_office(words));
    CHECK(browser.answer_as_office("proceed", "Regu berangkat.") == 303);
    CHECK(comes_to(code, "in_progress"));
    CHECK(browser.answer_as_office("answer", std::string("Beres oleh ") + each.unit) == 303);
    CHECK(comes_to(code, "answered"));
    CHECK(browser.talk("offices").find(std::string("Beres oleh ") + each.unit) !=
          std::string::npos);
    CHECK(browser.is_answered(each.place, 3, std::string("Beres oleh ") + each.unit));
  }
  // The API of LAPOR! has no way to ask.
  CHECK(browser.answer_as_office("ask", "Di mana?") == 503);
}

TEST_CASE("in the demonstration a direct message on X is read and answered as one") {
  BridgeProcess bridge("");
  bridge.start();
  Browser browser(bridge);
  REQUIRE(browser.say_directly("Pungli di kantor desa, mohon dirahasiakan") == 303);
  CHECK(browser.is_answered("x", 1, "pesan langsung"));
  const auto code = code_on(bridge, "twitter");
  REQUIRE_FALSE(code.empty());
  CHECK(browser.talk("x").find(code) != std::string::npos);
}

TEST_CASE("in the demonstration a post on X that quotes our answer joins its report") {
  BridgeProcess bridge("");
  bridge.start();
  Browser browser(bridge);
  REQUIRE(browser.say("x", "Jembatan retak di Sukasada") == 303);
  REQUIRE(browser.is_answered("x", 1, "theirs"));
  const auto answer = between(browser.talk("x"), "name=\"in_reply_to\" value=\"", "\"");
  const auto ready = Json::parse(text_of(bridge.directory() / "data/demo/twitter.json")).value();
  HttpCall call;
  call.method = "POST";
  call.url = ready.text("control") + "/posts";
  call.body = R"({"as":"warga_)" + between(browser.page(), ">@warga_", " ") +
              R"(","text":"Retaknya makin lebar","quotes":")" + answer + "\"}";
  call.allow_private = true;
  REQUIRE(make_http({})->fetch(call).value().status == 200);
  CHECK(eventually(
      [&] {
        const auto shown = bridge.command({"report", "show", code_on(bridge, "twitter")}).out;
        return shown.find("makin lebar") != std::string::npos;
      },
      k_patience_s));
  CHECK(bridge.query({"report", "list"}).size() == 1);
}

TEST_CASE("every channel of the demonstration that can be tested passes its test") {
  BridgeProcess bridge("");
  bridge.start();
  for (const auto* name : {"email", "twitter", "sms", "gateway", "pdam", "dishub", "lapor"}) {
    const auto tested = bridge.command({"channel", "test", name});
    INFO(name << ": " << tested.out << tested.err);
    CHECK(tested.code == 0);
  }
}

TEST_CASE("a far side of the demonstration that ends is started again, and none outlives us") {
  BridgeProcess bridge("");
  bridge.start();
  const auto before = far_sides(bridge);
  REQUIRE(before.size() == k_far_sides);
  for (const auto& [kind, child] : before) ::kill(child, SIGKILL);
  REQUIRE(eventually(
      [&] {
        const auto now = far_sides(bridge);
        return now.size() == k_far_sides && std::ranges::none_of(now, [&](const auto& each) {
                 return before.at(each.first) == each.second;
               });
      },
      k_patience_s));
  Browser browser(bridge);
  for (const auto* channel : {"x", "sms", "mail", "gateway", "agency"}) {
    INFO(channel);
    REQUIRE(eventually(
        [&] {
          return browser.say(channel, std::string("Lampu jalan mati, lewat ") + channel) == 303;
        },
        k_patience_s));
    CHECK(browser.is_answered(channel, 1, "theirs"));
  }
  bridge.kill();
  CHECK(eventually([&] { return far_sides(bridge).empty(); }));
}

TEST_CASE("a demonstration starts again after an officer was added to it") {
  BridgeProcess bridge("");
  bridge.start();
  CHECK(bridge.command({"user", "add", "dian", "--role", "monitor"}, "lampu jalan mati lagi\n")
            .code == 0);
  CHECK(bridge.stop() == 0);
  bridge.start();
  CHECK(far_sides(bridge).size() == k_far_sides);
  CHECK_FALSE(bridge.password_of("admin").empty());
  CHECK_THROWS(bridge.password_of("dian"));
}

TEST_CASE("stand-ins are not let near the data of a real bridge whose settings are missing") {
  const TemporaryDirectory place;
  const auto data = (place.path() / "var").string();
  const auto added = run_kanal(
      {"user", "add", "siti", "--name", "Siti", "--role", "national_admin", "--data", data},
      "kata sandi yang panjang sekali\n");
  REQUIRE(added.code == 0);
  for (int i = 0; i < 2; ++i) {
    const auto served = run_kanal({"serve", "--data", data, "--listen", "127.0.0.1:0"});
    INFO(served.err);
    CHECK(served.code == 2);
    CHECK(served.err.find("--config") != std::string::npos);
  }
}

TEST_CASE("where channels are declared, a demonstration has no stand-ins and no page for them") {
  BridgeProcess bridge("[channel.form]\nkind = \"webform\"\n");
  bridge.start();
  CHECK(far_sides(bridge).empty());
  CHECK(bridge.get("/demo").status == 404);
  CHECK(bridge.get("/").body.find("/demo") == std::string::npos);
  CHECK_FALSE(bridge.password_of("admin").empty());
}

}  // namespace
}  // namespace kanal::test
