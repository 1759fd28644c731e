#include <set>

#include "tests/journeys/mail_world.hpp"

namespace kanal::test {
namespace {

void restart_mail_servers() {
  servers().stop_dovecot();
  servers().stop_postfix();
  servers().start_dovecot();
  servers().start_postfix();
}

bool goes_to(const std::string& health) {
  return eventually([&] { return channel(bridge(), "email").text("health") == health; }, 360);
}

// Sessions of the bridge, as the database sees them.
std::vector<pid_t> sessions(pid_t server) {
  std::vector<pid_t> found;
  std::ifstream children("/proc/" + std::to_string(server) + "/task/" + std::to_string(server) +
                         "/children");
  for (pid_t child = 0; children >> child;) {
    std::ifstream file("/proc/" + std::to_string(child) + "/cmdline");
    std::string title;
    std::getline(file, title);
    if (title.find("[local]") != std::string::npos) found.push_back(child);
  }
  return found;
}

/// A form that is sent until it is taken; the tracking page's address.
std::string send_until_taken(const std::string& token, const std::string& text) {
  std::string location;
  eventually(
      [&] {
        try {
          const auto reply =
              bridge().post("/report", "multipart/form-data; boundary=kanalboundary",
                            multipart("kanalboundary", {{"token", token}, {"text", text}}, {}));
          if (reply.status == 303) location = reply.header("location");
        } catch (const std::exception&) {
          return false;
        }
        return !location.empty();
      },
      360);
  return location;
}

std::string form_token() {
  std::string token;
  eventually(
      [&] {
        try {
          token = between(bridge().get("/report").body, "name=\"token\" value=\"", "\"");
        } catch (const std::exception&) {
          return false;
        }
        return !token.empty();
      },
      360);
  return token;
}

TEST_CASE("a mailbox that was away is read again unaided, and its health told so meanwhile") {
  bridge();
  const Citizen wati("pergi");
  servers().stop_dovecot();
  servers().stop_postfix();
  REQUIRE(goes_to("failing"));
  CHECK_FALSE(channel(bridge(), "email").text("advice").empty());
  servers().deliver("lapor", wati.mail("1", "Jalan pergi", "Jalan berlubang di depan pasar."));
  servers().start_dovecot();
  servers().start_postfix();
  CHECK(wati.waits_for(1, 360).size() == 1);
  CHECK(goes_to("waiting"));
}

TEST_CASE("a wrong password is shown as one, and the right one is taken up unaided") {
  bridge();
  const Citizen wati("sandi");
  servers().set_password("lapor", "sandi-yang-lain");
  restart_mail_servers();
  REQUIRE(goes_to("credentials_refused"));
  const auto said = channel(bridge(), "email").text("said");
  CHECK(said.find("check user and password") != std::string::npos);
  CHECK(said.find(MailServers::k_password) == std::string::npos);
  CHECK(bridge().log().find(MailServers::k_password) == std::string::npos);
  // The other channel is not troubled.
  wati.writes("1", "Lampu sandi", "Lampu jalan mati di depan pasar.", {}, "budi@test.local");
  CHECK(wati.waits_for(1, 360).size() == 1);
  servers().set_password("lapor", MailServers::k_password);
  CHECK(goes_to("waiting"));
  wati.writes("2", "Air sandi", "Air mati sejak kemarin.");
  CHECK(wati.waits_for(2, 360).size() == 2);
}

TEST_CASE("with its database killed and stopped under it the bridge loses and doubles nothing") {
  bridge();
  const Citizen wati("basis");
  constexpr int k_rounds = 6;
  std::set<std::string> pages;
  for (int round = 0; round < k_rounds; ++round) {
    const auto number = std::to_string(round);
    const auto token = form_token();
    pid_t server = 0;
    REQUIRE(eventually([&] { return (server = postmaster(bridge())) > 0; }));
    wati.writes(number, "Basis surat " + number, "Pohon tumbang di jalan nomor " + number + ".");
    if (round % 3 == 0) {
      ::kill(server, SIGKILL);
    } else if (round % 3 == 1) {
      for (const auto session : sessions(server)) ::kill(session, SIGKILL);
    } else {
      ::kill(server, SIGINT);
    }
    const auto page = send_until_taken(token, "Basis formulir " + number);
    INFO(bridge().log());
    REQUIRE_FALSE(page.empty());
    pages.insert(page);
    // Sent once more, as an impatient hand does.
    CHECK(send_until_taken(token, "Basis formulir " + number) == page);
  }
  CHECK(pages.size() == k_rounds);
  CHECK(wati.waits_for(k_rounds, 180).size() == k_rounds);
  CHECK(reports(bridge(), "Basis surat").size() == k_rounds);
  CHECK(reports(bridge(), "Basis formulir").size() == k_rounds);
  CHECK(bridge().query({"quarantine", "list"}).empty());
  std::set<std::string> answered;
  for (const auto& raw : wati.inbox()) answered.insert(header(raw, "In-Reply-To"));
  CHECK(answered.size() == k_rounds);
  for (const auto& report : reports(bridge(), "Basis")) {
    CHECK(bridge().command({"report", "verify", report.text("code")}).code == 0);
  }
}

TEST_CASE("a second bridge with the same data is refused and the first one goes on") {
  bridge();
  const auto second = bridge().command({"serve", "--listen", "127.0.0.1:0"});
  CHECK(second.code == 1);
  CHECK(second.err.find("another bridge runs") != std::string::npos);
  CHECK(bridge().get("/healthz").status == 200);
}

TEST_CASE("Ctrl-C while a bridge starts is obeyed at once, and the next start goes on from there") {
  namespace fs = std::filesystem;
  bool was_starting = false;
  // A machine that stood still in between may have let it come up.
  for (int tries = 0; tries < 5 && !was_starting; ++tries) {
    BridgeProcess apart("");
    const auto ready = apart.directory() / "ready.json";
    std::ofstream(ready) << "{}";
    apart.begin();
    CHECK(eventually([&] { return fs::exists(apart.directory() / "data" / "postgres" / "data"); }));
    CHECK(apart.stop() == 0);
    was_starting = apart.log().find("Kanal is running") == std::string::npos;
    CHECK((apart.log().find("Stopped while starting") != std::string::npos) == was_starting);
    CHECK_FALSE(fs::exists(ready));
    apart.start();
    CHECK(apart.get("/healthz").status == 200);
    CHECK(apart.stop() == 0);
    CHECK_FALSE(fs::exists(ready));
  }
  CHECK(was_starting);
}

TEST_CASE("Ctrl-C while mail comes in stops everything, and the next start goes on from there") {
  bridge();
  const Citizen wati("berhenti");
  for (int number = 0; number < 5; ++number) {
    wati.writes(std::to_string(number), "Berhenti " + std::to_string(number),
                "Sampah menumpuk di tempat nomor " + std::to_string(number) + ".");
  }
  const auto server = postmaster(bridge());
  REQUIRE(server > 0);
  CHECK(bridge().stop() == 0);
  CHECK(::kill(server, 0) != 0);
  bridge();
  CHECK(wati.waits_for(5, 360).size() == 5);
  CHECK(reports(bridge(), "Berhenti").size() == 5);
}

}  // namespace
}  // namespace kanal::test
