#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "core/language.hpp"
#include "core/text.hpp"
#include "router/casework.hpp"
#include "router/quarantine.hpp"
#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;
using namespace std::chrono_literals;

TEST_CASE("each step is told to the reporter on the channel that the complaint came by") {
  Office office;
  const auto report = office.answered();
  CHECK(report.state == State::answered);
  const auto texts = office.texts_owed(report.id);
  REQUIRE(texts.size() == 4);
  CHECK(texts[0].find("sudah kami terima") != std::string::npos);
  CHECK(texts[1].find("diteruskan ke Pemerintah Kabupaten Buleleng") != std::string::npos);
  CHECK(texts[2].find("Dinas Pekerjaan Umum") != std::string::npos);
  CHECK(texts[3].find("Sudah kami tambal.") != std::string::npos);
  CHECK(texts[3].find("BELUM") != std::string::npos);
  const auto records = office.store->replies_of(report.id).value();
  for (const auto& record : records) {
    CHECK(record.reply.address == "made@example.org");
    CHECK(record.reply.in_reply_to == ExternalId("m1"));
    CHECK(record.reply.channel == office.mail);
  }
  CHECK(office.store->verify(report.id));
}

struct Phone final : Previewer {
  [[nodiscard]] std::vector<Appearance> preview(const Reply& reply) const override {
    return {{.text = reply.address + " reads " + reply.text, .segments = 2}};
  }
};

TEST_CASE("mails about one report keep their subject, whatever it is called later") {
  Office office;
  auto post = a_post("m1", "Ada lubang di depan pasar");
  post.hints.subject = "Lubang";
  const auto report = office.report(office.take({post}).filings.at(0).report);
  auto correct = command(Event::correct, national_admin());
  correct.title = "Jalan berlubang di Pasar Banyuasri";
  office.act(report.id, correct);
  office.act(report.id, to_agency());
  const auto replies = office.store->replies_of(report.id).value();
  REQUIRE(replies.size() == 2);
  for (const auto& each : replies) CHECK(each.reply.subject == "Re: Lubang");
}

TEST_CASE("what an act would tell is shown as it would arrive, and nothing is done") {
  Office office;
  const auto made = office.file("m1", "Jalan berlubang di depan pasar");
  office.act(made.id, to_agency());
  const auto report = office.act(made.id, to_unit());
  const auto owed = office.texts_owed(report.id).size();
  const auto answer = command(Event::answer, liaison(), "Sudah kami tambal.");
  const auto worded = office.casework.rehearse(report.id, answer).value().arrivals;
  REQUIRE(worded.size() == 1);
  CHECK(worded[0].channel == office.mail);
  const Phone phone;
  office.casework.know(office.mail, phone);
  const auto shown = office.casework.rehearse(report.id, answer).value().arrivals.at(0).ways.at(0);
  CHECK(shown.segments == 2);
  CHECK(shown.text == "made@example.org reads " + worded[0].ways.at(0).text);
  CHECK(office.texts_owed(report.id).size() == owed);
  CHECK(office.report(report.id).steps == report.steps);
  office.act(report.id, answer);
  CHECK(office.texts_owed(report.id).back() == worded[0].ways.at(0).text);
  CHECK(office.store->verify(report.id));
  CHECK_FALSE(office.casework.rehearse(report.id, command(Event::accept, liaison())));
}

TEST_CASE("an answer to a confidential report is told without its words") {
  Office office;
  auto post = a_post("m1", "Pejabat meminta uang di kantor camat");
  post.hints.confidential = true;
  const auto id = office.take({post}).filings.at(0).report;
  office.act(id, to_agency());
  office.act(id, to_unit());
  office.act(id, command(Event::answer, liaison(), "Pejabat itu kami periksa."));
  for (const auto& text : office.texts_owed(id)) {
    CHECK(text.find("Pejabat") == std::string::npos);
    CHECK(text.find("meminta") == std::string::npos);
    CHECK(text.find("https://") == std::string::npos);
  }
}

TEST_CASE("what is said of a confidential report is read on its reporter's own page") {
  Office office;
  auto rules = mail_rules();
  rules.own_link = [](const TrackingCode& code) { return "https://own/" + code.value(); };
  office.know(rules);
  auto post = a_post("m1", "Pejabat meminta uang di kantor camat");
  post.hints.confidential = true;
  const auto id = office.take({post}).filings.at(0).report;
  const auto page = "https://own/" + office.report(id).code.value();
  office.act(id, command(Event::hold, national_admin(), "Di kantor mana?"));
  office.act(id, command(Event::complete, national_admin()));
  office.act(id, to_agency());
  office.act(id, to_unit());
  office.act(id, command(Event::interim, liaison(), "Sedang kami periksa."));
  office.act(id, command(Event::answer, liaison(), "Pejabat itu kami periksa."));
  const auto texts = office.texts_owed(id);
  REQUIRE(texts.size() == 6);
  for (const auto& text : texts) {
    INFO(text);
    CHECK(text.find(page) != std::string::npos);
    CHECK(text.find("periksa.") == std::string::npos);
    CHECK(text.find("kantor mana") == std::string::npos);
    CHECK(text.find("\n\n\n") == std::string::npos);
  }
}

TEST_CASE("what is offered to whom may have a report reopened is not offered to others") {
  Office office;
  const auto report = office.answered();
  office.act(report.id, command(Event::confirm, the_reporter()));
  CHECK(office.texts_owed(report.id).back().find("BUKA") != std::string::npos);
  office.act(report.id, command(Event::reopen, the_reporter()));
  office.act(report.id, command(Event::answer, liaison(), "Sekarang sudah."));
  office.act(report.id, command(Event::confirm, the_reporter()));
  CHECK(office.texts_owed(report.id).back().find("BUKA") == std::string::npos);
}

TEST_CASE("who asks too late to have a report reopened is told so, and how else") {
  for (const auto* language : {"id", "en"}) {
    Office office;
    const auto report = office.answered();
    office.act(report.id, command(Event::confirm, the_reporter()));
    office.clock.advance(std::chrono::days(35));
    auto late = a_post("late", is_english(language) ? "OPEN, it broke again" : "BUKA, rusak lagi");
    late.language = language;
    late.in_reply_to = ExternalId("m1");
    CHECK(office.take({late}).filings.at(0).report == report.id);
    CHECK(office.report(report.id).state == State::closed);
    const auto told = office.texts_owed(report.id).back();
    INFO(told);
    CHECK(told.find(is_english(language) ? "can no longer be reopened" : "tidak dapat dibuka") !=
          std::string::npos);
    CHECK(told.find(is_english(language) ? "new report" : "laporan baru") != std::string::npos);
  }
}

TEST_CASE("who appeals is told that it is checked, not that it was sent anywhere") {
  Office office;
  const auto report = office.file("m1", "Lampu jalan mati di depan pasar");
  office.act(report.id, command(Event::reject, national_admin(), "Bukan wewenang"));
  office.act(report.id, command(Event::appeal, the_reporter(), "Mohon diperiksa"));
  const auto text = office.texts_owed(report.id).back();
  INFO(text);
  CHECK(text.find("dikirim ke") == std::string::npos);
  CHECK(text.find("memeriksanya paling lambat") != std::string::npos);
}

TEST_CASE("a clock tells nothing to who was imported until they write") {
  Office office;
  auto rules = mail_rules();
  rules.replies = false;
  rules.imports = true;
  office.intake.know(rules);
  const auto report = office.file("m1", "Lampu jalan mati di depan pasar");
  office.intake.know(mail_rules());
  office.act(report.id, to_agency());
  CHECK(office.texts_owed(report.id).size() == 1);
  office.clock.advance(std::chrono::days(40));
  CHECK(office.casework.run_timers().value() == 1);
  office.clock.advance(std::chrono::days(30));
  CHECK(office.casework.advise_unsolved().value() == 1);
  CHECK(office.texts_owed(report.id).size() == 1);
  auto more = a_post("m2", "Sampai sekarang masih gelap");
  more.in_reply_to = ExternalId("m1");
  CHECK(office.take({more}).filings.at(0).code == report.code);
  const auto told = office.texts_owed(report.id).size();
  auto overdue = command(Event::escalate, {Role::system, {}, {}, {}});
  office.act(report.id, overdue);
  CHECK(office.texts_owed(report.id).size() == told + 1);
}

TEST_CASE("notes among officers are told to nobody") {
  Office office;
  const auto report = office.file("m1", "Lampu jalan mati di depan pasar");
  office.act(report.id, command(Event::note, monitor(), "Mirip dengan yang kemarin"));
  CHECK(office.texts_owed(report.id).size() == 1);
}

TEST_CASE("what is said to the reporter alone has other words where all can read it") {
  Office office;
  auto rules = mail_rules();
  rules.length = Length::medium;
  rules.in_public = true;
  rules.links = false;
  office.know(rules);
  const auto newest = [&](ReportId id) {
    return office.store->replies_of(id).value().back().reply;
  };
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  const std::string question = "NIK dan alamat Pak Made";
  office.act(report.id, command(Event::hold, national_admin(), question));
  auto reply = newest(report.id);
  CHECK(reply.text.find(question) != std::string::npos);
  CHECK(reply.public_text.find(question) == std::string::npos);
  CHECK(reply.public_text.find("tanpa data pribadi. Balas paling") != std::string::npos);
  CHECK(reply.public_text.find(report.code.value()) != std::string::npos);
  office.act(report.id, command(Event::archive, national_admin(), question));
  reply = newest(report.id);
  CHECK(reply.text.find(question) != std::string::npos);
  CHECK(reply.public_text == "#" + report.code.value() + " diarsipkan. Balas untuk melengkapi.");
  const auto other = office.answered("m2");
  CHECK(newest(other.id).text.find("Sudah kami tambal.") != std::string::npos);
  CHECK(newest(other.id).public_text.empty());
}

TEST_CASE("who wrote about a report that was merged goes on hearing of the matter") {
  Office office;
  const auto parent = office.file("m1", "Jalan berlubang di depan pasar");
  const auto child = office.file("m2", "Ada lubang besar dekat pasar", "budi@example.org");
  const auto grandchild = office.file("m3", "Lubang di jalan pasar", "wati@example.org");
  auto merge = command(Event::merge, national_admin());
  merge.other = child.id;
  office.act(grandchild.id, merge);
  merge.other = parent.id;
  office.act(child.id, merge);
  office.act(parent.id, command(Event::hold, national_admin(), "Di mana rumah Anda, Pak Made?"));
  for (const auto& report : {child, grandchild}) {
    CHECK(office.texts_owed(report.id).back().find("Made") == std::string::npos);
  }
  office.act(parent.id, command(Event::complete, national_admin()));
  office.act(parent.id, to_agency());
  office.act(parent.id, to_unit());
  office.act(parent.id, command(Event::answer, liaison(), "Sudah kami tambal."));
  for (const auto& report : {child, grandchild}) {
    const auto records = office.store->replies_of(report.id).value();
    const auto told = std::ranges::find_if(records, [](const OutboxRecord& each) {
      return each.reply.text.find("Sudah kami tambal.") != std::string::npos;
    });
    REQUIRE(told != records.end());
    const auto& last = told->reply;
    CHECK(last.text.find(grouped(parent.code)) != std::string::npos);
    CHECK(last.address == (report.id == child.id ? "budi@example.org" : "wati@example.org"));
    CHECK(last.thread_token == std::to_string(report.id.value()));
    CHECK(last.in_reply_to == ExternalId(report.id == child.id ? "m2" : "m3"));
  }
  // Their answer goes where the matter is worked on, and ends it for nobody else.
  auto answer = a_post("m4", "SELESAI", "wati@example.org");
  answer.hints.thread_token = std::to_string(grandchild.id.value());
  CHECK(office.take({answer}).filings.at(0).report == parent.id);
  CHECK(office.report(parent.id).state == State::answered);
  auto dispute = a_post("m5", "BELUM, masih dalam", "budi@example.org");
  dispute.in_reply_to = ExternalId("m2");
  office.take({dispute});
  CHECK(office.report(parent.id).state == State::in_progress);
  const auto told = office.store->replies_of(child.id).value();
  CHECK(std::ranges::any_of(told, [](const OutboxRecord& each) {
    return each.reply.acknowledgement && each.reply.step > 1'000'000 &&
           each.reply.address == "budi@example.org";
  }));
  for (const auto& report : {parent, child, grandchild}) CHECK(office.store->verify(report.id));
}

// A stranger's answer in the reporter's place, which an officer puts to the report all the same.
PostId put_by_officer(Office& office, const Report& report, const std::string& id,
                      const std::string& author) {
  auto answer = a_post(id, "Saya tetangganya, lubangnya makin dalam", author);
  answer.author.name = "Budi";
  answer.payload.clear();
  answer.hints.thread_token = std::to_string(report.id.value());
  REQUIRE(office.take({answer}).filings.at(0).fate == Fate::held);
  PostFilter held;
  held.external_id = id;
  const auto post = office.store->find_posts(held).value().at(0).id;
  const auto done = promote(*office.store, shipped(), mail_rules(), office.clock, nullptr, post,
                            national_admin());
  INFO((done ? "" : done.error().message));
  REQUIRE(done);
  CHECK(done->id == report.id);
  return post;
}

TEST_CASE("everybody who wrote to a report is told of each step, once, and of nobody else") {
  Office office;
  const auto report = office.file("<m1@rumah-made>", "Jalan berlubang di depan pasar");
  put_by_officer(office, report, "<b1@rumah-budi>", "budi@example.org");
  office.act(report.id, command(Event::hold, national_admin(), "Di mana rumah Anda, Pak Made?"));
  office.act(report.id, command(Event::complete, national_admin()));
  office.act(report.id, to_agency());
  office.act(report.id, to_unit());
  office.act(report.id, command(Event::answer, liaison(), "Sudah kami tambal."));
  std::map<std::string, std::map<int, int>> told;
  std::set<std::string> keys;
  const auto records = office.store->replies_of(report.id).value();
  for (const auto& record : records) {
    ++told[record.reply.address][record.reply.step];
    CHECK(keys.insert(record.reply.key).second);
  }
  REQUIRE(told.size() == 2);
  const auto& made = told["made@example.org"];
  const auto& budi = told["budi@example.org"];
  for (const auto& each : {made, budi}) {
    CHECK(std::ranges::all_of(each, [](const auto& step) { return step.second == 1; }));
  }
  const auto answered = office.report(report.id).steps;
  CHECK(made.contains(answered));
  CHECK(budi.contains(answered));
  // What was asked of the one is nothing to the other.
  CHECK(made.size() == budi.size() + 1);
  const auto claimed = office.store->claim(office.mail, "n", 50, 30s).value();
  for (const auto& reply : claimed) {
    if (reply.address != "budi@example.org") continue;
    CHECK(reply.text.find("Made") == std::string::npos);
    CHECK(reply.subject.find(report.title) == std::string::npos);
    CHECK(reply.in_reply_to == ExternalId("<b1@rumah-budi>"));
    CHECK(std::ranges::find(reply.references, ExternalId("<m1@rumah-made>")) ==
          reply.references.end());
  }
}

TEST_CASE("whom an officer put to a report can add to it and dispute, but not end it for others") {
  Office office;
  const auto report = office.answered();
  put_by_officer(office, report, "b1", "budi@example.org");
  auto end = a_post("b2", "SELESAI", "budi@example.org");
  end.hints.thread_token = std::to_string(report.id.value());
  CHECK(office.take({end}).filings.at(0).fate == Fate::joined);
  CHECK(office.report(report.id).state == State::answered);
  auto dispute = a_post("b3", "BELUM, masih dalam", "budi@example.org");
  dispute.hints.thread_token = std::to_string(report.id.value());
  office.take({dispute});
  CHECK(office.report(report.id).state == State::in_progress);
}

TEST_CASE("who left an address on a form and writes from it is told once") {
  Office office;
  const auto id = file_by_form(office);
  auto more = a_post("w1", "Sudah dua minggu mati", "wati@example.org");
  more.hints.thread_token = std::to_string(id.value());
  REQUIRE(office.take({more}).filings.at(0).report == id);
  office.act(id, to_agency());
  const auto records = office.store->replies_of(id).value();
  const auto step = office.report(id).steps;
  REQUIRE(std::ranges::count(records, step, [](const auto& each) { return each.reply.step; }) == 1);
  const auto& told = records.back().reply;
  CHECK(told.address == "wati@example.org");
  CHECK(told.in_reply_to == ExternalId("w1"));
  for (const auto& record : records) {
    INFO(record.reply.step);
    CHECK(matter_of(record.reply.subject) == matter_of(records.front().reply.subject));
  }
}

TEST_CASE("a form's reporter is told by the mail channel that the form names") {
  Office office;
  const auto id = file_by_form(office);
  office.act(id, to_agency());
  const auto replies = office.store->replies_of(id).value();
  REQUIRE(replies.size() == 2);
  for (const auto& record : replies) {
    CHECK(record.reply.channel == office.mail);
    CHECK(record.reply.address == "wati@example.org");
  }
}

TEST_CASE("who left no address on a form is owed nothing at any step") {
  Office office;
  auto form = mail_rules();
  form.name = ChannelName("form");
  form.notify_by = office.mail;
  office.know(form);
  Batch batch;
  batch.posts.push_back(a_post("f1", "Lampu jalan mati di depan pasar", "form-1"));
  const auto done = office.intake.ingest(form.name, std::move(batch), std::nullopt);
  REQUIRE(done);
  const auto id = done->filings.at(0).report;
  office.act(id, to_agency());
  office.act(id, to_unit());
  CHECK(office.texts_owed(id).empty());
}

}  // namespace
}  // namespace kanal
