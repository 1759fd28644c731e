#include "format/encode.hpp"
#include "tests/journeys/mail_world.hpp"

namespace kanal::test {
namespace {

constexpr const char* k_complaint =
    "Jalan berlubang di depan pasar Banyuasri sudah dua minggu, mohon diperbaiki.";

std::string state_of_reply(const Json& report, std::size_t index) {
  const auto& replies = report.find("replies")->array;
  return index < replies.size() ? replies[index].text("state") : std::string();
}

// Whether the words have become a step of the report's history.
bool heard(const std::string& code, const std::string& words) {
  const auto shown = report(bridge(), code);
  for (const auto& step : shown.find("history")->array) {
    if (step.text("words").find(words) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("a mail is acknowledged once, answered in its thread, disputed and rated by mail") {
  bridge();
  const Citizen wati("satu");
  wati.writes("1", "Jalan berlubang satu", k_complaint);
  const auto box = wati.waits_for(1);
  INFO(bridge().log());
  REQUIRE(box.size() == 1);
  CHECK(header(box[0], "In-Reply-To") == "<" + wati.id("1") + ">");
  CHECK(header(box[0], "Auto-Submitted").find("auto-replied") != std::string::npos);
  CHECK(box[0].find("sudah kami terima") != std::string::npos);
  const auto code = code_of(bridge(), "berlubang satu");

  officer_acts(bridge(), code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(bridge(), code, {"dispose", "--as", "buleleng", "--unit", "putr"});
  officer_acts(bridge(), code, {"accept", "--as", "putr"});
  officer_acts(bridge(), code, {"answer", "--as", "putr", "--words", "Sudah kami tambal."});
  const auto answered = wati.waits_for("Sudah kami tambal.");
  REQUIRE_FALSE(answered.empty());
  CHECK(wati.waits_for(5).size() == 5);

  wati.answers(answered, "2", "BELUM, masih berlubang.");
  CHECK(eventually([&] { return state_of_report(bridge(), code) == "in_progress"; }));
  officer_acts(bridge(), code, {"answer", "--as", "putr", "--words", "Kini selesai semua."});
  const auto again = wati.waits_for("Kini selesai semua.");
  REQUIRE_FALSE(again.empty());
  wati.answers(again, "3", "5");
  CHECK(eventually([&] { return state_of_report(bridge(), code) == "closed"; }));
  CHECK(reports(bridge(), "berlubang satu").size() == 1);
  CHECK(bridge().command({"report", "verify", code}).code == 0);
}

TEST_CASE("the channel's test message comes back to it, and becomes no report") {
  bridge();
  const auto came_back = [] {
    for (const auto& channel : bridge().query({"channel", "list"})) {
      if (channel.text("name") == "email") return !channel.text("canary_seen").empty();
    }
    return false;
  };
  CHECK(eventually(came_back));
  CHECK(reports(bridge(), "CANARY").empty());
  const auto found = bridge().query({"report", "find", "lapor@test.local"});
  REQUIRE_FALSE(found.empty());
  CHECK(found[0].text("fate") == "screened");
}

TEST_CASE("an English mail is answered in English") {
  bridge();
  const Citizen wati("inggris");
  wati.writes("1", "Street light",
              "The street light in front of our school has been broken for two weeks, "
              "please repair it.");
  const auto box = wati.waits_for(1);
  REQUIRE(box.size() == 1);
  CHECK(box[0].find("We have received your report") != std::string::npos);
}

TEST_CASE("a stranger who quotes a number does not join a report, its reporter does") {
  bridge();
  const Citizen wati("nomor");
  wati.writes("1", "Sampah nomor", "Sampah menumpuk di dekat pasar sejak minggu lalu.");
  REQUIRE(wati.waits_for(1).size() == 1);
  const auto code = code_of(bridge(), "Sampah nomor");
  const Citizen budi("asing");
  budi.writes("1", "Re: [#" + code + "] Sampah asing", "BELUM selesai, tutup saja laporan ini.");
  REQUIRE(budi.waits_for(1).size() == 1);
  CHECK(reports(bridge(), "Sampah asing").size() == 1);
  wati.writes("2", "soal [#" + code + "] Sampah lagi", "Baunya sampai ke sekolah.");
  CHECK(eventually([&] { return heard(code, "Baunya sampai ke sekolah"); }));
  CHECK(reports(bridge(), "Sampah lagi").empty());
}

TEST_CASE("a stranger with the reporter's reply address is kept for an officer") {
  bridge();
  const Citizen wati("token");
  wati.writes("1", "Lampu token", "Lampu jalan mati di depan sekolah sejak minggu lalu.");
  const auto box = wati.waits_for(1);
  REQUIRE(box.size() == 1);
  const auto code = code_of(bridge(), "Lampu token");
  const Citizen budi("pencuri");
  budi.answers(box[0], "1", "Tutup saja laporan ini.");
  CHECK(eventually([&] {
    const auto found = bridge().query({"report", "find", budi.id("1")});
    return found.size() == 1 && found[0].text("fate") == "held";
  }));
  CHECK_FALSE(heard(code, "Tutup saja"));
  CHECK(budi.inbox().empty());
}

TEST_CASE("a mail that names an earlier one of the same person joins its report") {
  bridge();
  const Citizen wati("rujukan");
  wati.writes("1", "Banjir rujukan", "Air sungai meluap ke jalan setiap hujan.", {},
              "budi@test.local");
  const auto box = wati.waits_for(1);
  REQUIRE(box.size() == 1);
  const auto code = code_of(bridge(), "Banjir rujukan");
  wati.writes("2", "Tambahan rujukan", "Kini sudah masuk rumah.",
              "References: <" + wati.id("1") + ">\r\n", "budi@test.local");
  CHECK(eventually([&] { return heard(code, "Kini sudah masuk rumah"); }));
  CHECK(reports(bridge(), "Tambahan rujukan").empty());
  // Without plus addresses our own Message-ID must do.
  wati.answers(box[0], "3", "Sudah surut.");
  CHECK(eventually([&] { return heard(code, "Sudah surut"); }));
}

TEST_CASE("an automatic answer is kept, screened out and never answered") {
  bridge();
  const Citizen robot("robot");
  robot.writes("1", "Di luar kantor robot", "Saya sedang cuti sampai hari Senin.",
               "Auto-Submitted: auto-replied\r\n");
  CHECK(eventually([&] {
    const auto found = bridge().query({"report", "find", robot.id("1")});
    return found.size() == 1 && found[0].text("fate") == "screened";
  }));
  const Citizen wati("sesudah");
  wati.writes("1", "Air mati sesudah", "Air PDAM mati di Banyuning sejak kemarin.");
  REQUIRE(wati.waits_for(1).size() == 1);
  CHECK(robot.inbox().empty());
  CHECK(reports(bridge(), "kantor robot").empty());
}

TEST_CASE("a machine that answers everything and says it of nothing is answered three times") {
  bridge();
  const Citizen robot("gema");
  robot.writes("0", "Gema 0", "Pesan nomor 0 dari mesin penjawab.", {}, "budi@test.local");
  std::size_t answered = 0;
  for (int round = 1; round <= 6; ++round) {
    // As soon as something comes, it echoes; when nothing comes any more it starts anew.
    if (robot.waits_for(answered + 1, round <= 3 ? 60 : 1).size() > answered) ++answered;
    robot.writes(std::to_string(round), "Gema " + std::to_string(round),
                 "Pesan nomor " + std::to_string(round) + " dari mesin penjawab.", {},
                 "budi@test.local");
  }
  CHECK(eventually([&] { return reports(bridge(), "Gema ").size() == 7; }));
  CHECK(robot.waits_for(4, 3).size() == 3);
}

TEST_CASE("the photograph of a mail is kept with its report") {
  bridge();
  const Citizen wati("foto");
  const std::string boundary = "batas";
  const auto photograph = std::string("\xFF\xD8\xFF\xE0") + std::string(20'000, 'f');
  wati.writes("1", "Jalan foto",
              "--batas\r\nContent-Type: text/plain\r\n\r\nLihat fotonya.\r\n--batas\r\n"
              "Content-Type: image/jpeg\r\nContent-Disposition: attachment; "
              "filename=\"jalan.jpg\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                  to_base64(photograph) + "\r\n--batas--\r\n",
              "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=batas\r\n");
  REQUIRE(wati.waits_for(1).size() == 1);
  const auto shown = report(bridge(), code_of(bridge(), "Jalan foto"));
  CHECK(shown.text("text") == "Lihat fotonya.");
  const auto* attachments = shown.find("attachments");
  REQUIRE(attachments != nullptr);
  REQUIRE(attachments->array.size() == 1);
  CHECK(attachments->array[0].text("name") == "jalan.jpg");
  CHECK(attachments->array[0].text("type") == "image/jpeg");
}

TEST_CASE("the photograph of an officer's answer is in the reporter's mail and on their page") {
  bridge();
  const Citizen wati("bukti");
  wati.writes("1", "Jalan bukti", k_complaint);
  REQUIRE(wati.waits_for(1).size() == 1);
  const auto code = code_of(bridge(), "Jalan bukti");
  officer_acts(bridge(), code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(bridge(), code, {"dispose", "--as", "buleleng", "--unit", "putr"});
  const auto token = bridge().command({"user", "token", "putr", "--label", "test"});
  REQUIRE(token.code == 0);
  const auto photograph =
      from_base64(
          "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJ"
          "RU5ErkJggg==")
          .value();
  const auto sent = bridge().post(
      "/api/v1/reports/" + code + "/events", "multipart/form-data; boundary=batas",
      multipart("batas", {{"event", "answer"}, {"words", "Sudah kami tambal, lihat fotonya."}},
                FormFile{"files", "sesudah.png", "image/png", photograph}),
      {{"Authorization", "Bearer " + token.out.substr(0, token.out.find_last_not_of("\r\n") + 1)}});
  INFO(sent.body);
  REQUIRE(sent.status == 200);
  const auto mail = wati.waits_for("Sudah kami tambal, lihat fotonya.");
  REQUIRE_FALSE(mail.empty());
  CHECK(mail.find("filename=\"sesudah.png\"") != std::string::npos);
  CHECK(mail.find(to_base64(photograph).substr(0, 76)) != std::string::npos);
  const auto answered = report(bridge(), code);
  const auto& lines = answered.find("history")->array;
  const auto step = std::to_string(lines.back().find("step")->integer);
  const auto shown = bridge().get("/r/" + code + "/files/" + step + "/0");
  CHECK(shown.status == 200);
  CHECK(shown.body == photograph);
  CHECK(bridge().command({"report", "verify", code}).code == 0);
}

TEST_CASE("a confidential report's words are in no mail of ours, an anonymous one is marked") {
  bridge();
  const Citizen wati("rahasia");
  wati.writes("1", "RAHASIA: pungli rahasia", "Ada pungutan liar di loket nomor 3.");
  const auto box = wati.waits_for(1);
  REQUIRE(box.size() == 1);
  CHECK(box[0].find("pungli") == std::string::npos);
  CHECK(box[0].find("loket") == std::string::npos);
  const auto code = code_of(bridge(), "pungli rahasia");
  CHECK(bridge().get("/r/" + code).body.find("loket nomor 3") == std::string::npos);
  CHECK(bridge().command({"report", "show", code, "--as", "putr"}).code == 1);

  wati.writes("2", "[Anonim] pungli tanpa nama", "Ada pungutan liar di loket nomor 4.");
  CHECK(wati.waits_for(2).size() == 2);
  CHECK(report(bridge(), code_of(bridge(), "pungli tanpa nama")).find("anonymous")->boolean);
}

TEST_CASE("a bounce lands on the reply that came back, and nothing more goes to that address") {
  bridge();
  const Citizen wati("pindah");
  auto mail = wati.mail("1", "Jalan pindah", k_complaint);
  for (auto at = mail.find(wati.address()); at != std::string::npos;
       at = mail.find(wati.address())) {
    mail.replace(at, wati.address().size(), "gone@test.local");
  }
  servers().submit("gone@test.local", "lapor@test.local", mail);
  const auto code = code_of(bridge(), "Jalan pindah");
  CHECK(eventually([&] { return state_of_reply(report(bridge(), code), 0) == "failed"; }));
  const auto detail = report(bridge(), code).find("replies")->array.at(0).text("detail");
  CHECK(detail.find("5.1.1") != std::string::npos);
  officer_acts(bridge(), code, {"verify", "--as", "admin", "--agency", "buleleng"});
  const auto shown = report(bridge(), code);
  for (std::size_t index = 1; index < shown.find("replies")->array.size(); ++index) {
    CHECK(state_of_reply(shown, index) == "failed");
  }
  CHECK(reports(bridge(), "Undelivered").empty());
}

TEST_CASE("one mail to two mailboxes counts once in each") {
  bridge();
  const Citizen wati("ganda");
  wati.writes("1", "Parkir ganda", "Parkir liar di trotoar Jalan Diponegoro.");
  wati.writes("1", "Parkir ganda", "Parkir liar di trotoar Jalan Diponegoro.", {},
              "budi@test.local");
  CHECK(wati.waits_for(2).size() == 2);
  CHECK(reports(bridge(), "Parkir ganda").size() == 2);
  // The same again to one of them is a repetition.
  wati.writes("1", "Parkir ganda", "Parkir liar di trotoar Jalan Diponegoro.");
  wati.writes("2", "Parkir lain", "Parkir liar di depan rumah sakit.");
  CHECK(wati.waits_for(3).size() == 3);
  CHECK(reports(bridge(), "Parkir ganda").size() == 2);
}

TEST_CASE("a mailbox whose mails have other numbers is read anew and nothing counts twice") {
  bridge();
  const Citizen wati("nomor-baru");
  wati.writes("1", "Selokan lama", "Selokan tersumbat di depan sekolah.");
  REQUIRE(wati.waits_for(1).size() == 1);
  const auto before = reports(bridge()).size();
  servers().stop_dovecot();
  servers().renumber("lapor");
  servers().start_dovecot();
  // Postfix has lost Dovecot's authentication service too.
  servers().stop_postfix();
  servers().start_postfix();
  wati.writes("2", "Selokan baru", "Selokan tersumbat di depan pasar.");
  CHECK(wati.waits_for(2, 360).size() == 2);
  CHECK(reports(bridge()).size() == before + 1);
  CHECK(wati.inbox().size() == 2);
}

TEST_CASE("a mailbox read again from a date brings what was never stored, once, and tells nobody") {
  bridge();
  const Citizen wati("susulan");
  wati.writes("1", "Sampah susulan", "Sampah menumpuk di pasar Banyuasri.");
  REQUIRE(wati.waits_for(1).size() == 1);
  BridgeProcess late(
      settings_of({.name = "susulan", .ports = ports_of(servers()), .start_from = "now"}));
  late.start();
  REQUIRE(eventually([&] { return channel(late, "susulan").text("health") == "waiting"; }, 60));
  CHECK(reports(late).empty());

  const auto again = [&] {
    const auto back =
        late.command({"channel", "backfill", "susulan", "--from", "2026-01-31T00:00:00Z"});
    INFO(back.err);
    CHECK(back.code == 0);
    return back.out;
  };
  CHECK(again().find(" 0 new reports") == std::string::npos);
  CHECK(reports(late, "Sampah susulan").size() == 1);
  CHECK(again().find(" 0 new reports") != std::string::npos);
  CHECK(reports(late, "Sampah susulan").size() == 1);
  CHECK(channel(late, "susulan").find("backfill") == nullptr);
  const auto code = code_of(late, "Sampah susulan");
  CHECK(report(late, code).find("replies")->array.empty());
  CHECK(late.stop() == 0);
  CHECK(wati.inbox().size() == 1);
}

TEST_CASE("an officer who asks where a mail is finds it by its sender, its id or its words") {
  bridge();
  const Citizen wati("dicari");
  wati.writes("1", "Jembatan dicari", "Jembatan gantung di Sambirenteng putus talinya.");
  REQUIRE(wati.waits_for(1).size() == 1);
  const auto code = code_of(bridge(), "Jembatan dicari");
  for (const auto& asked :
       {wati.address(), wati.id("1"), "<" + wati.id("1") + ">", std::string("Sambirenteng")}) {
    INFO(asked);
    const auto found = bridge().query({"report", "find", asked});
    REQUIRE(found.size() == 1);
    CHECK(found[0].text("fate") == "report");
    CHECK(found[0].text("code") == code);
  }
  servers().deliver("lapor", "ini bukan surat");
  CHECK(eventually([&] { return !bridge().query({"quarantine", "list"}).empty(); }));
  CHECK(bridge().query({"report", "find", "tidak-ada@warga.example"}).empty());
}

}  // namespace
}  // namespace kanal::test
