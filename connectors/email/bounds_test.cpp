#include "connectors/email/bounds.hpp"

#include <ctime>
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
      k_head + "Content-Type: =?utf-8?q?=6Dessage/rfc822?=\r\n\r\n" + times(k_count, "X:y\r\n"),
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
      k_head + "Content-Type: multipart/digest (x); boundary=ZZ\r\n\r\n--ZZ\r\n\r\n" +
          times(k_count, "X:y\r\n"),
      k_head + "Content-Type: (;)multipart/mixed; boundary==?utf-8?q?ZZ?=\r\n\r\n--ZZ\r\n" +
          times(k_count, "X:y\r\n"),
      k_head + "Content-Type: (;)multipart/mixed; =?utf-8?q?boundary=3DZZ?=\r\n\r\n--ZZ\r\n" +
          times(k_count, "X:y\r\n"),
      k_head + "Content-Type: multipart/(;)digest; boundary=ZZ\r\n\r\n--ZZ\r\n\r\n" +
          times(k_count, "X:y\r\n"),
      k_head + "Content-Type: multipart/" + std::string(1100, ' ') +
          "digest; boundary=ZZ\r\n\r\n--ZZ\r\n\r\n" + times(k_count, "X:y\r\n"),
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

TEST_CASE("a type is searched for boundaries once, however many lines may part the mail") {
  const auto names = times(109, "boundary=");
  const auto began = std::clock();
  (void)refusal(k_head + "Content-Type: " + names + "\r\n " + names + "\r\n" +
                times(29'000, "--\n"));
  CHECK(std::clock() - began < k_sanitizer_factor * CLOCKS_PER_SEC);
}

TEST_CASE("a boundary is known however it is declared") {
  const auto hostile = "--ZZ\r\n" + times(31'000, "X:y\r\n") + k_body + "--ZZ--\r\n";
  for (const auto* declared : {"boundary=ZZ",
                               "boundary=\"ZZ\"",
                               "BOUNDARY = ZZ",
                               "boundary=\r\n \"ZZ\"",
                               "\r\n\tboundary=\"ZZ\"",
                               "charset=x; boundary=Z; boundary=ZZ",
                               "boundary=\"Z\\Z\"",
                               "boundary=(a)ZZ",
                               "boundary(a)=ZZ",
                               "boundary\r\n =ZZ",
                               "boundary*=utf-8''ZZ",
                               "boundary*0=Z; boundary*1=Z",
                               "boundary *0*=utf-8''Z; boundary*1=Z",
                               "boundary=\"=?utf-8?q?ZZ?=\"",
                               "=?utf-8?q?b=6Fundary=3DZZ?=",
                               "boundary=\"ZZ",
                               "boundary=\vZZ",
                               "boundary=\"",
                               "boundary=\r\n--x: y\r\n ZZ",
                               "boundary=\r\nx\r\n ZZ"}) {
    INFO(declared);
    const auto head = "Content-Type: multipart/mixed; " + std::string(declared) + "\r\n\r\n";
    CHECK_FALSE(refusal(k_head + head + hostile).empty());
    CHECK_FALSE(refusal(k_mixed + "--b\r\n" + head + hostile).empty());
    CHECK_FALSE(
        refusal(k_mixed + "--b\r\nContent-Type: message/rfc822\r\n\r\n" + k_head + head + hostile)
            .empty());
  }
  std::string many;
  for (int i = 0; i < 60; ++i) {
    many += "Content-Type: text/plain; boundary=Y" + std::to_string(i) + "Y\r\n";
  }
  many += "Content-Type: multipart/mixed; boundary=ZZ\r\n\r\n";
  CHECK_FALSE(refusal(k_head + many + hostile).empty());
}

TEST_CASE("a line that begins like a boundary and is none begins no headers") {
  const auto type = [](std::string_view more) { return "Content-Type: text/" + std::string(more); };
  const auto page =
      "<style><!--\r\n.a { margin: 0 }\r\n--></style>\r\n<img "
      "src=3D\"data:image/jpeg;base64,=\r\n" +
      times(30'000, times(19, "QUJD") + "=\r\n") + "\">\r\n";
  const auto coded = type("html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n") + page;
  const auto log = "--------------------------\r\n" + times(30'005, "12:00:01 err\r\n");
  const auto mixed = k_head +
                     "Content-Type: multipart/mixed;\r\n boundary=\"----=_boundary_1\"\r\n\r\n"
                     "------=_boundary_1\r\n";
  for (const auto& mail : {k_head + coded, k_head + type("plain\r\n\r\n") + log,
                           k_head + "\r\n" + log, mixed + coded + "------=_boundary_1--\r\n",
                           mixed + type("plain; name=\"=?utf-8?q?a?=\"\r\n\r\n") + log}) {
    CHECK(refusal(mail).empty());
  }
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
