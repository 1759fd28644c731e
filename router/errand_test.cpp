#include <algorithm>

#include <catch2/catch.hpp>

#include "core/wording.hpp"
#include "format/sms.hpp"
#include "router/connector_fixture.hpp"
#include "router/outbox.hpp"
#include "router/stages.hpp"

// STOP, MULAI and BANTUAN.
namespace kanal {
namespace {

using namespace testing;
using namespace std::chrono_literals;

std::optional<Plea::Kind> kind_of(const std::string& text) {
  const auto plea = plea_of(a_post("1", text));
  return plea ? std::optional(plea->kind) : std::nullopt;
}

TEST_CASE("only a word alone asks something of the service") {
  for (const auto* text : {"STOP", " stop. ", "Berhenti!", "UNSUB", "unsubscribe", "STOPALL",
                           "Stop all", "QUIT", "end", "UNREG"}) {
    INFO(text);
    CHECK(kind_of(text) == Plea::Kind::stop);
  }
  for (const auto* text : {"MULAI", "Start", "unstop"}) CHECK(kind_of(text) == Plea::Kind::start);
  for (const auto* text : {"BANTUAN", "help?", "Info"}) CHECK(kind_of(text) == Plea::Kind::help);
  for (const auto* text :
       {"STOP sampah di kali", "berhenti di halte", "end of the road", "info jalan rusak",
        "tolong bantuan air bersih", "STOP 123456789012", "batal", "cancel", "", "stopstop"}) {
    INFO(text);
    CHECK_FALSE(kind_of(text));
  }
  auto pictured = a_post("1", "STOP");
  pictured.attachments.emplace_back();
  CHECK_FALSE(plea_of(pictured));
}

Bench a_phone_line() {
  Bench bench;
  bench.rules.length = Length::brief;
  bench.evidence.resize(1);
  return bench;
}

TEST_CASE("BANTUAN is answered by one short message in the sender's language, and is no report") {
  struct Asked {
    const char* text;
    const char* earlier;
    const char* answered_in;
  };
  for (const auto& [text, earlier, in] :
       {Asked{"BANTUAN", "en", "id"}, Asked{"HELP", "", "en"}, Asked{"HELP", "id", "id"},
        Asked{"INFO", "en", "en"}, Asked{"INFO", "", "id"}}) {
    INFO(text << " " << earlier);
    auto bench = a_phone_line();
    bench.evidence[0].language = earlier;
    bench.evidence[0].asked = a_report(State::needs_info);
    const auto decided = bench.decide({a_post("1", text)});
    CHECK(decided.batch.changes.empty());
    const auto& filed = decided.batch.filed.at(0);
    CHECK(filed.fate == Fate::errand);
    REQUIRE(filed.errand);
    REQUIRE(filed.errand->answer);
    const auto expected = word(Wording::help, in, Length::brief,
                               {{"institution", shipped().short_name}}, shipped().wordings);
    CHECK(filed.errand->answer->text == expected.text);
    CHECK(fit_sms(filed.errand->answer->text).segments.size() == 1);
  }
}

TEST_CASE(
    "help is given within the bounds of replies, and none to machines or by channels of mail") {
  auto bench = a_phone_line();
  bench.evidence[0].replies_last_hour = bench.rules.replies_per_hour;
  CHECK_FALSE(bench.decide({a_post("1", "HELP")}).batch.filed.at(0).errand->answer);
  auto machine = a_post("1", "INFO");
  machine.hints.automatic = "a short code";
  CHECK(bench.decide({machine}).batch.filed.at(0).fate == Fate::screened);
  bench.rules.replies = false;
  bench.evidence[0] = {};
  const auto imported = bench.decide({a_post("1", "STOP")}).batch.filed.at(0);
  CHECK(imported.errand->silent);
  CHECK_FALSE(imported.errand->answer);
  Bench mail;
  CHECK(mail.decide({a_post("1", "STOP")}).batch.filed.at(0).fate == Fate::report);
}

TEST_CASE("an answer to nothing that was said is told what can be said, and is no report") {
  for (const auto* text : {"5", "BELUM", "SELESAI", "terima kasih"}) {
    INFO(text);
    auto bench = a_phone_line();
    const auto filed = bench.decide({a_post("1", text)}).batch.filed.at(0);
    CHECK(filed.fate == Fate::errand);
    // Thanks ask for nothing, and might come from a machine.
    const bool thanks = std::string_view(text) == "terima kasih";
    REQUIRE(filed.errand.value().answer.has_value() == !thanks);
    if (!thanks) CHECK(filed.errand->answer->text.find("STATUS") != std::string::npos);
    // Below what was said to somebody else, too.
    bench.evidence[0].thread = a_report(State::answered);
    bench.evidence[0].thread_by = ThreadBy::reference;
    CHECK(bench.decide({a_post("1", text)}).batch.filed.at(0).fate == Fate::errand);
    bench.evidence[0] = {};
    bench.evidence[0].latest = a_report(State::received);
    const auto joined = bench.decide({a_post("1", text)}).batch.filed.at(0);
    CHECK(joined.fate == Fate::joined);
    CHECK(joined.report == ReportId(77));
  }
}

TEST_CASE("whose report was merged is told how that stands as others are") {
  auto bench = a_phone_line();
  bench.rules.own_link = [](const TrackingCode&) { return std::string("https://secret"); };
  auto& evidence = bench.evidence[0];
  evidence.latest = a_report(State::in_progress);
  evidence.latest->confidential = true;
  evidence.latest_merged = ReportId(78);
  const auto filed = bench.decide({a_post("1", "STATUS")}).batch.filed.at(0);
  CHECK_FALSE(filed.report);
  CHECK(filed.errand.value().answer.value().text.find("secret") == std::string::npos);
}

TEST_CASE("a mere answer behind a new complaint is about that one") {
  auto bench = a_phone_line();
  bench.evidence.resize(3);
  for (auto& evidence : bench.evidence) evidence.latest = a_report(State::archived);
  const auto decided = bench.decide({a_post("1", "Got mampet di Jalan Mawar"),
                                     a_post("2", "terima kasih"), a_post("3", "Belum selesai")});
  REQUIRE(decided.batch.changes.size() == 1);
  CHECK(decided.batch.changes[0].expected_steps == 0);
  CHECK(decided.batch.changes[0].replies.size() == 1);
  for (const auto& filed : decided.batch.filed) CHECK(filed.change == std::size_t{0});
}

TEST_CASE("a number that no report has is answered so, whatever else waits") {
  auto bench = a_phone_line();
  bench.evidence[0].answered = a_report(State::answered);
  const auto filed = bench.decide({a_post("1", "STATUS 123")}).batch.filed.at(0);
  CHECK(filed.fate == Fate::errand);
  CHECK_FALSE(filed.report);
  CHECK(filed.errand.value().answer.value().text.find("tidak kami kenal") != std::string::npos);
}

TEST_CASE("who asks about another report than that of the thread is told of that other one") {
  const auto of_thread = a_report(State::in_progress);
  auto other = a_report(State::at_unit);
  other.id = ReportId(78);
  other.code = make_tracking_code(4712);
  Bench bench;
  bench.evidence.resize(1);
  bench.evidence[0].reporter = of_thread.reporter;
  bench.evidence[0].thread = of_thread;
  bench.evidence[0].thread_by = ThreadBy::token;
  bench.evidence[0].thread_is_own = true;
  const auto asked = [&](const std::string& number) {
    auto mail = a_post("2", "Selamat siang pak,\nSTATUS " + number + "\nTerima kasih");
    mail.hints.subject = "Re: [#" + of_thread.code.value() + "] Jalan rusak";
    return bench.decide({mail}).batch.filed.at(0);
  };
  CHECK(asked(grouped(of_thread.code)).report == of_thread.id);
  const auto unknown = asked("123");
  CHECK_FALSE(unknown.report);
  CHECK(unknown.errand.value().answer.value().text.find("tidak mengenal") != std::string::npos);
  bench.evidence[0].named = other;
  const auto told = asked(grouped(other.code));
  CHECK(told.errand.value().answer.value().text.find(grouped(other.code)) != std::string::npos);
}

TEST_CASE("a number asked about in the text is meant before that of the subject") {
  const auto in_subject = make_tracking_code(4711).value();
  const auto in_text = make_tracking_code(4712).value();
  auto mail = a_post("2", "STATUS " + in_text);
  mail.hints.subject = "Re: #" + in_subject;
  normalise(mail);
  CHECK(mail.hints.tracking_code == in_text);
  auto letter = a_post("3", "Belum selesai, lihat juga " + in_text);
  letter.hints.subject = "Re: #" + in_subject;
  normalise(letter);
  CHECK(letter.hints.tracking_code == in_subject);
}

TEST_CASE("a letter that only asks about a number is answered, and others are letters") {
  Bench bench;
  bench.evidence.resize(1);
  auto mail = a_post("2", "Selamat siang pak,\nSTATUS 0000-0004-7119\n\nSalam,\nBudi Santoso");
  mail.author.name = "Budi Santoso";
  mail.hints.subject = "Laporan saya";
  const auto filed = bench.decide({mail}).batch.filed.at(0);
  CHECK(filed.fate == Fate::errand);
  CHECK(filed.errand.value().answer.value().text.find("tidak mengenal") != std::string::npos);
  CHECK_FALSE(filed.errand->answer->subject.empty());
  for (const auto* word : {"STOP", "BANTUAN", "STATUS", "5"}) {
    auto other = a_post("3", word);
    CHECK(bench.decide({other}).batch.filed.at(0).fate == Fate::report);
  }
  bench.rules.authors = false;
  CHECK(bench.decide({mail}).batch.filed.at(0).fate == Fate::report);
  bench.rules.authors = true;
  mail.text = "Status 3 lampu jalan di Mawar?";
  CHECK(bench.decide({mail}).batch.filed.at(0).fate == Fate::report);
}

TEST_CASE("who had all replies of the hour is told once more that silence was asked for") {
  auto bench = a_phone_line();
  bench.evidence[0].replies_last_hour = bench.rules.replies_per_hour;
  CHECK(bench.decide({a_post("1", "STOP")}).batch.filed.at(0).errand->answer);
  ++bench.evidence[0].replies_last_hour;
  CHECK_FALSE(bench.decide({a_post("1", "STOP")}).batch.filed.at(0).errand->answer);
}

TEST_CASE("words of one batch are taken in their order") {
  auto bench = a_phone_line();
  bench.evidence.resize(4);
  const auto decided = bench.decide(
      {a_post("1", "STOP"), a_post("2", "STOP"), a_post("3", "HELP"), a_post("4", "MULAI")});
  const auto& filed = decided.batch.filed;
  CHECK(filed.at(0).errand->answer);
  CHECK_FALSE(filed.at(1).errand->answer);
  CHECK_FALSE(filed.at(2).errand->answer);
  REQUIRE(filed.at(3).errand->answer);
  CHECK_FALSE(filed.at(3).errand->silent);
}

/// An office with a phone line, whose replies go to a phone that keeps their texts.
struct PhoneLine : Office {
  ScriptedConnector connector;
  std::vector<std::string> shown;
  Outbox outbox{*store, connector, clock, ChannelName("sms"), "a", {}};
  int number = 0;

  PhoneLine() {
    auto rules = mail_rules();
    rules.name = ChannelName("sms");
    rules.kind = "smpp";
    rules.length = Length::brief;
    rules.replies_per_hour = 100;
    know(rules);
    connector.answer_sends([this](const Reply& reply) -> Result<Receipt> {
      shown.push_back(reply.text);
      return Receipt{ExternalId("out-" + reply.key), false, 1};
    });
  }
  Filing text(const std::string& words, const std::string& from = "+628123456789") {
    return deliver(a_post("sms-" + std::to_string(++number), words, from));
  }
  Filing deliver(const Post& post) {
    Batch batch;
    batch.posts.push_back(post);
    const auto done = intake.ingest(ChannelName("sms"), std::move(batch), std::nullopt);
    REQUIRE(done);
    clock.advance(1s);
    return done->filings.at(0);
  }
  void send() {
    while (outbox.turn().value().claimed > 0) {
    }
  }
  [[nodiscard]] std::vector<std::string> states_of(ReportId id) const {
    std::vector<std::string> states;
    const auto records = store->replies_of(id).value();
    for (const auto& record : records) states.emplace_back(name(record.state));
    return states;
  }
};

TEST_CASE("after STOP one confirmation goes out and then nothing, while reports are worked on") {
  PhoneLine line;
  const auto before = line.text("Jalan berlubang di depan pasar").report;
  CHECK(line.text("STOP").fate == Fate::errand);
  line.send();
  REQUIRE(line.shown.size() == 1);
  CHECK(line.shown[0].find("MULAI") != std::string::npos);
  CHECK(line.states_of(before) == std::vector<std::string>{"withheld"});
  CHECK(line.store->replies_of(before).value()[0].detail == k_asked_for_silence);
  CHECK(line.store->replies_of(before).value()[0].attempts == 0);

  CHECK(line.text("stop").fate == Fate::errand);
  CHECK(line.text("BANTUAN").reason == "asked for help");
  const auto after = line.text("STOP sampah di kali, airnya berbau");
  CHECK(after.fate == Fate::report);
  line.act(after.report, to_agency());
  line.act(after.report, to_unit());
  CHECK(line.act(after.report, command(Event::answer, liaison(), "Sudah diangkut.")).state ==
        State::answered);
  line.send();
  CHECK(line.shown.size() == 1);
  for (const auto& state : line.states_of(after.report)) CHECK(state == "withheld");
  CHECK(line.states_of(after.report).size() > 2);
}

TEST_CASE("a STOP that is delivered again, by anybody's fault, is confirmed once") {
  PhoneLine line;
  const auto stop = a_post("sms-stop", "STOP", "+628123456789");
  CHECK(line.deliver(stop).fate == Fate::errand);
  CHECK(line.deliver(stop).fate == Fate::repeated);
  line.send();
  CHECK(line.deliver(stop).fate == Fate::repeated);
  line.send();
  CHECK(line.shown.size() == 1);
}

TEST_CASE("silence is kept by the store, for that sender on that channel only") {
  PhoneLine line;
  line.text("STOP");
  line.text("Lampu mati di gang", "+628990001112");
  line.send();
  CHECK(line.shown.size() == 2);
  const auto mailed = line.file("m1", "Jalan berlubang", "+628123456789");
  CHECK(line.states_of(mailed.id) == std::vector<std::string>{"owed"});
  const auto again = line.database.open(line.keys, line.clock);
  Outbox reborn(*again, line.connector, line.clock, ChannelName("sms"), "b", {});
  line.text("Selokan tersumbat di jalan besar");
  CHECK(reborn.turn().value().claimed == 1);
  CHECK(line.shown.size() == 2);
}

TEST_CASE("MULAI lifts the silence with one confirmation, and what comes then is answered") {
  PhoneLine line;
  line.text("STOP");
  line.send();
  line.text("MULAI");
  line.send();
  REQUIRE(line.shown.size() == 2);
  CHECK(line.shown[1].find("kami kirim lagi") != std::string::npos);
  line.text("Lampu jalan mati di simpang lima");
  line.send();
  CHECK(line.shown.size() == 3);
  line.text("BERHENTI");
  line.send();
  CHECK(line.shown.size() == 4);
}

TEST_CASE("what was being sent when STOP came is not tried again") {
  PhoneLine line;
  const auto report = line.text("Jalan berlubang di depan pasar").report;
  line.connector.answer_sends([&](const Reply& reply) -> Result<Receipt> {
    line.shown.push_back(reply.text);
    if (reply.report) return fail(Remedy::retry, "the phone is off");
    return Receipt{ExternalId("out-" + reply.key), false, 1};
  });
  line.send();
  CHECK(line.shown.size() == 1);
  line.text("STOP");
  line.clock.advance(24h);
  line.send();
  CHECK(line.shown.size() == 2);
  CHECK(line.states_of(report) == std::vector<std::string>{"withheld"});
}

TEST_CASE("of two who decide on STOP at once, the second finds it done") {
  PhoneLine line;
  const auto decide_on = [&](const std::string& id) {
    std::vector<Post> posts{a_post(id, "STOP", "+628123456789")};
    auto rules = mail_rules();
    rules.name = ChannelName("sms");
    rules.length = Length::brief;
    const auto evidence = line.store->gather(rules.name, posts).value();
    const std::vector codes{make_tracking_code(1)};
    return decide(std::move(posts), evidence, {shipped(), rules, line.clock.now(), {}}, {}, codes);
  };
  line.text("Jalan berlubang di depan pasar");
  auto one = decide_on("s1");
  auto other = decide_on("s2");
  CHECK_FALSE(line.store->commit(one.batch).value().refusal);
  CHECK(line.store->commit(other.batch).value().refusal == Refusal::outdated);
  auto again = decide_on("s2");
  CHECK_FALSE(line.store->commit(again.batch).value().refusal);
  line.send();
  CHECK(line.shown.size() == 1);
}

TEST_CASE("what a text message took is kept and added up by channel") {
  PhoneLine line;
  line.text("Jalan berlubang di depan pasar");
  line.text("HELP");
  line.send();
  const auto sent = line.store->sent_segments(line.clock.now() - 1h).value();
  CHECK(sent.size() == 1);
  CHECK(sent.at(ChannelName("sms")).segments == 2);
  CHECK(sent.at(ChannelName("sms")).replies == 2);
  CHECK(line.store->sent_segments(line.clock.now() + 1h).value().empty());
  CHECK(line.store->outbox(std::nullopt, ReplyState::sent, 10).value().at(0).segments == 1);
}

TEST_CASE(
    "STATUS by the reporter and by another phone is answered and leaves no line and no report") {
  PhoneLine line;
  const auto id = line.text("Jalan berlubang di depan pasar").report;
  const auto report = line.report(id);
  line.send();
  const auto before = line.shown.size();
  CHECK(line.text("STATUS " + report.code.value()).fate == Fate::errand);
  CHECK(line.text("STATUS " + grouped(report.code), "+628990001112").fate == Fate::errand);
  line.send();
  REQUIRE(line.shown.size() == before + 2);
  for (auto at = before; at < line.shown.size(); ++at) {
    CHECK(line.shown[at].find(report.code.value()) != std::string::npos);
  }
  CHECK(line.report(id).steps == report.steps);
  CHECK(line.store->find_reports({}).value().size() == 1);
}

TEST_CASE("how a confidential report stands is told as confidentially as the report") {
  PhoneLine line;
  const auto id = line.text("Jalan berlubang di depan pasar").report;
  auto hide = command(Event::correct, national_admin());
  hide.confidential = true;
  REQUIRE(line.casework.act(id, hide));
  CHECK(line.text("STATUS " + line.report(id).code.value()).fate == Fate::errand);
  const auto owed = line.store->outbox(std::nullopt, std::nullopt, 1).value();
  REQUIRE(owed.size() == 1);
  CHECK_FALSE(owed[0].reply.report);
  CHECK(owed[0].reply.confidential);
}

}  // namespace
}  // namespace kanal
