#include <functional>

#include <catch2/catch.hpp>

#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("what falls due first is listed first, page by page, and counted up to a bound") {
  World world;
  const auto late = world.file(world.post("m1", "Lampu mati di pasar"));
  world.clock.advance(std::chrono::hours(-24));
  const auto soon = world.file(world.post("m2", "Jalan rusak di pasar"));
  world.file(world.post("m3", "Selokan mampet"));
  ReportFilter filter;
  filter.words = "pasar";
  filter.order = ReportFilter::Order::due;
  const auto found = world.store->find_reports(filter).value();
  REQUIRE(found.size() == 2);
  CHECK(found[0].id == soon);
  CHECK(found[1].id == late);
  filter.most = 1;
  filter.skip = 1;
  CHECK(world.store->find_reports(filter).value().at(0).id == late);
  CHECK(world.store->count_reports(filter).value() == 1);
  filter.most = 10;
  CHECK(world.store->count_reports(filter).value() == 2);
}

TEST_CASE("whoever looks in public finds nothing by what a public page blots out") {
  World world;
  world.file(world.post("m1", "Lampu pasar mati, hubungi 0812-3456-7890 atau budi@example.org"));
  world.database.ask("UPDATE report SET state = 'at_agency'");
  const auto found = [&](const std::string& words, bool in_public) {
    ReportFilter filter;
    filter.words = words;
    filter.public_only = in_public;
    return world.store->find_reports(filter).value().size();
  };
  CHECK(found("lampu hubungi", true) == 1);
  for (const auto* number : {"0812", "3456", "budi@example.org", "budi", "\"0812 3456\""}) {
    INFO(number);
    CHECK(found(number, true) == 0);
    CHECK(found(std::string("lampu -") + number, true) == 1);
  }
  CHECK(found("0812", false) == 1);
  CHECK(found("budi@example.org", false) == 1);
  world.database.ask("UPDATE report SET title = 'Telepon 0813 1111 2222'");
  world.database.ask("DELETE FROM report_search");
  CHECK(found("telepon", true) == 1);
  CHECK(found("1111", true) == 0);
}

TEST_CASE("reports are found by number, category, and when they came or moved") {
  World world;
  auto first = world.batch({world.post("m1", "Jalan rusak")});
  first.changes[0].after.category = CategoryId("road");
  REQUIRE(world.store->commit(first));
  world.clock.advance(std::chrono::hours(24));
  auto second = world.batch({world.post("m2", "Lampu mati")});
  REQUIRE(world.store->commit(second));
  const auto road = world.store->report(first.changes[0].after.id).value().value();
  const auto light = world.store->report(second.changes[0].after.id).value().value();
  const auto noon = world.clock.now() - std::chrono::hours(12);
  const auto found = [&](const std::function<void(ReportFilter&)>& narrow) {
    ReportFilter filter;
    narrow(filter);
    std::vector<ReportId> ids;
    const auto reports = world.store->find_reports(filter).value();
    for (const auto& report : reports) ids.push_back(report.id);
    return ids;
  };
  using Ids = std::vector<ReportId>;
  CHECK(found([&](ReportFilter& f) {
          f.categories = {CategoryId("road"), CategoryId("tree")};
        }) == Ids{road.id});
  CHECK(found([&](ReportFilter& f) { f.codes = {road.code}; }) == Ids{road.id});
  CHECK(found([&](ReportFilter& f) { f.received_from = noon; }) == Ids{light.id});
  CHECK(found([&](ReportFilter& f) { f.received_before = noon; }) == Ids{road.id});
  CHECK(found([&](ReportFilter& f) { f.received_from = light.received_at; }) == Ids{light.id});
  CHECK(found([&](ReportFilter& f) { f.received_before = road.received_at; }).empty());

  world.clock.advance(std::chrono::hours(24));
  REQUIRE(world.store->write(std::vector{world.act(road, Event::verify, State::at_agency)}));
  const auto moved = world.clock.now();
  CHECK(found([&](ReportFilter& f) { f.moved_from = moved; }) == Ids{road.id});
  CHECK(found([&](ReportFilter& f) {
          f.moved_from = noon;
          f.moved_before = moved;
        }) == Ids{light.id});

  const auto histories = world.store->histories(std::vector{light.id, road.id}).value();
  REQUIRE(histories.size() == 2);
  CHECK(histories[0].size() == 1);
  REQUIRE(histories[1].size() == 2);
  CHECK(histories[1][1].event == Event::verify);
  CHECK(histories[1][1].words == "Diteruskan");
  CHECK(world.store->histories({}).value().empty());
}
