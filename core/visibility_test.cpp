#include "core/visibility.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

namespace kanal {
namespace {

Report some_report() {
  Report report;
  report.code = TrackingCode("123456789012");
  report.state = State::at_unit;
  report.agency = AgencyId("pemkab");
  report.unit = UnitId("pupr");
  report.title = "Jalan rusak";
  report.text = "Jalan rusak, hubungi 0812-3456-7890 atau budi@example.org";
  return report;
}

Viewer officer(Role role, const char* agency = "", const char* unit = "") {
  return {role, AgencyId(agency), UnitId(unit), false, false};
}

TEST_CASE("the public sees a report without numbers and addresses") {
  const auto seen = view(some_report(), {}, Viewer::anyone(), Output::page);
  REQUIRE(seen.visible);
  CHECK(seen.text == "Jalan rusak, hubungi █████ atau █████");
  CHECK_FALSE(seen.may_see_identity);
}

TEST_CASE("a confidential report does not exist for the public") {
  auto report = some_report();
  report.confidential = true;
  CHECK_FALSE(view(report, {}, Viewer::anyone(), Output::page).visible);
  CHECK(view(report, {}, Viewer::own_reporter(), Output::page).text == report.text);
  CHECK(view(report, {}, Viewer::own_reporter(), Output::reply).text.empty());
}

TEST_CASE("an officer sees the reports of their own office only") {
  const auto report = some_report();
  CHECK(view(report, {}, officer(Role::liaison, "pemkab", "pupr"), Output::page).visible);
  CHECK_FALSE(view(report, {}, officer(Role::liaison, "pemkab", "dlh"), Output::page).visible);
  CHECK(view(report, {}, officer(Role::agency_admin, "pemkab"), Output::page).visible);
  CHECK_FALSE(view(report, {}, officer(Role::agency_admin, "kemenkes"), Output::page).visible);
  CHECK_FALSE(view(report, {}, officer(Role::connector_admin), Output::page).visible);
}

TEST_CASE("the reported party never learns who an anonymous reporter is") {
  auto report = some_report();
  const auto liaison = officer(Role::liaison, "pemkab", "pupr");
  CHECK(view(report, {}, liaison, Output::page).may_see_identity);
  report.anonymous = true;
  CHECK_FALSE(view(report, {}, liaison, Output::page).may_see_identity);
  CHECK_FALSE(
      view(report, {}, officer(Role::agency_admin, "pemkab"), Output::page).may_see_identity);
  CHECK(view(report, {}, officer(Role::national_admin), Output::page).may_see_identity);
}

TEST_CASE("notes among officers stay among officers") {
  Entry note;
  note.event = Event::note;
  note.words = "curiga";
  const std::vector<Entry> history{note};
  const auto report = some_report();
  CHECK(view(report, history, Viewer::anyone(), Output::page).history.empty());
  CHECK(view(report, history, Viewer::own_reporter(), Output::page).history.empty());
  CHECK(view(report, history, officer(Role::national_admin), Output::page).history.size() == 1);
}

TEST_CASE("no log ever gets words") {
  Entry line;
  line.words = "words";
  const std::vector<Entry> history{line};
  const auto seen = view(some_report(), history, officer(Role::national_admin), Output::log);
  CHECK(seen.text.empty());
  CHECK(seen.title.empty());
  CHECK(seen.history.front().words.empty());
}

TEST_CASE("what a viewer may not see is in no output") {
  const bool held = rc::check([](bool anonymous, bool confidential, std::uint8_t state,
                                 std::uint8_t role, std::uint8_t output, bool own) {
    auto report = some_report();
    report.state = static_cast<State>(state % 12);
    report.anonymous = anonymous;
    report.confidential = confidential;
    Viewer viewer = role % 9 == 8 ? Viewer::anyone()
                                  : officer(static_cast<Role>(role % 8), own ? "pemkab" : "dlh",
                                            own ? "pupr" : "x");
    if (!viewer.is_public && viewer.role == Role::reporter) viewer = Viewer::own_reporter();
    const auto where = static_cast<Output>(output % 5);
    const auto seen = view(report, {}, viewer, where);
    const bool local = viewer.role == Role::liaison || viewer.role == Role::agency_admin;
    if (viewer.is_public && confidential) RC_ASSERT(!seen.visible);
    if (!seen.visible) RC_ASSERT(seen.text.empty() && seen.code.empty() && !seen.place);
    if (local && !own) RC_ASSERT(!seen.visible);
    if (local && anonymous) RC_ASSERT(!seen.may_see_identity);
    if (viewer.is_public || viewer.is_reporter || where != Output::page) {
      RC_ASSERT(!seen.may_see_identity);
    }
    if (where == Output::log) RC_ASSERT(seen.text.empty() && seen.title.empty());
    if (viewer.is_public) RC_ASSERT(seen.text.find("0812") == std::string::npos);
    for (const auto& move : permitted(report, viewer)) {
      RC_ASSERT(move.from == report.state);
      RC_ASSERT(!viewer.is_public);
    }
  });
  CHECK(held);
}

TEST_CASE("each event is offered once") {
  auto report = some_report();
  report.state = State::needs_info;
  const auto moves = permitted(report, Viewer::own_reporter());
  REQUIRE(moves.size() == 1);
  CHECK(moves.front().event == Event::complete);
  CHECK(moves.front().to == State::at_agency);
}

TEST_CASE("short numbers are left alone") {
  CHECK(redact_personal("RT 03 RW 05, 12 meter, 14.30") == "RT 03 RW 05, 12 meter, 14.30");
  CHECK(redact_personal("NIK 5108010101900001") == "NIK █████");
}

}  // namespace
}  // namespace kanal
