#include "connectors/twitter/weight.hpp"

#include <catch2/catch.hpp>

#include "core/text.hpp"

namespace kanal::twitter {
namespace {

TEST_CASE("letters of common alphabets weigh one, others two") {
  CHECK(weigh("") == 0);
  CHECK(weigh("Jalan rusak") == 11);
  CHECK(weigh("é") == 1);
  CHECK(weigh("jalan — pasar") == 13);
  CHECK(weigh("“x”") == 3);
  CHECK(weigh("…") == 2);
  CHECK(weigh("ꦱ") == 2);
  CHECK(weigh("道路") == 4);
}

TEST_CASE("a letter written in two parts weighs as the one that it makes") {
  CHECK(weigh("e\u0301") == 1);
}

TEST_CASE("an emoji weighs two, however many parts it is joined from") {
  CHECK(weigh("😷") == 2);
  CHECK(weigh("👨‍👩‍👧‍👦") == 2);
  CHECK(weigh("🙋🏽") == 2);
  CHECK(weigh("🇮🇩") == 2);
  CHECK(weigh("1️⃣") == 2);
  CHECK(weigh("🏴󠁧󠁢󠁥󠁮󠁧󠁿") == 2);
  CHECK(weigh("12") == 2);
}

TEST_CASE("a link weighs twenty-three whatever its length, with and without its scheme") {
  CHECK(weigh("https://lapor.example.go.id/r/1234567890123?a=b&c=d") == 23);
  CHECK(weigh("lapor.go.id") == 23);
  CHECK(weigh("lihat https://a.id/(x) ya") == 6 + 23 + 3);
  CHECK(weigh("Cek: lapor.go.id.") == 5 + 23 + 1);
}

TEST_CASE("a link of a rare top domain weighs no less than X makes of it, and costs as one") {
  CHECK(weigh("https://forms.gle/AbCdEf123456") == 30);
  CHECK(weigh("https://twitter.abb") == 23);
  CHECK(weigh("https://twitter.한국") == 23);
  for (const auto* text : {"https://forms.gle/AbCdEf123456", "isi di forms.gle/AbC",
                           "https://a.bali", "https://twitter.भारत"}) {
    INFO(text);
    CHECK(has_link(text));
  }
  CHECK_FALSE(has_link("https://a.123"));
  CHECK_FALSE(has_link("Jl.Ahmad no.5/7"));
}

TEST_CASE("what only looks like a link weighs as text") {
  CHECK(weigh("selesai.Terima kasih") == 20);
  CHECK(weigh("@kanal.id") == 9);
  CHECK(weigh("warga@example.com") == 17);
  CHECK(weigh("Jl. Ahmad Yani no.5") == 19);
  CHECK_FALSE(has_link("Rusak.Parah di Jl.Ahmad"));
  CHECK(weigh("cek lapor.id ya") == 4 + 23 + 3);
  CHECK_FALSE(has_link("surat ke nama.al+akhir@contoh.com"));
  CHECK_FALSE(has_link("http://nama_kota.com"));
  CHECK(has_link("lihat lapor.go.id"));
}

TEST_CASE("a name that DNS cannot hold once it is in ASCII is text") {
  CHECK(weigh("http://日本語.com") == 23);
  std::string name;
  for (int i = 0; i < 60; ++i) {
    const char letter[] = {'\xe3', '\x81', static_cast<char>(0x81 + i % 60), '\0'};
    name += letter;
  }
  CHECK(weigh("http://" + name + ".com") == 7 + 60 * 2 + 4);
}

TEST_CASE("what is too long is cut at a word and says so") {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "jalan ";
  const auto cut = fit(text);
  CHECK(weigh(cut) <= k_most_weight);
  CHECK(weigh(cut) > k_most_weight - 10);
  CHECK(cut.ends_with("jalan…"));
  CHECK(fit("pendek") == "pendek");
}

TEST_CASE("a cut goes through no emoji, no link and no letter") {
  std::string emoji;
  for (int i = 0; i < 200; ++i) emoji += "👨‍👩‍👧‍👦";
  CHECK(weigh(fit(emoji)) == k_most_weight);
  std::string links;
  for (int i = 0; i < 30; ++i) links += "https://a.id/b ";
  CHECK(fit(links).ends_with("/b…"));
  CHECK(is_utf8(fit(std::string(1000, '\xff'))));
}

}  // namespace
}  // namespace kanal::twitter
