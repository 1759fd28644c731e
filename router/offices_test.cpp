#include "router/offices.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "core/visibility.hpp"
#include "format/json.hpp"
#include "router/connector_fixture.hpp"
#include "router/house_fixture.hpp"
#include "router/outbox.hpp"
#include "router/quarantine.hpp"

namespace kanal {
namespace {

using namespace testing;

TEST_CASE("an office's first line says what it wants, in both languages") {
  using Kind = OfficeWish::Kind;
  const auto kind = [](std::string_view text) { return read_office_wish(text).kind; };
  CHECK(kind("PROSES") == Kind::proceed);
  CHECK(kind("In progress:\nwe come on Monday") == Kind::proceed);
  CHECK(kind("*PROSES*\ndijadwalkan Senin") == Kind::proceed);
  CHECK(kind("Bukan kami.\nIni jalan provinsi") == Kind::not_ours);
  CHECK(kind("NOT OURS: a provincial road") == Kind::not_ours);
  CHECK(kind("tanya: sebelah mana?") == Kind::ask);
  CHECK(kind("Lubangnya sudah kami tambal kemarin.") == Kind::answer);
  CHECK(kind("Selesai kami tambal kemarin.") == Kind::answer);
  CHECK(read_office_wish("SELESAI\nSudah ditambal.").words == "Sudah ditambal.");
  CHECK(read_office_wish("NOT OURS: a provincial road").words == "a provincial road");
}

TEST_CASE("what may be meant otherwise is no answer that ends the work") {
  using Kind = OfficeWish::Kind;
  for (const auto* text : {"",
                           "ok",
                           "Baik, terima kasih.",
                           "Siap pak",
                           "Thank you!",
                           "Akan kami tindak lanjuti",
                           "Proses lelang masih berjalan",
                           "Bukan kami yang mengerjakan",
                           "Di mana tempatnya?",
                           "Siap, segera kami cek ke lokasi.",
                           "We will get back to you within two working days.",
                           "Dengan hormat,",
                           "Selamat pagi.",
                           "Good morning.",
                           "Yth. Bapak/Ibu Pelapor",
                           "Dear reporter,",
                           "Assalamualaikum wr. wb.",
                           "Jawaban kami:",
                           "Berikut jawaban dinas:",
                           "Salam hormat",
                           "Kepada Yth. Pelapor di tempat"}) {
    INFO(text);
    CHECK(read_office_wish(text).kind == Kind::unclear);
  }
}

TEST_CASE("our own message below an answer is not part of it, however it is quoted") {
  const std::string ours = "== Tulis jawaban Anda di atas baris ini ==\n\nLaporan #1\nJudul: x";
  CHECK(read_office_wish("Sudah ditambal.\n\n" + ours).words == "Sudah ditambal.");
  CHECK(read_office_wish("Sudah ditambal.\nPada Senin Kanal menulis:\n> " + ours).words ==
        "Sudah ditambal.");
  CHECK(read_office_wish("Pada Senin Kanal menulis:\n> " + ours).kind == OfficeWish::Kind::unclear);
  CHECK(read_office_wish(ours).kind == OfficeWish::Kind::unclear);
}

TEST_CASE("a report disposed to a unit with a mailbox of its own is mailed to it once") {
  House house;
  const auto report = house.handed();
  const auto mails = house.to_office(report.id);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].address == k_address);
  CHECK(mails[0].channel == house.mail);
  CHECK(mails[0].office->unit.value() == "putr");
  CHECK(mails[0].text.find("Jalan berlubang di depan pasar") != std::string::npos);
  CHECK(mails[0].text.find("BUKAN KAMI") != std::string::npos);
  CHECK(mails[0].text.find("Batas waktu: 9 Maret 2026") != std::string::npos);
  CHECK(mails[0].text.find("made@example.org") == std::string::npos);
  CHECK(mails[0].key.starts_with(std::to_string(report.id.value()) + ".3."));
  // The office is nobody of the report's.
  CHECK(house.store->contacts(report.id).value().size() == 1);
}

TEST_CASE("an agency with a mailbox of its own is mailed as a whole, and answers as its admin") {
  House house;
  const auto id = house.take(a_post("m1", "Obat di puskesmas habis")).report;
  const auto agency = std::ranges::find_if(house.organisation.agencies, [](const Agency& each) {
    return static_cast<bool>(each.handed_over);
  });
  REQUIRE(agency != house.organisation.agencies.end());
  house.act(id, to_agency(agency->id.value()));
  const auto mails = house.to_office(id);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].text.find("Write your answer above this line") != std::string::npos);
  house.answers(mails[0], "k1", "ASK\nWhich clinic is it?", agency->handed_over.address);
  CHECK(house.report(id).state == State::needs_info);
  CHECK(house.newest(id).actor.role == Role::agency_admin);
  CHECK(house.to_people(id).back().text.find("Which clinic") != std::string::npos);
  auto more = a_post("m2", "Puskesmas Sukasada");
  more.hints.thread_token = std::to_string(id.value());
  house.take(more);
  CHECK(house.report(id).state == State::at_agency);
  REQUIRE(house.to_office(id).size() == 2);
  CHECK(house.to_office(id)[1].text.find("Obat di puskesmas habis") != std::string::npos);
}

TEST_CASE("the office's answer counts as its officer's, tells the reporter, and counts once") {
  House house;
  const auto report = house.handed();
  const auto mail = house.to_office(report.id).at(0);
  const auto told = house.to_people(report.id).size();
  const auto filing = house.answers(mail, "p1", "Sudah kami tambal kemarin.");
  CHECK(filing.fate == Fate::office);
  CHECK(filing.report == report.id);
  CHECK(house.report(report.id).state == State::answered);
  const auto line = house.newest(report.id);
  CHECK(line.event == Event::answer);
  CHECK(line.actor.role == Role::liaison);
  CHECK(line.actor.unit.value() == "putr");
  CHECK_FALSE(line.actor.officer);
  CHECK(line.reason == "by mail");
  CHECK(house.store->post(line.post).value()->external_id.value() == "p1");
  const auto people = house.to_people(report.id);
  REQUIRE(people.size() == told + 1);
  CHECK(people.back().address == "made@example.org");
  CHECK(people.back().text.find("Sudah kami tambal kemarin.") != std::string::npos);
  CHECK(house.to_office(report.id).size() == 1);

  const auto steps = house.report(report.id).steps;
  CHECK(house.answers(mail, "p1", "Sudah kami tambal kemarin.").fate == Fate::repeated);
  CHECK(house.report(report.id).steps == steps);
  CHECK(house.to_people(report.id).size() == told + 1);
  CHECK(house.store->verify(report.id));
}

TEST_CASE("what the reporter says afterwards goes to the office too") {
  House house;
  const auto report = house.handed();
  auto more = a_post("m2", "Lubangnya makin dalam sejak hujan.");
  more.hints.thread_token = std::to_string(report.id.value());
  house.take(more);
  REQUIRE(house.to_office(report.id).size() == 2);
  CHECK(house.to_office(report.id)[1].text.find("makin dalam") != std::string::npos);
  house.answers(house.to_office(report.id)[1], "p1", "Sudah kami tambal kemarin.");
  CHECK(house.report(report.id).state == State::answered);
  auto dispute = a_post("m3", "BELUM");
  dispute.hints.thread_token = std::to_string(report.id.value());
  house.take(dispute);
  CHECK(house.report(report.id).state == State::in_progress);
  REQUIRE(house.to_office(report.id).size() == 3);
  CHECK(house.to_office(report.id)[2].subject.starts_with("Belum selesai"));
}

TEST_CASE("who answers in an office's place moves nothing and is kept for a person") {
  House house;
  const auto report = house.handed();
  const auto mail = house.to_office(report.id).at(0);
  const auto steps = house.report(report.id).steps;
  CHECK(house.answers(mail, "x1", "Sudah kami tambal.", "orang@lain.example").fate == Fate::held);
  auto forged = a_post("x2", "Sudah kami tambal.", k_address);
  forged.hints.thread_token = mail.key;
  forged.author.proven = false;
  CHECK(house.take(forged).fate == Fate::held);
  auto machine = a_post("x3", "Saya sedang cuti.", k_address);
  machine.hints.thread_token = mail.key;
  machine.hints.automatic = "Auto-Submitted: auto-replied";
  CHECK(house.take(machine).fate == Fate::screened);
  CHECK(house.report(report.id).steps == steps);
  CHECK(house.answers(mail, "x4", "Sudah kami tambal.", "Budi@PUTR.contoh.go.id").fate ==
        Fate::office);
}

TEST_CASE("what was held in an office's place makes nobody a party to the report") {
  House house;
  const auto report = house.handed();
  const auto mail = house.to_office(report.id).at(0);
  const auto steps = house.report(report.id).steps;
  house.answers(mail, "x1", "Sudah kami tambal.", "orang@lain.example");
  PostFilter filter;
  filter.external_id = "x1";
  const auto held = house.store->find_posts(filter).value().at(0);
  const auto let_through = promote(*house.store, house.organisation, mail_rules(), house.clock,
                                   nullptr, held.id, national_admin());
  REQUIRE_FALSE(let_through);
  CHECK(let_through.error().remedy == Remedy::drop);
  CHECK(house.report(report.id).steps == steps);
  CHECK(house.store->contacts(report.id).value().size() == 1);
}

TEST_CASE("an office's answer to a message that was never sent is no complaint of anybody's") {
  House house;
  auto answer = a_post("w1", "Sudah kami tambal.", "system");
  answer.hints.thread_token = "999.1.1.system";
  answer.hints.from_office = true;
  const auto filing = house.take(answer);
  CHECK(filing.fate == Fate::held);
  CHECK_FALSE(filing.report);
}

TEST_CASE("a message to an office goes to where the office is now, or nowhere") {
  House house;
  const auto report = house.handed();
  ScriptedConnector connector;
  std::string address;
  connector.answer_sends([&](const Reply& reply) {
    if (reply.office) address = reply.address;
    return Receipt{ExternalId("out-" + reply.key), true};
  });
  const auto send = [&] {
    OutboxOptions options;
    options.office_address = [&](const HandedTo& office) {
      return address_of(house.organisation, office, house.mail);
    };
    Outbox outbox(*house.store, connector, house.clock, house.mail, "a", options);
    REQUIRE(outbox.turn());
  };
  for (auto& unit : house.organisation.units) unit.handed_over.address = "baru@putr.example";
  send();
  CHECK(address == "baru@putr.example");
  house.act(report.id, command(Event::note, liaison(), "x"));
  auto more = a_post("m2", "Lubangnya makin dalam", "made@example.org");
  more.in_reply_to = ExternalId("m1");
  house.take(more);
  for (auto& unit : house.organisation.units) unit.handed_over.channel = ChannelName("other");
  address.clear();
  send();
  CHECK(address.empty());
  const auto replies = house.store->replies_of(report.id).value();
  const auto late = std::ranges::find_if(replies, [](const OutboxRecord& each) {
    return each.reply.office && each.state == ReplyState::failed;
  });
  REQUIRE(late != replies.end());
  CHECK(late->detail == k_not_handed_over);
}

TEST_CASE("what an office is owed says nothing more once the report is confidential") {
  House house;
  const auto report = house.handed();
  REQUIRE(house.to_office(report.id).at(0).text.find("berlubang") != std::string::npos);
  auto secret = command(Event::correct, national_admin());
  secret.confidential = true;
  house.act(report.id, secret);
  const auto mails = house.to_office(report.id);
  REQUIRE_FALSE(mails.empty());
  for (const auto& mail : mails) {
    CHECK(mail.text.find("berlubang") == std::string::npos);
    CHECK(mail.subject.find("berlubang") == std::string::npos);
  }
  CHECK(mails[0].text == k_now_confidential_id);
  for (const auto& reply : house.to_people(report.id)) CHECK(reply.text != k_now_confidential_id);
}

TEST_CASE("without our token the office's address is a writer like any other") {
  House house;
  const auto report = house.handed();
  const auto steps = house.report(report.id).steps;
  auto forged = a_post("x1", "Sudah kami tambal kemarin sore.", k_address);
  forged.hints.tracking_code = report.code.value();
  const auto filing = house.take(forged);
  CHECK(filing.fate == Fate::report);
  CHECK(filing.report != report.id);
  CHECK(house.report(report.id).steps == steps);
}

TEST_CASE("a report's number and a reporter's own thread are no token of an office") {
  House house;
  const auto report = house.handed();
  auto post = a_post("x1", "Sudah kami tambal kemarin sore.", k_address);
  post.hints.thread_token = house.to_people(report.id).at(0).key;
  CHECK(house.take(post).fate == Fate::held);
  CHECK(house.report(report.id).state == State::at_unit);
}

TEST_CASE("what is unclear or not possible is explained to the office and moves nothing") {
  House house;
  const auto report = house.handed();
  const auto mail = house.to_office(report.id).at(0);
  const auto filing = house.answers(mail, "p1", "Baik, terima kasih.");
  CHECK(filing.fate == Fate::office);
  CHECK(house.report(report.id).state == State::at_unit);
  CHECK(house.store->posts_of(report.id).value().size() == 2);
  auto mails = house.to_office(report.id);
  REQUIRE(mails.size() == 2);
  CHECK(mails[1].text.find("belum jelas") != std::string::npos);
  CHECK(mails[1].text.find("PROSES") != std::string::npos);
  CHECK(mails[1].in_reply_to == ExternalId("p1"));
  CHECK(mails[1].acknowledgement);
  // An answer to the explanation is as good.
  house.answers(mails[1], "p2", "BUKAN KAMI\nIni jalan provinsi.");
  CHECK(house.report(report.id).state == State::returned);
  CHECK(house.newest(report.id).words == "Ini jalan provinsi.");
  const auto steps = house.report(report.id).steps;
  house.answers(mail, "p3", "Sudah kami tambal kemarin.");
  CHECK(house.report(report.id).steps == steps);
  mails = house.to_office(report.id);
  REQUIRE(mails.size() == 3);
  CHECK(mails[2].text.find("tidak lagi ada pada Anda") != std::string::npos);
}

TEST_CASE("an office that answers by machine is explained to three times an hour at most") {
  House house;
  const auto report = house.handed();
  const auto mail = house.to_office(report.id).at(0);
  for (int i = 0; i < 6; ++i) house.answers(mail, "p" + std::to_string(i), "ok");
  CHECK(house.to_office(report.id).size() <= 4);
  CHECK(house.store->posts_of(report.id).value().size() == 7);
}

TEST_CASE("a confidential report's words and files do not leave the house") {
  House house;
  auto post = a_post("m1", "Ada pungutan liar di loket nomor 3");
  post.hints.subject = "Pungli di loket";
  post.hints.confidential = true;
  post.attachments.push_back(
      {.name = "a.jpg", .type = "image/jpeg", .bytes = "bukti", .file = {}, .sha256 = {}});
  const auto report = house.handed(std::move(post));
  const auto mails = house.to_office(report.id);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].text.find("loket") == std::string::npos);
  CHECK(mails[0].subject.find("Pungli") == std::string::npos);
  CHECK(mails[0].text.find("konsol") != std::string::npos);
  const auto claimed = house.store->claim(house.mail, "here", 10, std::chrono::minutes(5)).value();
  for (const auto& reply : claimed) CHECK(reply.attachments.empty());
}

TEST_CASE("the files of a report go along with it, and an addition's own ones with that") {
  House house;
  const auto with_file = [](Post post, const std::string& name) {
    post.attachments.push_back(
        {.name = name, .type = "image/jpeg", .bytes = "isi " + name, .file = {}, .sha256 = {}});
    return post;
  };
  const auto report =
      house.handed(with_file(a_post("m1", "Jalan berlubang di depan pasar"), "satu.jpg"));
  house.clock.advance(std::chrono::minutes(1));
  auto more = with_file(a_post("m2", "Ini foto lain."), "dua.jpg");
  more.hints.thread_token = std::to_string(report.id.value());
  house.take(more);
  std::vector<std::string> names;
  const auto claimed = house.store->claim(house.mail, "here", 20, std::chrono::minutes(5)).value();
  for (const auto& reply : claimed) {
    if (!reply.office) CHECK(reply.attachments.empty());
    for (const auto& file : reply.attachments) {
      names.push_back(file.name);
      CHECK(std::filesystem::file_size(file.file) == file.size_bytes);
    }
  }
  CHECK(names == std::vector<std::string>{"satu.jpg", "dua.jpg"});
}

// Has the unit's reports handed to a system of its own.
ChannelRules with_system(House& house, const std::string& kind) {
  ChannelRules rules;
  rules.name = ChannelName("system");
  rules.kind = kind;
  house.intake.know(rules);
  house.casework.know(rules);
  for (auto& unit : house.organisation.units) {
    if (unit.id.value() != "putr") continue;
    unit.handed_over = {};
    unit.handed_over.by = kind;
    unit.handed_over.channel = rules.name;
    unit.handed_over.writes = kind == "webhook";
  }
  return rules;
}

TEST_CASE("an office's own system is told by a notice, and answers as its officer") {
  House house;
  const auto rules = with_system(house, "webhook");
  const auto report = house.handed();
  const auto mails = house.to_office(report.id);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].channel == rules.name);
  const auto notice = Json::parse(mails[0].text);
  REQUIRE(notice);
  CHECK(notice->text("news") == "handed");
  CHECK(notice->text("text") == "Jalan berlubang di depan pasar");
  CHECK(notice->find("possible")->array.size() == 4);
  auto post = a_post("w1", "SELESAI\nok", "system");
  post.hints.thread_token = mails[0].key;
  Batch batch;
  batch.posts.push_back(post);
  const auto done = house.intake.ingest(rules.name, std::move(batch), std::nullopt);
  REQUIRE(done);
  CHECK(done->filings.at(0).fate == Fate::office);
  CHECK(house.report(report.id).state == State::answered);
  CHECK(house.newest(report.id).words == "ok");
  CHECK(house.newest(report.id).reason == "by the office's own system");
  // By mail its token is worth nothing.
  CHECK(house.answers(mails[0], "p1", "BUKAN KAMI\nx").fate == Fate::held);
}

TEST_CASE("what a system is owed is a notice still once the report is confidential") {
  House house;
  const auto rules = with_system(house, "webhook");
  const auto report = house.handed();
  auto secret = command(Event::correct, national_admin());
  secret.confidential = true;
  house.act(report.id, secret);
  const auto owed = house.to_office(report.id);
  REQUIRE_FALSE(owed.empty());
  CHECK(owed[0].text.find("berlubang") == std::string::npos);
  const auto notice = Json::parse(owed[0].text);
  REQUIRE(notice);
  CHECK(notice->text("news") == "handed");
  CHECK(notice->find("confidential")->boolean);
  CHECK(notice->find("text") == nullptr);
  CHECK(notice->find("possible")->array.size() == 4);
}

TEST_CASE(
    "what a system took is asked about as long as the report is there, and is not written to") {
  House house;
  const auto rules = with_system(house, "open311_client");
  const auto report = house.handed();
  const auto asked = [&] { return house.store->with_offices(rules.name, 10).value().messages; };
  CHECK(asked().empty());
  const auto settle = [&] {
    const auto claimed =
        house.store->claim(rules.name, "here", 10, std::chrono::minutes(5)).value();
    for (const auto& reply : claimed) {
      Settlement settlement;
      settlement.id = reply.id;
      settlement.external_id = ExternalId("request/" + std::to_string(reply.step));
      REQUIRE(house.store->settle(std::span(&settlement, 1)));
    }
  };
  settle();
  REQUIRE(asked().size() == 1);
  CHECK(house.store->with_offices(rules.name, 1).value().all);
  CHECK_FALSE(house.store->with_offices(rules.name, 0).value().all);
  const auto key = house.to_office(report.id).at(0).key;
  CHECK(asked()[0].key == key);
  CHECK(asked()[0].external_id.value() == "request/3");
  const auto says = [&](const std::string& id, const std::string& text) {
    auto post = a_post(id, text, "system");
    post.hints.thread_token = key;
    Batch batch;
    batch.posts.push_back(std::move(post));
    return house.intake.ingest(rules.name, std::move(batch), std::nullopt).value().filings.at(0);
  };
  says("17/1", "PROSES\n");
  CHECK(house.report(report.id).state == State::in_progress);
  const auto steps = house.report(report.id).steps;
  CHECK(says("17/2", "STATUS\n\"diarsipkan\" entah.").fate == Fate::office);
  CHECK(says("17/3", "PROSES\n").fate == Fate::office);
  CHECK(house.report(report.id).steps == steps);
  CHECK(house.to_office(report.id).size() == 1);
  says("17/4", "SELESAI\nSudah ditambal.");
  CHECK(house.report(report.id).state == State::answered);
  REQUIRE(asked().size() == 1);
  auto dispute = a_post("m3", "BELUM");
  dispute.hints.thread_token = std::to_string(report.id.value());
  CHECK_FALSE(asked().at(0).reopened_at);
  house.take(dispute);
  settle();
  CHECK(asked().at(0).external_id.value() != "request/3");
  CHECK(asked().at(0).reopened_at == house.newest(report.id).at);
  house.act(report.id, command(Event::give_back, agency_admin(), "Bukan kita."));
  CHECK(asked().empty());
}

TEST_CASE("an office is told when a report is taken from it, whoever takes it") {
  House house;
  auto report = house.handed();
  SECTION("by another unit") {
    house.act(report.id, to_unit("dlh"));
    const auto mails = house.to_office(report.id);
    REQUIRE(mails.size() == 2);
    CHECK(mails[1].address == k_address);
    CHECK(mails[1].subject.starts_with("Tidak lagi pada Anda: Jalan berlubang"));
    CHECK(mails[1].text.find("dialihkan ke instansi atau unit lain") != std::string::npos);
    CHECK(mails[1].text.find("Cara menjawab") == std::string::npos);
    const auto steps = house.report(report.id).steps;
    house.answers(mails[0], "p1", "Sudah kami tambal kemarin.");
    CHECK(house.report(report.id).steps == steps);
  }
  SECTION("by its agency, which sends it back") {
    house.act(report.id, command(Event::give_back, agency_admin(), "Bukan wewenang kita."));
    REQUIRE(house.to_office(report.id).size() == 2);
    CHECK(house.to_office(report.id)[1].text.find("Bukan wewenang") == std::string::npos);
  }
  SECTION("by being merged") {
    auto merge = command(Event::merge, agency_admin(), "sama");
    merge.other = house.handed(a_post("m2", "Lubang yang sama di pasar", "budi@lain.id")).id;
    house.act(report.id, merge);
    REQUIRE(house.to_office(report.id).size() == 2);
    CHECK(house.to_office(report.id)[1].text.find("digabung") != std::string::npos);
    CHECK(house.to_office(merge.other).size() == 1);
  }
  SECTION("by an answer in the console") {
    house.act(report.id, command(Event::answer, liaison(), "Sudah kami tambal."));
    REQUIRE(house.to_office(report.id).size() == 2);
    CHECK(house.to_office(report.id)[1].text.find("sudah dijawab lewat konsol") !=
          std::string::npos);
  }
  SECTION("and not for what stays with it") {
    house.act(report.id, command(Event::accept, liaison()));
    house.act(report.id, command(Event::interim, liaison(), "Senin."));
    CHECK(house.to_office(report.id).size() == 1);
  }
}

TEST_CASE("of a confidential report that is taken from it an office is told no more than that") {
  House house;
  auto post = a_post("m1", "Ada pungutan liar di loket nomor 3");
  post.hints.confidential = true;
  const auto report = house.handed(std::move(post));
  house.act(report.id, to_unit("dlh"));
  const auto mails = house.to_office(report.id);
  REQUIRE(mails.size() == 2);
  CHECK(mails[1].text.find("loket") == std::string::npos);
  CHECK(mails[1].subject == "Tidak lagi pada Anda");
}

TEST_CASE("what is erased is erased from what an office was told, and no longer sent") {
  House house;
  const auto report = house.handed();
  const auto post = house.store->posts_of(report.id).value().at(0);
  const auto people = house.to_people(report.id);
  REQUIRE(house.store->erase_post(post.id, "asked for"));
  const auto mails = house.to_office(report.id);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].text.empty());
  CHECK(mails[0].subject.empty());
  CHECK(house.store->outbox(house.mail, ReplyState::withheld, 10).value().size() == 1);
  CHECK(house.to_people(report.id).at(0).text == people.at(0).text);
}

TEST_CASE("a bounce of the mail to an office fails it and tells nobody else") {
  House house;
  const auto report = house.handed();
  const auto claimed = house.store->claim(house.mail, "here", 20, std::chrono::minutes(5)).value();
  std::vector<Settlement> sent;
  for (const auto& reply : claimed) {
    Settlement settlement;
    settlement.id = reply.id;
    settlement.external_id = ExternalId("sent-" + std::to_string(reply.id.value()));
    sent.push_back(settlement);
  }
  REQUIRE(house.store->settle(sent));
  Signal bounce;
  bounce.kind = Signal::Kind::failed;
  bounce.reply_key = house.to_office(report.id).at(0).key;
  bounce.detail = "5.1.1 no such user";
  bounce.permanent = true;
  Batch batch;
  batch.signals.push_back(bounce);
  REQUIRE(house.intake.ingest(house.mail, std::move(batch), std::nullopt));
  const auto failed = house.store->outbox(house.mail, ReplyState::failed, 10).value();
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].reply.office);
  const std::vector ids{failed[0].reply.id};
  REQUIRE(house.store->decide(ids, Verdict::send_again, national_admin()).value() == 1);
  const auto told = house.to_people(report.id).size();
  house.act(report.id, command(Event::answer, liaison(), "Sudah kami tambal."));
  CHECK(house.to_people(report.id).size() == told + 1);
}

TEST_CASE("an office is told of what is archived as spam, and when that is taken back") {
  House house;
  const auto id = house.take(a_post("m1", "Menang undian")).report;
  house.act(id, to_agency("kemenpu"));
  REQUIRE(house.to_office(id).size() == 1);
  const auto told = house.to_people(id).size();
  const auto all = [&](Event event) {
    const auto report = house.report(id);
    const std::array seen{Sighting{report.code, report.steps}};
    auto what = command(event, national_admin());
    what.reason = "spam";
    return house.casework.act_on_all(seen, what).value().size();
  };
  REQUIRE(all(Event::archive) == 1);
  REQUIRE(house.to_office(id).size() == 2);
  CHECK(house.to_office(id)[1].subject.starts_with("No longer yours"));
  REQUIRE(all(Event::restore) == 1);
  CHECK(house.to_office(id).size() == 3);
  CHECK(house.to_people(id).size() == told);
}

}  // namespace
}  // namespace kanal
