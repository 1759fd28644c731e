#pragma once

#include <algorithm>
#include <cstdlib>

#include <catch2/catch.hpp>

#include "connectors/kind.hpp"
#include "format/encode.hpp"
#include "format/picture_fixture.hpp"
#include "web/open311/open311.hpp"
#include "web/web_fixture.hpp"

namespace kanal::testing {

inline const std::string k_key = "kunci-jalanku-0123";
inline const std::string k_other_key = "kunci-kotaku-45678";
inline constexpr std::string_view k_form = "application/x-www-form-urlencoded; charset=utf-8";
inline const std::string k_light =
    "service_code=street_light&lat=-8.112&long=115.088&address_string=Jalan+Gajah+Mada"
    "&first_name=Wayan&last_name=Rahasia&email=wayan%40example.org";

/// The endpoint over the connector that applications really reach, with two of them.
struct City : WebWorld {
  explicit City(const std::string& settings = {}) {
    ::setenv("KANAL_WEB_OPEN311", k_key.c_str(), 1);
    ::setenv("KANAL_WEB_OPEN311_OTHER", k_other_key.c_str(), 1);
    Problems problems;
    const auto table =
        Table::parse(settings +
                         "contact = \"open311@example.go.id\"\n[applications.jalanku]\n"
                         "key = \"env:KANAL_WEB_OPEN311\"\n[applications.kotaku]\n"
                         "key = \"env:KANAL_WEB_OPEN311_OTHER\"\n",
                     "kanal.toml", problems);
    REQUIRE(problems.empty());
    connector = find_kind("open311")->create(apps, table, around).value();
    rules.name = apps;
    rules.kind = "open311";
    rules.sender_ids = true;
    rules.authors = false;
    intake->know(rules);
    casework.know(rules);
    serve(open311_routes({*store,
                          *intake,
                          organisation,
                          keys,
                          clock,
                          {{apps, dynamic_cast<const GeoReportHost*>(connector.get())}},
                          "http://kanal.example"}));
  }
  ~City() { close(); }

  HttpReply get(const std::string& rest, const std::string& accept = {}) const {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!accept.empty()) headers.emplace_back("Accept", accept);
    return ask("GET", "/open311/v2/" + rest, {}, headers);
  }
  HttpReply post(const std::string& rest, const std::string& body) const {
    return ask("POST", "/open311/v2/" + rest, body, {{"Content-Type", std::string(k_form)}});
  }
  Json json(const std::string& rest) const {
    const auto reply = get(rest);
    INFO(rest + ": " + reply.body);
    REQUIRE(reply.status == 200);
    CHECK(reply.header("content-type") == "application/json; charset=utf-8");
    return Json::parse(reply.body).value();
  }
  std::string request(const std::string& description, const std::string& more = {}) const {
    const auto reply = post("requests.json", "api_key=" + k_key + "&" + k_light + more +
                                                 "&description=" + percent_encode(description));
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body).value().array.at(0).text("service_request_id");
  }
  Report report(const std::string& code) const {
    return store->report(TrackingCode(code)).value().value();
  }
  void act(const std::string& code, Event event, Role role, const std::string& words = {}) {
    Command command;
    command.event = event;
    command.actor = {role, OfficerId(1), AgencyId("buleleng"), UnitId("dishub")};
    command.agency = AgencyId("buleleng");
    command.unit = UnitId("dishub");
    command.words = words;
    const auto done = casework.act(report(code).id, command);
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
  }
  void verify(const std::string& code) { act(code, Event::verify, Role::national_admin); }
  void answer(const std::string& code, const std::string& words) {
    verify(code);
    act(code, Event::dispose, Role::agency_admin);
    act(code, Event::answer, Role::liaison, words);
  }
  std::vector<std::string> listed(const std::string& query) const {
    std::vector<std::string> found;
    for (const auto& each : json("requests.json?" + query).array) {
      found.push_back(each.text("service_request_id"));
    }
    return found;
  }
  std::string update(const std::string& code, const std::string& number, const std::string& text,
                     const std::string& key = k_key, const std::string& status = "OPEN") const {
    return "api_key=" + key + "&service_request_id=" + code + "&update_id=" + number +
           "&status=" + status +
           "&updated_datetime=2026-03-02T05:00:00Z&description=" + percent_encode(text);
  }

  ChannelName apps{"apps"};
  std::unique_ptr<Mail> mail_client = make_mail();
  Scratch spool;
  Surroundings around{clock, keys, organisation, *http, *mail_client, spool.path()};
  std::unique_ptr<Connector> connector;
  ChannelRules rules;
};

inline void check_refused(const HttpReply& reply, int status, const std::string& description) {
  INFO(reply.body);
  CHECK(reply.status == status);
  CHECK(reply.header("content-type") == "application/json; charset=utf-8");
  const auto faults = Json::parse(reply.body).value();
  REQUIRE(faults.type == Json::Type::array);
  REQUIRE_FALSE(faults.array.empty());
  CHECK(faults.array[0].find("code")->integer == status);
  CHECK(faults.array[0].text("description") == description);
}

}  // namespace kanal::testing
