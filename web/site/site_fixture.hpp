#pragma once

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "web/pages_fixture.hpp"
#include "web/site/site.hpp"

namespace kanal::testing {

/// The public site on a throw-away database, and one report on it.
struct SiteWorld : PagesWorld {
  std::shared_ptr<Throttle> searches = throttle_of_searches();
  Router router = Router::make(site_routes({*store,
                                            intake,
                                            casework,
                                            organisation,
                                            keys,
                                            clock,
                                            {},
                                            "http://kanal.test",
                                            searches}))
                      .value();

  Response act(ReportId id, const std::string& name, const std::string& text,
               const std::string& language = "id", const std::string& accept = "text/html") {
    const auto code = store->report(id).value()->code;
    auto request = request_of("POST", "/r/" + code.value() + "/" + name);
    request.headers.emplace_back("accept-language", language);
    request.headers.emplace_back("accept", accept);
    for (const auto& [key, value] :
         {std::pair<std::string, std::string>{name == "rate" ? "rating" : "text", text},
          {"k", tracking_secret(keys, code)}}) {
      FormPart part;
      part.name = key;
      part.value = value;
      request.form.push_back(part);
    }
    return answer(router, std::move(request));
  }
  /// The report's page, under its secret link or as anybody sees it.
  std::string page(ReportId id, bool own = true) { return get(id, "", own).body; }
  Response get(ReportId id, const std::string& rest, bool own) {
    const auto code = store->report(id).value()->code;
    auto request = request_of("GET", "/r/" + code.value() + rest);
    request.headers.emplace_back("accept-language", "id");
    if (own) request.fields = {{"k", tracking_secret(keys, code)}};
    return answer(router, std::move(request));
  }
  /// A page as a browser asks for it.
  Response get(const std::string& target, const std::string& language = "id",
               const std::string& accept = "text/html") {
    auto request = request_of("GET", target);
    request.headers.emplace_back("accept-language", language);
    request.headers.emplace_back("accept", accept);
    return answer(router, std::move(request));
  }
  /// Every value that the answer has of this header.
  static std::vector<std::string> headers(const Response& response, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& [key, value] : response.headers) {
      if (key == name) values.push_back(value);
    }
    return values;
  }
  [[nodiscard]] std::string link(ReportId id) const {
    const auto code = report(id).code;
    return "/r/" + code.value() + "?k=" + tracking_secret(keys, code);
  }
  [[nodiscard]] Report report(ReportId id) const { return store->report(id).value().value(); }
  Report does(ReportId id, Command command) {
    const auto done = casework.act(id, command);
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
    return *done;
  }
  /// Answered by the agency.
  ReportId answered(const std::string& post) {
    const auto id = file(this->post(post, "Lampu mati"));
    Command verify;
    verify.event = Event::verify;
    verify.actor.role = Role::national_admin;
    verify.agency = AgencyId("buleleng");
    does(id, verify);
    Command answer;
    answer.event = Event::answer;
    answer.actor = {Role::agency_admin, OfficerId(2), AgencyId("buleleng"), {}};
    answer.words = "Sudah diganti.";
    does(id, answer);
    return id;
  }
  void merge(ReportId child, ReportId parent) {
    Command merge;
    merge.event = Event::merge;
    merge.actor.role = Role::national_admin;
    merge.other = parent;
    does(child, merge);
  }
  [[nodiscard]] Entry newest(ReportId id) const { return store->history(id).value().back(); }
  [[nodiscard]] std::size_t lines(ReportId id) const { return store->history(id).value().size(); }
};

inline std::string location_of(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "Location") return value;
  }
  return {};
}

}  // namespace kanal::testing
