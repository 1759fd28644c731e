#pragma once

#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "format/encode.hpp"
#include "net/route.hpp"
#include "store/test_world.hpp"
#include "web/parts.hpp"

namespace kanal::testing {

/// What pages for people stand on, with a database of its own and no server in front.
struct PagesWorld : World {
  Organisation organisation = Organisation::shipped();
  Intake intake{*store, organisation, clock};
  Casework casework{*store, organisation, clock, "http://kanal.test"};
  std::string peer = "192.0.2.1";  ///< where the browser is

  /// As a browser asks.
  [[nodiscard]] Request request_of(const std::string& method, const std::string& target) const {
    Request request;
    request.method = method;
    request.target = target;
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) {
      request.query = target.substr(mark + 1);
      request.fields = parse_form(request.query).value();
    }
    request.peer = peer;
    request.headers = {{"host", "kanal.test"}};
    return request;
  }
  static Response answer(const Router& router, Request request) {
    const auto found = router.find(request.method, request.path);
    REQUIRE(found.route != nullptr);
    request.parameters = found.parameters;
    return found.route->handle(request);
  }
};

}  // namespace kanal::testing
