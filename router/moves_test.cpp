#include "router/moves.hpp"

#include <catch2/catch.hpp>

#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

Result<Report> moved(Report report, const Command& what) {
  auto entry = move_report(report, what, shipped(), k_monday);
  if (!entry) return tl::unexpected(entry.error());
  return report;
}

TEST_CASE("a report that is disposed again keeps its clock") {
  auto report = a_report(State::at_unit);
  report.timer = Timer::follow_up;
  report.due_at = k_monday - std::chrono::days(1);
  report.overdue = true;
  CHECK_FALSE(moved(report, to_unit("putr")));
  const auto elsewhere = moved(report, to_unit("dlh"));
  REQUIRE(elsewhere);
  CHECK(elsewhere->unit == UnitId("dlh"));
  CHECK(elsewhere->due_at == report.due_at);
  CHECK(elsewhere->overdue);
}

TEST_CASE("the national admin takes a report from an office and gives it to another") {
  for (const auto state : {State::at_agency, State::at_unit, State::in_progress}) {
    INFO(name(state));
    const auto taken = moved(a_report(state), to_agency("kemenpu"));
    REQUIRE(taken);
    CHECK(taken->state == State::at_agency);
    CHECK(taken->agency == AgencyId("kemenpu"));
    CHECK(taken->unit.empty());
    CHECK_FALSE(moved(a_report(state), [] {
      auto own = to_agency("kemenpu");
      own.actor = agency_admin();
      return own;
    }()));
  }
  CHECK_FALSE(moved(a_report(State::at_agency), to_agency("buleleng")));
}

TEST_CASE("an agency whose own answer was disputed may pass the report to a unit") {
  auto report = a_report(State::in_progress);
  report.unit = {};
  report.timer = Timer::resolution;
  report.due_at = k_monday - std::chrono::days(1);
  report.overdue = true;
  const auto disposed = moved(report, to_unit());
  REQUIRE(disposed);
  CHECK(disposed->state == State::at_unit);
  const auto accepted = moved(*disposed, command(Event::accept, liaison()));
  REQUIRE(accepted);
  CHECK(accepted->state == State::in_progress);
  CHECK(accepted->due_at == report.due_at);
  CHECK(accepted->overdue);
  CHECK_FALSE(moved(*accepted, to_unit()));
}

TEST_CASE("what is shown of a closed report can be corrected") {
  for (const auto state : {State::closed, State::merged, State::archived, State::rejected}) {
    INFO(name(state));
    auto what = command(Event::correct, national_admin());
    what.confidential = true;
    const auto corrected = moved(a_report(state), what);
    REQUIRE(corrected);
    CHECK(corrected->confidential);
    CHECK(corrected->state == state);
  }
}

TEST_CASE("a report that is parted from another is with no unit") {
  auto report = a_report(State::merged);
  report.agency = AgencyId("buleleng");
  report.unit = UnitId("putr");
  report.merged_into = ReportId(5);
  const auto parted = moved(report, command(Event::unmerge, national_admin(), "Lain tempat"));
  REQUIRE(parted);
  CHECK(parted->state == State::at_agency);
  CHECK(parted->unit.empty());
}

TEST_CASE("another kind of report has another time to be dealt with") {
  auto report = a_report(State::in_progress);
  report.timer = Timer::resolution;
  report.state_since = k_monday - std::chrono::days(30);
  report.kind = KindId("complaint");
  report.due_at = due_of(Timer::resolution, report, shipped(), report.state_since);
  report.overdue = true;
  REQUIRE(*report.due_at < k_monday);
  auto what = command(Event::correct, national_admin());
  what.kind = KindId("oversight");
  const auto corrected = moved(report, what);
  REQUIRE(corrected);
  CHECK(*corrected->due_at > k_monday);
  CHECK_FALSE(corrected->overdue);
}

TEST_CASE("an admin's reopening leaves the reporter theirs") {
  const auto closed = a_report(State::closed);
  CHECK(moved(closed, command(Event::reopen, national_admin()))->reopenings == 0);
  CHECK(moved(closed, command(Event::reopen, the_reporter()))->reopenings == 1);
}

}  // namespace
}  // namespace kanal
