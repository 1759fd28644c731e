#include "connectors/email/automatic.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace kanal::email {
namespace {

const std::vector<std::string> k_ours = {"lapor@contoh.go.id", "aduan@contoh.go.id"};

ParsedMail parsed(const std::string& headers, const std::string& from = "wati@contoh.id",
                  const std::string& subject = "Jalan rusak") {
  auto mail = parse_mail("From: " + from + "\r\nSubject: " + subject + "\r\n" + headers +
                         "\r\nJalan berlubang.\r\n");
  REQUIRE(mail);
  return std::move(*mail);
}

std::string why(const std::string& headers, const std::string& from = "wati@contoh.id",
                const std::string& subject = "Jalan rusak", Answers answers = Answers::others) {
  static const auto keys = Keys::of_seed("automatic");
  return why_automatic(parsed(headers, from, subject), Tokens(keys), k_ours, answers);
}

std::string why_silent(const std::string& headers, const std::string& subject = "Jalan rusak") {
  return why_unanswered(parsed(headers, "wati@contoh.id", subject), k_ours);
}

}  // namespace

TEST_CASE("a person's mail is no automatic one") {
  CHECK(why("").empty());
  CHECK(why("Auto-Submitted: no\r\n").empty());
  CHECK(why("Auto-Submitted: No (a person)\r\n").empty());
  CHECK(why("Precedence: first-class\r\n").empty());
  CHECK(why("Return-Path: <wati@contoh.id>\r\n").empty());
  CHECK(why("", "postman@contoh.id").empty());
  CHECK(why("", "wati@contoh.id", "Autobus di terminal mogok").empty());
}

TEST_CASE("what RFC 3834 and its neighbours mark is automatic") {
  for (const std::string header :
       {"Auto-Submitted: auto-replied", "Auto-Submitted: AUTO-GENERATED; owner=x",
        "Auto-Submitted: auto-notified", "Precedence: auto_reply", "X-Autoreply: yes",
        "X-Autorespond: cuti", "Return-Path: <>", "Return-Path:", "X-Loop: Lapor@contoh.go.id",
        "Precedence: bulk\r\nAuto-Submitted: auto-replied",
        "List-Id: <warga.contoh.id>\r\nReturn-Path: <>"}) {
    INFO(header);
    CHECK_FALSE(why(header + "\r\n").empty());
  }
}

TEST_CASE("what a list or a careful server passes on is a person's, and is not to be answered") {
  for (const std::string header :
       {"Precedence: bulk", "Precedence: List", "Precedence: junk", "List-Id: <warga.contoh.id>",
        "List-Unsubscribe: <mailto:x@contoh.id>", "List-Post: <mailto:warga@contoh.id>",
        "X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress: DR, OOF, AutoReply"}) {
    INFO(header);
    CHECK(why(header + "\r\n").empty());
    CHECK_FALSE(why_silent(header + "\r\n").empty());
  }
  for (const std::string header :
       {"", "Precedence: first-class\r\n", "X-Auto-Response-Suppress: None\r\n",
        "X-Auto-Response-Suppress: DR, RN, NRN\r\n", "Listing: 3\r\n"}) {
    INFO(header);
    CHECK(why_silent(header).empty());
  }
}

TEST_CASE("a group that our own address is is no list to be silent towards") {
  const std::string group =
      "Precedence: list\r\nMailing-list: list lapor@contoh.go.id\r\n"
      "List-ID: <lapor.contoh.go.id>\r\nList-Post: <https://groups.example/lapor/post>, "
      "<mailto:LAPOR@contoh.go.id>\r\nList-Help: <https://support.example/lapor>\r\n";
  CHECK(why(group).empty());
  CHECK(why_silent(group).empty());
  CHECK_FALSE(why_silent(group + "X-Auto-Response-Suppress: All\r\n").empty());
  CHECK_FALSE(why(group + "Auto-Submitted: auto-replied\r\n").empty());
  CHECK_FALSE(why_silent("Precedence: list\r\nList-Id: <xlapor.contoh.go.id>\r\n").empty());
  CHECK_FALSE(why_silent("List-Post: <mailto:lapor@contoh.go.id.example>\r\n").empty());
}

TEST_CASE("machines and our own addresses are known by their names") {
  for (const std::string from :
       {"MAILER-DAEMON@contoh.id", "postmaster@contoh.id", "no-reply@contoh.id",
        "noreply+123@contoh.id", "do-not-reply@contoh.id", "bounces+7=a@contoh.id",
        "lapor@contoh.go.id", "Aduan <ADUAN@contoh.go.id>", "<>"}) {
    INFO(from);
    CHECK_FALSE(why("", from).empty());
  }
}

TEST_CASE("an absence note without any header is known by its subject, of an answer to us only") {
  for (const std::string subject :
       {"Automatic reply: Laporan diterima", "Balasan otomatis: Laporan diterima",
        "Out of Office: Re: Laporan", "Di luar kantor: parkir liar tiap pagi",
        "Auto: tabrakan di simpang"}) {
    INFO(subject);
    CHECK_FALSE(why("", "wati@contoh.id", subject, Answers::ours).empty());
    CHECK(why("", "wati@contoh.id", subject).empty());
    CHECK_FALSE(why_silent("", subject).empty());
  }
  CHECK(why("", "wati@contoh.id", "Re: Auto: tabrakan", Answers::ours).empty());
  CHECK(why_silent("", "Re: Auto: tabrakan").empty());
}

TEST_CASE("a bulk answer to us that came by no list is a machine's") {
  const auto answer = [](const std::string& headers) {
    return why(headers, "wati@contoh.id", "Re: Jalan", Answers::ours);
  };
  CHECK_FALSE(answer("Precedence: bulk\r\n").empty());
  CHECK_FALSE(answer("Precedence: Junk\r\n").empty());
  CHECK(answer("").empty());
  CHECK(answer("Precedence: list\r\n").empty());
  CHECK(answer("Precedence: bulk\r\nList-Id: <warga.contoh.id>\r\n").empty());
}

TEST_CASE("a mail of ours that came back is known by its id, and a made-up one is not") {
  const auto keys = Keys::of_seed("automatic");
  const Tokens tokens(keys);
  CHECK_FALSE(why("Message-ID: <" + tokens.sign_key("1.1.email") + "@contoh.go.id>\r\n").empty());
  CHECK(why("Message-ID: <1.1.email.aaaaaaaaaaaaaaaa@contoh.go.id>\r\n").empty());
}

}  // namespace kanal::email
