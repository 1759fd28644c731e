#include "net/route.hpp"

#include <catch2/catch.hpp>

namespace kanal {
namespace {

Route route(std::string method, std::string pattern) {
  return {.method = std::move(method),
          .pattern = std::move(pattern),
          .handle = [](const Request&) { return Response(); },
          .handle_later = {}};
}

Router router(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::vector<Route> routes;
  for (const auto& [method, pattern] : entries) routes.push_back(route(method, pattern));
  auto made = Router::make(std::move(routes));
  REQUIRE(made);
  return std::move(*made);
}

std::string found(const Router& router, std::string_view path, std::string_view method = "GET") {
  const auto match = router.find(method, path);
  return match.route == nullptr ? "" : match.route->pattern;
}

TEST_CASE("the most literal address wins, wherever it was said") {
  const auto all = router({{"GET", "/{path...}"},
                           {"GET", "/r/{code}"},
                           {"GET", "/r/new"},
                           {"GET", "/r/{code}/history"},
                           {"GET", "/"}});
  CHECK(found(all, "/") == "/");
  CHECK(found(all, "/r/new") == "/r/new");
  CHECK(found(all, "/r/7") == "/r/{code}");
  CHECK(found(all, "/r/new/history") == "/r/{code}/history");
  CHECK(found(all, "/r/7/other") == "/{path...}");
  CHECK(found(all, "/r") == "/{path...}");
}

TEST_CASE("what stands in an address is handed over") {
  const auto all = router({{"GET", "/r/{code}/files/{name...}"}, {"GET", "/c/{a}/{b}"}});
  const auto rest = all.find("GET", "/r/7/files/a/b/c.jpg");
  REQUIRE(rest.route != nullptr);
  CHECK(rest.parameters.at("code") == "7");
  CHECK(rest.parameters.at("name") == "a/b/c.jpg");
  CHECK(all.find("GET", "/c/1/2").parameters.at("b") == "2");
  // A name is never empty.
  CHECK(found(all, "/c//2").empty());
  CHECK(found(all, "/r/7/files/").empty());
}

TEST_CASE("HEAD finds what GET does, but a HEAD of its own first") {
  const auto all = router({{"GET", "/a"}, {"GET", "/b"}, {"HEAD", "/b"}, {"POST", "/c"}});
  CHECK(all.find("HEAD", "/a").route->method == "GET");
  CHECK(all.find("HEAD", "/b").route->method == "HEAD");
  CHECK(all.find("HEAD", "/c").route == nullptr);
}

TEST_CASE("an address that is known names its methods") {
  const auto all = router({{"GET", "/r/{code}"}, {"POST", "/r/{code}"}, {"PUT", "/r/new"}});
  CHECK(all.find("DELETE", "/r/7").allow == "GET, HEAD, OPTIONS, POST");
  CHECK(all.find("DELETE", "/r/new").allow == "GET, HEAD, OPTIONS, POST, PUT");
  CHECK(all.find("POST", "/r/new").route->pattern == "/r/{code}");
  CHECK(all.find("GET", "/nowhere").allow.empty());
  CHECK(all.methods() == "GET, HEAD, OPTIONS, POST, PUT");
  CHECK(all.knows("PUT"));
  CHECK(all.knows("PATCH"));
  CHECK_FALSE(all.knows("BREW"));
  CHECK_FALSE(all.knows(""));
}

TEST_CASE("routes that cannot be told apart or read are refused") {
  const auto refused = [](const std::vector<std::pair<std::string, std::string>>& entries) {
    std::vector<Route> routes;
    for (const auto& [method, pattern] : entries) routes.push_back(route(method, pattern));
    return !Router::make(std::move(routes)).has_value();
  };
  CHECK(refused({{"GET", "/a"}, {"GET", "/a"}}));
  CHECK(refused({{"GET", "/{a}"}, {"GET", "/{b}"}}));
  CHECK(refused({{"GET", "a"}}));
  CHECK(refused({{"GET", ""}}));
  CHECK(refused({{"G T", "/a"}}));
  CHECK(refused({{"GET", "/{a"}}));
  CHECK(refused({{"GET", "/{}"}}));
  CHECK(refused({{"GET", "/{a...}/b"}}));
  std::vector<Route> none;
  none.push_back({.method = "GET", .pattern = "/", .handle = {}, .handle_later = {}});
  CHECK_FALSE(Router::make(std::move(none)));
}

TEST_CASE("a long address is looked up in as many steps as its pattern has") {
  const auto all = router({{"GET", "/{a}/{b}/{c}/{d}"}, {"GET", "/x/{rest...}"}});
  std::string path;
  for (int segment = 0; segment < 100'000; ++segment) path += "/x";
  CHECK(found(all, path) == "/x/{rest...}");
}

}  // namespace
}  // namespace kanal
