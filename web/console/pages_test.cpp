#include <algorithm>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "web/console/acts.hpp"
#include "web/console/desk.hpp"
#include "web/console/inbox_query.hpp"
#include "web/console/words.hpp"
#include "web/embedded.hpp"
#include "web/files.hpp"
#include "web/officer_form.hpp"

using namespace kanal;
using namespace kanal::console;

namespace {

Request asking(std::vector<std::pair<std::string, std::string>> fields) {
  Request request;
  request.fields = std::move(fields);
  return request;
}

std::set<std::string> labels_in(std::string_view text) {
  std::set<std::string> found;
  constexpr std::string_view k_start = "{{W_";
  for (auto at = text.find(k_start); at != std::string_view::npos;
       at = text.find(k_start, at + 1)) {
    const auto end = text.find_first_of(":}", at);
    found.emplace(text.substr(at + 2, end - at - 2));
  }
  return found;
}

Report report_in(State state) {
  Report report;
  report.id = ReportId(1);
  report.state = state;
  report.agency = AgencyId("buleleng");
  report.unit = UnitId("putr");
  return report;
}

bool offers(const std::vector<ActForm>& forms, Event event) {
  return std::ranges::count(forms, event, &ActForm::event) > 0;
}

}  // namespace

TEST_CASE("every word that a page uses is known in both languages, and every known one is used") {
  std::set<std::string> used;
  for (const auto& file : embedded_files()) {
    if (file.name.ends_with(".html")) used.merge(labels_in(file.bytes));
  }
  std::set<std::string> known;
  for (const auto& label : labels()) {
    CHECK_FALSE(label.indonesian.empty());
    CHECK_FALSE(label.english.empty());
    if (label.key.starts_with("W_")) CHECK(known.emplace(label.key).second);
  }
  for (const auto& word : used) {
    INFO(word);
    CHECK(known.contains(word));
  }
  for (const auto& word : known) {
    INFO(word);
    CHECK(used.contains(word));
  }
}

TEST_CASE("an office asks for no reports but its own, whatever the address says") {
  const auto request = asking({{"agency", "kemenkes"}, {"unit", "yankes"}, {"tab", "all"}});
  const auto query = read_inbox_query(request, Role::liaison);
  const auto of_unit =
      filter_of(query, Viewer::officer({Role::liaison, {}, AgencyId("buleleng"), UnitId("putr")}));
  CHECK(of_unit.unit == UnitId("putr"));
  CHECK(of_unit.codes == std::vector{TrackingCode()});
  const auto of_agency =
      filter_of(query, Viewer::officer({Role::agency_admin, {}, AgencyId("buleleng"), {}}));
  CHECK(of_agency.agency == AgencyId("buleleng"));
}

TEST_CASE("an inbox begins with what waits for the officer, or else with what is open") {
  CHECK(read_inbox_query(asking({}), Role::liaison).tab == Tab::mine);
  CHECK(read_inbox_query(asking({}), Role::auditor).tab == Tab::open);
  CHECK(read_inbox_query(asking({{"tab", "mine"}}), Role::auditor).tab == Tab::open);
  CHECK(read_inbox_query(asking({{"page", "-3"}}), Role::auditor).page == 1);
  CHECK(read_inbox_query(asking({{"page", "99999999999999"}}), Role::auditor).page >= 1);
  CHECK_FALSE(read_inbox_query(asking({{"state", "drop table"}}), Role::auditor).state);
}

TEST_CASE("the forms of a report are those that the lifecycle permits") {
  const Actor unit{Role::liaison, {}, AgencyId("buleleng"), UnitId("putr")};
  const auto at_unit = act_forms(report_in(State::at_unit), Viewer::officer(unit), Time());
  REQUIRE_FALSE(at_unit.empty());
  CHECK(at_unit.front().event == Event::accept);
  CHECK(offers(at_unit, Event::answer));
  CHECK(offers(at_unit, Event::give_back));
  CHECK_FALSE(offers(at_unit, Event::verify));
  CHECK_FALSE(offers(at_unit, Event::archive));
  CHECK(act_forms(report_in(State::at_unit), Viewer::officer({Role::auditor, {}, {}, {}}), Time())
            .empty());
  const Actor other{Role::liaison, {}, AgencyId("buleleng"), UnitId("dlh")};
  CHECK(act_forms(report_in(State::at_unit), Viewer::officer(other), Time()).empty());
}

TEST_CASE("every act that a form may ask for has words in both languages") {
  for (const auto& move : lifecycle()) {
    for (const auto role : k_officer_roles) {
      if (!move.who.has(role)) continue;
      for (const auto* language : {"id", "en"}) {
        INFO(name(move.event));
        CHECK_FALSE(act_words(move.event, language).empty());
        CHECK_FALSE(act_done(move.event, language).empty());
      }
    }
  }
}

TEST_CASE("a suggestion is read from the line that the intake wrote") {
  View view;
  Entry entry;
  entry.reason = "suggested: buleleng (category)";
  view.history.push_back(entry);
  const auto suggested = suggestion_of(view);
  REQUIRE(suggested);
  CHECK(suggested->agency == AgencyId("buleleng"));
  CHECK(suggested->rule == "category");
  // A later line suggests anew; others say nothing of it.
  view.history.front().reason = "suggested: kemenkes (prefix)";
  view.history.push_back(entry);
  view.history.emplace_back();
  CHECK(suggestion_of(view)->agency == AgencyId("buleleng"));
  view.agency = AgencyId("kemenkes");
  CHECK_FALSE(suggestion_of(view));
  const auto organisation = Organisation::shipped();
  CHECK(reason_words(entry.reason, organisation, "en") ==
        "Suggested: Pemerintah Kabupaten Buleleng (by its category)");
}

TEST_CASE("a rule that names a unit has it proposed, before the category's") {
  auto organisation = Organisation::shipped();
  View view;
  view.agency = AgencyId("buleleng");
  view.category = CategoryId("road");
  Entry entry;
  entry.reason = "rule: Lampu";
  view.history.push_back(entry);
  const auto of_category = usual_unit(organisation, view);
  CHECK(of_category.rule == "category");
  organisation.rules.push_back({});
  organisation.rules.back().name = "Lampu";
  organisation.rules.back().unit = UnitId("dishub");
  CHECK(usual_unit(organisation, view).unit == UnitId("dishub"));
  CHECK(usual_unit(organisation, view).rule == "Lampu");
  view.history.front().reason = "suggested: buleleng (Lampu)";
  CHECK(usual_unit(organisation, view).unit == UnitId("dishub"));
  view.agency = AgencyId("kemenkes");
  CHECK(usual_unit(organisation, view).unit.empty());
}

TEST_CASE("days are told as people say them") {
  using namespace std::chrono_literals;
  const Time now = std::chrono::sys_days(std::chrono::year(2026) / 3 / 2) + 5h;
  const std::chrono::minutes zone{8 * 60};
  CHECK(short_date(now, now, zone, "id") == "hari ini 13.00");
  CHECK(short_date(now - 24h, now, zone, "en") == "yesterday 13:00");
  CHECK(short_date(now - 24h * 40, now, zone, "id") == "21 Jan");
  CHECK(short_date(now - 24h * 80, now, zone, "en") == "12 Dec 2025");
  CHECK(due_words(now - 49h, now, zone, "id") == "lewat 2 hari");
  CHECK(due_words(now + 1h, now, zone, "en") == "today");
  CHECK(due_words(now + 24h, now, zone, "id") == "besok");
  CHECK(due_words(now + 72h, now, zone, "en") == "in 3 days");
}

TEST_CASE("an officer of an agency or unit needs one") {
  const auto organisation = Organisation::shipped();
  CHECK_FALSE(faults_of({"made", "Made", "agency_admin", "", ""}, organisation, "en").empty());
  CHECK_FALSE(faults_of({"made", "Made", "liaison", "buleleng", ""}, organisation, "en").empty());
  CHECK_FALSE(faults_of({"made", "Made", "system", "", ""}, organisation, "en").empty());
  CHECK_FALSE(faults_of({"Made X", "Made", "auditor", "", ""}, organisation, "en").empty());
  CHECK(faults_of({"made", "Made", "liaison", "", "putr"}, organisation, "en").empty());
  const auto all = faults_of({"M", "", "agency_admin", "none", ""}, organisation, "id");
  REQUIRE(all.size() == 3);
  CHECK(all[0].field == "user");
  CHECK(all[1].field == "name");
  CHECK(all[2].field == "agency");
  const auto liaison = officer_of({"made", "Made", "liaison", "kemenkes", "putr"}, organisation);
  CHECK(liaison.agency == AgencyId("buleleng"));
  const auto auditor = officer_of({"made", "Made", "auditor", "kemenkes", "putr"}, organisation);
  CHECK(auditor.agency.empty());
}

TEST_CASE("a file without a name is called what it is, in the page's language") {
  const auto called = [](const char* name, const char* type, const char* language) {
    Attachment file;
    file.name = name;
    file.type = type;
    return file_words(file, language);
  };
  CHECK(called("lampiran-1.jpg", "image/jpeg", "id") == "Foto 1.jpg");
  CHECK(called("lampiran-1.jpg", "image/jpeg", "en") == "Photo 1.jpg");
  CHECK(called("lampiran-2.pdf", "application/pdf", "en") == "Attachment 2.pdf");
  CHECK(called("jalan.jpg", "image/jpeg", "en") == "jalan.jpg");
}
