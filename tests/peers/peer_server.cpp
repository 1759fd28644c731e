// Our HTTP server with a few addresses that tell what they were asked. Prints its port; ends with
// its standard input.

#include <algorithm>
#include <cstdio>

#include "net/http_server.hpp"

namespace {

using namespace kanal;  // NOLINT(google-build-using-namespace): this is a program

constexpr std::uint64_t k_most_bytes = 2U << 20U;

std::string print_form(const Request& request) {
  std::string text;
  for (const auto& part : request.form) text += part.name + "=" + part.value + "\n";
  return text;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  HttpServerOptions options;
  options.port = 0;
  options.spool = arguments[1];
  const auto get = [](std::string pattern, std::function<Response(const Request&)> handle) {
    return Route{.method = "GET",
                 .pattern = std::move(pattern),
                 .handle = std::move(handle),
                 .handle_later = {}};
  };
  const auto post = [](std::string pattern, BodyKind body,
                       std::function<Response(const Request&)> handle) {
    return Route{.method = "POST",
                 .pattern = std::move(pattern),
                 .body = body,
                 .most_bytes = k_most_bytes,
                 .handle = std::move(handle),
                 .handle_later = {}};
  };
  std::vector<Route> routes;
  routes.push_back(get("/path/{rest...}", [](const Request& request) {
    return Response::text(200, request.parameters.at("rest") + "?" + request.field("q"));
  }));
  routes.push_back(get("/style.css", [](const Request&) {
    Response response;
    response.headers = {{"Content-Type", "text/css"}, {"Cache-Control", "public"}};
    for (int line = 0; line < 1000; ++line) response.body += "p { margin: 0 }\n";
    return response;
  }));
  routes.push_back(post("/form", BodyKind::form, [](const Request& request) {
    return Response::text(200, print_form(request));
  }));
  routes.push_back(post("/json", BodyKind::raw,
                        [](const Request& request) { return Response::json(201, request.body); }));
  routes.push_back(post("/length", BodyKind::raw, [](const Request& request) {
    const auto zeros = std::ranges::count(request.body, '0');
    return Response::text(200, request.header("transfer-encoding") + " " +
                                   std::to_string(request.body.size()) + " " +
                                   std::to_string(zeros));
  }));
  routes.push_back(get("/later", [](const Request&) { return Response::redirect("/path/there"); }));
  const auto server = HttpServer::start(std::move(options), std::move(routes));
  if (!server) return 1;
  std::printf("%u\n", static_cast<unsigned>((*server)->port()));
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
