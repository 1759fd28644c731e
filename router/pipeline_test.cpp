#include "router/pipeline.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "router/router_fixture.hpp"
#include "router/stages.hpp"

namespace kanal {
namespace {

using namespace testing;

const StageNote* note_of(const Decided& decided, std::size_t post, std::string_view stage) {
  const auto& notes = decided.notes.at(post);
  const auto found = std::ranges::find(notes, stage, &StageNote::stage);
  return found == notes.end() ? nullptr : &*found;
}

TEST_CASE("a new matter becomes a report with its first line and an acknowledgement") {
  Bench bench;
  const auto decided =
      bench.decide({a_post("1", "Jalan berlubang di depan pasar sejak minggu lalu")});
  REQUIRE(decided.batch.filed.size() == 1);
  const auto& filed = decided.batch.filed[0];
  CHECK(filed.fate == Fate::report);
  REQUIRE(filed.change);
  const auto& change = decided.batch.changes.at(*filed.change);
  CHECK(change.expected_steps == 0);
  CHECK(change.after.id == ReportId(1000));
  CHECK(change.after.state == State::received);
  CHECK(change.after.timer == Timer::verification);
  CHECK(change.after.due_at == std::chrono::sys_days{std::chrono::year{2026} / 3 / 5} +
                                   std::chrono::hours(16) - std::chrono::seconds(1));
  CHECK(change.after.category == CategoryId("road"));
  REQUIRE(change.entries.size() == 1);
  CHECK(change.entries[0].event == Event::receive);
  REQUIRE(change.replies.size() == 1);
  const auto& reply = change.replies[0];
  CHECK(reply.acknowledgement);
  CHECK(reply.in_reply_to == ExternalId("1"));
  CHECK(reply.text.find(grouped(change.after.code)) != std::string::npos);
  CHECK(reply.text.find("https://lapor.test/r/") != std::string::npos);
  for (const auto* stage :
       {"normalise", "screen", "identify", "locate", "classify", "route", "reply"}) {
    INFO(stage);
    CHECK(note_of(decided, 0, stage) != nullptr);
  }
}

TEST_CASE("deciding twice on the same evidence gives the same") {
  Bench bench;
  std::vector<Post> posts{a_post("1", "Jalan berlubang di depan pasar"),
                          a_post("2", "Lampu jalan mati", "budi@example.org"),
                          a_post("1", "Jalan berlubang di depan pasar")};
  const auto print = [](const Decided& decided) {
    std::string text;
    for (const auto& filed : decided.batch.filed) {
      text += filed.stages + filed.reason + std::string(name(filed.fate));
    }
    for (const auto& change : decided.batch.changes) {
      text += change.after.code.value() + std::string(name(change.after.state));
      for (const auto& owed : change.replies) text += owed.subject + owed.text;
    }
    return text;
  };
  const auto first = bench.decide(posts);
  CHECK(print(first) == print(bench.decide(posts)));
}

TEST_CASE("a message that is stored already is repeated and changes nothing") {
  Bench bench;
  bench.evidence.resize(1);
  bench.evidence[0].known = true;
  const auto decided = bench.decide({a_post("1", "Jalan rusak")});
  CHECK(decided.batch.filed[0].fate == Fate::repeated);
  CHECK(decided.batch.changes.empty());
}

TEST_CASE("the same message twice in a batch is one report") {
  Bench bench;
  const auto decided = bench.decide({a_post("1", "Jalan rusak"), a_post("1", "Jalan rusak")});
  CHECK(decided.batch.filed[0].fate == Fate::report);
  CHECK(decided.batch.filed[1].fate == Fate::repeated);
  CHECK(decided.batch.filed[1].report == decided.batch.filed[0].report);
  CHECK(decided.batch.changes.size() == 1);
}

TEST_CASE("the same author saying the same again is counted once, another author is not") {
  Bench bench;
  const std::string text = "Jalan berlubang di depan pasar Banyuasri";
  const auto decided =
      bench.decide({a_post("1", text), a_post("2", text), a_post("3", text, "budi@example.org"),
                    a_post("4", "Banjir"), a_post("5", "Banjir")});
  CHECK(decided.batch.filed[1].fate == Fate::joined);
  CHECK(decided.batch.filed[1].change == decided.batch.filed[0].change);
  CHECK(decided.batch.filed[2].fate == Fate::report);
  CHECK(decided.batch.filed[3].fate == Fate::report);
  CHECK(decided.batch.filed[4].fate == Fate::report);

  auto other_matter = a_post("2", text);
  other_matter.hints.subject = "Sampah";
  auto same_matter = a_post("3", text);
  same_matter.hints.subject = "Fwd: Re: sampah";
  const auto two = Bench().decide({a_post("1", text), other_matter, same_matter});
  CHECK(two.batch.filed[1].fate == Fate::report);
  CHECK(two.batch.filed[2].fate == Fate::report);

  Bench later;
  later.evidence.resize(1);
  later.evidence[0].same_text.emplace().id = ReportId(55);
  later.evidence[0].same_files = true;
  const auto again = later.decide({a_post("9", text)});
  CHECK(again.batch.filed[0].fate == Fate::joined);
  CHECK(again.batch.filed[0].report == ReportId(55));
  CHECK(again.batch.changes.empty());
}

TEST_CASE("what a stage that throws had begun is taken back, and the post is held") {
  Bench bench;
  bench.rules.own_link = [](const TrackingCode&) -> std::string { throw std::runtime_error("no"); };
  auto report = a_report(State::answered);
  report.confidential = true;
  Evidence evidence;
  evidence.reporter = report.reporter;
  evidence.thread = report;
  evidence.thread_by = ThreadBy::token;
  evidence.thread_is_own = true;
  evidence.thread_replies_last_hour = 3;
  bench.evidence = {evidence, evidence};
  bench.evidence[1].thread_replies_last_hour = 0;
  const auto decided =
      bench.decide({a_post("1", "Foto menyusul besok pagi"), a_post("2", "BELUM")});
  CHECK(decided.batch.filed[0].fate == Fate::joined);
  CHECK(decided.batch.filed[1].fate == Fate::held);
  REQUIRE(decided.batch.changes.size() == 1);
  CHECK(decided.batch.changes[0].after.state == State::answered);
  CHECK(decided.batch.changes[0].entries.size() == 1);
}

TEST_CASE("a title is the first sentence, and a point within one ends nothing") {
  const auto title = [](const std::string& text) { return title_of(a_post("1", text)); };
  CHECK(title("Jalan rusak di Banyuning. Mohon diperbaiki.") == "Jalan rusak di Banyuning");
  CHECK(title("Ada lubang besar sekali di Jl. Ahmad Yani depan toko. Tolong!") ==
        "Ada lubang besar sekali di Jl. Ahmad Yani depan toko");
  CHECK(title("Tadi malam sekitar pukul 20.30 lampu jalan padam semua") ==
        "Tadi malam sekitar pukul 20.30 lampu jalan padam semua");
  CHECK(title("Petugas parkir meminta Rp 10.000 tanpa karcis! Kapan ditertibkan?") ==
        "Petugas parkir meminta Rp 10.000 tanpa karcis");
  CHECK(title("The bridge is broken, see http://a.example/b for a picture") ==
        "The bridge is broken, see http://a.example/b for a picture");
}

TEST_CASE("who asks later not to be shown is not shown, whatever else the message does") {
  const std::string text = "Jalan berlubang di depan pasar Banyuasri";
  auto secret = a_post("2", text);
  secret.hints.anonymous = secret.hints.confidential = true;

  Bench batch;
  const auto together = batch.decide({a_post("1", text), secret});
  CHECK(together.batch.filed[1].fate == Fate::joined);
  REQUIRE(together.batch.changes.size() == 1);
  CHECK(together.batch.changes[0].after.anonymous);
  CHECK(together.batch.changes[0].after.confidential);

  Bench repeated;
  repeated.evidence.resize(1);
  auto& report = repeated.evidence[0].same_text.emplace();
  report.id = ReportId(55);
  report.steps = 2;
  report.anonymous = true;
  const auto again = repeated.decide({secret});
  REQUIRE(again.batch.changes.size() == 1);
  CHECK(again.batch.changes[0].after.confidential);
  CHECK(again.batch.changes[0].expected_steps == 2);
  CHECK(again.batch.changes[0].entries.at(0).reason == "confidential");
  CHECK(again.batch.filed[0].report == ReportId(55));

  Bench answered;
  answered.evidence.resize(1);
  auto& own = answered.evidence[0];
  own.thread.emplace().id = ReportId(56);
  own.thread_by = ThreadBy::token;
  own.thread_is_own = true;
  const auto joined = answered.decide({secret});
  CHECK(joined.batch.changes.at(0).after.anonymous);

  own.thread_is_own = false;
  own.guest = true;
  const auto guest = answered.decide({secret});
  CHECK(guest.batch.filed[0].fate == Fate::held);
  CHECK(guest.batch.changes.empty());
}

TEST_CASE("an answer to a message of the same batch joins its report") {
  Bench bench;
  auto second = a_post("2", "Tambahan: lubangnya dalam");
  second.in_reply_to = ExternalId("1");
  auto stranger = a_post("3", "Saya juga", "budi@example.org");
  stranger.in_reply_to = ExternalId("1");
  const auto decided =
      bench.decide({a_post("1", "Jalan berlubang di depan pasar"), second, stranger});
  CHECK(decided.batch.filed[1].fate == Fate::joined);
  REQUIRE(decided.batch.changes.size() == 2);
  CHECK(decided.batch.changes[0].entries.size() == 2);
  CHECK(decided.batch.changes[0].entries[1].event == Event::comment);
  CHECK(decided.batch.changes[0].replies.size() == 1);
  CHECK(decided.batch.filed[2].fate == Fate::report);
}

TEST_CASE("two answers to one report in a batch follow each other") {
  Bench bench;
  bench.evidence.resize(2);
  for (auto& evidence : bench.evidence) {
    evidence.thread = a_report(State::answered);
    evidence.thread_by = ThreadBy::token;
    evidence.thread_is_own = true;
  }
  const auto decided = bench.decide({a_post("1", "BELUM"), a_post("2", "Masih ada satu lubang")});
  REQUIRE(decided.batch.changes.size() == 1);
  const auto& change = decided.batch.changes[0];
  CHECK(change.expected_steps == 3);
  REQUIRE(change.entries.size() == 2);
  CHECK(change.entries[0].event == Event::dispute);
  CHECK(change.entries[1].event == Event::comment);
  CHECK(change.entries[1].step == 5);
  CHECK(change.after.state == State::in_progress);
  CHECK(change.after.steps == 5);
}

TEST_CASE("a stranger's answer with a reporter's token is held and changes nothing") {
  Bench bench;
  bench.evidence.resize(1);
  bench.evidence[0].thread = a_report(State::answered);
  bench.evidence[0].thread_by = ThreadBy::token;
  const auto decided = bench.decide({a_post("1", "SELESAI", "budi@example.org")});
  CHECK(decided.batch.filed[0].fate == Fate::held);
  CHECK(decided.batch.filed[0].report == ReportId(77));
  CHECK(decided.batch.changes.empty());
}

TEST_CASE("what is screened out owes no reply and says why") {
  Bench bench;
  auto machine = a_post("1", "Saya sedang cuti");
  machine.hints.automatic = "Auto-Submitted: auto-replied";
  auto odd = a_post("2", "Beli sekarang juga");
  odd.hints.suspicion = "many links";
  const auto decided = bench.decide({machine, odd});
  CHECK(decided.batch.filed[0].fate == Fate::screened);
  CHECK(decided.batch.filed[1].fate == Fate::held);
  CHECK(decided.batch.changes.empty());
  for (const auto& filed : decided.batch.filed) CHECK_FALSE(filed.reason.empty());
}

TEST_CASE("what is not to be answered by a machine is a report all the same, and joins one") {
  Bench bench;
  auto post = a_post("1", "Jalan berlubang di depan pasar");
  post.hints.unanswered = "it comes from a list (list-id)";
  auto decided = bench.decide({post});
  CHECK(decided.batch.filed[0].fate == Fate::report);
  CHECK(decided.batch.changes.at(0).replies.empty());
  CHECK(note_of(decided, 0, "reply")->evidence.find("list-id") != std::string::npos);

  bench.evidence[0].thread = a_report(State::answered);
  bench.evidence[0].thread_by = ThreadBy::token;
  bench.evidence[0].thread_is_own = true;
  post.text = "BELUM";
  decided = bench.decide({post});
  CHECK(decided.batch.filed[0].fate == Fate::joined);
  const auto& change = decided.batch.changes.at(0);
  CHECK(change.after.state != State::answered);
  CHECK(
      std::ranges::none_of(change.replies, [](const Owed& owed) { return owed.acknowledgement; }));
}

TEST_CASE("what nobody has proven is not acknowledged with its words") {
  Bench bench;
  auto post = a_post("1", "Menangkan hadiah di evil.example");
  post.hints.subject = "Menangkan hadiah di evil.example";
  auto decided = bench.decide({post});
  CHECK(decided.batch.changes.at(0).replies.at(0).subject.find("evil") != std::string::npos);
  post.author.proven = false;
  decided = bench.decide({post});
  CHECK(decided.batch.filed[0].fate == Fate::report);
  const auto& owed = decided.batch.changes.at(0).replies.at(0);
  CHECK_FALSE(owed.subject.empty());
  CHECK(owed.subject.find("evil") == std::string::npos);
  CHECK(owed.text.find("evil") == std::string::npos);

  bench.evidence[0].thread = a_report(State::needs_info);
  bench.evidence[0].thread_by = ThreadBy::token;
  bench.evidence[0].thread_is_own = true;
  decided = bench.decide({post});
  CHECK(decided.batch.filed[0].fate == Fate::joined);
  for (const auto& reply : decided.batch.changes.at(0).replies) {
    CHECK(reply.subject.find("evil") == std::string::npos);
  }
}

TEST_CASE("a post for a chosen agency is passed on at once and told in one message") {
  Bench bench;
  auto post = a_post("1", "Lampu jalan mati di depan pasar sejak kemarin");
  post.hints.agency = "buleleng";
  const auto decided = bench.decide({post});
  const auto& change = decided.batch.changes.at(0);
  CHECK(change.after.state == State::at_agency);
  CHECK(change.after.agency == AgencyId("buleleng"));
  REQUIRE(change.entries.size() == 2);
  CHECK(change.entries[1].event == Event::verify);
  CHECK(change.entries[1].actor.role == Role::system);
  REQUIRE(change.replies.size() == 1);
  CHECK(change.replies[0].text.find("Pemerintah Kabupaten Buleleng") != std::string::npos);
}

/// What becomes of a text that a rule disposes to a unit.
Change disposed_by_rule(Organisation organisation) {
  RoutingRule rule;
  rule.name = "Lampu";
  rule.prefix = "lampu";
  rule.agency = AgencyId("buleleng");
  rule.unit = UnitId("dishub");
  rule.dispose = true;
  organisation.rules.insert(organisation.rules.begin(), rule);
  const std::vector<Evidence> evidence(1);
  const std::vector ids{ReportId(1000)};
  const std::vector codes{make_tracking_code(17)};
  const auto decided = decide({a_post("1", "Lampu jalan mati di depan pasar sejak kemarin")},
                              evidence, {organisation, mail_rules(), k_monday, {}}, ids, codes);
  return decided.batch.changes.at(0);
}

TEST_CASE("a rule disposes to its unit at once, in one message") {
  const auto change = disposed_by_rule(shipped());
  CHECK(change.after.state == State::at_unit);
  CHECK(change.after.unit == UnitId("dishub"));
  REQUIRE(change.entries.size() == 3);
  CHECK(change.entries[2].event == Event::dispose);
  CHECK(change.entries[2].reason == "rule: Lampu");
  REQUIRE(change.replies.size() == 1);
  CHECK(change.replies[0].text.find("Pemerintah Kabupaten Buleleng") != std::string::npos);
}

TEST_CASE("of what a rule disposes to a unit that unit hears, or the agency above it") {
  for (const bool unit_hears : {false, true}) {
    auto organisation = shipped();
    const auto hand_over = [](HandOver& way, const std::string& address) {
      way.by = "email";
      way.channel = mail_rules().name;
      way.address = address;
    };
    for (auto& agency : organisation.agencies) hand_over(agency.handed_over, "kabupaten@x.example");
    for (auto& unit : organisation.units) {
      if (unit_hears) hand_over(unit.handed_over, "dinas@x.example");
    }
    std::vector<std::string> heard;
    for (const auto& owed : disposed_by_rule(organisation).replies) {
      if (owed.office) heard.push_back(owed.address);
    }
    CHECK(heard ==
          std::vector<std::string>{unit_hears ? "dinas@x.example" : "kabupaten@x.example"});
  }
}

TEST_CASE("an author is answered so many times in an hour and no more") {
  Bench bench;
  bench.rules.replies_per_hour = 2;
  std::vector<Post> posts;
  for (int i = 0; i < 4; ++i) {
    posts.push_back(a_post(std::to_string(i), "Keluhan yang lain lagi nomor " + std::to_string(i)));
  }
  posts.push_back(a_post("9", "Keluhan dari orang lain", "budi@example.org"));
  const auto decided = bench.decide(posts);
  std::size_t owed = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& reply = decided.batch.changes.at(i).replies.at(0);
    CHECK(reply.acknowledgement == reply.withheld.empty());
    owed += reply.withheld.empty() ? 1 : 0;
  }
  CHECK(owed == 2);
  CHECK(decided.batch.changes.at(3).replies[0].withheld == withheld::k_author_had_theirs);
  CHECK(decided.batch.changes.at(4).replies.size() == 1);
  CHECK(note_of(decided, 3, "reply")->decision == "none");

  Bench busy;
  busy.evidence.resize(1);
  busy.evidence[0].replies_last_hour = 5;
  const auto kept = busy.decide({a_post("1", "Lampu mati")}).batch.changes.at(0).replies.at(0);
  CHECK(kept.withheld == withheld::k_author_had_theirs);
  CHECK(kept.text.find("nomor") != std::string::npos);
}

TEST_CASE("a thread is answered so many times in an hour, in a batch too") {
  Bench bench;
  bench.rules.replies_per_hour = 100;
  bench.evidence.resize(1);
  auto& evidence = bench.evidence[0];
  evidence.thread = a_report(State::answered);
  evidence.thread_by = ThreadBy::token;
  evidence.thread_is_own = true;
  evidence.thread_replies_last_hour = 3;
  const auto reply_to = [&](const char* text) {
    return bench.decide({a_post("1", text)}).batch.changes.at(0).replies.at(0);
  };
  CHECK(reply_to("STATUS").withheld == withheld::k_thread_had_its_own);
  // What moves the report is told all the same, though not without end.
  CHECK(reply_to("BELUM").withheld.empty());
  evidence.thread_replies_last_hour = 6;
  CHECK(reply_to("BELUM").withheld == withheld::k_thread_had_its_own);

  // A mail machine at play: each turn of the report owes an answer.
  evidence.thread_replies_last_hour = 0;
  evidence.thread = a_report(State::closed);
  bench.evidence.assign(12, evidence);
  std::vector<Post> posts;
  for (int i = 0; i < 12; ++i)
    posts.push_back(a_post(std::to_string(i), i % 2 == 0 ? "BUKA" : "5"));
  const auto played = bench.decide(posts);
  CHECK(std::ranges::count(played.batch.changes.at(0).replies, "", &Owed::withheld) <= 6);
}

TEST_CASE("channels that are not answered, and forms without an address, owe nothing") {
  Bench quiet;
  quiet.rules.replies = false;
  CHECK(quiet.decide({a_post("1", "Lampu mati")}).batch.changes.at(0).replies.empty());

  Bench form;
  form.rules.notify_by = ChannelName("surat");
  CHECK(form.decide({a_post("1", "Lampu mati")}).batch.changes.at(0).replies.empty());
  auto post = a_post("1", "Lampu mati");
  post.author.email = "wati@example.org";
  const auto decided = form.decide({post});
  REQUIRE(decided.batch.changes.at(0).replies.size() == 1);
  const auto& owed = decided.batch.changes[0].replies[0];
  CHECK(owed.channel == ChannelName("surat"));
  CHECK(owed.address == "wati@example.org");
  CHECK_FALSE(owed.in_reply_to);
}

TEST_CASE("replies speak the post's language and fit the channel") {
  Bench bench;
  auto post = a_post("1", "The street light in front of the market is broken since Monday");
  post.hints.subject = "Street light";
  const auto english = bench.decide({post}).batch.changes.at(0).replies.at(0);
  CHECK(english.language == "en");
  CHECK(english.subject == "Re: Street light");
  CHECK(english.text.starts_with("Thank you."));
  bench.rules.length = Length::brief;
  const auto brief = bench.decide({post}).batch.changes.at(0).replies.at(0);
  CHECK(brief.text.size() <= 160);
}

TEST_CASE("a confidential report's reply names nothing of it and links to no public page") {
  Bench bench;
  auto post = a_post("1", "Pejabat meminta uang di kantor camat");
  post.hints.confidential = true;
  post.hints.subject = "Suap";
  const auto decided = bench.decide({post});
  const auto& change = decided.batch.changes.at(0);
  CHECK(change.after.confidential);
  REQUIRE(change.replies.size() == 1);
  CHECK(change.replies[0].subject.find("Suap") == std::string::npos);
  CHECK(change.replies[0].text.find("uang") == std::string::npos);
  CHECK(change.replies[0].text.find("https://") == std::string::npos);
}

TEST_CASE("each of several people who write to one report in a batch is answered for themselves") {
  Bench bench;
  bench.evidence.resize(2);
  for (auto& evidence : bench.evidence) {
    evidence.thread = a_report(State::answered);
    evidence.thread_by = ThreadBy::token;
    evidence.thread_is_own = true;
  }
  bench.evidence[0].followed = ReportId(88);
  bench.evidence[0].reporter = ReporterId(9);
  const auto decided = bench.decide({a_post("1", "Kapan diperbaiki?", "budi@example.org"),
                                     a_post("2", "BELUM", "wati@example.org")});
  REQUIRE(decided.batch.changes.size() == 1);
  CHECK(decided.batch.changes[0].after.state == State::in_progress);
  const auto& replies = decided.batch.changes[0].replies;
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].to == ReporterId(9));
  CHECK(replies[0].report == ReportId(88));
  CHECK(replies[0].step > 1'000'000);
  const auto* note = note_of(decided, 1, "reply");
  REQUIRE(note != nullptr);
  CHECK(note->decision == "none");
}

TEST_CASE("what the stages saw is kept as JSON") {
  const auto json = print_notes({{"screen", "a \"quote\"", "pass", ""}});
  CHECK(json == R"([{"stage":"screen","evidence":"a \"quote\"","decision":"pass","reason":""}])");
}

}  // namespace
}  // namespace kanal
