#include "core/visibility.hpp"

#include <algorithm>
#include <ctime>

#include <catch2/catch.hpp>

#include "core/file_link.hpp"
#include "tests/support/sanitized.hpp"

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

TEST_CASE("how many support a report is told to whoever may read it, and to nobody else") {
  auto report = some_report();
  const auto support = [&](const Viewer& viewer, Output output = Output::page) {
    return view(report, {}, viewer, output, 12).support;
  };
  const auto monitor = officer(Role::monitor);
  CHECK(support(Viewer::anyone()) == 12);
  CHECK(support(monitor) == 12);
  CHECK_FALSE(view(report, {}, monitor, Output::page).support);
  report.state = State::received;
  CHECK_FALSE(support(Viewer::anyone()));
  report.confidential = true;
  CHECK_FALSE(support(Viewer::anyone()));
  CHECK_FALSE(support(monitor));
  CHECK(support(Viewer::own_reporter()) == 12);
  CHECK_FALSE(support(Viewer::own_reporter(), Output::reply));
  CHECK(support(officer(Role::auditor)) == 12);
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

TEST_CASE("files of a line are seen by those who may read its words, and by nobody else") {
  Entry line;
  line.step = 4;
  line.event = Event::answer;
  line.actor.role = Role::liaison;
  line.words = "Sudah ditambal.";
  line.files.push_back({"sesudah.jpg", "image/jpeg", {}, {}, 9, "ab"});
  auto report = some_report();
  const auto sees = [&](const Viewer& viewer, Output output = Output::page) {
    const auto seen = view(report, std::vector{line}, viewer, output);
    return find_file(seen, "4", "0") != nullptr;
  };
  const auto own = Viewer::own_reporter();
  const auto theirs = officer(Role::liaison, "pemkab", "pupr");
  line.audience = Audience::everyone;
  CHECK(sees(Viewer::anyone()));
  CHECK(sees(own));
  CHECK(sees(theirs));
  CHECK_FALSE(sees(officer(Role::liaison, "pemkab", "dlh")));
  CHECK_FALSE(sees(theirs, Output::log));
  line.audience = Audience::reporter;
  CHECK_FALSE(sees(Viewer::anyone()));
  CHECK(sees(own));
  line.audience = Audience::officers;
  CHECK_FALSE(sees(own));
  CHECK(sees(theirs));
  line.audience = Audience::everyone;
  report.confidential = true;
  CHECK_FALSE(sees(Viewer::anyone()));
  CHECK(sees(own));
  CHECK_FALSE(sees(own, Output::reply));
  CHECK_FALSE(sees(officer(Role::monitor)));
  CHECK_FALSE(sees(theirs, Output::office));
}

TEST_CASE("nobody's number stands before the public in the name of a file either") {
  Entry line;
  line.step = 4;
  line.event = Event::answer;
  line.audience = Audience::everyone;
  line.files.push_back({"Surat_081234567890_Budi.pdf", "application/pdf", {}, {}, 9, "ab"});
  const auto name_for = [&](const Viewer& viewer) {
    const auto seen = view(some_report(), std::vector{line}, viewer, Output::page);
    return find_file(seen, "4", "0")->name;
  };
  CHECK(name_for(Viewer::anyone()) == "Surat_█████_Budi.pdf");
  CHECK(name_for(Viewer::own_reporter()) == line.files[0].name);
  CHECK(name_for(officer(Role::national_admin)) == line.files[0].name);
}

TEST_CASE("a file is named by the numbers of its line and its place, and by nothing like them") {
  Entry line;
  line.step = 4;
  line.event = Event::answer;
  line.audience = Audience::everyone;
  line.files.resize(2);
  const auto seen = view(some_report(), std::vector{line}, Viewer::anyone(), Output::page);
  CHECK(find_file(seen, "4", "1") == &seen.history[0].files[1]);
  for (const auto* step : {"", "04", "+4", "5", "4 "}) CHECK(find_file(seen, step, "1") == nullptr);
  for (const auto* number : {"", "2", "-1", "01"}) CHECK(find_file(seen, "4", number) == nullptr);
}

TEST_CASE("what another reporter wrote to a report is for officers, not for its own reporter") {
  Entry theirs;
  theirs.event = Event::comment;
  theirs.actor.role = Role::reporter;
  theirs.audience = Audience::reporter;
  theirs.words = "rumah saya nomor 5";
  theirs.by_another = true;
  const std::vector history{theirs};
  const auto words = [&](const Viewer& viewer) {
    return view(some_report(), history, viewer, Output::page).history.at(0).words;
  };
  CHECK(words(Viewer::own_reporter()).empty());
  CHECK(words(Viewer::anyone()).empty());
  CHECK(words(officer(Role::liaison, "pemkab", "pupr")) == "rumah saya nomor 5");
  CHECK_FALSE(
      view(some_report(), history, Viewer::anyone(), Output::page).history.at(0).by_another);
}

TEST_CASE("the key of a reporter's own link is the reporter's alone") {
  const std::string key = "AbC-dEf_0123456789xyzQ";
  const auto safe = [&](const std::string& text) {
    const auto shown = without_own_keys(text);
    CHECK(shown.find(key.substr(0, 10)) == std::string::npos);
    CHECK(shown.find(key.substr(12)) == std::string::npos);
    return shown;
  };
  const std::string link = "https://lapor.example/r/271769347449?k=";
  CHECK(safe("Baca: " + link + key + ". Terima kasih") == "Baca: " + link + "█████. Terima kasih");
  CHECK(safe("(" + link + key + "&new=1)") == "(" + link + "█████&new=1)");
  CHECK(safe(link + key + " " + link + key) == link + "█████ " + link + "█████");
  CHECK(safe("https://x/r/271769347449?lang=en&amp;k=" + key) ==
        "https://x/r/271769347449?lang=en&amp;k=█████");
  CHECK(safe("> " + link + key.substr(0, 11) + "\n> " + key.substr(11) + "\n> Salam") ==
        "> " + link + "█████\n> Salam");
  CHECK(safe("https://safe.example/?url=https%3A%2F%2Fx%2Fr%2F271769347449%3Fk%3D" + key +
             "&data=05") ==
        "https://safe.example/?url=https%3A%2F%2Fx%2Fr%2F271769347449%3Fk%3D█████&data=05");
  const std::string quoted = "lihat https://lapor.example/r/271769347449?k=" + key + " ya";
  for (std::size_t at = quoted.find("/r/"); at < quoted.find(" ya"); ++at) {
    INFO(at);
    const auto shown = without_own_keys(quoted.substr(0, at) + "\n> " + quoted.substr(at));
    CHECK(shown.find(key.substr(0, 6)) == std::string::npos);
    CHECK(shown.find(key.substr(16)) == std::string::npos);
    CHECK(shown.ends_with(" ya"));
  }
  safe("url=https%3a%2f%2fx%2fr%2f271769347449%3fk%3d" + key);
  for (const auto* other : {"https://reddit.com/r/indonesia?k=1\nJalan rusak parah",
                            "https://x/r/271769347449?k=1\nJalan rusak",
                            "https://youtu.be/watch?k=abc", "?k=", "k=1", "%", "a/r/1?", "&k=x"}) {
    INFO(other);
    if (std::string_view(other).find("449?k=1") == std::string_view::npos) {
      CHECK(without_own_keys(other) == other);
    } else {
      CHECK(without_own_keys(other).ends_with("\nJalan rusak"));
    }
  }
  auto report = some_report();
  report.text = "Anda kirim " + link + key;
  Entry comment;
  comment.words = report.text;
  comment.actor.role = Role::reporter;
  const auto liaison =
      view(report, {&comment, 1}, officer(Role::liaison, "pemkab", "pupr"), Output::page);
  CHECK(liaison.text == "Anda kirim " + link + "█████");
  CHECK(liaison.history[0].words == liaison.text);
  CHECK(view(report, {&comment, 1}, Viewer::own_reporter(), Output::page).text == report.text);
}

TEST_CASE("what keys are looked for in costs its length, whatever it is") {
  for (const auto* piece :
       {"%", "?", "&", "?k=", "&amp;k=", "/r/", "/r/271769347449?", "%2f", "\n> "}) {
    std::string text;
    while (text.size() < (1U << 18U)) text += piece;
    const auto began = std::clock();
    CHECK(without_own_keys(text).size() <= text.size());
    CHECK(static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC < 2.0 * k_sanitizer_factor);
  }
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

TEST_CASE("the reporter alone reads why their report goes no further") {
  auto report = some_report();
  report.state = State::archived;
  Entry archived;
  archived.event = Event::archive;
  archived.actor.role = Role::national_admin;
  archived.audience = Audience::everyone;
  archived.reason = "a test only";
  const std::vector history{archived};
  const auto reason = [&](const Viewer& viewer) {
    return view(report, history, viewer, Output::page).history.front().reason;
  };
  CHECK(reason(Viewer::own_reporter()) == "a test only");
  CHECK(reason(Viewer::anyone()).empty());
}

// Each secret of a report is a word of its own, so that it can be looked for in all that is shown.
struct Marked {
  Report report;
  std::vector<Entry> history;
};

Entry line(Event event, Role role, Audience audience, const char* words) {
  Entry entry;
  entry.event = event;
  entry.actor = {role, OfficerId(4711), AgencyId("pemkab"), {}};
  entry.audience = audience;
  entry.words = words;
  entry.reason = "kReason";
  entry.post = PostId(815);
  entry.other = ReportId(99);
  return entry;
}

Marked marked(bool anonymous, bool confidential, State state) {
  Marked all{some_report(), {}};
  all.report.state = state;
  all.report.anonymous = anonymous;
  all.report.confidential = confidential;
  all.report.channel = ChannelName("kChannel");
  all.report.title = "kTitle 0812-3456-7890";
  all.report.text = "kText 0812-3456-7890 kmail@example.org 5108010101900001\n" +
                    picture_link("https://foto.example/kPicture.jpg");
  all.report.place = Place{-8.25, 115.25, "kAddress, Bu Ani 0812-3456-7890, kmail@example.org"};
  all.history = {
      line(Event::receive, Role::system, Audience::officers, ""),
      line(Event::comment, Role::reporter, Audience::reporter, "kComment 0812-3456-7890"),
      line(Event::answer, Role::liaison, Audience::everyone, "kAnswer 0812-3456-7890"),
      line(Event::hold, Role::national_admin, Audience::reporter, "kHold"),
      line(Event::give_back, Role::liaison, Audience::officers, "kInternal"),
      line(Event::note, Role::monitor, Audience::officers, "kNote"),
      line(Event::correct, Role::monitor, Audience::officers, "kCorrect"),
  };
  return all;
}

std::string all_of(const View& seen) {
  std::string all;
  const auto add = [&](std::string_view text) { (all += text) += '\n'; };
  for (const auto& text : {seen.code.value(), seen.title, seen.text, seen.category.value(),
                           seen.kind.value(), seen.agency.value(), seen.unit.value(),
                           seen.channel.value(), seen.status_colour, seen.timeliness_colour}) {
    add(text);
  }
  if (seen.place) {
    add(seen.place->address);
    if (seen.place->latitude) add("kPoint");
  }
  for (const auto& entry : seen.history) {
    add(entry.words);
    add(entry.reason);
    if (entry.actor.officer) add("kOfficer");
    if (entry.post) add("kPost");
    if (entry.other) add("kOther");
    if (entry.event == Event::note || entry.event == Event::correct) add("kSilent");
  }
  return all;
}

std::vector<Viewer> viewers() {
  std::vector<Viewer> all{Viewer::anyone(), Viewer::own_reporter()};
  for (int role = 0; role <= static_cast<int>(Role::auditor); ++role) {
    all.push_back(officer(static_cast<Role>(role), "pemkab", "pupr"));
    all.push_back(officer(static_cast<Role>(role), "dlh", "x"));
    all.push_back(officer(static_cast<Role>(role)));
  }
  return all;
}

bool is_nationwide(const Viewer& viewer) {
  return viewer.role == Role::national_admin || viewer.role == Role::monitor ||
         viewer.role == Role::auditor || viewer.role == Role::system;
}

// What the rules forbid, written down once more and apart from the code that keeps them.
std::vector<std::string> forbidden(const Marked& all, const Viewer& viewer, Output output) {
  const auto& report = all.report;
  const bool local = viewer.role == Role::agency_admin || viewer.role == Role::liaison;
  const bool theirs = viewer.role == Role::agency_admin ? viewer.agency == report.agency
                                                        : viewer.unit == report.unit;
  std::vector<std::string> words;
  const auto forbid = [&](std::initializer_list<const char*> more) {
    words.insert(words.end(), more.begin(), more.end());
  };
  const bool stranger =
      !viewer.is_public && !viewer.is_reporter && !is_nationwide(viewer) && !(local && theirs);
  const bool unpublished = report.state == State::received || report.state == State::needs_info ||
                           report.state == State::archived || report.state == State::rejected ||
                           report.state == State::merged;
  const bool no_content = output == Output::log || stranger ||
                          (viewer.is_public && (report.confidential || unpublished)) ||
                          (viewer.is_reporter && report.confidential && output == Output::reply) ||
                          (viewer.role == Role::monitor && report.confidential);
  if (no_content)
    forbid({"kTitle", "kText", "kAddress", "kPoint", "kComment", "kAnswer", "kHold", "kInternal",
            "kNote", "kCorrect", "kReason"});
  if (stranger || (viewer.is_public && report.confidential)) {
    forbid({"12345", "pemkab"});
  }
  if (viewer.is_public)
    forbid({"kComment", "kHold", "0812", "kmail", "5108", "kChannel", "kPicture"});
  if (viewer.is_public || viewer.is_reporter) {
    forbid({"kInternal", "kNote", "kCorrect", "kReason", "kOfficer", "kPost", "kOther", "kSilent"});
  }
  return words;
}

TEST_CASE("what a viewer may not see stands in no string of any output") {
  for (int bits = 0; bits < 4 * 12; ++bits) {
    const auto state = static_cast<State>(bits / 4);
    const auto all = marked((bits & 1) != 0, (bits & 2) != 0, state);
    for (const auto& viewer : viewers()) {
      for (const auto where :
           {Output::page, Output::api, Output::reply, Output::exported, Output::log}) {
        const auto seen = view(all.report, all.history, viewer, where);
        const auto shown = all_of(seen);
        INFO(name(state) << (all.report.anonymous ? " anonymous" : "")
                         << (all.report.confidential ? " confidential" : "") << " to "
                         << (viewer.is_public ? "anyone" : name(viewer.role)) << " of "
                         << viewer.agency.value() << " in " << static_cast<int>(where) << ":\n"
                         << shown);
        for (const auto& word : forbidden(all, viewer, where)) {
          INFO(word);
          CHECK(shown.find(word) == std::string::npos);
        }
        const bool office = viewer.role == Role::liaison || viewer.role == Role::agency_admin;
        if (all.report.anonymous && office) CHECK_FALSE(seen.may_see_identity);
        if (viewer.is_public || viewer.is_reporter || where != Output::page || !seen.visible) {
          CHECK_FALSE(seen.may_see_identity);
        }
        if (viewer.is_public || seen.text.empty()) CHECK_FALSE(seen.may_see_attachments);
        if (!seen.visible) CHECK(permitted(all.report, viewer, Time()).empty());
      }
    }
  }
}

TEST_CASE("what a viewer may see is there") {
  const auto all = marked(true, false, State::answered);
  const auto open = all_of(view(all.report, all.history, Viewer::anyone(), Output::page));
  for (const auto* word : {"12345", "kTitle", "kText", "kAddress", "kPoint", "kAnswer", "pemkab"}) {
    INFO(word);
    CHECK(open.find(word) != std::string::npos);
  }
  const auto own = all_of(view(all.report, all.history, Viewer::own_reporter(), Output::page));
  for (const auto* word : {"kText 0812", "kComment 0812", "kAnswer 0812", "kHold"}) {
    INFO(word);
    CHECK(own.find(word) != std::string::npos);
  }
  const auto office =
      all_of(view(all.report, all.history, officer(Role::liaison, "pemkab", "pupr"), Output::page));
  for (const auto* word : {"kText", "kPicture", "kComment", "kInternal", "kNote", "kReason"}) {
    INFO(word);
    CHECK(office.find(word) != std::string::npos);
  }
}

TEST_CASE("each event is offered once") {
  auto report = some_report();
  report.state = State::needs_info;
  const auto moves = permitted(report, Viewer::own_reporter(), Time());
  REQUIRE(moves.size() == 2);
  CHECK(moves.front().event == Event::complete);
  CHECK(moves.front().to == State::at_agency);
  CHECK(moves.back().event == Event::comment);
}

TEST_CASE("a closed report is offered to be reopened for as long as it can be") {
  auto report = some_report();
  report.state = State::closed;
  report.state_since = Time(std::chrono::days(20'000));
  const auto offered = [&](const Viewer& viewer, std::chrono::seconds later) {
    const auto moves = permitted(report, viewer, report.state_since + later);
    return std::any_of(moves.begin(), moves.end(),
                       [](const Move& move) { return move.event == Event::reopen; });
  };
  CHECK(offered(Viewer::own_reporter(), k_reopen_within));
  CHECK_FALSE(offered(Viewer::own_reporter(), k_reopen_within + std::chrono::seconds(1)));
  CHECK(offered(officer(Role::national_admin), std::chrono::days(300)));
  report.reopenings = 1;
  CHECK_FALSE(offered(Viewer::own_reporter(), std::chrono::days(1)));
}

}  // namespace
}  // namespace kanal
