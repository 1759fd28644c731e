#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/http_client.hpp"
#include "store/test_world.hpp"
#include "web/parts.hpp"

namespace kanal::testing {

/// What the routes of programs stand on, with a database of its own and the real server in front.
struct WebWorld : World {
  Organisation organisation = Organisation::shipped();
  std::unique_ptr<Intake> intake = std::make_unique<Intake>(*store, organisation, clock);
  Casework casework{*store, organisation, clock, "http://kanal.example"};
  std::unique_ptr<Http> http = make_http({});
  std::unique_ptr<HttpServer> server;

  WebParts parts() {
    return {*store, *intake, casework, organisation, keys, clock, "http://kanal.example", "test"};
  }
  void serve(std::vector<Route> routes) {
    HttpServerOptions options;
    options.port = 0;
    options.spool = scratch_directory() / "http";
    server = HttpServer::start(std::move(options), std::move(routes)).value();
  }
  /// Before what the routes lean on goes.
  void close() {
    // Requests that wait for their commit are answered by the intake's end.
    server->drain();
    intake.reset();
    server.reset();
  }
  HttpReply ask(const std::string& method, const std::string& target, const std::string& body = {},
                std::vector<std::pair<std::string, std::string>> headers = {}) const {
    HttpCall call;
    call.method = method;
    call.url = "http://127.0.0.1:" + std::to_string(server->port()) + target;
    call.headers = std::move(headers);
    call.body = body;
    call.allow_private = true;
    auto reply = http->fetch(call);
    return reply ? *reply : HttpReply{0, {}, reply.error().message};
  }
};

}  // namespace kanal::testing
