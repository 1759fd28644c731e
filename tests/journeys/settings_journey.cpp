#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/journeys/command_world.hpp"
#include "tests/support/loopback.hpp"

// What is set, before a bridge begins and once it runs.
namespace kanal::test {
namespace {

TEST_CASE("check tries every channel that is sound so far, whatever else is wrong") {
  const TemporaryDirectory directory;
  write(directory, "short", "pendek");
  const auto file = write(directory, "kanal.toml",
                          "[http]\nfoo = 1\nmetrics_listen = \":8080\"\n"
                          "certificate_file = \"none.pem\"\nkey_file = \"none.pem\"\n"
                          "public_url = \"https://lapor.example.go.id\"\n"
                          "[channel.gateway]\nkind = \"sms_gateway\"\nprovider = \"path\"\n"
                          "source = \"1708\"\nsecret = \"file:short\"\n"
                          "[channel.putr]\nkind = \"webhook\"\nurl = \"https://putr.example\"\n"
                          "secret = \"env:KANAL_TEST_NOT_SET\"\n");
  const auto finished = run_kanal({"check", "--config", file});
  INFO(finished.err);
  CHECK(finished.code == 2);
  const auto name = file.string();
  for (const auto& line :
       {name + ":2: http.foo: is not a setting", name + ":3: http.metrics_listen: is http.listen",
        name + ":4: http.certificate_file: ", name + ":7: channel.gateway: the secret",
        name + ":15: channel.putr.secret: "}) {
    INFO(line);
    CHECK(finished.err.find(line) != std::string::npos);
  }
  // Each is said once.
  CHECK(lines_of(finished.err).size() == 6);
}

TEST_CASE("check tells which channel has nowhere to send what it owes") {
  const TemporaryDirectory directory;
  const auto secret = write(directory, "secret", "a phrase of words, longer than it needs to be\n");
  const auto chart = [](const std::string& handed_over) {
    return "name = \"X\"\n[[agency]]\nid = \"a\"\nname = \"A\"\n" + handed_over +
           "[[kind]]\nid = \"k\"\nname_id = \"K\"\n";
  };
  const auto settings = [&](const std::string& more) {
    return "[organisation]\nfile = \"organisation.toml\"\n[channel.hook]\nkind = \"webhook\"\n"
           "secret = \"file:" +
           secret.string() + "\"\n" + more;
  };
  const auto faults = [&](const std::string& handed_over, const std::string& more) {
    write(directory, "organisation.toml", chart(handed_over));
    const auto file = write(directory, "kanal.toml", settings(more));
    return run_kanal({"check", "--config", file}).err;
  };
  CHECK(faults("", "").find("channel.hook.url: is missing: nobody could be answered") !=
        std::string::npos);
  CHECK(faults("", "replies = false\n").find("channel.hook") == std::string::npos);
  const auto office = "[agency.handed_over]\nby = \"webhook\"\nchannel = \"hook\"\n";
  CHECK(faults(office, "replies = false\n").find("the office \"a\" is handed reports") !=
        std::string::npos);
}

TEST_CASE("serve refuses what it cannot do before it makes anything") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  const auto refused = [&](const std::string& option, const std::string& value) {
    const auto served = run_kanal({"serve", "--data", data, option, value});
    INFO(served.err);
    CHECK(served.code == 2);
    CHECK(served.err.find(option) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(data / "postgres"));
  };
  refused("--listen", "abc");
  refused("--ready-file", "/nonexistent/ready.json");
}

TEST_CASE("metrics are at an address of their own, or it is told why they are not") {
  const int taking = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int again = 1;
  ::setsockopt(taking, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
  sockaddr_in usual{};
  usual.sin_family = AF_INET;
  usual.sin_port = htons(9464);
  usual.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Bridges of tests beside this one have it for a while; whoever keeps it does as well.
  const bool is_ours = eventually(
      [&] { return ::bind(taking, reinterpret_cast<sockaddr*>(&usual), sizeof usual) == 0; });
  if (is_ours) {
    ::listen(taking, 1);
  } else {
    REQUIRE(listens(9464));
  }
  BridgeProcess without("[http]\n");
  without.start();
  ::close(taking);
  const auto said = without.log();
  INFO(said);
  CHECK(said.find("no metrics: 127.0.0.1:9464 cannot be listened on") != std::string::npos);
  CHECK(said.find("metrics_listen") != std::string::npos);
  BridgeProcess none("[http]\nmetrics_listen = \"off\"\n");
  none.start();
  CHECK(none.log().find("etrics") == std::string::npos);
  BridgeProcess chosen("[http]\nmetrics_listen = \"127.0.0.1:0\"\n");
  chosen.start();
  const auto address = between(chosen.log(), "metrics are at http://", "/metrics");
  REQUIRE(address.starts_with("127.0.0.1:"));
  const auto taken = chosen.directory() / "taken.toml";
  std::ofstream(taken) << "[http]\nmetrics_listen = \"" << address << "\"\n";
  const auto refused = run_kanal({"serve", "--demo", "--config", taken, "--listen", "127.0.0.1:0",
                                  "--data", chosen.directory() / "other"});
  INFO(refused.err);
  CHECK(refused.code == 1);
  CHECK(refused.err.find("http.metrics_listen: " + address) != std::string::npos);
}

TEST_CASE("changed settings are put in force when the bridge is told to read them, if sound") {
  BridgeProcess bridge("[channel.form]\nkind = \"webform\"\n");
  bridge.start();
  const auto file = bridge.directory() / "kanal.toml";
  const auto settings = text_of(file);
  const auto logged = [&](const std::string& words) {
    return eventually([&] { return bridge.log().find(words) != std::string::npos; });
  };
  std::ofstream(file) << settings << "[channel.other]\nkind = \"nonsense\"\n";
  CHECK(logged("kanal.toml has changed"));
  ::kill(bridge.pid(), SIGHUP);
  CHECK(logged("not read again: " + file.string()));
  CHECK(bridge.get("/report").status == 200);

  std::ofstream(file) << settings << "[channel.second]\nkind = \"webform\"\n";
  const auto ready = bridge.directory() / "ready.json";
  std::filesystem::rename(ready, bridge.directory() / "earlier.json");
  ::kill(bridge.pid(), SIGHUP);
  REQUIRE(eventually([&] { return std::filesystem::exists(ready); }));
  CHECK(Json::parse(text_of(ready)).value().find("pid")->integer == bridge.pid());
  const auto channels = bridge.query({"channel", "list"});
  CHECK(std::ranges::any_of(channels,
                            [](const Json& each) { return each.text("name") == "second"; }));
  CHECK(bridge.stop() == 0);
}

TEST_CASE("what the bridge is told to read while it starts is read once it has started") {
  BridgeProcess bridge("[channel.form]\nkind = \"webform\"\n");
  bridge.begin();
  REQUIRE(
      eventually([&] { return bridge.log().find("Starting the private") != std::string::npos; }));
  ::kill(bridge.pid(), SIGHUP);
  const auto starts = [&] {
    std::size_t times = 0;
    const auto log = bridge.log();
    for (auto at = log.find("Kanal is running"); at != std::string::npos; ++times) {
      at = log.find("Kanal is running", at + 1);
    }
    return times;
  };
  CHECK(eventually([&] { return starts() == 2; }));
  CHECK(bridge.stop() == 0);
  CHECK(starts() == 2);
}

TEST_CASE("a channel that is off is listed as off, and what it left in quarantine can be read") {
  BridgeProcess bridge(
      "[channel.form]\nkind = \"webform\"\n"
      "[channel.letters]\nkind = \"webform\"\nenabled = false\n");
  bridge.start();
  bridge.command({"ingest", "--channel", "letters", "-"},
                 "_form=report&_id=form-01&_time=2026-03-02T00:00:00Z&text=Lampu+jalan+mati\n");
  const auto kept = bridge.query({"quarantine", "list"});
  REQUIRE(kept.size() == 1);
  const auto token = bridge.query({"user", "token", "admin", "--label", "baca"}).at(0);
  const auto replayed =
      bridge.post("/api/v1/quarantine/" + std::to_string(kept[0].find("id")->integer) + "/replay",
                  "application/json", "", {{"Authorization", "Bearer " + token.text("token")}});
  INFO(replayed.body);
  CHECK(replayed.status == 200);
  CHECK(bridge.query({"report", "list", "--search", "Lampu"}).size() == 1);

  const auto channels = bridge.query({"channel", "list"});
  REQUIRE(channels.size() == 2);
  for (const auto& each : channels) {
    CHECK(each.find("enabled")->boolean == (each.text("name") == "form"));
  }
  CHECK(bridge.command({"channel", "list"}).out.find(" off ") != std::string::npos);
  CHECK(bridge.stop() == 0);
}

TEST_CASE("a form that the site never shows, as another channel has its name, is told of") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "kanal.toml";
  const std::string two =
      "[channel.form]\nkind = \"webform\"\n[channel.apps]\nkind = \"webform\"\n";
  const auto told_of = [&](const std::string& more) {
    std::ofstream(file) << two << more;
    const auto checked = run_kanal({"check", "--config", file});
    CHECK(checked.code == 0);
    return checked.err;
  };
  const auto place = file.string() +
                     ":3: channel.apps.forms.report: the site shows the form "
                     "\"report\" of channel \"form\" alone";
  CHECK(told_of("").find(place) != std::string::npos);
  CHECK(told_of("enabled = false\n").find("the site shows") == std::string::npos);
  CHECK(told_of("[channel.apps.forms.apps]\n").find("the site shows") == std::string::npos);
}

}  // namespace
}  // namespace kanal::test
