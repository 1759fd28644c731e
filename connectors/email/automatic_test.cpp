#include "connectors/email/automatic.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace kanal::email {
namespace {

std::string why(const std::string& headers, const std::string& from = "wati@contoh.id",
                const std::string& subject = "Jalan rusak") {
  static const auto keys = Keys::of_seed("automatic");
  static const std::vector<std::string> ours = {"lapor@contoh.go.id", "aduan@contoh.go.id"};
  const auto mail = parse_mail("From: " + from + "\r\nSubject: " + subject + "\r\n" + headers +
                               "\r\nJalan berlubang.\r\n");
  REQUIRE(mail);
  return why_automatic(*mail, Tokens(keys), ours);
}

}  // namespace

TEST_CASE("a person's mail is no automatic one") {
  CHECK(why("").empty());
  CHECK(why("Auto-Submitted: no\r\n").empty());
  CHECK(why("Auto-Submitted: No (a person)\r\n").empty());
  CHECK(why("Precedence: first-class\r\n").empty());
  CHECK(why("X-Auto-Response-Suppress: None\r\n").empty());
  CHECK(why("Return-Path: <wati@contoh.id>\r\n").empty());
  CHECK(why("", "postman@contoh.id").empty());
  CHECK(why("", "wati@contoh.id", "Autobus di terminal mogok").empty());
}

TEST_CASE("what RFC 3834 and its neighbours mark is automatic") {
  for (const std::string header :
       {"Auto-Submitted: auto-replied", "Auto-Submitted: AUTO-GENERATED; owner=x",
        "Auto-Submitted: auto-notified", "Precedence: bulk", "Precedence: List", "Precedence: junk",
        "Precedence: auto_reply", "List-Id: <warga.contoh.id>",
        "List-Unsubscribe: <mailto:x@contoh.id>", "X-Auto-Response-Suppress: All",
        "X-Autoreply: yes", "X-Autorespond: cuti", "Return-Path: <>",
        "Return-Path:", "X-Loop: Lapor@contoh.go.id"}) {
    INFO(header);
    CHECK_FALSE(why(header + "\r\n").empty());
  }
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

TEST_CASE("an absence note without any header is known by its subject") {
  for (const std::string subject :
       {"Automatic reply: Laporan diterima", "Balasan otomatis: Laporan diterima",
        "Out of Office: Re: Laporan", "Di luar kantor: Re: Laporan"}) {
    INFO(subject);
    CHECK_FALSE(why("", "wati@contoh.id", subject).empty());
  }
}

TEST_CASE("a mail of ours that came back is known by its id, and a made-up one is not") {
  const auto keys = Keys::of_seed("automatic");
  const Tokens tokens(keys);
  CHECK_FALSE(why("Message-ID: <" + tokens.sign_key("1.1.email") + "@contoh.go.id>\r\n").empty());
  CHECK(why("Message-ID: <1.1.email.aaaaaaaaaaaaaaaa@contoh.go.id>\r\n").empty());
}

}  // namespace kanal::email
