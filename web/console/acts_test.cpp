#include "web/console/console_fixture.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("a second act with other values is not taken for the first one again") {
  ConsoleWorld world;
  world.hire("regency", Role::agency_admin, "buleleng");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  world.assign(id, "buleleng", {});
  const auto page = world.page_of(id);
  const auto press = [&](const std::string& user, const std::string& event, int steps,
                         Fields fields) {
    fields.emplace_back("expected_steps", std::to_string(steps));
    return world.send(page + "/act/" + event, world.sign_in(user), fields);
  };
  CHECK(press("regency", "correct", 2, {{"title", "Lubang"}}).status == 303);
  CHECK(press("regency", "correct", 2, {{"title", "Lubang"}}).status == 303);
  const auto secret = press("regency", "correct", 2, {{"title", "Lubang"}, {"confidential", "1"}});
  CHECK(secret.status == 409);
  CHECK(says(secret, "sudah berubah"));
  CHECK_FALSE(world.read(id).confidential);
  CHECK(press("regency", "dispose", 3, {{"unit", "putr"}}).status == 303);
  CHECK(press("regency", "dispose", 3, {{"unit", "putr"}}).status == 303);
  CHECK(press("regency", "dispose", 3, {{"unit", "dlh"}}).status == 409);
  CHECK(world.read(id).unit == UnitId("putr"));
}

TEST_CASE("two archivings for two reasons are two acts") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  const auto archive = world.page_of(id) + "/act/archive";
  const auto cookie = world.sign_in("admin");
  const auto press = [&](const std::string& reason) {
    return world.send(archive, cookie, {{"expected_steps", "1"}, {"reason", reason}});
  };
  CHECK(press("Tidak ada alamat").status == 303);
  CHECK(press("Tidak ada alamat").status == 303);
  const auto other = press("Bukan pengaduan");
  CHECK(other.status == 409);
  CHECK(says(other, "Bukan pengaduan"));
}

TEST_CASE("two mergings with two reports are two acts") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  const auto one = world.read(world.file(world.post("m2", "Jalan rusak"))).code.value();
  const auto two = world.read(world.file(world.post("m3", "Jalan rusak"))).code.value();
  const auto merge = world.page_of(id) + "/act/merge";
  const auto cookie = world.sign_in("admin");
  const auto press = [&](const std::string& other) {
    return world.send(merge, cookie, {{"expected_steps", "1"}, {"other", other}}).status;
  };
  CHECK(press(one) == 303);
  CHECK(press(one) == 303);
  CHECK(press(two) == 409);
}

TEST_CASE("what is too long is refused with all of it still there") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  const auto page = world.page_of(id);
  const auto cookie = world.sign_in("admin");
  const auto note = std::string(40'000, 'x') + " akhir catatan";
  const auto noted =
      world.send(page + "/act/note", cookie, {{"expected_steps", "1"}, {"words", note}});
  CHECK(noted.status == 422);
  CHECK(says(noted, "akhir catatan</textarea>"));
  const auto reason = std::string(500, 'x') + " akhir alasan";
  const auto archived =
      world.send(page + "/act/archive", cookie, {{"expected_steps", "1"}, {"reason", reason}});
  CHECK(archived.status == 422);
  CHECK(says(archived, "akhir alasan</textarea>"));
  CHECK(world.read(id).steps == 1);
}

TEST_CASE("what is with somebody already is passed on to another, and not first of all") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("regency", Role::agency_admin, "buleleng");
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  const auto admin = world.sign_in("admin");
  const auto regency = world.sign_in("regency");
  const auto opened = [&](const std::string& cookie, const std::string& event) {
    return says(world.get(world.page_of(id), cookie), "id=\"act-" + event + "\" open>");
  };
  CHECK(opened(admin, "verify"));
  CHECK(says(world.get(world.page_of(id), admin), "Verifikasi dan teruskan"));
  world.assign(id, "buleleng", {});
  CHECK_FALSE(opened(admin, "verify"));
  CHECK(says(world.get(world.page_of(id), admin), "Alihkan ke instansi lain"));
  CHECK(opened(regency, "dispose"));
  Command dispose;
  dispose.event = Event::dispose;
  dispose.actor = {Role::agency_admin, {}, AgencyId("buleleng"), {}};
  dispose.unit = UnitId("putr");
  world.act(id, dispose);
  CHECK_FALSE(opened(regency, "dispose"));
  const auto page = world.get(world.page_of(id), regency).body;
  CHECK(page.find("/act/accept\"") < page.find("Alihkan ke unit lain"));
}

TEST_CASE("a unit is suggested to who can choose it") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  world.hire("regency", Role::agency_admin, "buleleng");
  auto batch = world.batch({world.post("m1", "Jalan berlubang")});
  batch.changes[0].after.category = CategoryId("road");
  REQUIRE(world.store->commit(batch));
  const auto id = batch.changes[0].after.id;
  world.assign(id, "buleleng", {});
  CHECK(says(world.get(world.page_of(id), world.sign_in("regency")), "class=\"suggested\""));
  CHECK_FALSE(says(world.get(world.page_of(id), world.sign_in("admin")), "class=\"suggested\""));
}

TEST_CASE("a number of twelve digits that is none is told apart from one that is too short") {
  ConsoleWorld world;
  world.hire("admin", Role::national_admin);
  const auto id = world.file(world.post("m1", "Jalan berlubang"));
  const auto merge = [&](const std::string& other) {
    return world.send(world.page_of(id) + "/act/merge", world.sign_in("admin"),
                      {{"expected_steps", "1"}, {"other", other}});
  };
  CHECK(says(merge("1234-5678-9013"), "Nomor itu tidak ada"));
  CHECK(says(merge("1234"), "dua belas angka."));
}
