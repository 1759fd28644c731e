#include "router/quarantine.hpp"

#include <catch2/catch.hpp>

#include "format/post_json.hpp"
#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

/// A message that no report was made of, and the officer who wants one.
struct KeepingDesk {
  Office office;

  PostRecord keep(Post post, Fate fate) {
    post.payload = print_post(post, "mail");
    const auto id = post.id.value();
    const auto filing = office.take({std::move(post)}).filings.at(0);
    CHECK(filing.fate == fate);
    CHECK(filing.code.empty() == (fate == Fate::screened));
    return record(id);
  }
  PostRecord record(const std::string& id) {
    PostFilter filter;
    filter.external_id = id;
    return office.store->find_posts(filter).value().at(0);
  }
  Result<Report> promote(PostId post, const Actor& who = national_admin()) {
    return kanal::promote(*office.store, shipped(), mail_rules(), office.clock, nullptr, post, who);
  }
  Result<Report> part(PostId post) {
    return kanal::part(*office.store, shipped(), mail_rules(), office.clock, nullptr, post,
                       national_admin());
  }
};

Post by_machine() {
  auto post = a_post("a1", "Saya sedang cuti; jalan di depan pasar berlubang");
  post.hints.automatic = "Auto-Submitted: auto-replied";
  return post;
}

TEST_CASE("a report is made of a screened message, by the officer, once") {
  KeepingDesk desk;
  const auto screened = desk.keep(by_machine(), Fate::screened);
  const auto made = desk.promote(screened.id, monitor());
  REQUIRE(made);
  const auto report = desk.office.report(made->id);
  CHECK(report.state == State::received);
  CHECK(report.text == "Saya sedang cuti; jalan di depan pasar berlubang");
  CHECK(report.reporter == screened.author);
  const auto history = desk.office.store->history(report.id).value();
  REQUIRE(history.size() == 1);
  CHECK(history[0].actor.role == Role::monitor);
  CHECK(history[0].actor.officer == monitor().officer);
  CHECK(history[0].post == screened.id);
  CHECK(history[0].reason.find("screened") != std::string::npos);
  CHECK(desk.record("a1").fate == Fate::report);
  CHECK(desk.record("a1").report == report.id);
  CHECK(desk.office.store->verify(report.id));

  const auto again = desk.promote(screened.id);
  REQUIRE_FALSE(again);
  CHECK(again.error().remedy == Remedy::drop);
  CHECK(desk.office.store->find_reports({}).value().size() == 1);
}

TEST_CASE("a message held for its looks becomes a report whose author is told") {
  KeepingDesk desk;
  auto odd = a_post("h1", "Lampu jalan mati di depan pasar");
  odd.hints.suspicion = "filled in too fast";
  odd.hints.confidential = true;
  const auto held = desk.keep(odd, Fate::held);
  const auto made = desk.promote(held.id);
  REQUIRE(made);
  CHECK(desk.office.report(made->id).confidential);
  CHECK(made->code == held.code);
  const auto replies = desk.office.store->replies_of(made->id).value();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].reply.address == "made@example.org");
}

TEST_CASE("what goes on from a held message joins its report once an officer has made one") {
  KeepingDesk desk;
  auto odd = a_post("h1", "Lampu jalan mati di depan pasar");
  odd.hints.suspicion = "filled in too fast";
  const auto first = desk.keep(odd, Fate::held);
  auto addition = a_post("h2", "Persis depan SMPN 4 (2/2)");
  addition.in_reply_to = ExternalId("h1");
  addition.hints.uncalled = addition.hints.goes_on = true;
  addition.hints.unanswered = "its author did not call us with it";
  const auto second = desk.keep(addition, Fate::held);
  const auto made = desk.promote(first.id);
  REQUIRE(made);
  const auto joined = desk.promote(second.id);
  REQUIRE(joined);
  CHECK(joined->id == made->id);
  CHECK(desk.record("h2").fate == Fate::joined);
  CHECK(desk.office.store->find_reports({}).value().size() == 1);
}

TEST_CASE("what goes on from nothing becomes a report by an officer's word") {
  KeepingDesk desk;
  auto addition = a_post("h2", "Persis depan SMPN 4 lampunya mati (2/2)");
  addition.in_reply_to = ExternalId("h1");
  addition.hints.uncalled = addition.hints.goes_on = true;
  const auto held = desk.keep(addition, Fate::held);
  const auto made = desk.promote(held.id);
  REQUIRE(made);
  CHECK(desk.record("h2").fate == Fate::report);
}

/// Finds each time that the message only passes on another's.
class Retweets final : public Translator {
 public:
  [[nodiscard]] Result<Batch> translate(std::string_view raw) const override {
    Batch batch;
    batch.posts.push_back(a_post("r1", std::string(raw)));
    batch.posts[0].hints.passed_on = "a retweet";
    batch.posts[0].hints.passes_on = {ExternalId("m1")};
    return batch;
  }
};

TEST_CASE("a message that only passes on what others said becomes a report by an officer's word") {
  KeepingDesk desk;
  const auto original = desk.office.file("m1", "Lampu jalan mati", "wati@example.org");
  const auto support = [&] { return desk.office.store->supports({&original, 1}).value().at(0); };
  auto retweet = a_post("r1", "RT: Jalan di depan pasar berlubang");
  retweet.payload = retweet.text;
  retweet.hints.passed_on = "a retweet";
  retweet.hints.passes_on = {ExternalId("m1")};
  CHECK(desk.office.take({retweet}).filings.at(0).fate == Fate::screened);
  const auto screened = desk.record("r1");
  CHECK(screened.reason == "support: a retweet");
  CHECK(support() == 1);
  const Retweets translator;
  const auto made = kanal::promote(*desk.office.store, shipped(), mail_rules(), desk.office.clock,
                                   &translator, screened.id, monitor());
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  CHECK(desk.record("r1").fate == Fate::report);
  CHECK(support() == 0);
}

TEST_CASE("a held message is set aside with who and why, stays findable, and can be taken up") {
  KeepingDesk desk;
  auto& store = *desk.office.store;
  Officer officer;
  officer.user = "sari";
  officer.role = Role::monitor;
  const Actor sari{Role::monitor, store.save_officer(officer).value(), {}, {}};
  auto odd = a_post("h1", "Lampu jalan mati di depan pasar");
  odd.hints.suspicion = "many links";
  const auto held = desk.keep(odd, Fate::held);
  REQUIRE(store.discard(held.id, sari, "an advertisement"));
  const auto aside = desk.record("h1");
  CHECK(aside.fate == Fate::screened);
  CHECK(aside.reason == "set aside by sari: an advertisement");
  CHECK(aside.text == held.text);
  PostFilter waiting;
  waiting.fate = Fate::held;
  CHECK(store.find_posts(waiting).value().empty());
  CHECK(desk.office.database.ask("SELECT count(*) FROM act WHERE act = 'discard'"
                                 " AND reason = 'an advertisement'") == "1");
  CHECK_FALSE(store.discard(held.id, sari, "again"));
  CHECK_FALSE(store.discard(PostId(4242), sari, "nobody"));
  CHECK(desk.promote(held.id));
}

TEST_CASE("a quarantined message is set aside with who and why, and stays where it is") {
  Office office;
  auto& store = *office.store;
  Batch batch;
  batch.unreadable.push_back({ExternalId("x1"), "\x01\x02", "torn"});
  REQUIRE(office.intake.ingest(office.mail, std::move(batch), std::nullopt));
  const auto waiting = store.quarantine({std::nullopt, 10}).value().at(0);
  CHECK(waiting.waits());
  REQUIRE(store.discard(waiting.id, national_admin(), "an empty mail"));
  const auto aside = store.quarantined(waiting.id).value().value();
  CHECK_FALSE(aside.waits());
  CHECK(aside.discarded_at == office.clock.now());
  CHECK(aside.discarded_why == "an empty mail");
  CHECK(aside.payload == "\x01\x02");
  CHECK(store.quarantine({office.mail, 10}).value().at(0).discarded_why == "an empty mail");
  CHECK_FALSE(store.discard(waiting.id, national_admin(), "again"));
  CHECK_FALSE(store.discard(QuarantineId(999), national_admin(), "nobody"));
}

TEST_CASE("a stranger's answer that was held goes to the report it was held for") {
  KeepingDesk desk;
  const auto report = desk.office.file("m1", "Jalan berlubang di depan pasar");
  auto answer = a_post("b1", "Lubangnya makin dalam", "budi@example.org");
  answer.hints.thread_token = std::to_string(report.id.value());
  const auto held = desk.keep(answer, Fate::held);
  CHECK(desk.office.report(report.id).steps == 1);
  const auto done = desk.promote(held.id);
  REQUIRE(done);
  CHECK(done->id == report.id);
  CHECK(desk.record("b1").fate == Fate::joined);
  const auto after = desk.office.report(report.id);
  CHECK(after.steps == 2);
  CHECK(after.reporter == report.reporter);
  CHECK(desk.office.store->history(report.id).value().back().words == "Lubangnya makin dalam");
  CHECK(desk.office.store->verify(report.id));
  CHECK_FALSE(desk.promote(held.id));
  CHECK(desk.office.report(report.id).steps == 2);
}

TEST_CASE("a stranger's answer that asks to be hidden becomes a report of its own") {
  KeepingDesk desk;
  const auto report = desk.office.file("m1", "Jalan berlubang di depan pasar");
  auto answer = a_post("b1", "Petugas pasar minta uang", "budi@example.org");
  answer.hints.thread_token = std::to_string(report.id.value());
  answer.hints.confidential = true;
  const auto held = desk.keep(answer, Fate::held);
  const auto made = desk.promote(held.id);
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  CHECK(made->id != report.id);
  CHECK(made->confidential);
  CHECK(made->code == held.code);
}

TEST_CASE("what a full report does not take becomes a report of its own") {
  KeepingDesk desk;
  const auto report = desk.office.file("m1", "Jalan berlubang di depan pasar");
  desk.office.database.ask("UPDATE report SET steps = 2000");
  auto more = a_post("b1", "Lubangnya makin dalam");
  more.hints.thread_token = std::to_string(report.id.value());
  const auto held = desk.keep(more, Fate::held);
  CHECK(held.report == report.id);
  const auto made = desk.promote(held.id);
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  CHECK(made->id != report.id);
  CHECK(made->code == held.code);
  CHECK(desk.record("b1").report == made->id);
}

TEST_CASE("a held answer moves its report, however full that is") {
  KeepingDesk desk;
  const auto report = desk.office.answered();
  auto answer = a_post("b1", "BELUM", "wati@example.org");
  answer.hints.thread_token = std::to_string(report.id.value());
  const auto held = desk.keep(answer, Fate::held);
  desk.office.database.ask("UPDATE report SET steps = 2000");
  const auto done = desk.promote(held.id);
  INFO((done ? "" : done.error().message));
  REQUIRE(done);
  CHECK(done->id == report.id);
  CHECK(done->state == State::in_progress);
}

TEST_CASE("a message that joined a report by mistake becomes one of its own, and a note says so") {
  KeepingDesk desk;
  auto& store = *desk.office.store;
  const auto report = desk.office.file("m1", "Jalan berlubang di depan pasar");
  desk.office.database.ask("UPDATE report SET confidential = true");
  auto answer = a_post("b1", "Sampah menumpuk di Jalan Gajah Mada");
  answer.hints.thread_token = std::to_string(report.id.value());
  answer.hints.subject = "Re: Jalan berlubang [#" + report.code.value() + "]";
  const auto joined = desk.keep(answer, Fate::joined);
  CHECK(joined.report == report.id);
  // Only who means it parts it: a second press of another button does not.
  CHECK_FALSE(desk.promote(joined.id));
  const auto made = desk.part(joined.id);
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  CHECK(made->id != report.id);
  CHECK(made->confidential);
  CHECK(made->title == "Sampah menumpuk di Jalan Gajah Mada");
  CHECK(made->reporter == joined.author);
  CHECK(desk.record("b1").fate == Fate::report);
  CHECK(desk.record("b1").report == made->id);
  const auto history = store.history(report.id).value();
  CHECK(history.back().event == Event::note);
  CHECK(history.back().audience == Audience::officers);
  CHECK(history.back().other == made->id);
  CHECK(store.history(made->id).value().front().other == report.id);
  CHECK_FALSE(desk.part(joined.id));
  CHECK(store.find_reports({}).value().size() == 2);

  REQUIRE(store.erase_post(joined.id, "asked for"));
  const auto left = store.history(report.id).value();
  for (const auto& line : left) {
    CHECK(line.words.find("Gajah Mada") == std::string::npos);
  }
  CHECK(store.report(made->id).value()->text.empty());
  CHECK(store.verify(report.id));
  CHECK(store.verify(made->id));
}

TEST_CASE("who had asked not to be named is not, where their message leaves a report of others") {
  KeepingDesk desk;
  const auto parent = desk.office.file("m0", "Ada lubang besar dekat pasar", "wati@example.org");
  const auto report = desk.office.file("m1", "Jalan berlubang di depan pasar");
  desk.office.database.ask("UPDATE report SET anonymous = true WHERE id = " +
                           std::to_string(report.id.value()));
  auto merge = command(Event::merge, national_admin());
  merge.other = parent.id;
  desk.office.act(report.id, merge);
  auto answer = a_post("b1", "Sampah menumpuk di Jalan Gajah Mada");
  answer.hints.thread_token = std::to_string(report.id.value());
  const auto joined = desk.keep(answer, Fate::joined);
  CHECK(joined.report == parent.id);
  const auto made = desk.part(joined.id);
  REQUIRE(made);
  CHECK(made->anonymous);
}

TEST_CASE("what was said beside an answer is heard once it is a report of its own") {
  KeepingDesk desk;
  const auto report = desk.office.answered();
  desk.office.clock.advance(std::chrono::hours(1));
  auto more = a_post("b1", "Di Jalan Gajah Mada sampah menumpuk, tolong diangkut juga");
  more.hints.thread_token = std::to_string(report.id.value());
  const auto joined = desk.keep(more, Fate::joined);
  const auto unheard = [&] {
    const auto now = desk.office.report(report.id);
    return desk.office.store->unheard({&now, 1}).value().size();
  };
  CHECK(unheard() == 1);
  REQUIRE(desk.part(joined.id));
  CHECK(unheard() == 0);
}

TEST_CASE("a held answer is read with the files that it came with") {
  KeepingDesk desk;
  const auto report = desk.office.answered();
  // Of so many words with a picture none is a command.
  auto thanks = a_post("b1", "Belum lama ini saya lewat, dan lubangnya sudah rata. Ini fotonya.",
                       "budi@example.org");
  thanks.hints.thread_token = std::to_string(report.id.value());
  thanks.attachments.push_back({"foto.jpg", "image/jpeg", "the photo", {}, 9, {}});
  const auto held = desk.keep(thanks, Fate::held);
  const auto done = desk.promote(held.id);
  REQUIRE(done);
  CHECK(done->id == report.id);
  CHECK(desk.office.report(report.id).state == State::answered);
  CHECK(desk.record("b1").attachments.size() == 1);
}

TEST_CASE("a held answer to a report that was merged meanwhile goes where the work is") {
  KeepingDesk desk;
  const auto parent = desk.office.file("m0", "Ada lubang besar dekat pasar", "wati@example.org");
  const auto report = desk.office.file("m1", "Jalan berlubang di depan pasar");
  auto answer = a_post("b1", "Lubangnya makin dalam", "budi@example.org");
  answer.hints.thread_token = std::to_string(report.id.value());
  const auto held = desk.keep(answer, Fate::held);
  auto merge = command(Event::merge, national_admin());
  merge.other = parent.id;
  desk.office.act(report.id, merge);
  const auto done = desk.promote(held.id);
  INFO((done ? "" : done.error().message));
  REQUIRE(done);
  CHECK(done->id == parent.id);
}

TEST_CASE("what was imported is answered by nobody when a report is made of it") {
  KeepingDesk desk;
  auto rules = mail_rules();
  rules.replies = false;
  rules.imports = true;
  desk.office.intake.know(rules);
  auto odd = a_post("h1", "Lampu jalan mati di depan pasar");
  odd.hints.suspicion = "filled in too fast";
  const auto held = desk.keep(odd, Fate::held);
  CHECK(held.quiet);
  const auto made = desk.promote(held.id);
  REQUIRE(made);
  CHECK(desk.office.texts_owed(made->id).empty());
}

TEST_CASE("a line of an import that is read again is answered by nobody either") {
  Office office;
  office.know(for_import(mail_rules()));
  Batch batch;
  batch.unreadable.push_back(
      {ExternalId("l1"),
       R"({"id":"l1","author":{"id":"made@example.org"},"text":"Lampu jalan mati di depan pasar",)"
       R"("posted_at":"2026-03-02T04:00:00Z"})",
       "could not be stored"});
  REQUIRE(office.intake.ingest(office.mail, std::move(batch), std::nullopt));
  const auto kept = office.store->quarantine({office.mail, 1}).value().at(0);
  CHECK(kept.quiet);
  office.know(mail_rules());
  const auto again = replay(*office.store, office.intake, kept.id, nullptr);
  REQUIRE(again);
  const auto report = again->filings.at(0).report;
  CHECK(office.texts_owed(report).empty());
  CHECK(office.store->posts_of(report).value().at(0).quiet);
}

TEST_CASE("neither an erased message, nor a report's, nor one that is not there is promoted") {
  KeepingDesk desk;
  const auto report = desk.office.file("m1", "Jalan berlubang di depan pasar");
  CHECK_FALSE(desk.promote(desk.record("m1").id));
  CHECK_FALSE(desk.promote(PostId(4242)));
  const auto screened = desk.keep(by_machine(), Fate::screened);
  REQUIRE(desk.office.store->erase_post(screened.id, "asked for"));
  CHECK_FALSE(desk.promote(screened.id));
  CHECK(desk.office.store->find_reports({}).value().size() == 1);
  CHECK(desk.office.report(report.id).steps == 1);
}

}  // namespace
}  // namespace kanal
