#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "format/json.hpp"
#include "web/session.hpp"
#include "web/web_fixture.hpp"

namespace kanal::testing {

/// Tracking codes, or the names of members.
using Texts = std::vector<std::string>;

/// The API on a real server, with an officer of each role and a token for each.
struct ApiWorld : WebWorld {
  Sessions sessions{*store, keys, clock};
  std::map<std::string, std::string> tokens;
  std::vector<std::string> probed;
  std::function<void()> during_probe;  ///< runs within the next connection test

  explicit ApiWorld(AlarmLimits alarms = {}) {
    officer("admin", Role::national_admin, "", "");
    officer("monitor", Role::monitor, "", "");
    officer("auditor", Role::auditor, "", "");
    officer("teknis", Role::connector_admin, "", "");
    officer("buleleng", Role::agency_admin, "buleleng", "");
    officer("kemenkes", Role::agency_admin, "kemenkes", "");
    officer("putr", Role::liaison, "buleleng", "putr");
    officer("dlh", Role::liaison, "buleleng", "dlh");
    auto with = parts();
    with.alarms = std::move(alarms);
    with.channels.push_back({mail, "email", nullptr, nullptr, true, parse_price("350 IDR")});
    with.probe = [this](const ChannelName& name) -> Result<std::vector<ProbeStep>> {
      probed.push_back(name.value());
      if (const auto once = std::exchange(during_probe, nullptr)) once();
      return std::vector<ProbeStep>{{"connect", true, ""}, {"log in", false, "wrong password"}};
    };
    with.promote = [](PostId, const Actor&) -> Result<ReportId> {
      return fail(Remedy::drop, "This message belongs to a report already.");
    };
    serve(api_routes(std::move(with)));
  }

  void officer(const std::string& user, Role role, const char* agency, const char* unit) {
    Officer made;
    made.user = user;
    made.name = user;
    made.role = role;
    made.agency = AgencyId(agency);
    made.unit = UnitId(unit);
    made.password_hash = "hash of " + user;
    made.id = store->save_officer(made).value();
    tokens[user] = sessions.issue_token(made, std::chrono::hours(24), "test").value();
  }

  /// A report in the database; its tracking code.
  std::string complaint(const std::string& id, const std::string& text = "Jalan berlubang") {
    return store->report(file(post(id, text))).value()->code.value();
  }
  [[nodiscard]] Report report(const std::string& code) const {
    return store->report(TrackingCode(code)).value().value();
  }

  /// As `user`; nobody in particular when empty.
  [[nodiscard]] HttpReply call(const std::string& user, const std::string& method,
                               const std::string& path, const std::string& body = {}) const {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!user.empty()) headers.emplace_back("Authorization", "Bearer " + tokens.at(user));
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    return ask(method, "/api/v1" + path, body, headers);
  }
  [[nodiscard]] int status(const std::string& user, const std::string& path) const {
    return call(user, "GET", path).status;
  }
  [[nodiscard]] Json get(const std::string& user, const std::string& path) const {
    const auto reply = call(user, "GET", path);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body).value();
  }
  HttpReply act(const std::string& user, const std::string& code, const std::string& body) const {
    return call(user, "POST", "/reports/" + code + "/events", body);
  }
  /// To the unit `putr` of Buleleng.
  void dispose(const std::string& code) const {
    REQUIRE(act("admin", code, R"({"event":"verify","agency":"buleleng"})").status == 200);
    REQUIRE(act("buleleng", code, R"({"event":"dispose","unit":"putr"})").status == 200);
  }
};

/// The numbers of a list of reports, in its order.
inline std::vector<std::string> codes_in(const Json& list) {
  std::vector<std::string> codes;
  for (const auto& report : list.find("reports")->array) codes.push_back(report.text("code"));
  return codes;
}

/// The members that a problem's errors name.
inline std::vector<std::string> faulty_fields(const HttpReply& reply) {
  std::vector<std::string> fields;
  const auto json = Json::parse(reply.body);
  const auto* errors = json ? json->find("errors") : nullptr;
  if (errors == nullptr) return fields;
  for (const auto& each : errors->array) fields.push_back(each.text("field"));
  return fields;
}

}  // namespace kanal::testing
