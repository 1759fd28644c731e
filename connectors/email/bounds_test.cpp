#include "connectors/email/bounds.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "connectors/email/mime.hpp"
#include "tests/support/peak_memory.hpp"
#include "tests/support/sanitized.hpp"

namespace kanal::email::test {
namespace {

const std::string k_head =
    "From: Budi <budi@contoh.test>\r\nSubject: Lampu mati\r\n"
    "Date: Fri, 27 Nov 2026 08:00:00 +0700\r\nMessage-ID: <a@contoh.test>\r\n";
const std::string k_mixed = k_head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
const std::string k_body = "\r\nLampu jalan mati.\r\n";

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string refusal(const std::string& raw) {
  const auto parsed = parse_mail(raw);
  return parsed ? "" : parsed.error().message;
}

TEST_CASE("groups of addresses within groups do not cost a thread its stack") {
  const auto nested = times(45'000, "a:") + "\r\n";
  const auto folded = times(45'000, "a:\r\n ") + "\r\n";
  // A line of blanks ends neither a field nor a head.
  for (const auto* blank : {" \r\n", "\t\n", "\v\r\n", "\r\r\n", "x\r\n"}) {
    INFO(blank);
    CHECK_FALSE(refusal(k_head + "Cc: b@c.d,\r\n" + blank + " " + folded + k_body).empty());
  }
  for (const auto* name : {"From", "To", "CC", "bcc", "Sender", "Reply-To", "To ", "to\t"}) {
    INFO(name);
    for (const auto& value : {nested, folded}) {
      const auto field = std::string(name) + ": " + value;
      CHECK(refusal(k_head + field + k_body) ==
            "the mail has more than 1000 groups of addresses in a header");
      CHECK_FALSE(refusal(field + k_head + k_body).empty());
      CHECK_FALSE(refusal(k_mixed + "--b\r\nContent-Type: message/rfc822\r\n\r\n" + field + k_head +
                          k_body + "--b--\r\n")
                      .empty());
    }
  }
}

TEST_CASE("many addresses are no groups, and colons of a text are none either") {
  const auto many = "To: " + times(3000, "Budi <budi@contoh.test>,\r\n ") + "ani@contoh.test\r\n";
  CHECK(refusal(k_head + many + k_body).empty());
  CHECK(refusal(k_head + "\r\n" + times(40'000, "jam 12:00:00\r\n")).empty());
}

TEST_CASE("bytes that a parser would hold a hundredfold are refused before it holds them") {
  constexpr std::size_t k_count = 1'000'000;
  const auto message = "--b\r\nContent-Type: message/rfc822\r\n\r\n" + k_head;
  const auto in_parts = [](std::string_view type) {
    return k_head + "Content-Type: multipart/" + std::string(type) + "; boundary=b\r\n\r\n--b\r\n";
  };
  const std::vector<std::string> hostile = {
      k_head + times(k_count, "X:y\r\n") + k_body,
      k_head + " \r\n" + times(k_count, "X:y\r\n") + k_body,
      k_head + "\v\r\n" + times(k_count, "X:y\r\n") + k_body,
      k_head + times(20'000, "To:a\r\n") + k_body,
      k_head + times(150, times(180, "To:a\r\n") + "--x:y\r\n") + k_body,
      k_head + "Content-Type: message/rfc822\r\n--\r\n\r\n" + times(k_count, "X:y\r\n"),
      k_head + "Content-Type:" + std::string(1000, ' ') + "message/rfc822\r\n\r\n" +
          times(k_count, "X:y\r\n"),
      in_parts("digest") + "Content-Type:\r\n\r\n" + times(k_count, "X:y\r\n") + k_body,
      in_parts("mixed") + "Content-Type: text/plain; a=" + std::string(2000, 'x') +
          "\r\nContent-Type: message/rfc822\r\n\r\n" + times(k_count, "X:y\r\n"),
      in_parts("mixed") + times(k_count, "X:y\r\n") + k_body,
      in_parts("mixed") + "Content-Type: message/rfc822\r\n\r\n" + times(k_count, "X:y\r\n"),
      in_parts("mixed") + "Content-Type:\r\n message\r\n /rfc822\r\n\r\n" +
          times(k_count, "X:y\r\n"),
      in_parts("mixed") + "Content-Type: (of;)message/rfc822\r\n\r\n" + times(k_count, "X:y\r\n"),
      in_parts("digest") + "\r\n" + times(k_count, "X:y\r\n") + k_body,
      in_parts("mixed") + times(k_count, "--b\r\n\r\n"),
      k_head + "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n" +
          times(k_count, "--\r\n\r\n"),
      k_head + "Content-Type: text/plain" + times(k_count, ";\r\n a=b") + "\r\n" + k_body,
      k_head + "To: " + times(k_count, "\r\n a@b.c,") + "\r\n" + k_body,
      k_mixed + times(2000, message),
  };
  for (std::size_t i = 0; i + 1 < hostile.size(); ++i) {
    INFO(i);
    REQUIRE(reset_peak());
    const auto before = peak_kib();
    CHECK_FALSE(refusal(hostile[i]).empty());
    CHECK(peak_kib() - before < bound_kib(150L * 1024));
  }
  CHECK_FALSE(refusal(hostile.back()).empty());
}

TEST_CASE("what people attach is not taken for headers") {
  const auto base64 = times(300'000, times(19, "QUJD") + "\r\n");
  const auto file = [&](std::string_view type, std::string_view content) {
    return k_mixed + "--b\r\nContent-Type: text/plain\r\n" + k_body +
           "--b\r\nContent-Type: " + std::string(type) + "\r\n\r\n" + std::string(content) +
           "--b--\r\n";
  };
  const auto log = times(100'000, "jam 12:00:00: hidup\r\n");
  const auto nested = "to:\r\n" + times(1500, "  jam 12:00:00\r\n");
  for (const auto& mail :
       {file("application/pdf; name=\"message digest.pdf\"\r\nContent-Transfer-Encoding: base64",
             base64),
        file("message/rfc822\r\nContent-Transfer-Encoding: base64", base64),
        file("text/plain; charset=utf-8", log), file("text/yaml", nested), k_head + "\r\n" + log}) {
    CHECK(refusal(mail).empty());
  }
}

}  // namespace
}  // namespace kanal::email::test
