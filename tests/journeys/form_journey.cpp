#include <csignal>
#include <fstream>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "tests/support/bridge_process.hpp"

namespace kanal::test {
namespace {

constexpr const char* k_settings =
    "[channel.form]\nkind = \"webform\"\nleast_fill_s = 0\npeer_burst = 10000\n"
    "peer_per_hour = 100000\n";

// A one-pixel picture.
std::string picture() {
  return from_base64(
             "/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkK"
             "DA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAA"
             "AAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==")
      .value();
}

std::string token_of(const std::string& page) {
  return between(page, "name=\"token\" value=\"", "\"");
}

struct Sent {
  int status = 0;
  std::string location;
  std::string code;
  std::string secret;
  std::string body;
};

Sent send_form(BridgeProcess& bridge, const std::string& token, const std::string& text,
               bool with_picture = false) {
  const auto body = multipart(
      "kanalboundary",
      {{"token", token},
       {"text", text},
       {"subject", "Jalan berlubang"},
       {"address", "Jalan Ahmad Yani, Singaraja"},
       {"name", "Ni Luh"}},
      with_picture ? std::optional(FormFile{"photos", "jalan.jpg", "image/jpeg", picture()})
                   : std::nullopt);
  const auto reply = bridge.post("/report", "multipart/form-data; boundary=kanalboundary", body);
  const auto location = reply.header("location");
  return {reply.status, location, between(location + "?", "/r/", "?"),
          between(location, "?k=", "&"), reply.body};
}

std::string open_form(BridgeProcess& bridge) {
  const auto form = bridge.get("/report");
  REQUIRE(form.status == 200);
  return token_of(form.body);
}

std::string act(BridgeProcess& bridge, const Sent& sent, const std::string& name,
                const std::string& fields = {}) {
  const auto reply =
      bridge.post("/r/" + sent.code + "/" + name, "application/x-www-form-urlencoded",
                  "k=" + percent_encode(sent.secret) + fields);
  INFO(reply.body);
  CHECK(reply.status == 303);
  return reply.header("location");
}

void officer_acts(BridgeProcess& bridge, const std::string& code,
                  std::vector<std::string> arguments) {
  std::vector<std::string> all{"report", "act", code};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const auto finished = bridge.command(all);
  INFO(finished.err);
  REQUIRE(finished.code == 0);
}

std::string state_of_report(BridgeProcess& bridge, const std::string& code) {
  return bridge.query({"report", "show", code}).at(0).text("state");
}

TEST_CASE("a complaint by web form is verified, disposed, answered, disputed and closed") {
  BridgeProcess bridge(k_settings);
  bridge.start();
  const auto sent = send_form(bridge, open_form(bridge),
                              "Jalan berlubang di depan Pasar Banyuasri sudah dua minggu.", true);
  INFO(sent.body);
  REQUIRE(sent.status == 303);
  REQUIRE(parse_tracking_code(sent.code));
  const auto page = bridge.get(sent.location);
  CHECK(page.status == 200);
  CHECK(page.body.find("Pasar Banyuasri") != std::string::npos);
  CHECK(page.body.find("Foto 1") != std::string::npos);
  CHECK(bridge.get("/r/" + sent.code).body.find("Foto 1") == std::string::npos);

  officer_acts(bridge, sent.code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(bridge, sent.code, {"dispose", "--as", "buleleng", "--unit", "putr"});
  CHECK(bridge
            .command({
                "report",
                "show",
                sent.code,
            })
            .code == 0);
  CHECK(bridge.command({"report", "act", sent.code, "accept", "--as", "dlh"}).code == 1);
  CHECK(bridge.command({"report", "act", sent.code, "accept", "--as", "kemenkes"}).code == 1);
  officer_acts(bridge, sent.code, {"accept", "--as", "putr"});
  officer_acts(bridge, sent.code,
               {"answer", "--as", "putr", "--words", "Jalan sudah kami tambal pagi ini."});
  CHECK(bridge.get("/r/" + sent.code + "?k=" + sent.secret).body.find("tambal pagi ini") !=
        std::string::npos);

  act(bridge, sent, "dispute");
  CHECK(state_of_report(bridge, sent.code) == "in_progress");
  act(bridge, sent, "reply", "&text=Masih+berlubang+di+sisi+timur");
  officer_acts(bridge, sent.code, {"answer", "--as", "putr", "--words", "Sisi timur selesai."});
  act(bridge, sent, "rate", "&rating=5");
  CHECK(state_of_report(bridge, sent.code) == "closed");
  const auto verified = bridge.command({"report", "verify", sent.code});
  INFO(verified.err);
  CHECK(verified.code == 0);
  CHECK(bridge.stop() == 0);
}

TEST_CASE("a stranger without the secret link may read but not act") {
  BridgeProcess bridge(k_settings);
  bridge.start();
  const auto sent = send_form(bridge, open_form(bridge), "Sampah menumpuk di TPS Banyuning.");
  REQUIRE(sent.status == 303);
  const auto reply = bridge.post("/r/" + sent.code + "/reply", "application/x-www-form-urlencoded",
                                 "k=guess&text=x");
  CHECK(reply.status == 404);
  CHECK(bridge.get("/r/" + sent.code).body.find("name=\"k\"") == std::string::npos);
}

TEST_CASE("the same opening of a form makes one report, however often it is sent and killed") {
  BridgeProcess bridge(k_settings);
  bridge.start();
  const auto token = open_form(bridge);
  const auto first = send_form(bridge, token, "Lampu jalan mati di Jalan Gajah Mada.");
  REQUIRE(first.status == 303);
  bridge.kill();
  bridge.start();
  const auto again = send_form(bridge, token, "Lampu jalan mati di Jalan Gajah Mada.");
  CHECK(again.code == first.code);
  CHECK(bridge.query({"report", "list"}).size() == 1);
  CHECK(bridge.get(first.location).status == 200);
}

TEST_CASE("another text sent from the same opening of a form is a report of its own") {
  BridgeProcess bridge(k_settings);
  bridge.start();
  const auto token = open_form(bridge);
  const std::string_view texts[] = {"Lampu jalan mati di Jalan Gajah Mada.",
                                    "Sampah menumpuk di TPS Banyuning."};
  std::vector<std::string> codes;
  for (const auto text : texts) {
    const auto sent = send_form(bridge, token, std::string(text));
    REQUIRE(sent.status == 303);
    codes.push_back(sent.code);
    CHECK(bridge.get(sent.location).body.find(text) != std::string::npos);
  }
  CHECK(codes[0] != codes[1]);
  // Either sent once more is answered with its own number.
  for (std::size_t i = 0; i < codes.size(); ++i) {
    CHECK(send_form(bridge, token, std::string(texts[i])).code == codes[i]);
  }
  CHECK(bridge.query({"report", "list"}).size() == 2);
}

TEST_CASE("a picture added to what was sent from the same opening of a form arrives") {
  BridgeProcess bridge(k_settings);
  bridge.start();
  const auto token = open_form(bridge);
  const std::string text = "Lampu jalan mati di Jalan Gajah Mada.";
  REQUIRE(send_form(bridge, token, text).status == 303);
  const auto second = send_form(bridge, token, text, true);
  REQUIRE(second.status == 303);
  CHECK(bridge.get(second.location).body.find("Foto 1") != std::string::npos);
  CHECK(send_form(bridge, token, text, true).code == second.code);
  CHECK(bridge.query({"report", "list"}).size() <= 2);
}

TEST_CASE("the number that is shown for a form that is held finds it again") {
  BridgeProcess bridge(k_settings);
  bridge.start();
  const auto reply = bridge.post(
      "/report", "multipart/form-data; boundary=kanalboundary",
      multipart(
          "kanalboundary",
          {{"token", open_form(bridge)}, {"text", "Got mampet dan meluap."}, {"website", "x"}},
          std::nullopt));
  REQUIRE(reply.status == 303);
  const auto address = reply.header("location");
  const auto waiting = bridge.get(address);
  INFO(waiting.body);
  CHECK(waiting.status == 200);
  const auto number = between(waiting.body, "<code>", "</code>");
  REQUIRE_FALSE(number.empty());
  const auto found = bridge.query({"report", "find", number});
  REQUIRE(found.size() == 1);
  CHECK(found.at(0).text("fate") == "held");
  CHECK(bridge.get(address.substr(0, address.find('?'))).status == 200);
  CHECK(bridge.get("/r/123456789012").status == 404);
}

bool has_ended(pid_t process) {
  const auto status = text_of("/proc/" + std::to_string(process) + "/stat");
  return status.empty() || status.find(") Z ") != std::string::npos;
}

/// A private database that does not come back until it is mended.
class BrokenDatabase {
 public:
  explicit BrokenDatabase(const BridgeProcess& bridge)
      : files_(bridge.directory() / "data/postgres/data"),
        settings_(text_of(files_ / "postgresql.conf")) {
    std::ofstream(files_ / "postgresql.conf", std::ios::app) << "\nnonsense = on\n";
    pid_t server = 0;
    std::ifstream(files_ / "postmaster.pid") >> server;
    REQUIRE(server > 0);
    const auto task = "/proc/" + std::to_string(server) + "/task/" + std::to_string(server);
    std::ifstream children(task + "/children");
    std::vector<pid_t> all{server};
    for (pid_t child = 0; children >> child;) all.push_back(child);
    for (const auto each : all) ::kill(each, SIGKILL);
    // A session that has not noticed yet would still commit.
    for (const auto each : all) REQUIRE(eventually([&] { return has_ended(each); }));
  }
  void mend() const { std::ofstream(files_ / "postgresql.conf") << settings_; }

 private:
  std::filesystem::path files_;
  std::string settings_;
};

TEST_CASE("forms that are sent while the database is away have their number and are stored later") {
  BridgeProcess bridge(k_settings);
  bridge.start();
  for (const bool killed : {false, true}) {
    const auto text = std::string("Banjir di pasar, ") + (killed ? "dua" : "satu");
    const auto token = open_form(bridge);
    const BrokenDatabase database(bridge);
    const auto sent = send_form(bridge, token, text, true);
    INFO(sent.body);
    REQUIRE(sent.status == 202);
    const auto page = "/r/" + between(sent.body, "/r/", "<");
    const auto path = page.substr(0, page.find_first_of(" \n\""));
    CHECK(path.find("?k=") != std::string::npos);
    // As an impatient hand does.
    const auto again = send_form(bridge, token, text, true);
    CHECK(again.status == 202);
    CHECK(again.body.find(path) != std::string::npos);
    if (killed) bridge.kill();
    database.mend();
    if (killed) bridge.start();
    REQUIRE(eventually([&] { return bridge.get(path).status == 200; }));
    CHECK(bridge.get(path).body.find(text) != std::string::npos);
    const auto code = path.substr(3, path.find('?') - 3);
    const auto report = bridge.query({"report", "show", code}).at(0);
    CHECK(report.find("attachments")->array.size() == 1);
    CHECK(bridge.command({"report", "verify", code}).code == 0);
  }
  CHECK(bridge.query({"report", "list"}).size() == 2);
  CHECK(bridge.query({"quarantine", "list"}).empty());
  CHECK(
      eventually([&] { return std::filesystem::is_empty(bridge.directory() / "data/unstored"); }));
}

TEST_CASE("Ctrl-C stops everything, the database too") {
  BridgeProcess bridge(k_settings);
  bridge.start();
  CHECK(bridge.stop() == 0);
  CHECK_FALSE(std::filesystem::exists(bridge.directory() / "data/postgres/data/postmaster.pid"));
}

}  // namespace
}  // namespace kanal::test
