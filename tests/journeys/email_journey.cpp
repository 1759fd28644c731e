#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <set>

#include <catch2/catch.hpp>

#include "tests/support/bridge_process.hpp"
#include "tests/support/mail_servers.hpp"
#include "tests/support/wire.hpp"

namespace kanal::test {
namespace {

struct Ports {
  std::uint16_t imap;
  std::uint16_t smtp;
};

std::string settings(const Ports& ports) {
  ::setenv("KANAL_TEST_MAIL_PASSWORD", MailServers::k_password, 1);
  const auto server = [](const char* name, std::uint16_t port) {
    return std::string("[channel.email.") + name +
           "]\nhost = \"127.0.0.1\"\nport = " + std::to_string(port) +
           "\nsecurity = \"plain\"\npassword = \"env:KANAL_TEST_MAIL_PASSWORD\"\ntimeout_s = 10\n";
  };
  return "[channel.email]\nkind = \"email\"\naddress = \"lapor@test.local\"\nstart_from = \"all\"\n"
         "replies_per_hour = 1000\nplus_addresses = true\n" +
         server("imap", ports.imap) + server("smtp", ports.smtp) +
         "[channel.form]\nkind = \"webform\"\nleast_fill_s = 0\n";
}

Ports ports_of(const MailServers& servers) {
  return {servers.ports().imap, servers.ports().smtp};
}

std::string mail(const std::string& id, const std::string& subject, const std::string& text,
                 const std::string& more = {}) {
  return "From: Wati Warga <warga@test.local>\r\nTo: lapor@test.local\r\nSubject: " + subject +
         "\r\nMessage-ID: <" + id + "@warga.example>\r\nDate: Mon, 02 Mar 2026 09:15:00 +0700\r\n" +
         more + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text +
         "\r\n";
}

std::string header(const std::string& raw, const std::string& name) {
  const auto head = "\r\n" + raw.substr(0, raw.find("\r\n\r\n")) + "\r\n";
  auto value = between(head, "\r\n" + name + ":", "\r\n");
  while (!value.empty() && value.front() == ' ') value.erase(0, 1);
  return value;
}

std::string normal_lines(std::string raw) {
  std::string out;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] == '\n' && (at == 0 || raw[at - 1] != '\r')) out += '\r';
    out += raw[at];
  }
  return out;
}

// What a mail program sends when its user presses "reply".
std::string answer_to(const std::string& received, const std::string& id, const std::string& text) {
  const auto raw = normal_lines(received);
  auto to = header(raw, "Reply-To");
  if (to.empty()) to = header(raw, "From");
  return "From: Wati Warga <warga@test.local>\r\nTo: " + to +
         "\r\nSubject: Re: " + header(raw, "Subject") + "\r\nMessage-ID: <" + id +
         "@warga.example>\r\nIn-Reply-To: " + header(raw, "Message-ID") +
         "\r\nReferences: " + header(raw, "Message-ID") +
         "\r\nDate: Mon, 02 Mar 2026 10:15:00 +0700\r\nMIME-Version: 1.0\r\n"
         "Content-Type: text/plain; charset=utf-8\r\n\r\n" +
         text + "\r\n";
}

// Mails of one second stand in no order.
std::string containing(const std::vector<MailServers::Stored>& box, const std::string& text) {
  for (const auto& each : box) {
    if (each.raw.find(text) != std::string::npos) return each.raw;
  }
  return {};
}

std::vector<Json> reports(const BridgeProcess& bridge) {
  return bridge.query({"report", "list", "--most", "1000"});
}

Json report(const BridgeProcess& bridge, const std::string& code) {
  return bridge.query({"report", "show", code}).at(0);
}

void officer_acts(const BridgeProcess& bridge, const std::string& code,
                  std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"report", "act", code});
  const auto finished = bridge.command(arguments);
  INFO(finished.err);
  REQUIRE(finished.code == 0);
}

TEST_CASE("a mail is acknowledged once, answered in its thread, disputed and rated by mail") {
  if (!MailServers::available()) return;
  MailServers servers;
  BridgeProcess bridge(settings(ports_of(servers)));
  bridge.start();
  servers.submit("warga@test.local", "lapor@test.local",
                 mail("m1", "Jalan berlubang",
                      "Jalan berlubang di depan pasar Banyuasri sudah dua minggu, mohon "
                      "diperbaiki."));
  auto box = servers.wait_for("warga", 1);
  INFO(bridge.log());
  REQUIRE(box.size() == 1);
  const auto first = normal_lines(box[0].raw);
  CHECK(header(first, "In-Reply-To") == "<m1@warga.example>");
  CHECK(header(first, "Auto-Submitted").find("auto-replied") != std::string::npos);
  CHECK(first.find("sudah kami terima") != std::string::npos);
  REQUIRE(reports(bridge).size() == 1);
  const auto code = reports(bridge).at(0).text("code");

  officer_acts(bridge, code, {"verify", "--as", "admin", "--agency", "buleleng"});
  officer_acts(bridge, code, {"dispose", "--as", "buleleng", "--unit", "putr"});
  officer_acts(bridge, code, {"accept", "--as", "putr"});
  officer_acts(bridge, code, {"answer", "--as", "putr", "--words", "Sudah kami tambal."});
  box = servers.wait_for("warga", 5);

  REQUIRE(box.size() == 5);
  const auto answered = containing(box, "Sudah kami tambal.");
  REQUIRE_FALSE(answered.empty());

  servers.submit("warga@test.local", "lapor@test.local",
                 answer_to(answered, "m2", "BELUM, masih berlubang."));
  CHECK(eventually([&] { return report(bridge, code).text("state") == "in_progress"; }));
  CHECK(reports(bridge).size() == 1);
  officer_acts(bridge, code, {"answer", "--as", "putr", "--words", "Kini selesai semua."});
  box = servers.wait_for("warga", 7);
  REQUIRE(box.size() >= 7);
  servers.submit("warga@test.local", "lapor@test.local",
                 answer_to(containing(box, "Kini selesai semua."), "m3", "5"));
  CHECK(eventually([&] { return report(bridge, code).text("state") == "closed"; }));
}

TEST_CASE("an English mail is answered in English") {
  if (!MailServers::available()) return;
  MailServers servers;
  BridgeProcess bridge(settings(ports_of(servers)));
  bridge.start();
  servers.submit("warga@test.local", "lapor@test.local",
                 mail("e1", "Street light",
                      "The street light in front of our school has been broken for two weeks, "
                      "please repair it."));
  const auto box = servers.wait_for("warga", 1);
  REQUIRE(box.size() == 1);
  CHECK(normal_lines(box[0].raw).find("We have received your report") != std::string::npos);
}

TEST_CASE("a stranger who quotes a number does not join a report") {
  if (!MailServers::available()) return;
  MailServers servers;
  BridgeProcess bridge(settings(ports_of(servers)));
  bridge.start();
  servers.submit("warga@test.local", "lapor@test.local",
                 mail("s1", "Sampah", "Sampah menumpuk di dekat pasar sejak minggu lalu."));
  REQUIRE(servers.wait_for("warga", 1).size() == 1);
  const auto code = reports(bridge).at(0).text("code");
  auto other = mail("s2", "Re: [#" + code + "] Sampah", "BELUM selesai, tutup saja laporan ini.");
  other.replace(other.find("Wati Warga <warga@"), 18, "Budi <budi@");
  servers.submit("budi@test.local", "lapor@test.local", other);
  REQUIRE(servers.wait_for("budi", 1).size() == 1);
  CHECK(reports(bridge).size() == 2);
}

TEST_CASE("an automatic answer is kept, screened out and never answered") {
  if (!MailServers::available()) return;
  MailServers servers;
  BridgeProcess bridge(settings(ports_of(servers)));
  bridge.start();
  servers.submit("warga@test.local", "lapor@test.local",
                 mail("a1", "Di luar kantor", "Saya sedang cuti sampai hari Senin.",
                      "Auto-Submitted: auto-replied\r\n"));
  servers.submit("budi@test.local", "lapor@test.local",
                 mail("a2", "Air mati", "Air PDAM mati di Banyuning sejak kemarin."));
  CHECK(eventually([&] { return !reports(bridge).empty(); }));
  CHECK(reports(bridge).size() == 1);
  REQUIRE(eventually([&] { return servers.mailbox("warga").size() >= 1; }));
  CHECK(servers.mailbox("warga").size() == 1);
}

// Where the bridge dies, by what passes on the wire.
struct Step {
  const char* name;
  bool imap;
  Wire::From from;
  const char* word;
  Wire::When when;
};

constexpr Step k_steps[] = {
    {"while the mails are fetched", true, Wire::From::server, "BODY[]", Wire::When::before},
    {"when the mails have been fetched", true, Wire::From::server, "BODY[]", Wire::When::after},
    {"stored, before the source is told", true, Wire::From::client, "STORE", Wire::When::before},
    {"when the source has been told", true, Wire::From::client, "STORE", Wire::When::after},
    {"claimed, before anything is sent", false, Wire::From::client, "MAIL FROM",
     Wire::When::before},
    {"before the end of the mail is sent", false, Wire::From::client, "\r\n.\r\n",
     Wire::When::before},
    {"sent, before the server's word", false, Wire::From::client, "\r\n.\r\n", Wire::When::after},
    {"sent, before it is settled", false, Wire::From::server, "250 2.0.0 Ok", Wire::When::after},
};

struct Account {
  std::size_t mails = 0;
  std::size_t answered = 0;
  std::size_t uncertain = 0;
  std::vector<std::string> wrong;
};

// Every mail one report; every reply at most once; what is not there is listed as uncertain.
Account settle_up(const BridgeProcess& bridge, const MailServers& servers, std::size_t mails) {
  Account account;
  account.mails = mails;
  const auto all = reports(bridge);
  if (all.size() != mails) {
    account.wrong.push_back(std::to_string(all.size()) + " reports of " + std::to_string(mails) +
                            " mails");
  }
  std::multiset<std::string> answers;
  for (const auto& stored : servers.mailbox("warga")) {
    answers.insert(header(normal_lines(stored.raw), "In-Reply-To"));
  }
  for (std::size_t index = 0; index < mails; ++index) {
    const auto count = answers.count("<k" + std::to_string(index) + "@warga.example>");
    if (count > 1) account.wrong.push_back("mail " + std::to_string(index) + " answered twice");
    account.answered += count;
  }
  for (const auto& each : all) {
    const auto shown = report(bridge, each.text("code"));
    for (const auto& reply : shown.find("replies")->array) {
      const auto state = reply.text("state");
      if (state == "uncertain") ++account.uncertain;
      if (state != "uncertain" && state != "sent" && state != "delivered") {
        account.wrong.push_back(each.text("code") + " has a reply that is " + state);
      }
    }
  }
  if (account.answered + account.uncertain < mails) account.wrong.emplace_back("a reply is lost");
  return account;
}

bool all_settled(const BridgeProcess& bridge, std::size_t mails) {
  const auto all = reports(bridge);
  return all.size() >= mails && std::ranges::all_of(all, [&](const Json& each) {
           const auto shown = report(bridge, each.text("code"));
           const auto& replies = shown.find("replies")->array;
           return !replies.empty() && std::ranges::none_of(replies, [](const Json& reply) {
             return reply.text("state") == "owed" || reply.text("state") == "sending";
           });
         });
}

Account kill_storm(int kills) {
  MailServers servers;
  Wire imap(servers.ports().imap);
  Wire smtp(servers.ports().smtp);
  BridgeProcess bridge(settings({imap.port(), smtp.port()}));
  std::size_t mails = 0;
  for (int round = 0; round < kills; ++round) {
    const auto& step = k_steps[static_cast<std::size_t>(round) % std::size(k_steps)];
    INFO(step.name);
    bridge.start();
    auto& wire = step.imap ? imap : smtp;
    const pid_t victim = bridge.pid();
    wire.at(step.from, step.word, step.when, [victim] { ::kill(victim, SIGKILL); });
    servers.submit("warga@test.local", "lapor@test.local",
                   mail("k" + std::to_string(mails), "Laporan " + std::to_string(mails),
                        "Jalan berlubang di lokasi nomor " + std::to_string(mails) +
                            ", mohon diperbaiki segera."));
    ++mails;
    CHECK(eventually([&] { return wire.happened(); }, 60));
    bridge.kill();
  }
  bridge.start();
  CHECK(eventually([&] { return all_settled(bridge, mails); }, 180));
  return settle_up(bridge, servers, mails);
}

TEST_CASE("killed at each step, every mail becomes one report and is answered at most once") {
  if (!MailServers::available()) return;
  const auto account = kill_storm(static_cast<int>(std::size(k_steps)));
  for (const auto& wrong : account.wrong) FAIL_CHECK(wrong);
  WARN(account.mails << " mails, " << account.answered << " answers, " << account.uncertain
                     << " uncertain");
}

TEST_CASE("killed a hundred times, every mail becomes one report and is answered at most once",
          "[.soak]") {
  REQUIRE(MailServers::available());
  const auto account = kill_storm(100);
  for (const auto& wrong : account.wrong) FAIL_CHECK(wrong);
  WARN(account.mails << " mails, " << account.answered << " answers, " << account.uncertain
                     << " uncertain");
}

}  // namespace
}  // namespace kanal::test
