#include <algorithm>
#include <cstdlib>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "tests/support/bridge_process.hpp"
#include "tests/support/wire.hpp"

namespace kanal::test {
namespace {

const std::string k_key = "kunci-aplikasi-jalanku";

std::string settings() {
  ::setenv("KANAL_TEST_OPEN311", k_key.c_str(), 1);
  return "[channel.apps]\nkind = \"open311\"\ncontact = \"open311@example.go.id\"\n"
         "[channel.apps.applications.jalanku]\nkey = \"env:KANAL_TEST_OPEN311\"\n";
}

HttpReply post(BridgeProcess& bridge, const std::string& rest, const std::string& fields) {
  return bridge.post("/open311/v2/" + rest, "application/x-www-form-urlencoded; charset=utf-8",
                     "api_key=" + percent_encode(k_key) + "&" + fields);
}

Json json(BridgeProcess& bridge, const std::string& rest) {
  const auto reply = bridge.get("/open311/v2/" + rest);
  INFO(rest + ": " + reply.body);
  REQUIRE(reply.status == 200);
  return Json::parse(reply.body).value();
}

void officer_acts(BridgeProcess& bridge, const std::string& code,
                  std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"report", "act", code});
  const auto finished = bridge.command(arguments);
  INFO(finished.err);
  REQUIRE(finished.code == 0);
}

std::string status_of(BridgeProcess& bridge, const std::string& code) {
  return json(bridge, "requests/" + code + ".json").array.at(0).text("status");
}

/// Every reply owed on the channel, settled as delivered.
bool all_delivered(const BridgeProcess& bridge, const std::string& code) {
  const auto shown = bridge.query({"report", "show", code}).at(0);
  const auto* replies = shown.find("replies");
  if (replies == nullptr || replies->array.empty()) return false;
  for (const auto& reply : replies->array) {
    if (reply.text("state") != "delivered") return false;
  }
  return true;
}

std::string answered(BridgeProcess& bridge, const std::string& code, const std::string& words) {
  officer_acts(bridge, code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(bridge, code, {"dispose", "--as", "buleleng", "--unit", "dishub"});
  officer_acts(bridge, code, {"accept", "--as", "dishub"});
  const auto status = status_of(bridge, code);
  officer_acts(bridge, code, {"answer", "--as", "dishub", "--words", words});
  return status;
}

TEST_CASE("a request by an application is verified, disposed, answered, disputed and closed") {
  BridgeProcess bridge(settings());
  bridge.start();
  CHECK(json(bridge, "discovery.json").find("endpoints")->array.at(0).text("url") ==
        bridge.url() + "/open311/v2");
  const auto reply = post(bridge, "requests.json",
                          "service_code=street_light&lat=-8.112&long=115.088"
                          "&description=Lampu+jalan+mati+di+depan+pasar&attribute[pole]=B17"
                          "&first_name=Ni&last_name=Luh&email=niluh%40example.org");
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  const auto code = Json::parse(reply.body).value().array.at(0).text("service_request_id");
  REQUIRE(parse_tracking_code(code));
  CHECK(status_of(bridge, code) == "open");
  CHECK(answered(bridge, code, "Lampu sudah kami ganti malam ini.") == "open");

  const auto seen = json(bridge, "requests/" + code + ".json").array.at(0);
  CHECK(seen.text("status_notes") == "Lampu sudah kami ganti malam ini.");
  CHECK(seen.text("description").find("Nomor yang tertulis di tiang: B17") != std::string::npos);
  const auto updates = json(bridge, "servicerequestupdates.json").array;
  REQUIRE(updates.size() == 4);
  CHECK(updates.back().text("description") == "Lampu sudah kami ganti malam ini.");
  CHECK(updates.at(2).text("status") == "in_progress");
  CHECK(bridge.get("/open311/v2/requests.xml").body.find("niluh") == std::string::npos);

  const auto update = [&](const std::string& number, const std::string& more) {
    const auto sent = post(bridge, "servicerequestupdates.json",
                           "service_request_id=" + code + "&update_id=" + number +
                               "&updated_datetime=2026-01-02T03:04:05%2B08:00" + more);
    INFO(sent.body);
    CHECK(sent.status == 200);
    return sent.body;
  };
  const auto once = update("1", "&status=REOPEN&description=Masih+gelap");
  CHECK(update("1", "&status=REOPEN&description=Masih+gelap") == once);
  CHECK(bridge.query({"report", "show", code}).at(0).text("state") == "in_progress");
  officer_acts(bridge, code, {"answer", "--as", "dishub", "--words", "Sisi timur juga sudah."});
  update("2", "&status=FIXED&description=");
  CHECK(status_of(bridge, code) == "closed");
  CHECK(json(bridge, "requests.json?status=closed").array.size() == 1);
  CHECK(json(bridge, "requests.json?status=open").array.empty());
  CHECK(bridge.query({"report", "list"}).size() == 1);
  CHECK(eventually([&] { return all_delivered(bridge, code); }));
  CHECK(bridge.command({"report", "verify", code}).code == 0);
  CHECK(bridge.stop() == 0);
}

TEST_CASE("an application that lost the answer asks again after a crash and gets the same number") {
  BridgeProcess bridge(settings());
  bridge.start();
  const auto send = [&] {
    const auto reply = post(bridge, "requests.xml",
                            "service_code=waste&address_string=Pasar+Anyar&device_id=tt1"
                            "&description=Sampah+menumpuk");
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return between(reply.body, "<service_request_id>", "</service_request_id>");
  };
  const auto code = send();
  bridge.kill();
  bridge.start();
  CHECK(send() == code);
  answered(bridge, code, "Sudah kami angkut.");
  const auto xml = bridge.get("/open311/v2/requests/" + code + ".xml").body;
  CHECK(between(xml, "<status_notes>", "</status_notes>") == "Sudah kami angkut.");
  CHECK(between(xml, "<address>", "</address>") == "Pasar Anyar");
  CHECK(bridge.query({"report", "list"}).size() == 1);
}

/// An application whose way to the endpoint may break, which asks until it is told.
struct Application {
  Wire wire{0};
  std::unique_ptr<Http> http = make_http({});

  /// The id that it is told, of the request or the update; empty: no answer came.
  std::string post(const std::string& resource, const std::string& fields) {
    HttpCall call;
    call.method = "POST";
    call.url = "http://127.0.0.1:" + std::to_string(wire.port()) + "/open311/v2/" + resource;
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    call.body = "api_key=" + percent_encode(k_key) + "&" + fields;
    call.allow_private = true;
    const auto reply = http->fetch(call);
    if (!reply) return {};
    INFO(reply->body);
    REQUIRE(reply->status == 200);
    const auto made = Json::parse(reply->body).value().array.at(0);
    return made.text(resource == "requests.json" ? "service_request_id" : "update_id");
  }
};

TEST_CASE(
    "killed at each step of taking a request or an update, an application has it taken once") {
  const Wire::Step steps[] = {
      {"on its way", Wire::From::client, "POST /open311", Wire::When::before},
      {"posted", Wire::From::client, "POST /open311", Wire::When::after},
      {"stored, before it is said", Wire::From::server, " 200 ", Wire::When::before},
      {"stored, and said", Wire::From::server, " 200 ", Wire::When::after}};
  BridgeProcess bridge(settings());
  Application application;
  const auto start = [&] {
    bridge.start();
    application.wire.lead_to(bridge.port());
  };
  // What the application is told in the end, as often as it asks.
  const auto post = [&](const Wire::Step& step, const std::string& resource,
                        const std::string& fields) {
    INFO(resource << ", " << step.name);
    application.wire.kills(bridge.pid(), step);
    const auto heard = application.post(resource, fields);
    const bool hears = step.from == Wire::From::server && step.when == Wire::When::after;
    // Between the last byte of a request and the kill it may be answered.
    const bool may_hear = step.from == Wire::From::client && step.when == Wire::When::after;
    if (!may_hear) CHECK(heard.empty() != hears);
    CHECK(eventually([&] { return application.wire.happened(); }));
    bridge.kill();
    start();
    const auto told = application.post(resource, fields);
    CHECK_FALSE(told.empty());
    if (!heard.empty()) CHECK(heard == told);
    CHECK(application.post(resource, fields) == told);
    return told;
  };
  start();
  std::vector<std::string> codes;
  for (const auto& step : steps) {
    const auto text = "Sampah menumpuk di gang nomor " + std::to_string(codes.size());
    codes.push_back(post(step, "requests.json",
                         "service_code=waste&lat=-8.112&long=115.088&device_id=tt1&description=" +
                             percent_encode(text)));
  }
  CHECK(bridge.query({"report", "list"}).size() == std::size(steps));
  const auto& code = codes.front();
  answered(bridge, code, "Sudah kami angkut.");
  const auto words = [&](const std::string& about) {
    const auto report = bridge.query({"report", "show", code}).at(0);
    return std::ranges::count_if(report.find("history")->array, [&](const Json& step) {
      return step.text("words").find(about) != std::string::npos;
    });
  };
  for (std::size_t number = 0; number < std::size(steps); ++number) {
    const auto text = "Masih ada di sudut nomor " + std::to_string(number);
    post(steps[number], "servicerequestupdates.json",
         "service_request_id=" + code + "&update_id=" + std::to_string(number) +
             "&updated_datetime=2026-01-02T03:04:05%2B08:00&status=OPEN&description=" +
             percent_encode(text));
    CHECK(words(text) == 1);
  }
  for (const auto& each : codes) {
    INFO(each);
    CHECK(status_of(bridge, each) == "open");
    CHECK(eventually([&] { return all_delivered(bridge, each); }));
    CHECK(bridge.command({"report", "verify", each}).code == 0);
  }
  CHECK(bridge.query({"report", "list"}).size() == std::size(steps));
}

TEST_CASE("what the endpoint refuses has the standard's form, whoever refuses it") {
  BridgeProcess bridge(settings());
  bridge.start();
  const auto refused = [](const HttpReply& reply, int status) {
    INFO(reply.body);
    CHECK(reply.status == status);
    const auto faults = Json::parse(reply.body);
    REQUIRE(faults);
    CHECK(faults->array.at(0).find("code")->integer == status);
  };
  const auto form = "application/x-www-form-urlencoded";
  refused(bridge.post("/open311/v2/requests.json", form, "service_code=road&lat=1&long=1"), 403);
  refused(post(bridge, "requests.json", "service_code=dragon&lat=1&long=1"), 404);
  refused(post(bridge, "requests.json", "service_code=road"), 400);
  refused(post(bridge, "requests.json", "description=" + std::string(100'000, 'x')), 413);
  refused(bridge.get("/open311/v2/requests/1.json"), 404);
  refused(bridge.get("/open311/v2/a/b/c.json"), 404);
  refused(bridge.get("/open311/v2/requests/%00.json?page=1"), 400);
  const auto xml = bridge.get("/open311/v1/services.xml");
  CHECK(xml.status == 404);
  CHECK(xml.body.find("<errors><error><code>404</code>") != std::string::npos);
  // A key in the address of webhooks opens nothing.
  CHECK(bridge.post("/in/apps/requests.json", form, "api_key=" + k_key).status == 404);
  // One in the address of requests counts, and is not logged.
  refused(bridge.post("/open311/v2/requests.json?api_key=" + k_key, form, "service_code=road"),
          400);
  CHECK(bridge.log().find(k_key) == std::string::npos);
}

}  // namespace
}  // namespace kanal::test
