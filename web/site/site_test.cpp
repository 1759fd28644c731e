#include "web/site/site.hpp"

#include <catch2/catch.hpp>

#include "net/route.hpp"
#include "store/test_world.hpp"

namespace kanal::testing {
namespace {

/// The public site on a throw-away database, and one report on it.
struct SiteWorld : World {
  Organisation organisation = Organisation::shipped();
  Intake intake{*store, organisation, clock};
  Casework casework{*store, organisation, clock, "http://kanal.test"};
  Router router =
      Router::make(
          site_routes(
              {*store, intake, casework, organisation, keys, clock, {}, "http://kanal.test"}))
          .value();
  std::string peer = "192.0.2.1";

  Response act(ReportId id, const std::string& name, const std::string& text,
               const std::string& language = "id") {
    const auto code = store->report(id).value()->code;
    Request request;
    request.method = "POST";
    request.path = "/r/" + code.value() + "/" + name;
    request.target = request.path;
    request.peer = peer;
    request.headers = {{"host", "kanal.test"}, {"accept-language", language}};
    for (const auto& [key, value] :
         {std::pair<std::string, std::string>{"text", text}, {"k", tracking_secret(keys, code)}}) {
      FormPart part;
      part.name = key;
      part.value = value;
      request.form.push_back(part);
    }
    const auto found = router.find("POST", request.path);
    REQUIRE(found.route != nullptr);
    request.parameters = found.parameters;
    return found.route->handle(request);
  }
  [[nodiscard]] std::size_t lines(ReportId id) const { return store->history(id).value().size(); }
};

TEST_CASE("a secret link takes ten replies at once, then keeps the words and asks for patience") {
  SiteWorld world;
  const auto id = world.file(world.post("m1", "Lampu mati"));
  const auto other = world.file(world.post("m2", "Jalan rusak"));
  for (int i = 0; i < 10; ++i) CHECK(world.act(id, "reply", "tambahan").status == 303);
  const auto before = world.lines(id);
  for (const auto* language : {"id", "en"}) {
    const auto over = world.act(id, "reply", "yang <kesebelas>", language);
    CHECK(over.status == 429);
    CHECK(over.body.find("yang &lt;kesebelas&gt;</textarea>") != std::string::npos);
    CHECK(over.body.find(*language == 'i' ? "tunggu beberapa menit" : "wait a few minutes") !=
          std::string::npos);
  }
  CHECK(world.lines(id) == before);
  CHECK(world.act(other, "reply", "tambahan").status == 303);
  world.peer = "198.51.100.1";
  CHECK(world.act(id, "reply", "dari tempat lain").status == 429);
  world.clock.advance(std::chrono::minutes(4));
  CHECK(world.act(id, "reply", "kemudian").status == 303);
}

TEST_CASE("one network takes no more than its share of all replies") {
  SiteWorld world;
  int taken = 0;
  for (int report = 0; report < 6; ++report) {
    const auto id = world.file(world.post("m" + std::to_string(report), "Lampu mati"));
    for (int i = 0; i < 9; ++i) taken += world.act(id, "reply", "x").status == 303 ? 1 : 0;
  }
  CHECK(taken == 40);
}

}  // namespace
}  // namespace kanal::testing
