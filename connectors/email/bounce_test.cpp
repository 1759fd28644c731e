#include "connectors/email/bounce.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/peak_memory.hpp"
#include "tests/support/sanitized.hpp"

namespace kanal::email {
namespace {

const Keys& keys() {
  static const auto all = Keys::of_seed("bounce");
  return all;
}

std::string id_of_reply(const std::string& key) {
  return Tokens(keys()).sign_key(key);
}

/// A delivery report; each part may be missing.
std::string report(const std::string& about_recipient, const std::string& envelope_id = {},
                   const std::string& returned_id = {}) {
  std::string mail =
      "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.contoh.id (Mail Delivery System)\r\n"
      "To: lapor@contoh.go.id\r\nSubject: Undelivered Mail Returned to Sender\r\n"
      "Message-ID: <dsn-1@mx.contoh.id>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n"
      "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.contoh.id\r\n";
  if (!envelope_id.empty()) mail += "Original-Envelope-Id: " + envelope_id + "\r\n";
  mail += "\r\n" + about_recipient + "\r\n";
  if (!returned_id.empty()) {
    mail +=
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: lapor@contoh.go.id\r\n"
        "Message-ID: <" +
        returned_id + "@contoh.go.id>\r\n\r\n";
  }
  return mail + "--b--\r\n";
}

std::optional<Signal> read(const std::string& raw,
                           const std::optional<std::string>& return_key = {}) {
  const auto mail = parse_mail(raw);
  REQUIRE(mail);
  return read_bounce(*mail, Tokens(keys()), return_key);
}

const std::string k_gone =
    "Final-Recipient: rfc822; wati@contoh.id\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n";

}  // namespace

TEST_CASE("a bounce is about the reply whose envelope id it returns") {
  const auto signal = read(report(k_gone, id_of_reply("41.3.email")));
  REQUIRE(signal);
  CHECK(signal->reply_key == "41.3.email");
  CHECK(signal->kind == Signal::Kind::failed);
  CHECK(signal->permanent);
  CHECK(signal->detail == "550 5.1.1 User unknown");
  auto elsewhere = k_gone;
  elsewhere.replace(elsewhere.find("550 5.1.1"), 9, "550");
  const auto coded = read(report(elsewhere, id_of_reply("41.3.email")));
  REQUIRE(coded);
  CHECK(coded->detail == "5.1.1 550 User unknown");
}

TEST_CASE("without an envelope id the returned headers or the return path tell the reply") {
  const auto by_headers = read(report(k_gone, {}, id_of_reply("41.4.email")));
  REQUIRE(by_headers);
  CHECK(by_headers->reply_key == "41.4.email");
  const auto by_path = read(report(k_gone), "41.5.email");
  REQUIRE(by_path);
  CHECK(by_path->reply_key == "41.5.email");
}

TEST_CASE("a returned mail in full tells the reply too") {
  auto mail = report(k_gone);
  mail.erase(mail.rfind("--b--"));
  mail += "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: lapor@contoh.go.id\r\nMessage-ID: <" +
          id_of_reply("41.6.email") + "@contoh.go.id>\r\n\r\nLaporan diterima.\r\n--b--\r\n";
  const auto signal = read(mail);
  REQUIRE(signal);
  CHECK(signal->reply_key == "41.6.email");
}

TEST_CASE("a made-up bounce is about nothing") {
  CHECK_FALSE(read(report(k_gone, "41.3.email.aaaaaaaaaaaaaaaa", "41.3.email.bbbbbbbbbbbbbbbb")));
  CHECK_FALSE(read(report(k_gone)));
}

TEST_CASE("a delay, a passing failure and a delivery are told apart") {
  const auto id = id_of_reply("41.3.email");
  const auto delayed = read(report("Action: delayed\r\nStatus: 4.4.1\r\n", id));
  REQUIRE(delayed);
  CHECK(delayed->kind == Signal::Kind::delayed);
  CHECK_FALSE(delayed->permanent);
  const auto given_up = read(report("Action: failed\r\nStatus: 4.4.7\r\n", id));
  REQUIRE(given_up);
  CHECK(given_up->kind == Signal::Kind::failed);
  CHECK_FALSE(given_up->permanent);
  const auto arrived = read(report("Action: delivered\r\nStatus: 2.0.0\r\n", id));
  REQUIRE(arrived);
  CHECK(arrived->kind == Signal::Kind::delivered);
  CHECK_FALSE(read(report("Action: sleeping\r\n", id)));
}

TEST_CASE("of several recipients the worst counts") {
  const auto signal = read(report("Action: relayed\r\nStatus: 2.0.0\r\n\r\n" + k_gone +
                                      "\r\nAction: delayed\r\nStatus: 4.0.0\r\n",
                                  id_of_reply("41.3.email")));
  REQUIRE(signal);
  CHECK(signal->kind == Signal::Kind::failed);
}

TEST_CASE("free text from an old server counts only when the return path is ours") {
  const std::string mail =
      "From: MAILER-DAEMON@mx.contoh.id\r\nSubject: failure notice\r\n"
      "Message-ID: <q-1@mx.contoh.id>\r\n\r\nHi. This is the qmail-send program.\r\n";
  const auto signal = read(mail, "41.5.email");
  REQUIRE(signal);
  CHECK(signal->kind == Signal::Kind::failed);
  CHECK_FALSE(signal->permanent);
  CHECK_FALSE(read(mail));
}

TEST_CASE("a citizen's mail is no bounce, whatever it quotes") {
  const std::string mail =
      "From: wati@contoh.id\r\nSubject: Re: Laporan\r\nMessage-ID: <w-1@contoh.id>\r\n"
      "In-Reply-To: <" +
      id_of_reply("41.3.email") +
      "@contoh.go.id>\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\nOriginal-Envelope-Id: " +
      id_of_reply("41.3.email") + "\r\n";
  CHECK_FALSE(read(mail));
  CHECK_FALSE(read(mail, "41.3.email"));
}

TEST_CASE("a reader's notification tells that the reply arrived") {
  const auto signal = read(
      "From: wati@contoh.id\r\nSubject: Read: Laporan\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n"
      "\r\n--b\r\nContent-Type: text/plain\r\n\r\nDibaca.\r\n--b\r\n"
      "Content-Type: message/disposition-notification\r\n\r\n"
      "Original-Message-ID: <" +
      id_of_reply("41.3.email") +
      "@contoh.go.id>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\r\n"
      "--b--\r\n");
  REQUIRE(signal);
  CHECK(signal->kind == Signal::Kind::delivered);
  CHECK(signal->reply_key == "41.3.email");
}

TEST_CASE("a report of endless recipients is read to a bound") {
  std::string recipients;
  for (int i = 0; i < 50'000; ++i) recipients += "Action: relayed\r\nStatus: 2.0.0\r\n\r\n";
  const auto signal = read(report(recipients + k_gone, id_of_reply("41.3.email")));
  REQUIRE(signal);
  CHECK(signal->kind == Signal::Kind::delivered);
}

TEST_CASE("a report of nothing but lines costs no more memory than its size") {
  constexpr std::size_t k_lines = 16U << 20U;
  constexpr long k_most_kib = bound_kib(200L << 10);
  for (const std::string type : {"message/delivery-status", "message/disposition-notification",
                                 "text/rfc822-headers", "message/rfc822"}) {
    INFO(type);
    auto mail = report("Action: failed", id_of_reply("41.3.email"));
    mail.erase(mail.rfind("--b--"));
    mail += "--b\r\nContent-Type: " + type + "\r\n\r\nFrom: a@b\n" + std::string(k_lines, '\n') +
            "\n--b--\r\n";
    REQUIRE(reset_peak());
    const auto before = peak_kib();
    REQUIRE(read(mail));
    CHECK(peak_kib() - before < k_most_kib);
  }
}

TEST_CASE("mails within mails are not kept once for every level") {
  constexpr std::size_t k_bytes = 24U << 20U;
  constexpr long k_most_kib = bound_kib(160L << 10);
  std::string mail = "From: wati@contoh.id\r\nSubject: dalam\r\n\r\n" + std::string(k_bytes, 'x');
  for (int i = 0; i < 12; ++i) {
    mail = "From: wati@contoh.id\r\nSubject: luar\r\nContent-Type: message/rfc822\r\n\r\n" + mail;
  }
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  const auto parsed = parse_mail(mail);
  REQUIRE(parsed);
  CHECK(parsed->attachments.size() == 1);
  CHECK(peak_kib() - before < k_most_kib);
}

}  // namespace kanal::email
