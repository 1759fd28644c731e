#include "router/casework.hpp"

#include <catch2/catch.hpp>

#include "router/moves.hpp"
#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

Result<Change> decide_on(const Report& report, const Command& what) {
  return decide_act(report, what, shipped(), k_monday);
}

TEST_CASE("an act that the table does not know is refused in words and changes nothing") {
  const auto report = a_report(State::received);
  const auto refused = decide_on(report, command(Event::answer, national_admin(), "Sudah"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::drop);
  CHECK(refused.error().message.find("answer") != std::string::npos);
  CHECK_FALSE(decide_on(report, command(Event::verify, liaison())));
  CHECK_FALSE(decide_on(report, command(Event::note, {Role::auditor, {}, {}, {}}, "x")));
  CHECK_FALSE(decide_on(report, command(Event::note, {Role::connector_admin, {}, {}, {}}, "x")));
}

TEST_CASE("officers act on the reports of their own office only") {
  const auto report = a_report(State::at_unit);
  CHECK(decide_on(report, command(Event::accept, liaison())));
  CHECK_FALSE(decide_on(report, command(Event::accept, liaison("dlh"))));
  CHECK(decide_on(report, command(Event::interim, agency_admin(), "Sabar")));
  CHECK_FALSE(decide_on(report, command(Event::interim, agency_admin("kemenkes"), "Sabar")));
  auto nameless = agency_admin("");
  CHECK_FALSE(decide_on(report, command(Event::interim, nameless, "Sabar")));
  CHECK_FALSE(decide_on(a_report(State::received), command(Event::note, agency_admin(), "x")));
}

TEST_CASE("a monitor keeps away from confidential reports") {
  auto report = a_report(State::received);
  CHECK(decide_on(report, command(Event::note, monitor(), "Mirip")));
  report.confidential = true;
  CHECK_FALSE(decide_on(report, command(Event::note, monitor(), "Mirip")));
}

TEST_CASE("an act must bring along what it needs") {
  const auto received = a_report(State::received);
  CHECK_FALSE(decide_on(received, command(Event::archive, national_admin())));
  CHECK(decide_on(received, command(Event::archive, national_admin(), "Bukan keluhan")));
  CHECK_FALSE(decide_on(received, command(Event::hold, national_admin())));
  CHECK_FALSE(decide_on(received, command(Event::verify, national_admin())));
  CHECK_FALSE(decide_on(received, to_agency("nowhere")));
  CHECK(decide_on(received, to_agency()));
  const auto at_agency = a_report(State::at_agency);
  CHECK_FALSE(decide_on(at_agency, to_unit("bpjn")));
  CHECK_FALSE(decide_on(at_agency, to_unit("nowhere")));
  CHECK(decide_on(at_agency, to_unit()));
  auto rated = command(Event::rate, the_reporter());
  CHECK_FALSE(decide_on(a_report(State::answered), rated));
  for (const int mark : {0, 6, -1}) {
    rated.rating = mark;
    CHECK_FALSE(decide_on(a_report(State::answered), rated));
  }
  rated.rating = 4;
  CHECK(decide_on(a_report(State::answered), rated)->after.rating == 4);
  CHECK_FALSE(
      decide_on(received, command(Event::note, national_admin(), std::string(70'000, 'x'))));
}

TEST_CASE("an act on a report that was changed meanwhile is refused") {
  auto what = command(Event::note, national_admin(), "Catatan");
  what.expected_steps = 2;
  CHECK_FALSE(decide_on(a_report(), what));
  what.expected_steps = 3;
  CHECK(decide_on(a_report(), what));
}

TEST_CASE("a report passed around too often goes back to the national admin") {
  auto report = a_report(State::at_unit);
  const auto back = decide_on(report, command(Event::give_back, liaison(), "Bukan kami"));
  REQUIRE(back);
  CHECK(back->after.state == State::returned);
  CHECK(back->after.agency == AgencyId("buleleng"));
  CHECK(back->after.unit.empty());
  CHECK(back->after.hops == 1);
  report.hops = k_most_hops - 1;
  CHECK(
      decide_on(report, command(Event::give_back, liaison(), "Bukan kami"))->after.agency.empty());
  const auto by_agency = decide_on(a_report(State::at_agency),
                                   command(Event::give_back, agency_admin(), "Bukan kami"));
  CHECK(by_agency->after.agency.empty());
}

TEST_CASE("a reporter reopens once and within thirty days, an admin always") {
  auto report = a_report(State::closed);
  const auto by_reporter = command(Event::reopen, the_reporter(), "Rusak lagi");
  const auto by_admin = command(Event::reopen, national_admin(), "Rusak lagi");
  report.reopenings = 1;
  CHECK_FALSE(decide_on(report, by_reporter));
  CHECK(decide_on(report, by_admin));
  report.reopenings = 0;
  report.state_since = k_monday - std::chrono::days(31);
  CHECK_FALSE(decide_on(report, by_reporter));
}

TEST_CASE("a correction names what it changed, and nothing is no correction") {
  auto what = command(Event::correct, monitor());
  CHECK_FALSE(decide_on(a_report(), what));
  what.title = "Jalan rusak di Banyuasri";
  what.category = CategoryId("road");
  what.confidential = true;
  const auto change = decide_on(a_report(), what);
  REQUIRE(change);
  CHECK(change->after.title == "Jalan rusak di Banyuasri");
  CHECK(change->after.confidential);
  CHECK(change->entries[0].reason == "title, category, confidential");
  CHECK(change->entries[0].audience == Audience::officers);
  what.category = CategoryId("nothing");
  CHECK_FALSE(decide_on(a_report(), what));
}

TEST_CASE("only the national admin shows more than the reporter asked for") {
  auto report = a_report(State::at_agency);
  report.anonymous = true;
  report.confidential = true;
  const auto lifted_by = [&](const Actor& who, bool name, bool words) {
    auto what = command(Event::correct, who);
    what.title = "Jalan rusak di Banyuasri";
    what.anonymous = !name;
    what.confidential = !words;
    return decide_on(report, what).has_value();
  };
  CHECK(lifted_by(agency_admin(), false, false));
  CHECK_FALSE(lifted_by(agency_admin(), true, false));
  CHECK_FALSE(lifted_by(agency_admin(), false, true));
  CHECK(lifted_by(national_admin(), true, true));
  report.confidential = false;
  CHECK_FALSE(lifted_by(monitor(), true, true));
}

TEST_CASE("clocks start as the table says, in working days of the rules in force") {
  const auto at_unit = decide_on(a_report(State::at_agency), to_unit());
  CHECK(at_unit->after.timer == Timer::follow_up);
  // Five working days after Monday: the next Monday, to the end of the day in Makassar.
  CHECK(at_unit->after.due_at == std::chrono::sys_days{std::chrono::year{2026} / 3 / 9} +
                                     std::chrono::hours(16) - std::chrono::seconds(1));
  auto overdue = at_unit->after;
  overdue.overdue = true;
  const auto accepted = decide_on(overdue, command(Event::accept, liaison()));
  CHECK(accepted->after.timer == Timer::resolution);
  CHECK_FALSE(accepted->after.overdue);
  const auto news = decide_on(accepted->after, command(Event::interim, liaison(), "Sabar"));
  CHECK(news->after.due_at == accepted->after.due_at);
  const auto archived =
      decide_on(a_report(State::received), command(Event::archive, national_admin(), "Ganda"));
  CHECK(archived->after.timer == Timer::none);
  CHECK_FALSE(archived->after.due_at);
}

TEST_CASE("resolution takes as long as the report's kind allows") {
  auto report = a_report(State::at_unit);
  report.kind = KindId("aspiration");
  const auto soon = decide_on(report, command(Event::accept, liaison()))->after.due_at;
  report.kind = KindId("oversight");
  const auto late = decide_on(report, command(Event::accept, liaison()))->after.due_at;
  REQUIRE(soon);
  REQUIRE(late);
  CHECK(*late - *soon > std::chrono::days(60));
}

TEST_CASE("dated rules may change how long a kind is given") {
  auto report = a_report(State::at_unit);
  report.kind = KindId("oversight");
  auto organisation = Organisation::shipped();
  const auto usual = due_of(Timer::resolution, report, organisation, k_monday);
  organisation.deadlines.back().days["resolution"] = 3;
  CHECK(due_of(Timer::resolution, report, organisation, k_monday) == usual);
  organisation.deadlines.back().days["resolution.oversight"] = 5;
  const auto decreed = due_of(Timer::resolution, report, organisation, k_monday);
  CHECK(decreed == std::chrono::sys_days{std::chrono::year{2026} / 3 / 9} + std::chrono::hours(16) -
                       std::chrono::seconds(1));
}

TEST_CASE("BELUM sends the report back to work, a mark closes it") {
  Office office;
  const auto report = office.answered();
  auto answer = a_post("m2", "BELUM, masih ada lubang");
  answer.hints.thread_token = std::to_string(report.id.value());
  CHECK(office.take({answer}).filings.at(0).fate == Fate::joined);
  CHECK(office.report(report.id).state == State::in_progress);
  office.act(report.id, command(Event::answer, liaison(), "Sekarang sudah."));
  auto mark = a_post("m3", "5");
  mark.in_reply_to = ExternalId("m1");
  CHECK(office.take({mark}).filings.at(0).code == report.code);
  const auto closed = office.report(report.id);
  CHECK(closed.state == State::closed);
  CHECK(closed.rating == 5);
  CHECK(office.store->verify(report.id));
}

TEST_CASE("two reports are merged and parted again, and both histories fit") {
  Office office;
  const auto parent = office.file("m1", "Jalan berlubang di depan pasar");
  const auto child = office.file("m2", "Ada lubang besar dekat pasar", "budi@example.org");
  auto merge = command(Event::merge, national_admin());
  merge.other = parent.id;
  const auto merged = office.act(child.id, merge);
  CHECK(merged.state == State::merged);
  CHECK(merged.merged_into == parent.id);
  const auto texts = office.texts_owed(child.id);
  REQUIRE(texts.size() == 2);
  CHECK(texts[1].find(grouped(parent.code)) != std::string::npos);
  const auto lines = office.store->history(parent.id).value();
  CHECK(lines.back().other == child.id);
  const auto parted =
      office.act(child.id, command(Event::unmerge, national_admin(), "Lain tempat"));
  CHECK(parted.state == State::received);
  CHECK_FALSE(parted.merged_into);
  CHECK(office.store->verify(parent.id));
  CHECK(office.store->verify(child.id));
}

TEST_CASE("reports are not merged in a circle, with themselves, or across confidentiality") {
  Office office;
  const auto a = office.file("m1", "Jalan berlubang di depan pasar");
  const auto b = office.file("m2", "Ada lubang besar dekat pasar", "budi@example.org");
  auto secret = a_post("m3", "Pejabat meminta uang di pasar", "wati@example.org");
  secret.hints.confidential = true;
  const auto c = office.take({secret}).filings.at(0).report;
  auto merge = command(Event::merge, national_admin());
  merge.other = a.id;
  CHECK_FALSE(office.refusal(a.id, merge).empty());
  CHECK_FALSE(office.refusal(c, merge).empty());
  merge.other = ReportId(99'999);
  CHECK_FALSE(office.refusal(a.id, merge).empty());
  merge.other = a.id;
  office.act(b.id, merge);
  merge.other = b.id;
  CHECK_FALSE(office.refusal(a.id, merge).empty());
}

TEST_CASE("nobody joins another's matter by a merged report's token") {
  Office office;
  const auto parent = office.file("m1", "Jalan berlubang di depan pasar");
  const auto child = office.file("m2", "Ada lubang besar dekat pasar", "budi@example.org");
  auto merge = command(Event::merge, national_admin());
  merge.other = parent.id;
  office.act(child.id, merge);
  auto stranger = a_post("m3", "Saya juga", "asing@example.org");
  stranger.hints.thread_token = std::to_string(child.id.value());
  const auto filing = office.take({stranger}).filings.at(0);
  CHECK(filing.fate == Fate::held);
  CHECK(office.report(parent.id).steps == 2);
}

TEST_CASE("an act that is refused writes nothing") {
  Office office;
  const auto report = office.file("m1", "Lampu jalan mati di depan pasar");
  const auto refused = office.casework.act(report.id, command(Event::answer, liaison(), "Sudah"));
  REQUIRE_FALSE(refused);
  CHECK(office.report(report.id).steps == 1);
  CHECK_FALSE(office.casework.act(ReportId(4242), to_agency()));
}

}  // namespace
}  // namespace kanal
