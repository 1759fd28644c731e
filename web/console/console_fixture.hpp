#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "web/pages_fixture.hpp"
#include "web/session.hpp"

namespace kanal::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The console on a throw-away database, asked as a browser would.
struct ConsoleWorld : PagesWorld {
  static constexpr std::string_view k_password = "a sentence for the test";

  std::string password_hash = hash_password(k_password).value();
  Router router = Router::make(console_routes(parts())).value();

  WebParts parts() {
    WebParts parts{*store, intake, casework, organisation, keys, clock, "http://kanal.test", "0"};
    parts.channels.push_back({mail, "email", nullptr, nullptr, true, parse_price("350 IDR")});
    parts.promote = [](PostId, const Actor&) -> Result<ReportId> { return ReportId(1); };
    return parts;
  }

  OfficerId hire(const std::string& user, Role role, const std::string& agency = {},
                 const std::string& unit = {}) {
    Officer officer;
    officer.user = user;
    officer.name = user + " <i>";
    officer.role = role;
    officer.agency = AgencyId(agency);
    officer.unit = UnitId(unit);
    officer.password_hash = password_hash;
    return store->save_officer(officer).value();
  }

  Response ask(const std::string& method, const std::string& target, const std::string& cookie,
               const Fields& form = {}, const Fields& headers = {},
               const std::vector<FormPart>& files = {}) {
    auto request = request_of(method, target);
    request.headers.insert(request.headers.end(), headers.begin(), headers.end());
    if (!cookie.empty()) request.headers.emplace_back("cookie", cookie);
    for (const auto& [name, value] : form) {
      FormPart part;
      part.name = name;
      part.value = value;
      request.form.push_back(part);
    }
    request.form.insert(request.form.end(), files.begin(), files.end());
    request.reference = "ref";
    return answer(router, std::move(request));
  }
  Response get(const std::string& target, const std::string& cookie = {}) {
    return ask("GET", target, cookie);
  }

  /// A form as the page that shows it would send it: with its token.
  Response send(const std::string& target, const std::string& cookie, Fields form,
                const std::vector<FormPart>& files = {}) {
    form.emplace_back("csrf", csrf_of(cookie));
    return ask("POST", target, cookie, form, {}, files);
  }
  std::string csrf_of(const std::string& cookie) {
    return between(get("/console/account", cookie).body, "name=\"csrf\" value=\"", "\"");
  }

  Response log_in(const std::string& user, std::string_view password,
                  const std::string& cookies = {}) {
    return ask("POST", "/console/login", cookies,
               {{"user", user}, {"password", std::string(password)}});
  }
  /// The cookies of a new session; empty when the door stays shut.
  std::string sign_in(const std::string& user, std::string_view password = k_password,
                      const std::string& cookies = {}) {
    const auto response = log_in(user, password, cookies);
    return response.status == 303 ? cookies_of(response) : std::string();
  }
  /// What a browser sends back of an answer's cookies.
  static std::string cookies_of(const Response& response) {
    std::string cookies;
    for (const auto& [key, value] : response.headers) {
      if (key != "Set-Cookie") continue;
      cookies += (cookies.empty() ? "" : "; ") + value.substr(0, value.find(';'));
    }
    return cookies;
  }

  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }
  static std::string between(const std::string& text, const std::string& before,
                             const std::string& after) {
    const auto start = text.find(before);
    if (start == std::string::npos) return {};
    const auto from = start + before.size();
    return text.substr(from, text.find(after, from) - from);
  }

  [[nodiscard]] Report read(ReportId id) const { return *store->report(id).value(); }
  [[nodiscard]] std::string page_of(ReportId id) const {
    return "/console/reports/" + read(id).code.value();
  }
  void act(ReportId id, Command command) { REQUIRE(casework.act(id, command)); }
  /// Verified to the regency and given to a unit of it.
  void assign(ReportId id, const std::string& agency, const std::string& unit) {
    Command verify;
    verify.event = Event::verify;
    verify.actor.role = Role::national_admin;
    verify.agency = AgencyId(agency);
    act(id, verify);
    if (unit.empty()) return;
    Command dispose;
    dispose.event = Event::dispose;
    dispose.actor = {Role::agency_admin, {}, AgencyId(agency), {}};
    dispose.unit = UnitId(unit);
    act(id, dispose);
  }
};

inline bool says(const Response& response, std::string_view words) {
  return response.body.find(words) != std::string::npos;
}

}  // namespace kanal::testing
