#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>

#include "format/encode.hpp"
#include "tests/journeys/far_systems.hpp"
#include "tests/support/bridge_process.hpp"
#include "tests/support/wire.hpp"

// Reports handed over to an office's own system: another bridge, and a far side that counts.
namespace kanal::test {
namespace {

const std::string k_key = "kunci-aplikasi-kanal-lain";

/// The city whose office takes reports by Open311.
std::string city_settings() {
  ::setenv("KANAL_TEST_CITY_KEY", k_key.c_str(), 1);
  return "[channel.apps]\nkind = \"open311\"\n[channel.apps.applications.kanal]\n"
         "key = \"env:KANAL_TEST_CITY_KEY\"\n";
}

std::string settings(std::uint16_t port) {
  ::setenv("KANAL_TEST_CITY_KEY", k_key.c_str(), 1);
  static const TemporaryDirectory directory;
  const auto file = directory.path() / "organisation.toml";
  std::ofstream(file) << "name = \"Kabupaten Contoh\"\ntime_zone = \"Asia/Makassar\"\n"
                         "[[agency]]\nid = \"buleleng\"\nname = \"Kabupaten Buleleng\"\n"
                         "[[unit]]\nid = \"kota\"\nagency = \"buleleng\"\nname = \"Kota Sebelah\"\n"
                         "[unit.handed_over]\nby = \"open311_client\"\nchannel = \"kota\"\n"
                         "[[unit]]\nid = \"dlh\"\nagency = \"buleleng\"\nname = \"DLH\"\n"
                         "[[kind]]\nid = \"complaint\"\nname_id = \"Pengaduan\"\n"
                         "[[category]]\nid = \"lamp\"\nname_id = \"Lampu\"\n";
  return "[organisation]\nfile = \"" + file.string() +
         "\"\n[channel.form]\nkind = \"webform\"\nleast_fill_s = 0\npeer_burst = 10000\n"
         "peer_per_hour = 100000\n[channel.kota]\nkind = \"open311_client\"\n"
         "url = \"" +
         loopback_url(port) +
         "/open311/v2\"\nprivate_network = true\napi_key = \"env:KANAL_TEST_CITY_KEY\"\n"
         "service_code = \"street_light\"\nupdates = true\npoll_s = 1\n";
}

std::string fill_in_form(BridgeProcess& of, const std::string& text) {
  const auto token = between(of.get("/report").body, "name=\"token\" value=\"", "\"");
  const auto reply = of.post("/report", "multipart/form-data; boundary=kanalboundary",
                             multipart("kanalboundary", {{"token", token}, {"text", text}}, {}));
  INFO(reply.body);
  REQUIRE(reply.status == 303);
  return between(reply.header("location") + "?", "/r/", "?");
}

void act(BridgeProcess& of, const std::string& code, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"report", "act", code});
  const auto finished = of.command(arguments);
  INFO(finished.err);
  REQUIRE(finished.code == 0);
}

Json shown(const BridgeProcess& of, const std::string& code) {
  return of.query({"report", "show", code}).at(0);
}

std::string state_of(const BridgeProcess& of, const std::string& code) {
  return shown(of, code).text("state");
}

bool comes_to(const BridgeProcess& of, const std::string& code, const std::string& state) {
  return eventually([&] { return state_of(of, code) == state; }, 90);
}

std::size_t count(const Json& report, const std::string& event, const std::string& words) {
  std::size_t found = 0;
  for (const auto& line : report.find("history")->array) {
    if (line.text("event") == event && line.text("words") == words) ++found;
  }
  return found;
}

void dispose(BridgeProcess& of, const std::string& code, const std::string& unit) {
  act(of, code, {"verify", "--as", "admin", "--agency", "buleleng"});
  act(of, code, {"dispose", "--as", "buleleng", "--unit", unit});
}

void update(BridgeProcess& city, const std::string& code, const std::string& status) {
  const auto reply = city.post(
      "/open311/v2/servicerequestupdates.json", "application/x-www-form-urlencoded",
      "api_key=" + percent_encode(k_key) + "&service_request_id=" + code + "&update_id=u" + status +
          "&updated_datetime=2026-01-02T03:04:05Z&status=" + status);
  INFO(reply.body);
  REQUIRE(reply.status == 200);
}

TEST_CASE("a report is handed to another city's bridge, worked on there, and answered here") {
  BridgeProcess city(city_settings());
  city.start();
  Wire wire(city.port());
  BridgeProcess house(settings(wire.port()));
  house.start();

  const auto code = fill_in_form(house, "Lampu jalan mati di depan pasar.");
  dispose(house, code, "kota");
  CHECK(eventually([&] { return city.query({"report", "list"}).size() == 1; }, 90));
  const auto reports = city.query({"report", "list"});
  REQUIRE(reports.size() == 1);
  const auto there = reports[0].text("code");
  CHECK(shown(city, there).text("text").find("Lampu jalan mati") != std::string::npos);

  // The city is away for a while.
  city.kill();
  const auto health = [&] { return house.query({"channel", "show", "kota"}).at(0).text("health"); };
  CHECK(eventually([&] { return health() == "failing"; }));
  city.start();
  wire.lead_to(city.port());
  act(city, there, {"verify", "--as", "admin", "--agency", "buleleng"});
  act(city, there, {"dispose", "--as", "buleleng", "--unit", "dishub"});
  // Nobody in the city has looked at it.
  CHECK(state_of(house, code) == "at_unit");
  act(city, there, {"accept", "--as", "dishub"});
  CHECK(comes_to(house, code, "in_progress"));
  act(city, there, {"answer", "--as", "dishub", "--words", "Lampu sudah kami ganti."});
  CHECK(eventually(
      [&] { return count(shown(house, code), "interim", "Lampu sudah kami ganti.") == 1; }));
  house.kill();
  update(city, there, "FIXED");
  house.start();
  CHECK(comes_to(house, code, "answered"));
  CHECK(count(shown(house, code), "answer", "Lampu sudah kami ganti.") == 1);

  CHECK(house.command({"report", "verify", code}).code == 0);
  house.kill();
  house.start();
  const auto steps = shown(house, code).find("history")->array.size();
  CHECK(eventually([&] {
    return house.query({"channel", "show", "kota"}).at(0).text("health") == "waiting";
  }));
  CHECK(shown(house, code).find("history")->array.size() == steps);
  CHECK(city.query({"report", "list"}).size() == 1);
}

TEST_CASE("killed at each step of handing a report over, it is made one request at most") {
  const Wire::Step steps[] = {{"claimed", Wire::From::client, "POST /open311", Wire::When::before},
                              {"posted", Wire::From::client, "POST /open311", Wire::When::after},
                              {"taken", Wire::From::server, "N-", Wire::When::before},
                              {"told", Wire::From::server, "N-", Wire::When::after}};
  City endpoint;
  endpoint.says("closed", "Beres");
  Wire wire(endpoint.port());
  BridgeProcess house(settings(wire.port()));
  const auto is_settled = [&](const std::string& code) {
    const auto report = shown(house, code);
    return std::ranges::any_of(report.find("replies")->array, [](const Json& reply) {
      const auto state = reply.text("state");
      return reply.text("channel") == "kota" && (state == "sent" || state == "uncertain");
    });
  };
  std::vector<std::string> codes;
  for (const auto& step : steps) {
    INFO(step.name);
    house.start();
    // Else what the last kill left is caught for this step's.
    for (const auto& code : codes) REQUIRE(eventually([&] { return is_settled(code); }));
    codes.push_back(fill_in_form(house, std::string("Jembatan retak: ") + step.name));
    act(house, codes.back(), {"verify", "--as", "admin", "--agency", "buleleng"});
    // Of the next request alone: after a kill the bridge looks for what it made before.
    const auto word = step.from == Wire::From::server ? endpoint.next_number() : step.word;
    wire.kills(house.pid(), {step.name, step.from, word.c_str(), step.when});
    (void)house.command(
        {"report", "act", codes.back(), "dispose", "--as", "buleleng", "--unit", "kota"});
    CHECK(eventually([&] { return wire.happened(); }));
    house.kill();
  }
  house.start();
  for (const auto& code : codes) {
    INFO(code);
    CHECK(eventually([&] { return is_settled(code); }));
    CHECK(endpoint.taken(code) <= 1);
    if (endpoint.taken(code) == 1) CHECK(comes_to(house, code, "answered"));
    CHECK(count(shown(house, code), "answer", "Beres") == endpoint.taken(code));
  }
}

TEST_CASE("trace shows field by field how a form's body is read, with no database") {
  ::setenv("KANAL_TEST_CITY_KEY", k_key.c_str(), 1);
  BridgeProcess house(
      "[channel.putr]\nkind = \"webhook\"\nurl = \"https://putr.example/kanal\"\n"
      "secret = \"env:KANAL_TEST_CITY_KEY\"\n[channel.putr.fields]\ntext = \"isi.laporan\"\n");
  const auto trace = [&](const std::string& body) {
    const auto file = (house.directory() / "body.json").string();
    std::ofstream(file) << body;
    const auto done = house.command({"trace", "--offline", "--channel", "putr", file});
    INFO(done.err);
    REQUIRE(done.code == 0);
    return Json::parse(done.out).value();
  };
  const auto read = trace("{\"isi\":{\"laporan\":\"Lampu jalan mati\"},\n\"nomor\":7}\n");
  CHECK(read.find("post")->text("text") == "Lampu jalan mati");
  CHECK(read.text("fate") == "report");
  const auto fields = read.find("fields")->array;
  CHECK(fields.at(0).text("field") == "isi.laporan");
  CHECK(fields.at(0).text("becomes") == "text");
  CHECK(fields.at(0).text("value") == "Lampu jalan mati");
  CHECK(fields.at(1).text("problem") == "missing");
  CHECK(fields.back().text("field") == "nomor");
  CHECK(fields.back().text("becomes").empty());
  const auto refused = trace("{\"isi\":{}}");
  CHECK(refused.text("fate") == "quarantined");
  CHECK(refused.text("reason") == "isi.laporan is missing");
  CHECK(refused.find("fields")->array.at(0).text("problem").starts_with("missing"));
}

}  // namespace
}  // namespace kanal::test
