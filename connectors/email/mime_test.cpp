#include "connectors/email/mime.hpp"

#include <ctime>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/sanitized.hpp"

namespace kanal::email {
namespace {

ParsedMail mail_of(const std::string& rest) {
  auto mail = parse_mail("From: wati@contoh.id\r\nSubject: Jalan\r\nMIME-Version: 1.0\r\n" + rest);
  REQUIRE(mail);
  return std::move(*mail);
}

std::string mixed(std::initializer_list<std::string> parts) {
  std::string raw = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (const auto& part : parts) raw += "--b\r\nContent-Type: " + part + "\r\n";
  return raw + "--b--\r\n";
}

}  // namespace

TEST_CASE("body text stands in the order of its parts") {
  CHECK(mail_of(
            mixed({"text/html\r\n\r\n<p>Jalan rusak.</p>", "text/plain\r\n\r\nWarga mailing list"}))
            .text == "Jalan rusak.\n\n\nWarga mailing list");
  CHECK(mail_of(mixed({"text/plain\r\n\r\nSatu", "text/html\r\n\r\n<p>Dua</p>",
                       "text/plain\r\n\r\nTiga"}))
            .text == "Satu\n\nDua\n\n\nTiga");
  CHECK(mail_of(mixed({"multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: "
                       "text/plain\r\n\r\nSatu\r\n--c\r\nContent-Type: text/html\r\n\r\n"
                       "<p>Satu</p>\r\n--c--",
                       "text/html\r\n\r\n<p>Dua</p>"}))
            .text == "Satu\n\nDua\n");
}

TEST_CASE("other text is the mail's when there is none of the usual kinds") {
  CHECK(mail_of("Content-Type: text/markdown\r\n\r\nJalan **rusak**.\r\n").text ==
        "Jalan **rusak**.\r\n");
  CHECK(mail_of("Content-Type: text/enriched\r\n\r\nJalan <bold>rusak</bold>.\r\n")
            .text.find("rusak") != std::string::npos);
  const auto filed = mail_of(
      "Content-Type: text/plain; name=isi.txt\r\nContent-Disposition: attachment; "
      "filename=isi.txt\r\n\r\nJalan rusak.\r\n");
  CHECK(filed.text == "Jalan rusak.\r\n");
  CHECK(filed.attachments.size() == 1);
  CHECK(mail_of(mixed({"text/markdown\r\n\r\n*a*", "text/plain\r\n\r\nb"})).text == "b");
  CHECK(mail_of("Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n").text.empty());
}

TEST_CASE("a picture within the HTML is an attachment, and hides no words behind it") {
  const std::string picture = "/9j/" + std::string(2'300'000, 'A');
  const auto mail =
      mail_of("Content-Type: text/html\r\n\r\n<p>Jalan</p><img src=\"data:image/jpeg;base64," +
              picture + "\"><p>Mohon</p>\r\n");
  CHECK(mail.text == "Jalan\n\nMohon\n");
  REQUIRE(mail.attachments.size() == 1);
  CHECK(mail.attachments[0].type == "image/jpeg");
}

TEST_CASE("a body that is too long is a file of its kind too") {
  const auto mail = mail_of("Content-Type: text/html\r\n\r\n<p>Jalan</p>" +
                            std::string(2'200'000, ' ') + "<p>Mohon</p>\r\n");
  CHECK(mail.text == "Jalan\n");
  REQUIRE(mail.attachments.size() == 1);
  CHECK(mail.attachments[0].name == "isi-surat.html");
}

TEST_CASE("alternatives within alternatives cost little more than the mail's size") {
  std::string words;
  for (int i = 0; i < 39; ++i) words += std::string("aaa") + static_cast<char>('b' + i % 24) + ' ';
  std::string raw;
  for (int depth = 0; depth < 55; ++depth) {
    const auto boundary = "b" + std::to_string(depth) + "x";
    raw += "Content-Type: multipart/alternative; boundary=" + boundary + "\r\n\r\n--" + boundary +
           "\r\nContent-Type: text/plain\r\n\r\n" + words + "\r\n--" + boundary + "\r\n";
  }
  raw += "Content-Type: text/html\r\n\r\n";
  for (int i = 0; i < 24'000; ++i) raw += "<p>" + std::string(70, 'a') + "</p>\r\n";
  const auto began = std::clock();
  CHECK_FALSE(mail_of(raw).text.empty());
  CHECK(std::clock() - began < k_sanitizer_factor * 5 * CLOCKS_PER_SEC);
}

TEST_CASE("flowed lines are put together") {
  CHECK(mail_of("Content-Type: text/plain; format=Flowed; delsp=yes\r\n\r\n"
                "Lihat https://peta.contoh/abc \r\ndef\r\n")
            .text == "Lihat https://peta.contoh/abcdef\n");
}

}  // namespace kanal::email
