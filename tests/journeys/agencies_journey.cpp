#include <algorithm>

#include "core/clock.hpp"
#include "tests/journeys/far_systems.hpp"
#include "tests/journeys/mail_world.hpp"
#include "tests/support/wire.hpp"

namespace kanal::test {
namespace {

// The offices' mailboxes stand beside the citizens'.
std::string chart() {
  const auto unit = [](const std::string& id, const std::string& address) {
    return "[[unit]]\nid = \"" + id + "\"\nagency = \"buleleng\"\nname = \"Dinas " + id +
           "\"\n[unit.handed_over]\nby = \"email\"\nchannel = \"email\"\naddress = \"" + address +
           "\"\n";
  };
  return "name = \"Kabupaten Contoh\"\ntime_zone = \"Asia/Makassar\"\n"
         "[[agency]]\nid = \"buleleng\"\nname = \"Kabupaten Buleleng\"\n" +
         unit("putr", "warga+putr@test.local") + unit("dlh", "warga+dlh@test.local") +
         unit("pindah", "gone@test.local") +
         "[[unit]]\nid = \"sistem\"\nagency = \"buleleng\"\nname = \"Dinas Sistem\"\n"
         "[unit.handed_over]\nby = \"webhook\"\nchannel = \"sistem\"\n"
         "[[kind]]\nid = \"complaint\"\nname_id = \"Pengaduan\"\n";
}

WebhookSystem& office_system() {
  static WebhookSystem only;
  return only;
}

int posts(BridgeProcess& to, const std::string& id, const std::string& body, bool forged = false) {
  const auto at = SystemClock().now();
  return to
      .post("/in/sistem", "application/json", body,
            WebhookSystem::headers(id, at, forged ? "x" + body : body))
      .status;
}

std::string settings(const Ports& ports) {
  static const TemporaryDirectory directory;
  const auto file = directory.path() / "organisation.toml";
  std::ofstream(file) << chart();
  return "[organisation]\nfile = \"" + file.string() + "\"\n" + settings_of({.ports = ports}) +
         k_form_channel + WebhookSystem::settings("sistem", office_system().port());
}

BridgeProcess& house() {
  servers();
  static BridgeProcess only(settings(ports_of(servers())));
  if (!only.runs()) only.start();
  return only;
}

/// The code of the report that the form became.
std::string fill_in_form(BridgeProcess& of, const std::string& text, const std::string& email) {
  const auto token = between(of.get("/report").body, "name=\"token\" value=\"", "\"");
  REQUIRE_FALSE(token.empty());
  const auto reply =
      of.post("/report", "multipart/form-data; boundary=kanalboundary",
              multipart("kanalboundary", {{"token", token}, {"text", text}, {"email", email}}, {}));
  INFO(reply.body);
  REQUIRE(reply.status == 303);
  return between(reply.header("location") + "?", "/r/", "?");
}

void dispose(BridgeProcess& of, const std::string& code, const std::string& unit) {
  officer_acts(of, code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(of, code, {"dispose", "--as", "buleleng", "--unit", unit});
}

std::vector<std::string> about(const Citizen& office, const std::string& code) {
  std::vector<std::string> mails;
  for (auto& raw : office.inbox()) {
    if (header(raw, "Subject").find(code) != std::string::npos ||
        raw.find("#" + code) != std::string::npos) {
      mails.push_back(std::move(raw));
    }
  }
  return mails;
}

std::string mail_about(const Citizen& office, const std::string& code) {
  eventually([&] { return !about(office, code).empty(); });
  const auto mails = about(office, code);
  INFO(house().log());
  REQUIRE(mails.size() == 1);
  return mails[0];
}

std::size_t steps_of(BridgeProcess& of, const std::string& code) {
  return report(of, code).find("history")->array.size();
}

/// The one message to an office that the report has owed.
Json owed_to_office(BridgeProcess& of, const std::string& code) {
  std::vector<Json> found;
  const auto shown = report(of, code);
  for (const auto& reply : shown.find("replies")->array) {
    if (reply.text("text").starts_with("== ")) found.push_back(reply);
  }
  REQUIRE(found.size() == 1);
  return found[0];
}

std::string fate_of(BridgeProcess& of, const std::string& id) {
  const auto found = of.query({"report", "find", id});
  return found.size() == 1 ? found[0].text("fate") : std::string();
}

TEST_CASE("an office answers a report by replying to a mail, and the citizen is told") {
  auto& bridge = house();
  const Citizen wati("pelapor");
  const Citizen putr("putr");
  const auto code =
      fill_in_form(bridge, "Jalan berlubang di depan pasar Banyuasri.", wati.address());
  REQUIRE(wati.waits_for(1).size() == 1);
  dispose(bridge, code, "putr");
  const auto handed = mail_about(putr, code);
  CHECK(handed.find("berlubang di depan pasar Banyuasri") != std::string::npos);
  CHECK(handed.find(wati.address()) == std::string::npos);
  CHECK(header(handed, "Reply-To").find("+a.") != std::string::npos);
  CHECK(wati.waits_for(3).size() == 3);

  putr.answers(handed, "1", "PROSES\nDijadwalkan hari Senin.");
  CHECK(eventually([&] { return state_of_report(bridge, code) == "in_progress"; }));
  CHECK(wati.waits_for(4).size() == 4);
  putr.answers(handed, "2",
               "Sudah kami tambal kemarin.\r\n\r\nPada Senin, Kanal menulis:\r\n> == Tulis jawaban "
               "Anda di atas baris ini ==\r\n> Laporan");
  CHECK(eventually([&] { return state_of_report(bridge, code) == "answered"; }));
  const auto told = wati.waits_for("Sudah kami tambal kemarin.");
  REQUIRE_FALSE(told.empty());
  CHECK(told.find("Tulis jawaban") == std::string::npos);
  const auto history = report(bridge, code).find("history")->array;
  CHECK(history.back().text("who") == "liaison");
  CHECK(history.back().text("words") == "Sudah kami tambal kemarin.");
  CHECK(bridge.command({"report", "verify", code}).code == 0);

  // The same mail again does nothing; a later one shows that it was read.
  const auto steps = steps_of(bridge, code);
  const auto mails = wati.inbox().size();
  putr.answers(handed, "2", "Sudah kami tambal kemarin.");
  const Citizen budi("sesudahnya");
  budi.writes("1", "Lampu sesudahnya", "Lampu jalan mati di depan sekolah.");
  REQUIRE(budi.waits_for(1).size() == 1);
  CHECK(steps_of(bridge, code) == steps);
  CHECK(wati.inbox().size() == mails);
  CHECK(about(putr, code).size() == 1);
}

TEST_CASE("nobody acts for an office without its mail, or with its mail from elsewhere") {
  auto& bridge = house();
  const Citizen dlh("dlh");
  const auto code = fill_in_form(bridge, "Sampah menumpuk di tepi sungai Buleleng.", "");
  dispose(bridge, code, "dlh");
  const auto handed = mail_about(dlh, code);
  const auto steps = steps_of(bridge, code);
  dlh.writes("1", "Re: [#" + code + "] Sampah", "Sudah kami angkut semuanya kemarin.");
  CHECK(eventually([&] { return fate_of(bridge, dlh.id("1")) == "report"; }));
  const Citizen stranger("penyusup");
  stranger.answers(handed, "1", "Sudah kami angkut semuanya.");
  CHECK(eventually([&] { return fate_of(bridge, stranger.id("1")) == "held"; }));
  CHECK(steps_of(bridge, code) == steps);
  CHECK(state_of_report(bridge, code) == "at_unit");
  CHECK(stranger.inbox().empty());

  dlh.answers(handed, "2", "Baik, terima kasih.");
  CHECK_FALSE(dlh.waits_for("belum jelas bagi kami").empty());
  CHECK(fate_of(bridge, dlh.id("2")) == "office");
  CHECK(steps_of(bridge, code) == steps);
  dlh.answers(handed, "3", "BUKAN KAMI\r\nSungai itu wewenang provinsi.");
  CHECK(eventually([&] { return state_of_report(bridge, code) == "returned"; }));
}

TEST_CASE("a mail to an office that bounces is a reply that failed") {
  auto& bridge = house();
  const auto code = fill_in_form(bridge, "Trotoar rusak di Jalan Diponegoro.", "");
  dispose(bridge, code, "pindah");
  CHECK(eventually(
      [&] {
        const auto owed = owed_to_office(bridge, code);
        return owed.text("state") == "failed" &&
               owed.text("detail").find("5.1.1") != std::string::npos;
      },
      180));
  CHECK(state_of_report(bridge, code) == "at_unit");
}

TEST_CASE("an office's own system is posted a report and answers it by a signed request") {
  auto& bridge = house();
  const Citizen wati("sistem");
  const auto code =
      fill_in_form(bridge, "Lampu lalu lintas mati di simpang empat.", wati.address());
  REQUIRE(wati.waits_for(1).size() == 1);
  dispose(bridge, code, "sistem");
  CHECK(eventually([&] { return !office_system().taken().empty(); }));
  const auto taken = office_system().taken();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].body.text("type") == "report.handed_over");
  const auto* data = taken[0].body.find("data");
  CHECK(data->text("code") == code);
  CHECK(data->find("report")->text("text") == "Lampu lalu lintas mati di simpang empat.");
  const auto key = data->text("key");

  const auto steps = steps_of(bridge, code);
  const auto done = WebhookSystem::answer(key, "answer", "Sudah menyala lagi.");
  CHECK(posts(bridge, "a1", done, true) == 403);
  CHECK(posts(bridge, "a2", WebhookSystem::answer(key, "close", "x")) == 400);
  CHECK(posts(bridge, "a3",
              WebhookSystem::answer("1.1.1.sistem", "answer", "Bukan laporan itu.")) == 202);
  CHECK(steps_of(bridge, code) == steps);
  CHECK(posts(bridge, "a4", done) == 202);
  CHECK(state_of_report(bridge, code) == "answered");
  CHECK_FALSE(wati.waits_for("Sudah menyala lagi.").empty());
  const auto after = steps_of(bridge, code);
  // Acknowledged, verified, disposed, answered.
  CHECK(wati.waits_for(4).size() == 4);
  const auto mails = wati.inbox().size();
  CHECK(posts(bridge, "a4", done) == 202);
  CHECK(steps_of(bridge, code) == after);
  CHECK(posts(bridge, "a5", WebhookSystem::answer(key, "proceed", "")) == 202);
  CHECK(eventually([&] { return office_system().taken().size() == 2; }));
  CHECK(office_system().taken().back().body.find("data")->find("report")->text("news") ==
        "not_possible");
  CHECK(steps_of(bridge, code) == after);
  CHECK(wati.inbox().size() == mails);
}

TEST_CASE("killed at each step of mailing an office, it gets one mail at most") {
  const Wire::Step steps[] = {
      {"claimed, before anything is sent", Wire::From::client, "MAIL FROM", Wire::When::before},
      {"before the end of the mail", Wire::From::client, "\r\n.\r\n", Wire::When::before},
      {"sent, before the server's word", Wire::From::client, "\r\n.\r\n", Wire::When::after},
      {"sent, before it is settled", Wire::From::server, "250 2.0.0 Ok", Wire::When::after}};
  // It would acknowledge what the other cases' people wrote, and be killed over that.
  servers().empty("lapor");
  Wire smtp(servers().ports().smtp);
  BridgeProcess victim(settings({servers().ports().imap, smtp.port()}));
  const Citizen putr("putr");
  std::vector<std::string> codes;
  for (const auto& step : steps) {
    INFO(step.name);
    victim.start();
    codes.push_back(fill_in_form(victim, std::string("Jembatan retak: ") + step.name, ""));
    officer_acts(victim, codes.back(), {"verify", "--as", "admin", "--agency", "buleleng"});
    smtp.kills(victim.pid(), step);
    // The command may lose the bridge's database as soon as its work is done.
    (void)victim.command(
        {"report", "act", codes.back(), "dispose", "--as", "buleleng", "--unit", "putr"});
    CHECK(eventually([&] { return smtp.happened(); }));
    victim.kill();
  }
  victim.start();
  for (const auto& code : codes) {
    INFO(code);
    std::string state;
    CHECK(eventually(
        [&] {
          state = owed_to_office(victim, code).text("state");
          return state == "sent" || state == "uncertain";
        },
        120));
    // What is neither there nor in doubt would be lost.
    CHECK(eventually([&] { return state == "uncertain" || about(putr, code).size() == 1; }));
    CHECK(about(putr, code).size() <= 1);
  }
}

}  // namespace
}  // namespace kanal::test
