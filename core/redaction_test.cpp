#include <string>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "core/tracking_code.hpp"
#include "core/visibility.hpp"

namespace kanal {
namespace {

TEST_CASE("whatever a text is made of, the public reads no long number and no mail address in it") {
  const bool held =
      rc::check([](const std::string& before, std::uint64_t number, const std::string& after) {
        const auto digits = std::to_string(100'000'000'000ULL + number % 900'000'000'000ULL);
        const auto hidden = redact_personal(before + " " + digits + " a" + digits.substr(0, 3) +
                                            "@example.org " + after);
        RC_ASSERT(hidden.find(digits) == std::string::npos);
        RC_ASSERT(hidden.find("@example.org") == std::string::npos);
        RC_ASSERT(redact_personal(hidden) == hidden);
      });
  CHECK(held);
}

TEST_CASE("short numbers are left alone") {
  CHECK(redact_personal("RT 03 RW 05, 12 meter, 14.30") == "RT 03 RW 05, 12 meter, 14.30");
  CHECK(redact_detail("5.1.1 550 5.1.1 <wati@test.local> unknown") ==
        "5.1.1 550 5.1.1 <█████> unknown");
  CHECK(redact_detail("0812 3456 7890 is no number") == "█████ is no number");
  CHECK(redact_personal("NIK 5108010101900001") == "NIK █████");
  for (const std::string number :
       {"0361) 987654", "0812) 3456 7890", "62 (813) 345 678 90", "0813 - 4567 - 8901",
        "0814/5678/9012", "0816\u20131234\u20135678", "5108_0101_9001_0001",
        "0812\u00a03456\u00a07890", "budi08123456789@example.org", "a0812345678b@example.org"}) {
    CHECK(redact_personal("tel " + number + " x") == "tel █████ x");
  }
  CHECK(redact_personal("12 Mei, 14.30 sampai 15.45") == "12 Mei, 14.30 sampai 15.45");
}

TEST_CASE("sums, dates and report numbers are nobody's") {
  const auto code = make_tracking_code(4711);
  for (const auto& text :
       {std::string("Anggarannya Rp100.000.000 setahun"), std::string("Rp. 1.250.000.000,00"),
        std::string("dikerjakan 12-01-2026 08.30 sampai 3/2/2026 14.00"),
        "digabung dengan #" + code.value() + ".", "lihat #" + grouped(code)}) {
    CHECK(redact_personal(text) == text);
  }
  CHECK(redact_personal("Rp0812 3456 7890") == "Rp█████");
  CHECK(redact_personal("12-01-2026 0812 3456 7890") == "12-01-2026 █████");
  CHECK(redact_personal("08-12-3456789012") == "█████");
  CHECK(redact_personal("+62-21-2034-5678") == "+█████");
  CHECK(redact_personal("08-12-1934-5678") == "█████");
  CHECK(redact_personal("62.21.1990.1234") == "█████");
  CHECK(redact_personal("hrp 628.123.456.789") == "hrp █████");
  CHECK(redact_personal("#081234567890") == "#█████");
}

TEST_CASE(
    "a telephone number is one however its digits are parted, and whichever script has them") {
  for (const std::string number :
       {"0812,3456,7890", "0812:3456:7890", "0812*3456*7890", "0812~3456~7890", "0812|3456|7890",
        "0812 | 3456 | 7890", "0812\u20223456\u20227890", "0812\u00b73456\u00b77890",
        "0812\n3456\n7890", "0812\r\n3456\r\n7890", "0812,3456\n7890", "0812 - -- - 3456 7890",
        "0812......3456......7890", "62812,3456,7890", "0361,123,456",
        "\u0660\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660",
        "\u06f0\u06f8\u06f1\u06f2 \u06f3\u06f4\u06f5\u06f6 \u06f7\u06f8\u06f9\u06f0",
        "\u1b50\u1b58\u1b51\u1b52,\u1b53\u1b54\u1b55\u1b56,\u1b57\u1b58\u1b59\u1b50"}) {
    INFO(number);
    CHECK(redact_personal("tel " + number + " x") == "tel █████ x");
  }
  CHECK(redact_personal("+62,812,3456,7890") == "+█████");
}

TEST_CASE("sums, times, ratios, lists and places are nobody's, however they are parted") {
  for (const std::string text : {"anggaran 1,200,300,400 rupiah",
                                 "USD 1,050,300,400",
                                 "jam 08:30, 09:45, 10:15 dan 12:00",
                                 "08:30:15 10:45:20",
                                 "08:30-09:45|10:15-11:00",
                                 "tahun 2022,2023,2024 dan 2025",
                                 "di -8.11234,115.08890",
                                 "-8.112, 115.088",
                                 "skala 1:100,000",
                                 "0,75 0,80 0,95",
                                 "rute 012, 021, 034, 045",
                                 "15000,20000,25000",
                                 "*123*456*789#",
                                 "2023\n2024\n2025",
                                 "Tiang 012\n013\n014",
                                 "No. meter 0123\n2026-11-27",
                                 "+8.11,+115.0881",
                                 "RT 003\nRW 004\nNo. 12\n80117",
                                 "08:00:27:12:34:56",
                                 "Jln 12 | RT 03 | RW 05 | 80117"}) {
    INFO(text);
    CHECK(redact_personal(text) == text);
  }
  // The next line's own number stays.
  CHECK(redact_personal("telp 0361 987654\n2. Foto") == "telp █████\n2. Foto");
}

TEST_CASE("a mail address is one in quotes, with a blank in it, and with letters of any language") {
  for (const std::string address :
       {"\"budi\"@gmail.com", "\"budi santoso\"@gmail.com", "budi @gmail.com", "budi@ gmail.com",
        "budi @ gmail.com", "nguyễn@gmail.com", "ດາວ@gmail.com", "budi @pemkab.go.id",
        "bud\u00ed@gmail.com", "\u00edbudi@gmail.com", "budi@gm\u00e1il.com", "budi@gmail\u3002com",
        "\"budi\" @gmail.com"}) {
    INFO(address);
    CHECK(redact_personal("surel " + address + " ya") == "surel █████ ya");
  }
  for (const std::string text :
       {"mohon @dinas.pu segera", "lihat @dlh.denpasar", "kata @kanal.id", "rapat @ kantor lurah",
        "harga 5 @ 2.000", "kata \"tolong\" @dinas", "@gmail.com", "\"@gmail.com"}) {
    INFO(text);
    CHECK(redact_personal(text) == text);
  }
}

TEST_CASE("what a far side said keeps its status codes") {
  for (const std::string said :
       {"550 5.1.1 User unknown", "5.1.1 550 5.1.1 User unknown", "smtp; 550-5.7.26 550 5.7.26 no",
        "the mail server said: 452 4.2.2 (4.2.2 full) 250 2.1.5", "(#5.1.1)"}) {
    CHECK(redact_detail(said) == said);
  }
  CHECK(redact_detail("550 5.1.1 +62 812-3456-7890 unknown") == "550 5.1.1 +█████ unknown");
  CHECK(redact_detail("call 5.123.456.789") == "call █████");
}

}  // namespace
}  // namespace kanal
