#include "web/console/live.hpp"

#include <condition_variable>
#include <mutex>

#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

namespace {

/// A browser that listens.
class Listener final : public EventStream {
 public:
  bool push(std::string_view event, std::string_view /*data*/) override {
    const std::scoped_lock lock(mutex_);
    if (event == "change") ++heard_;
    changed_.notify_all();
    return stays_;
  }
  [[nodiscard]] bool is_open() override {
    const std::scoped_lock lock(mutex_);
    return stays_;
  }
  bool hears(int times) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return heard_ >= times; });
  }
  void leave() {
    const std::scoped_lock lock(mutex_);
    stays_ = false;
  }
  int heard() {
    const std::scoped_lock lock(mutex_);
    return heard_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int heard_ = 0;
  bool stays_ = true;
};

}  // namespace

TEST_CASE("an open page is told of what is committed, and not what it was") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("technician", Role::connector_admin);
  CHECK(world.get("/console/events").status == 303);
  CHECK(world.get("/console/events", world.sign_in("technician")).status == 403);
  const auto response = world.get("/console/events", world.sign_in("admin"));
  REQUIRE(response.events);
  const auto listener = std::make_shared<Listener>();
  response.events(listener);
  world.file(world.post("m1", "Jalan berlubang"));
  CHECK(listener->hears(1));
}

TEST_CASE("a report's page asks whether it has moved on since it was drawn") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  const auto news = world.page_of(id) + "/news?since=1";
  CHECK_FALSE(says(world.get(news, cookie), "notice"));
  world.assign(id, "buleleng", {});
  CHECK(says(world.get(news, cookie), "notice"));
}

TEST_CASE("a flood of changes is told once, and who went away is forgotten") {
  console::Live live(std::chrono::hours(1));
  const auto first = std::make_shared<Listener>();
  live.add(OfficerId(1), first);
  live.touch();
  REQUIRE(first->hears(1));
  for (int i = 0; i < 1000; ++i) live.touch();
  CHECK(first->heard() == 1);

  console::Live quick(std::chrono::milliseconds(0));
  const auto leaving = std::make_shared<Listener>();
  const auto staying = std::make_shared<Listener>();
  quick.add(OfficerId(1), leaving);
  quick.add(OfficerId(1), staying);
  leaving->leave();
  quick.touch();
  REQUIRE(staying->hears(1));
  quick.touch();
  REQUIRE(staying->hears(2));
  CHECK(leaving->heard() == 1);
}

TEST_CASE("one officer leaves room for the others, and pages that were closed leave theirs") {
  // Nothing is ever told here: who left is known without.
  console::Live live(std::chrono::hours(1));
  const auto leaving = std::make_shared<Listener>();
  for (int page = 0; page < 8; ++page) {
    CHECK(live.has_room(OfficerId(1)));
    live.add(OfficerId(1), leaving);
  }
  CHECK_FALSE(live.has_room(OfficerId(1)));
  const auto unasked = std::make_shared<Listener>();
  live.add(OfficerId(1), unasked);
  CHECK(unasked.use_count() == 1);
  int officers = 2;
  for (; live.has_room(OfficerId(officers)); ++officers) {
    REQUIRE(officers < 100'000);
    for (int page = 0; page < 8; ++page) live.add(OfficerId(officers), leaving);
  }
  leaving->leave();
  CHECK(live.has_room(OfficerId(officers)));
  CHECK(live.has_room(OfficerId(1)));
}

TEST_CASE("an open page that asks for news has nothing read that it does not show") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto cookie = world.sign_in("admin");
  auto with_photo = world.post("m1", "Jalan berlubang");
  with_photo.attachments.push_back({"jalan.jpg", "image/jpeg", "no picture", {}, 0, {}});
  const auto page = world.page_of(world.file(with_photo));
  world.get(page, cookie);
  const auto asked_for = [&](const std::string& target) {
    const auto before = world.store->statements();
    CHECK(world.ask("GET", target, cookie, {}, {{"x-refresh", "1"}}).status == 200);
    return world.store->statements() - before;
  };
  // The session, the report, and of a file its post with its files.
  CHECK(asked_for(page + "/news?since=1") == 2);
  CHECK(asked_for(page + "/files/1/0") == 4);
}
