#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "router/moves.hpp"
#include "router/router_fixture.hpp"
#include "router/stages.hpp"

// Whose report a post is about, and what an answer asks for.
namespace kanal {
namespace {

using namespace testing;
using namespace std::string_literals;

Evidence thread(ThreadBy by, bool own, State state = State::at_unit) {
  Evidence evidence;
  evidence.thread_by = by;
  evidence.thread_is_own = own;
  evidence.thread = a_report(state);
  return evidence;
}

TEST_CASE("a token, a reference or a code joins the report of the same person only") {
  const auto post = a_post("2", "Masih rusak");
  for (const auto by : {ThreadBy::token, ThreadBy::reference, ThreadBy::code}) {
    const auto evidence = thread(by, true);
    const auto own = identify(post, evidence, mail_rules());
    CHECK(own.belonging == Belonging::joins);
    CHECK(own.report->id == ReportId(77));
  }
  const auto quoted = thread(ThreadBy::code, false);
  CHECK(identify(post, quoted, mail_rules()).belonging == Belonging::alone);
  const auto referring = thread(ThreadBy::reference, false);
  CHECK(identify(post, referring, mail_rules()).belonging == Belonging::alone);
}

TEST_CASE("a stranger with a reporter's token is held for a person to decide") {
  const auto evidence = thread(ThreadBy::token, false);
  const auto found = identify(a_post("2", "BELUM"), evidence, mail_rules());
  CHECK(found.belonging == Belonging::held);
  CHECK(found.report->id == ReportId(77));
}

TEST_CASE("what no longer fits into a report waits for a person") {
  Bench bench;
  bench.evidence = {thread(ThreadBy::token, true)};
  bench.evidence[0].thread->steps = 1999;
  const auto post = a_post("2", "Jalannya masih rusak");
  CHECK(bench.decide({post}).batch.filed.at(0).fate == Fate::joined);
  bench.evidence[0].thread->steps = 2000;
  auto same_text = Evidence();
  same_text.same_text = bench.evidence[0].thread;
  for (const auto& evidence : {bench.evidence[0], same_text}) {
    bench.evidence[0] = evidence;
    const auto filed = bench.decide({post}).batch.filed.at(0);
    CHECK(filed.fate == Fate::held);
    CHECK(filed.report == ReportId(77));
    CHECK(filed.reason == "its report has as many messages as it can take");
  }
}

TEST_CASE("what moves a report finds room in it, however full it is") {
  Bench bench;
  for (const auto& [state, text, event] : std::vector<std::tuple<State, std::string, Event>>{
           {State::answered, "BELUM", Event::dispute},
           {State::answered, "Sudah beres, terima kasih", Event::confirm},
           {State::needs_info, "Di depan pasar", Event::complete}}) {
    INFO(text);
    bench.evidence = {thread(ThreadBy::token, true, state)};
    bench.evidence[0].thread->steps = 2000;
    const auto decided = bench.decide({a_post("2", text)});
    CHECK(decided.batch.filed.at(0).fate == Fate::joined);
    REQUIRE(decided.batch.changes.size() == 1);
    CHECK(decided.batch.changes[0].entries.front().event == event);
  }
}

TEST_CASE("a full report takes no mark after the first") {
  Bench bench;
  bench.evidence = {thread(ThreadBy::token, true, State::closed)};
  bench.evidence[0].thread->steps = 2000;
  CHECK(bench.decide({a_post("2", "5")}).batch.filed.at(0).fate == Fate::joined);
  bench.evidence[0].thread->rating = 5;
  CHECK(bench.decide({a_post("2", "5")}).batch.filed.at(0).fate == Fate::held);
  bench.evidence[0].thread->state = State::answered;
  CHECK(bench.decide({a_post("2", "5")}).batch.filed.at(0).fate == Fate::joined);
}

TEST_CASE("whoever goes on in a batch is as much of the report as where they went on from") {
  Bench bench;
  auto guest = thread(ThreadBy::reference, false, State::answered);
  guest.guest = true;
  bench.evidence = {guest, Evidence(), Evidence()};
  auto second = a_post("2", "Lubang di sebelahnya juga");
  second.in_reply_to = ExternalId("1");
  auto third = a_post("3", "SELESAI");
  third.in_reply_to = ExternalId("2");
  const auto decided = bench.decide({a_post("1", "Saya juga melihatnya"), second, third});
  REQUIRE(decided.batch.changes.size() == 1);
  CHECK(decided.batch.changes[0].after.state == State::answered);
  for (const auto& filed : decided.batch.filed) CHECK(filed.fate == Fate::joined);
  CHECK(decided.batch.changes[0].entries.size() == 3);

  auto below_a_merged_one = thread(ThreadBy::reference, false);
  below_a_merged_one.followed = ReportId(99);
  bench.evidence = {below_a_merged_one, Evidence()};
  second.hints.confidential = true;
  const auto own = bench.decide({a_post("1", "Jalan rusak di depan pasar"), second});
  CHECK(own.batch.filed.at(1).fate == Fate::joined);
  CHECK_FALSE(own.batch.changes.at(0).entries.back().other);
  CHECK(own.batch.changes[0].after.confidential);
}

TEST_CASE("what goes on in a batch has nothing of what the past knows about another report") {
  Bench bench;
  auto stranger = thread(ThreadBy::reference, false);
  stranger.followed = ReportId(99);
  bench.evidence = {Evidence(), stranger};
  auto more = a_post("2", "Sudah dua minggu begitu");
  more.in_reply_to = ExternalId("1");
  more.hints.confidential = true;
  const auto decided = bench.decide({a_post("1", "Jalan rusak di depan pasar"), more});
  CHECK(decided.batch.filed.at(1).fate == Fate::joined);
  REQUIRE(decided.batch.changes.size() == 1);
  CHECK_FALSE(decided.batch.changes[0].entries.back().other);
}

TEST_CASE("a mere answer is about the newest report, and begins none") {
  for (const auto* text : {"5", "BELUM", "belum pak", "SELESAI", "terima kasih", "Buka lagi",
                           "Sudah beres, makasih", "nilai 4", "BELUM\n\nSalam,\nBudi"}) {
    INFO(text);
    CHECK(is_mere_answer(a_post("2", text)));
    Evidence evidence;
    CHECK(identify(a_post("2", text), evidence, mail_rules()).belonging == Belonging::alone);
    evidence.latest = a_report(State::closed);
    const auto found = identify(a_post("2", text), evidence, mail_rules());
    CHECK(found.belonging == Belonging::joins);
    CHECK(found.report->id == ReportId(77));
  }
  for (const auto* text : {"", "6", "Belum ada air", "Jalan rusak", "5 lubang", "Sampah lagi",
                           "Sudah dua minggu", "Buka jam berapa?"}) {
    INFO(text);
    CHECK_FALSE(is_mere_answer(a_post("2", text)));
  }
  auto about_something = a_post("2", "BELUM");
  about_something.hints.subject = "Lampu mati";
  CHECK_FALSE(is_mere_answer(about_something));
  auto pictured = a_post("2", "BELUM");
  pictured.attachments.emplace_back();
  CHECK_FALSE(is_mere_answer(pictured));
  for (const auto hint : {&Hints::goes_on, &Hints::uncalled, &Hints::from_office}) {
    auto to_nobody = a_post("2", "BELUM");
    to_nobody.hints.*hint = true;
    CHECK_FALSE(is_mere_answer(to_nobody));
  }
  for (const auto* text : {"terima kasih", "Thank you very much", "Mantap pak"}) {
    CHECK(is_mere_thanks(a_post("2", text)));
  }
  for (const auto* text : {"BELUM", "5", "5 terima kasih", "selesai, terima kasih", "pak"}) {
    INFO(text);
    CHECK_FALSE(is_mere_thanks(a_post("2", text)));
  }
}

TEST_CASE("an answer without a thread finds the report that waits for it") {
  Evidence evidence;
  evidence.answered = a_report(State::answered);
  CHECK(identify(a_post("2", "BELUM"), evidence, mail_rules()).belonging == Belonging::joins);
  CHECK(identify(a_post("2", "4"), evidence, mail_rules()).belonging == Belonging::joins);
  CHECK(identify(a_post("2", "Lampu di jalan lain mati"), evidence, mail_rules()).belonging ==
        Belonging::alone);
  auto sms = mail_rules();
  sms.length = Length::brief;
  evidence.asked = a_report(State::needs_info);
  CHECK(identify(a_post("2", "Di depan pasar"), evidence, sms).belonging == Belonging::joins);
  CHECK(identify(a_post("2", "Di depan pasar"), evidence, mail_rules()).belonging ==
        Belonging::alone);
  auto direct = a_post("2", "Di depan pasar");
  direct.hints.threadless = true;
  CHECK(identify(direct, evidence, mail_rules()).belonging == Belonging::joins);
  // Also where another was answered since.
  evidence.answered->state_since += std::chrono::hours(1);
  evidence.answered->id = ReportId(78);
  CHECK(identify(a_post("2", "Di depan pasar"), evidence, sms).report->id == ReportId(77));
  CHECK(identify(a_post("2", "BELUM"), evidence, sms).report->id == ReportId(78));
}

std::string said(std::string_view text, const TrackingCode& code = {}) {
  const auto command = reply_command(text, code, "Budi Santoso");
  if (!command) return "nothing";
  auto word = std::string(name(command->event));
  if (command->rating) word += " " + std::to_string(*command->rating);
  return word;
}

TEST_CASE("short commands are understood in both languages") {
  for (const auto* text :
       {"BELUM", "belum", "Belum.", "BELUM, masih berlubang", "blm pak", "NO",
        "No, it is still broken", "NO still broken", "Belum selesai", "not solved", "Tidak",
        "not yet", "TIDAK, masih rusak", "Tidak, belum selesai"}) {
    INFO(text);
    CHECK(said(text) == "dispute");
  }
  for (const auto* text :
       {"SELESAI", "sudah, terima kasih", "Yes", "YES thank you", "Sudah beres", "ya", "Done.",
        "YES thanks a lot", "Selesai, terima kasih banyak bapak"}) {
    INFO(text);
    CHECK(said(text) == "confirm");
  }
  for (const auto* text : {"5", " 5. ", "nilai 5", "5 bintang", "Rating: 5", "5 terima kasih",
                           "5. Terima kasih", "5, great", "5/5", "5 thanks a lot"}) {
    INFO(text);
    CHECK(said(text) == "rate 5");
  }
  for (const auto* text :
       {"BUKA", "buka kembali", "OPEN", "reopen", "BUKA masih rusak", "BUKA - masih rusak",
        "BUKA\n\nMasih rusak di sisi timur", "BUKA\nMasih rusak", "BUKA, masih rusak",
        "Buka. Rusak lagi", "Buka masih rusak", "Buka lagi", "open again",
        "Buka kembali, belum selesai", "Buka lagi, sampah belum diangkut",
        "Open again, it broke again", "OPEN\n\nIt broke again"}) {
    INFO(text);
    CHECK(said(text) == "reopen");
  }
}

TEST_CASE("a command is understood below what a letter begins with") {
  for (const auto* text :
       {"Halo,\n\nBELUM.\n\nBudi", "Selamat siang. Belum pak", "Yth. Admin,\nBELUM, masih gelap",
        "Assalamualaikum, belum pak", "Assalamu'alaikum wr. wb.\n\nBelum selesai", "Maaf, belum",
        "Pak, belum selesai", "Dear team,\n\nNO, still dark.\n\nRegards\nAnn", "Hi,\n\nNO\n\nAnn",
        "Hello, no, still dark", "Dear Sir,\nNot solved", "Yth. Bapak Kepala Dinas PUTR\nBELUM",
        "Halo Kanal, belum", "Selamat siang pak belum selesai", "Om Swastiastu,\n\nBELUM",
        "Yth. Dinas PUTR\ndi tempat\n\nSelamat siang,\nBELUM tuntas", "Mohon maaf pak, belum."}) {
    INFO(text);
    CHECK(said(text) == "dispute");
  }
  for (const auto* text :
       {"Selamat siang,\n5\nBudi", "Halo,\n5", "Pak, 5", "Good morning,\n\n5/5"}) {
    INFO(text);
    CHECK(said(text) == "rate 5");
  }
  CHECK(said("Selamat siang\n\nBUKA\n\nMasih rusak") == "reopen");
  CHECK(said("Selamat siang,\n\nSELESAI\n\nSalam,\nBudi") == "confirm");
  const auto code = make_tracking_code(4711);
  CHECK(said("Halo,\n#" + code.value() + " BELUM", code) == "dispute");
  CHECK(asks_for_status("Halo,\n\nSTATUS", {}, "Budi Santoso"));
  for (const auto* text :
       {"Halo", "Selamat siang,", "Pak", "Maaf, no problem", "Selamat siang,\n5 lubang",
        "Halo, No. 5 di Jalan Mawar", "Pagi ini lampu mati", "Halo 5 lubang", "Ibu 5 anak",
        "Halo lampu mati\nBelum diperbaiki", "Di tempat saya\nbelum ada air",
        "Hello, no one answers", "Good, no problem"}) {
    INFO(text);
    CHECK(said(text) == "nothing");
  }
}

TEST_CASE("what is not solved is led up to in more than one way") {
  for (const auto* text :
       {"Masih belum", "Masih belum selesai", "It is not solved", "It's not fixed",
        "Still not fixed", "Not yet, still dark", "Not fixed at all", "It is still not done",
        "It has not been repaired", "MASIH BELUM, PAK"}) {
    INFO(text);
    CHECK(said(text) == "dispute");
  }
  for (const auto* text : {"It is not only the road", "Still nothing", "This is not my report"}) {
    INFO(text);
    CHECK(said(text) == "nothing");
  }
}

TEST_CASE("a mark is understood among the words that go with one") {
  for (const auto* text : {"5, great work!", "5 (lima)", "5 (five)", "Nilai 5, terima kasih",
                           "Terima kasih. 5", "Saya beri nilai 5", "Nilai saya 5", "5 dari 5, puas",
                           "⭐⭐⭐⭐⭐", "⭐ ⭐ ⭐ ⭐ ⭐ terima kasih", "★★★★★", "I rate it 5"}) {
    INFO(text);
    CHECK(said(text) == "rate 5");
  }
  for (const auto* text :
       {"Saya beri nilai 4", "⭐⭐⭐⭐", "⭐️⭐️⭐️⭐️", "Nilai 4 dari 5"}) {
    INFO(text);
    CHECK(said(text) == "rate 4");
  }
  for (const auto* text :
       {"⭐⭐⭐⭐⭐ 5", "⭐5", "5 ⭐⭐⭐⭐⭐", "Terima kasih pak 5", "Terima kasih tim, 5", "Rating: ⭐⭐⭐⭐⭐"}) {
    INFO(text);
    CHECK(said(text) == "rate 5");
  }
  for (const auto* text : {"Terima kasih banyak 🌟🌟🌟", "Mantap 🌟🌟"}) {
    INFO(text);
    CHECK(said(text) == "nothing");
  }
  CHECK(said("Terima kasih 🌟🌟🌟🌟🌟") == "rate 5");
  CHECK(said("Terima kasih ⭐⭐⭐⭐") == "rate 4");
  for (const auto* text : {"Terima kasih Tim 2", "Terima kasih admin 1", "Thank you team 1.",
                           "Terima kasih atas kerja 2 tim", "Mantap, 2 tim",
                           "Lampu di hotel ⭐⭐⭐ mati", "Terima kasih banyak pak 🌟", "Mantap ⭐"}) {
    INFO(text);
    CHECK(said(text) == "nothing");
  }
  for (const auto* text : {"Saya 5", "5 work", "Terima kasih, 5 lubang sudah ditambal",
                           "4 dari 5 lubang", "⭐⭐⭐⭐⭐⭐", "⭐ hotel", "5 (empat)", "lima", "nilai"}) {
    INFO(text);
    CHECK(said(text) == "nothing");
  }
}

TEST_CASE("who is content or has yet to look disputes nothing") {
  for (const auto* text :
       {"No, thank you", "NO thanks needed", "Tidak, terima kasih",
        "Belum pernah secepat ini, terima kasih!", "Belum ada keluhan lagi, terima kasih",
        "Belum lama ini sudah diperbaiki, terima kasih", "Belum saya cek", "Belum sempat cek, pak",
        "Maaf belum sempat ke sana", "Maaf pak belum bisa kirim foto",
        "Not yet checked, will look tomorrow", "Belum sempat cek hari ini pak",
        "Belum saya cek karena hujan", "Belum saya lihat hasilnya, terima kasih",
        "Maaf pak, belum sempat ke sana", "Maaf, belum bisa ke lokasi",
        "Mohon maaf pak, belum bisa kirim foto", "Belum lama ini saya lewat, sudah rata"}) {
    INFO(text);
    CHECK(said(text) == "nothing");
  }
  for (const auto* text : {"Belum pernah diperbaiki",
                           "Belum ada tindakan",
                           "Belum, terima kasih",
                           "NO. Thank you",
                           "No, thanks to nobody, but it is still dark",
                           "Belum, coba cek lagi",
                           "Belum saya terima",
                           "Belum pernah ada petugas",
                           "Belum pernah ditangani, terima kasih",
                           "Belum saya lihat ada perbaikan",
                           "Belum, saya cek tadi pagi masih gelap",
                           "BELUM. Saya lihat masih menumpuk",
                           "BELUM pernah selesai",
                           "Belum pernah sejak Mei",
                           "Belum pernah ada yang datang, terima kasih",
                           "Belum lama sudah rusak lagi",
                           "Belum lama sudah padam lagi",
                           "Maaf pak, belum bisa dilewati",
                           "Mohon maaf, belum bisa dipakai jalannya",
                           "Maaf, belum dapat air",
                           "Belum lama jalan ambles lagi",
                           "Belum kami lihat perbaikannya",
                           "Belum saya lihat petugasnya",
                           "BELUM ADA MASALAH DISELESAIKAN",
                           "No. Still broken",
                           "Tidak bagus",
                           "No good",
                           "Maaf pak belum diperbaiki",
                           "Mohon maaf belum ada tindakan",
                           "Maaf pak masih belum selesai",
                           "Selamat pagi, maaf belum diperbaiki",
                           "No, 3 lamps are still dark",
                           "No, rumah saya masih banjir",
                           "NO, surat belum keluar",
                           "Not yet cleaned",
                           "Still not yet collected, it is piling up",
                           "It is not yet working"}) {
    INFO(text);
    CHECK(said(text) == "dispute");
  }
}

TEST_CASE("ordinary writing is no command") {
  for (const auto* text : {"",
                           "Jalan rusak",
                           "No. 5 di Jalan Mawar",
                           "No one answers",
                           "0",
                           "6",
                           "55",
                           "5 lubang",
                           "not only the road",
                           "Sudah dua minggu belum diperbaiki",
                           "Buka jam berapa?",
                           "ya ampun jalannya rusak",
                           "Open drains everywhere",
                           "tidak ada air sejak kemarin",
                           "4 5",
                           "Ya, banyak sekali pak",
                           "Sudah banyak pak",
                           "Yes, a lot",
                           "5 min",
                           "2 ibu",
                           "1/5",
                           "Open again, thanks",
                           "Buka lagi, terima kasih",
                           "Tidak, sudah kering",
                           "Buka lagi jam berapa?",
                           "TIDAK ADA AIR",
                           "Open the gate",
                           "No -5",
                           "Not yet received my ID card, applied on 3 May",
                           "Still not yet received my ID card",
                           "Yth. Bapak Bupati,\nNo: 12/RT03/XI/2026\nHal: jalan rusak",
                           "Selamat pagi,\nNO HP 0812 3456 7890 lampu mati",
                           "NO. HP SAYA 081234567890",
                           "no. hp saya 0812",
                           "Selamat pagi, buka kembali jalan Melati yang ditutup proyek"}) {
    INFO(text);
    CHECK(said(text) == "nothing");
  }
}

TEST_CASE("a command is understood above what a letter ends with") {
  for (const auto* end :
       {"\n\nSalam,\nBudi", "\n\nBudi Santoso", "\nHormat saya,\nBudi\nHP 0812-3456-7890",
        "\n\nTerima kasih,\nBudi", "\n\nBest regards,\n\nBudi", "\n--\nBudi", "\nSalam, Budi"}) {
    INFO(end);
    CHECK(said(std::string("5") + end) == "rate 5");
    CHECK(said(std::string("SELESAI") + end) == "confirm");
    CHECK(asks_for_status(std::string("STATUS") + end, {}, "Budi Santoso"));
  }
  for (const auto* text :
       {"Selesai\n\nTapi lampu sebelah mati", "Selesai\n\nTerima kasih tapi masih bau",
        "Sudah\nSalam,\nBudi\nmasih bau sekali", "Selesai\n\nBelum Semua", "5\n\nlubang lagi",
        "Selesai?\n\nBohong!", "SELESAI\n\nLAMPU MATI LAGI", "Selesai.\n\nJalannya Rusak Lagi.",
        "Sudah selesai\n\nKapan?", "5\n\nJalan Rusak Lagi", "Selesai\n\nTerima kasih\nLampu Mati",
        "Sudah selesai?"}) {
    INFO(text);
    CHECK(said(text) == "nothing");
  }
  auto thanks = a_post("2", "Terima kasih\n\nSalam,\nBudi");
  CHECK(reply_event(a_report(State::rejected), thanks, true, k_monday).event == Event::comment);
}

TEST_CASE("an answer without a word or a file gives no data") {
  auto post = a_post("2", "");
  const auto waiting = a_report(State::needs_info);
  CHECK(reply_event(waiting, post, true, k_monday).event == Event::comment);
  post.attachments.emplace_back();
  CHECK(reply_event(waiting, post, true, k_monday).event == Event::complete);
}

TEST_CASE("the report's own number may stand before or after the command") {
  const auto code = make_tracking_code(4711);
  CHECK(said(code.value() + " 5", code) == "rate 5");
  CHECK(said("#" + code.value() + " BUKA", code) == "reopen");
  CHECK(said(grouped(code) + " BELUM", code) == "dispute");
  CHECK(said("BELUM #" + code.value(), code) == "dispute");
  CHECK(said("4 " + code.value(), code) == "rate 4");
  CHECK(said(make_tracking_code(1).value() + " 5", code) == "nothing");
}

TEST_CASE("what a reply does is always possible where the report stands") {
  for (int number = 0; number < 12; ++number) {
    const auto state = static_cast<State>(number);
    for (const auto* text : {"BELUM", "5", "SELESAI", "BUKA", "Ada tambahan foto"}) {
      const auto report = a_report(state);
      const auto event = reply_event(report, a_post("2", text), true, k_monday).event;
      INFO(name(state) << " " << text << " " << name(event));
      CHECK(find_move(state, event, Role::reporter, !report.agency.empty()));
    }
  }
}

TEST_CASE("BELUM sends an answered report back to work and a closed one is opened again") {
  const auto does = [](State state, const char* text) {
    return reply_event(a_report(state), a_post("2", text), true, k_monday).event;
  };
  CHECK(does(State::answered, "BELUM") == Event::dispute);
  CHECK(does(State::answered, "BUKA") == Event::dispute);
  CHECK(does(State::answered, "YES") == Event::confirm);
  CHECK(does(State::answered, "3") == Event::rate);
  CHECK(does(State::closed, "BELUM") == Event::reopen);
  CHECK(does(State::closed, "BUKA") == Event::reopen);
  CHECK(does(State::closed, "5") == Event::rate);
  CHECK(does(State::in_progress, "BELUM") == Event::comment);
  CHECK(does(State::needs_info, "Di depan pasar") == Event::complete);
  auto again = a_report(State::closed);
  again.reopenings = 1;
  CHECK(reply_event(again, a_post("2", "BUKA"), true, k_monday).event == Event::comment);
  auto late = a_report(State::closed);
  late.state_since = k_monday - std::chrono::days(31);
  CHECK(reply_event(late, a_post("2", "BUKA"), true, k_monday).event == Event::comment);
}

TEST_CASE(
    "what is said to an answer asks something of its office, unless it is thanks or a question") {
  const auto says = [](State state, const char* text) {
    return reply_event(a_report(state), a_post("2", text), true, k_monday);
  };
  for (const auto* text : {"Terima kasih pak", "STATUS", "Halo, terima kasih banyak"}) {
    INFO(text);
    CHECK(says(State::answered, text).event == Event::comment);
    CHECK(says(State::answered, text).reason == k_asks_nothing);
    CHECK(says(State::in_progress, text).reason.empty());
  }
  for (const auto* text :
       {"Lampunya masih gelap", "Sudah menyala, terima kasih", "No, thank you"}) {
    INFO(text);
    CHECK(says(State::answered, text).event == Event::comment);
    CHECK(says(State::answered, text).reason.empty());
  }
  auto pictured = a_post("2", "Terima kasih");
  pictured.attachments.emplace_back();
  CHECK(reply_event(a_report(State::answered), pictured, true, k_monday).reason.empty());
}

TEST_CASE("who asks to reopen what stays closed is too late") {
  auto report = a_report(State::closed);
  const auto is_late = [&](const char* text) {
    return reply_event(report, a_post("2", text), true, k_monday).too_late;
  };
  CHECK_FALSE(is_late("BUKA"));
  report.state_since = k_monday - std::chrono::days(31);
  CHECK(is_late("BUKA"));
  CHECK(is_late("Halo,\nBELUM"));
  CHECK_FALSE(is_late("Terima kasih"));
  report.state_since = k_monday;
  report.reopenings = k_most_reopenings;
  CHECK(is_late("BUKA"));
  report.state = State::in_progress;
  CHECK_FALSE(is_late("BUKA"));
}

TEST_CASE("who only follows a report ends no hold of its reporter's") {
  const auto waiting = a_report(State::needs_info);
  CHECK(reply_event(waiting, a_post("2", "Ada kabar?"), false, k_monday).event == Event::comment);
}

TEST_CASE("what there is none of begins a matter of its own, whatever waits for an answer") {
  const auto belongs = [](const std::string& text) {
    Evidence evidence;
    evidence.answered = a_report(State::answered);
    return identify(a_post("2", text), evidence, mail_rules()).belonging;
  };
  for (const auto* text :
       {"Belum ada air PDAM tiga hari di Jl Mawar", "belum ada lampu jalan di gang kami",
        "BELUM ADA AIR DI JALAN MAWAR", "Blm ada guru di SDN 3",
        "Selamat siang. Belum ada air di Jl Mawar", "Halo pak, masih belum ada air"}) {
    INFO(text);
    CHECK(belongs(text) == Belonging::alone);
  }
  for (const auto* text :
       {"BELUM", "Belum, lampunya masih mati", "belum pak", "Belum selesai sampai sekarang",
        "belum ada tindakan", "BELUM lubangnya masih ada", "Belum diperbaiki sama sekali",
        "Selamat siang. Belum pak", "Masih belum", "Halo,\n\nBELUM, masih gelap"}) {
    INFO(text);
    CHECK(belongs(text) == Belonging::joins);
  }
}

TEST_CASE("whatever the table lets a reporter do, a text of theirs does") {
  for (const auto& move : lifecycle()) {
    if (!move.who.has(Role::reporter)) continue;
    auto report = a_report(move.from);
    if (move.to == State::received) report.agency = {};
    const auto does = [&](const char* text) {
      return reply_event(report, a_post("2", text), true, k_monday).event == move.event;
    };
    INFO(name(move.from) << " " << name(move.event));
    CHECK((does("BELUM") || does("STATUS") || does("5") || does("SELESAI") || does("BUKA") ||
           does("Ada fotonya") || does("Terima kasih")));
  }
}

TEST_CASE("what was set aside is taken up again by who reported it, but not by thanks") {
  for (const auto& [state, again] :
       {std::pair{State::archived, Event::complete}, std::pair{State::rejected, Event::appeal}}) {
    const auto report = a_report(state);
    const auto does = [&](const Post& post, bool theirs = true) {
      return reply_event(report, post, theirs, k_monday).event;
    };
    CHECK(does(a_post("2", "Ini foto dan tempatnya: Jalan Udayana 5")) == again);
    CHECK(does(a_post("2", "BELUM")) == again);
    CHECK(does(a_post("2", "Terima kasih, Pak")) == Event::comment);
    CHECK(does(a_post("2", "5")) == Event::comment);
    CHECK(does(a_post("2", "")) == Event::comment);
    CHECK(does(a_post("2", "Saya juga")) == again);
    CHECK(does(a_post("2", "Saya juga"), false) == Event::comment);
    auto picture = a_post("2", "");
    picture.attachments.push_back({"foto.jpg", "image/jpeg", "x", {}, 0, {}});
    CHECK(does(picture) == again);
    CHECK(find_move(state, again, Role::reporter, true));
    CHECK(find_move(state, again, Role::reporter, false)->to == State::received);
  }
}

}  // namespace
}  // namespace kanal
