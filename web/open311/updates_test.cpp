#include "web/open311/open311_fixture.hpp"

namespace kanal::testing {
namespace {

TEST_CASE("an update of the application that made the request joins the report, once") {
  City city;
  const auto id = city.request("Lampu mati");
  city.answer(id, "Sudah kami ganti.");
  const auto path = "servicerequestupdates.json";
  const auto first = city.post(path, city.update(id, "7", "Masih gelap di ujung jalan"));
  INFO(first.body);
  REQUIRE(first.status == 200);
  const auto given = Json::parse(first.body).value().array.at(0).text("update_id");
  CHECK(given.starts_with("jalanku-u-"));
  CHECK(city.post(path, city.update(id, "7", "Masih gelap di ujung jalan")).body == first.body);
  const auto history = city.store->history(city.report(id).id).value();
  const auto said = std::ranges::count_if(
      history, [](const Entry& line) { return line.words == "Masih gelap di ujung jalan"; });
  CHECK(said == 1);
  CHECK(city.report(id).state == State::answered);
  CHECK(city.store->find_reports({}).value().size() == 1);

  // Who reuses a number loses nothing of what they say.
  auto later = city.update(id, "7", "Di sisi barat juga");
  later.replace(later.find("05:00:00Z"), 9, "06:00:00Z");
  city.clock.advance(std::chrono::hours(2));
  REQUIRE(city.post(path, later).status == 200);
  CHECK(city.store->posts_of(city.report(id).id).value().size() == 3);

  CHECK(city.post("servicerequestupdates.xml", city.update(id, "8", "sisi timur", k_key, "REOPEN"))
            .status == 200);
  CHECK(city.report(id).state == State::in_progress);
}

TEST_CASE("an update of another application, or of no request, is refused") {
  City city;
  const auto id = city.request("Lampu mati");
  const auto path = "servicerequestupdates.json";
  check_refused(city.post(path, city.update(id, "1", "x", k_other_key)), 403,
                "This api_key did not make that request.");
  check_refused(city.post(path, city.update(id, "1", "x", "no such key at all")), 403,
                "api_key is not known.");
  check_refused(city.post(path, city.update(make_tracking_code(99).value(), "1", "x")), 404,
                "service_request_id was not found.");
  CHECK(city.store->history(city.report(id).id).value().size() == 1);
}

TEST_CASE("updates are what happened between two dates, oldest first") {
  City city;
  const auto id = city.request("Lampu mati");
  const auto other = city.request("Lampu di seberang mati");
  CHECK(city.get("servicerequestupdates.json").body == "[]");
  city.clock.advance(std::chrono::hours(24));
  city.verify(id);
  city.clock.advance(std::chrono::hours(24));
  city.act(id, Event::dispose, Role::agency_admin);
  city.act(id, Event::answer, Role::liaison, "Sudah kami ganti.");
  const auto all = city.json("servicerequestupdates.json").array;
  REQUIRE(all.size() == 3);
  CHECK(all[0].text("service_request_id") == id);
  CHECK(all[0].text("update_id") == id + "-2");
  CHECK(all[0].text("status") == "investigating");
  CHECK(all[0].text("updated_datetime") == "2026-03-03T13:00:00+08:00");
  CHECK(all[0].text("description") == "Di instansi: Pemerintah Kabupaten Buleleng");
  CHECK(all[2].text("description") == "Sudah kami ganti.");
  CHECK(all[2].find("media_url")->type == Json::Type::null);
  const auto count = [&](const std::string& query) {
    return city.json("servicerequestupdates.json?" + query).array.size();
  };
  CHECK(count("start_date=2026-03-04T00:00:00Z") == 2);
  CHECK(count("end_date=2026-03-03T05:00:00Z") == 1);
  CHECK(count("end_date=2026-03-03T04:59:59Z") == 0);
  CHECK(count("page_size=2") == 2);
  CHECK(count("page_size=2&page=2") == 1);
  CHECK(count("page_size=2&page=3") == 0);
  CHECK(count("jurisdiction_id=buleleng") == 3);
  CHECK(count("jurisdiction_id=kemenkes") == 0);
  CHECK(count("service_request_id=" + id) == 3);
  CHECK(count("service_request_id=" + other) == 0);
  // Its application hears of an end that the public does not.
  city.act(other, Event::archive, Role::national_admin, "Tidak ada alamat.");
  const auto last = city.json("servicerequestupdates.json").array.back();
  CHECK(last.text("service_request_id") == other);
  CHECK(last.text("status") == "no_further_action");
  CHECK(last.text("description").find("alamat") == std::string::npos);
  CHECK(city.get("servicerequestupdates.xml")
            .body.find("<service_request_updates><request_update><update_id>") !=
        std::string::npos);
}

TEST_CASE("what a blocked person adds by an application joins no report") {
  City city;
  const auto code = city.request("Lampu mati di depan pasar");
  const auto others = city.post("requests.json", "api_key=" + k_key +
                                                     "&service_code=waste&address_string=Pasar"
                                                     "&description=Sampah&email=ani%40example.org");
  const auto waste = Json::parse(others.body).value().array.at(0).text("service_request_id");
  const auto steps = [&](const std::string& of) { return city.report(of).steps; };
  const auto before = steps(code);
  const auto wayan = city.report(code).reporter;
  REQUIRE(city.store->block(wayan, true, {Role::monitor, OfficerId(1), {}, {}}, "spam"));
  CHECK(city.post("servicerequestupdates.json", city.update(code, "1", "Masih gelap")).status ==
        200);
  CHECK(steps(code) == before);
  // Nor to what somebody else reported by the same application.
  const auto their_steps = steps(waste);
  CHECK(city.post("servicerequestupdates.json",
                  city.update(waste, "2", "Bohong semua") + "&email=wayan%40example.org")
            .status == 200);
  CHECK(steps(waste) == their_steps);
  CHECK(city.post("servicerequestupdates.json",
                  city.update(waste, "3", "Makin banyak") + "&email=ani%40example.org")
            .status == 200);
  CHECK(steps(waste) == their_steps + 1);
}

}  // namespace
}  // namespace kanal::testing
