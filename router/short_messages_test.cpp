#include <algorithm>

#include <catch2/catch.hpp>

#include "core/wording.hpp"
#include "router/router_fixture.hpp"
#include "router/stages.hpp"

// What is different where a message is short, costs money, and has no threads.
namespace kanal {
namespace {

using namespace testing;

Bench a_phone_line() {
  Bench bench;
  bench.rules.length = Length::brief;
  return bench;
}

std::vector<Post> many(int count) {
  std::vector<Post> posts;
  for (int i = 0; i < count; ++i) {
    posts.push_back(a_post(std::to_string(i), "Keluhan yang lain lagi nomor " + std::to_string(i)));
  }
  return posts;
}

std::size_t owed_in(const Decided& decided) {
  std::size_t owed = 0;
  for (const auto& change : decided.batch.changes) {
    owed += static_cast<std::size_t>(std::ranges::count(change.replies, "", &Owed::withheld));
  }
  return owed;
}

TEST_CASE("whoever sends many short messages is answered by one an hour, and all are reports") {
  auto bench = a_phone_line();
  bench.evidence.resize(4);
  for (auto& evidence : bench.evidence) evidence.reports_last_hour = 6;
  auto decided = bench.decide(many(4));
  CHECK(decided.batch.changes.size() == 4);
  CHECK(owed_in(decided) == 1);
  for (auto& evidence : bench.evidence) evidence.replies_last_hour = 1;
  CHECK(owed_in(bench.decide(many(4))) == 0);
}

TEST_CASE("a few short messages are each told their number") {
  auto bench = a_phone_line();
  CHECK(owed_in(bench.decide(many(3))) == 3);
  bench.evidence.clear();
  CHECK(owed_in(bench.decide(many(9))) == 3);
}

TEST_CASE("what a reporter asks for is answered in a flood too") {
  auto bench = a_phone_line();
  bench.evidence.resize(1);
  bench.evidence[0].reports_last_hour = 20;
  bench.evidence[0].replies_last_hour = 1;
  bench.evidence[0].answered = a_report(State::answered);
  const auto decided = bench.decide({a_post("1", "BELUM")});
  REQUIRE(decided.batch.changes.size() == 1);
  CHECK(decided.batch.changes[0].entries.at(0).event == Event::dispute);
  CHECK(owed_in(decided) == 1);
}

TEST_CASE("STATUS with a number is answered by how the report stands, and moves nothing") {
  const auto code = a_report().code.value();
  for (const auto& text : {"STATUS " + code, code + " status", "Cek laporan saya #" + code,
                           "check " + code + " thanks"}) {
    INFO(text);
    auto bench = a_phone_line();
    bench.evidence.resize(1);
    bench.evidence[0].thread = a_report(State::in_progress);
    bench.evidence[0].thread_by = ThreadBy::code;
    bench.evidence[0].thread_is_own = true;
    const auto decided = bench.decide({a_post("1", text)});
    CHECK(decided.batch.changes.empty());
    const auto& filed = decided.batch.filed.at(0);
    CHECK(filed.fate == Fate::errand);
    CHECK(filed.report == a_report().id);
    REQUIRE(filed.errand->answer);
    const auto& told = filed.errand->answer->text;
    CHECK(told.find(code) != std::string::npos);
    const auto progress = word(Wording::progress, "id", Length::brief, {{"code", code}}, {}).text;
    CHECK(told.substr(0, 10) == progress.substr(0, 10));
  }
}

TEST_CASE("asking how it stands gives no data to a report that waits for them") {
  auto bench = a_phone_line();
  bench.evidence.resize(1);
  bench.evidence[0].asked = a_report(State::needs_info);
  const auto decided = bench.decide({a_post("1", "STATUS")});
  CHECK(decided.batch.changes.empty());
  CHECK(decided.batch.filed.at(0).fate == Fate::errand);
  const auto& told = decided.batch.filed[0].errand->answer.value().text;
  CHECK(told.find("menunggu keterangan pelapor") != std::string::npos);
}

TEST_CASE("anybody is told how a report stands that is public, by what is public of it") {
  auto report = a_report(State::at_unit);
  const auto code = report.code.value();
  auto bench = a_phone_line();
  bench.rules.own_link = [](const TrackingCode&) { return std::string("https://secret"); };
  bench.evidence.resize(1);
  bench.evidence[0].named = report;
  const auto asked = [&](const std::string& text) {
    const auto decided = bench.decide({a_post("1", text, "+628990001112")});
    CHECK(decided.batch.changes.empty());
    CHECK(decided.batch.filed.at(0).fate == Fate::errand);
    CHECK_FALSE(decided.batch.filed[0].report);
    return decided.batch.filed[0].errand.value().answer.value().text;
  };
  const auto told = asked("STATUS " + code);
  CHECK(told.find(code) != std::string::npos);
  CHECK(told.find("https://lapor.test/r/" + code) != std::string::npos);
  CHECK(told.find("secret") == std::string::npos);

  bench.evidence[0].named->confidential = true;
  const auto hidden = asked("STATUS " + code);
  bench.evidence[0].named.reset();
  CHECK(hidden == asked("STATUS " + code));
  CHECK(hidden.find(code) == std::string::npos);
  CHECK(hidden.find("tidak kami kenal") != std::string::npos);
  CHECK(asked("STATUS 123") == hidden);
  CHECK(asked("cek laporan 4396-4701-1318") == hidden);
  CHECK(asked("status").find("STATUS + nomor") != std::string::npos);
}

TEST_CASE("every state has words for whoever asks") {
  for (int number = 0; number <= static_cast<int>(State::rejected); ++number) {
    const auto state = static_cast<State>(number);
    INFO(name(state));
    for (const auto* language : {"id", "en"}) {
      auto bench = a_phone_line();
      bench.evidence.resize(1);
      bench.evidence[0].named = a_report(state);
      bench.evidence[0].language = language;
      const auto decided =
          bench.decide({a_post("1", "STATUS " + a_report(state).code.value(), "+628990001112")});
      const auto& told = decided.batch.filed.at(0).errand.value().answer.value().text;
      INFO(told);
      CHECK(told.find(a_report().code.value()) != std::string::npos);
      CHECK(told.find('{') == std::string::npos);
      CHECK(told.find(": .") == std::string::npos);
    }
  }
}

TEST_CASE("only a question is taken for one") {
  const TrackingCode code;
  for (const auto* text : {"status", "Status?", "CEK", "cek laporan saya pak", "check my report"}) {
    INFO(text);
    CHECK(asks_for_status(text, code));
  }
  for (const auto* text : {"", "status jalan di depan pasar rusak", "cek lampu jalan mati",
                           "statusnya bagaimana", "laporan saya"}) {
    INFO(text);
    CHECK_FALSE(asks_for_status(text, code));
  }
}

/// The two parts of a long message that comes in pieces.
struct InParts {
  Post first = a_post("m-1", "Buleleng jalan berlubang di depan Pasar Banyuasri, tolong", "+62811");
  Post second = a_post("m-2", "segera ditambal sebelum ada korban. (2/2)", "+62811");
  InParts() {
    first.hints.references = {second.id};
    first.hints.opens = true;
    second.hints.references = {first.id};
  }
  [[nodiscard]] std::string whole() const { return first.text + "\n" + second.text; }
};

TEST_CASE("the first part of a message that comes last begins its report, and routes it") {
  Office office;
  const InParts parts;
  SECTION("each by itself") {
    CHECK(office.take({parts.second}).reports == 1);
    CHECK(office.store->find_reports({}).value().at(0).category.empty());
    CHECK(office.take({parts.first}).filings.at(0).fate == Fate::joined);
  }
  SECTION("together") {
    CHECK(office.take({parts.second, parts.first}).reports == 1);
  }
  const auto report = office.store->find_reports({}).value().at(0);
  CHECK(report.text == parts.whole());
  CHECK(report.title == parts.first.text);
  CHECK(report.category == CategoryId("road"));
  const auto history = office.store->history(report.id).value();
  REQUIRE(history.size() == 2);
  CHECK(history[1].words == parts.first.text);
  CHECK(history[1].reason.starts_with("suggested: buleleng ("));
  // The same again changes nothing.
  CHECK(office.take({parts.first}).filings.at(0).fate == Fate::repeated);
  CHECK(office.store->report(report.id).value()->text == parts.whole());
}

TEST_CASE("a first part that comes first is a report, and the others join it") {
  Office office;
  const InParts parts;
  CHECK(office.take({parts.first}).reports == 1);
  CHECK(office.take({parts.second}).filings.at(0).fate == Fate::joined);
  CHECK(office.store->find_reports({}).value().at(0).text == parts.first.text);
}

TEST_CASE("a first part that comes when somebody has taken the report up is an addition") {
  Office office;
  const InParts parts;
  CHECK(office.take({parts.second}).reports == 1);
  const auto before = office.store->find_reports({}).value().at(0);
  SECTION("it was passed on") {
    office.act(before.id, to_agency());
  }
  SECTION("its title was corrected") {
    auto correction = command(Event::correct, national_admin());
    correction.title = "Lubang";
    office.act(before.id, correction);
  }
  const auto taken_up = *office.store->report(before.id).value();
  CHECK(office.take({parts.first}).filings.at(0).fate == Fate::joined);
  const auto after = *office.store->report(before.id).value();
  CHECK(after.text == before.text);
  CHECK(after.title == taken_up.title);
  CHECK(after.agency == taken_up.agency);
}

}  // namespace
}  // namespace kanal
