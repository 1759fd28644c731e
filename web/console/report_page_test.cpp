#include "web/console/console_fixture.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("who corrects one thing leaves the category as it is, whatever it is") {
  ConsoleWorld world;
  Category bare;
  bare.id = CategoryId("ternak");
  bare.name_id = "Ternak";
  world.organisation.categories.push_back(bare);
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  const auto id = world.file(world.post("m1", "Sapi lepas di jalan"));
  const auto page = world.page_of(id);
  CHECK(says(world.get(page, cookie), "<option value=\"ternak\">Ternak</option>"));
  CHECK(says(world.get("/console", cookie), "<option value=\"ternak\">Ternak</option>"));
  for (const std::string category : {"ternak", "no-longer-there"}) {
    world.database.ask("UPDATE report SET category = '" + category + "', kind = 'no-more'");
    const auto shown = world.get(page, cookie);
    CHECK(says(shown, "<option value=\"" + category + "\" selected>"));
    CHECK(says(shown, "<option value=\"no-more\" selected>"));
    const Fields form{{"expected_steps", std::to_string(world.read(id).steps)},
                      {"title", "Sapi, " + category},
                      {"category", category},
                      {"kind", "no-more"}};
    CHECK(world.send(page + "/act/correct", cookie, form).status == 303);
    CHECK(world.read(id).title == "Sapi, " + category);
    CHECK(world.read(id).category == CategoryId(category));
  }
  const Fields other{{"expected_steps", std::to_string(world.read(id).steps)},
                     {"category", "another"}};
  CHECK(world.send(page + "/act/correct", cookie, other).status == 409);
}

TEST_CASE("a page shows a report's first and newest messages, and leads to all of them") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  std::vector<ReportId> ids;
  for (int i = 0; i < 102; ++i) {
    auto post = world.post("m" + std::to_string(i), "Lampu " + std::to_string(i));
    if (i == 1) post.attachments.push_back({"lampu-1.txt", "text/plain", "a file", {}, 0, {}});
    ids.push_back(world.file(post));
  }
  const auto page = world.page_of(ids.front());
  CHECK_FALSE(says(world.get(page, cookie), "Hanya yang pertama dan yang terbaru"));
  world.database.ask("UPDATE post SET report = " + std::to_string(ids.front().value()));
  const auto shown = world.get(page, cookie);
  CHECK(says(shown, "Hanya yang pertama dan yang terbaru"));
  CHECK(says(shown, "<span class=\"count\">102</span>"));
  CHECK(says(shown, ">Lampu 0<"));
  CHECK_FALSE(says(shown, ">Lampu 1<"));
  CHECK(says(shown, ">Lampu 2<"));
  CHECK(says(shown, ">Lampu 101<"));
  const auto code = world.read(ids.front()).code.value();
  CHECK(says(shown, "href=\"/console/messages?id=" + code + "\""));
  // Its file is there all the same.
  CHECK(says(shown, "lampu-1.txt"));
}

}  // namespace
}  // namespace kanal::testing
