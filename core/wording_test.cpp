#include "core/wording.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

namespace kanal {
namespace {

const WordingValues k_values{{"code", "123456789012"},
                             {"url", "https://lapor.example/r/12"},
                             {"institution", "Dinas Pekerjaan Umum"},
                             {"deadline", "13 Jan 2026"},
                             {"words", "lokasi"},
                             {"other", "210987654321"},
                             {"state", "menunggu"},
                             {"days", "60"},
                             {"reopen", "123456789012"},
                             {"reopen_by", "5 Feb 2026"},
                             {"closed_since", "5 Feb 2026"},
                             {"escalated", "we have told their superior"}};

constexpr auto k_last = Wording::asked;

bool is_about_a_report(Wording wording) {
  return wording != Wording::help && wording != Wording::stopped && wording != Wording::resumed &&
         wording != Wording::unknown;
}

TEST_CASE("every wording has a text in both languages and lengths") {
  for (int index = 1; index <= static_cast<int>(k_last); ++index) {
    for (const auto* language : {"id", "en"}) {
      for (const auto length : {Length::brief, Length::medium, Length::full}) {
        const auto worded = word(static_cast<Wording>(index), language, length, k_values, {});
        INFO(index << " " << language << " " << name(length) << ": " << worded.text);
        CHECK_FALSE(worded.subject.empty());
        const bool about_report = is_about_a_report(static_cast<Wording>(index));
        CHECK(worded.text.find(about_report ? "1234567890" : "Dinas") != std::string::npos);
        CHECK(worded.text.find_first_of("{}[]|") == std::string::npos);
        if (length == Length::brief) CHECK(worded.text.size() <= 160);
      }
    }
  }
}

// 3GPP TS 23.038 §6.2.1: what one septet holds of what our words are made of; "[]{}^~|\\€" take
// two.
std::size_t septets(std::string_view text) {
  constexpr std::string_view k_basic =
      "@$\n\r_ !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ"
      "abcdefghijklmnopqrstuvwxyz";
  std::size_t count = 0;
  for (const char c : text) {
    INFO(text << " has " << c);
    CHECK(k_basic.find(c) != std::string_view::npos);
    ++count;
  }
  return count;
}

TEST_CASE("a short wording fits one SMS while its values keep their bounds") {
  // 24 characters of an institution (config/organisation.hpp); a link of https:// and a name of 21
  // characters, "/r/" and the number; what officers ask for in one short sentence.
  const WordingValues widest{{"code", "123456789012"},
                             {"url", "https://lapor.buleleng.go.id/r/123456789012"},
                             {"institution", "Dinas Pekerjaan Umum TR."},
                             {"deadline", "30 Sep 2026"},
                             {"words", "nama jalan dan nomor tiang lampu"},
                             {"other", "210987654321"},
                             {"state", "dialihkan ke instansi yang tepat"},
                             {"days", "60"},
                             {"reopen", "123456789012"},
                             {"reopen_by", "30 Sep 2026"},
                             {"closed_since", "30 Sep"},
                             {"escalated", "it is marked so for the supervisors"}};
  CHECK(widest.at("institution").size() == 24);
  for (int index = 1; index <= static_cast<int>(k_last); ++index) {
    for (const auto* language : {"id", "en"}) {
      auto values = widest;
      // What an office answers goes on in further parts.
      if (static_cast<Wording>(index) == Wording::answered) values.erase("words");
      const auto text = word(static_cast<Wording>(index), language, Length::brief, values, {}).text;
      INFO(name(static_cast<Wording>(index))
           << " " << language << " " << text.size() << ": " << text);
      CHECK(septets(text) <= 160);
    }
  }
}

TEST_CASE("a short message tells an office's answer where only its end can be cut") {
  for (const auto* language : {"id", "en"}) {
    const WordingValues values{{"code", "7"},
                               {"url", "https://a.test/r/7"},
                               {"institution", "PUTR"},
                               {"answer", "Lubang sudah ditambal."}};
    const auto text = word(Wording::answered, language, Length::brief, values, {}).text;
    INFO(text);
    CHECK(text.ends_with("\nLubang sudah ditambal."));
    CHECK(text.find("https://a.test/r/7. ") != std::string::npos);
  }
}

TEST_CASE("the wordings end where these tests end") {
  CHECK(name(k_last) == "asked");
  CHECK(word(static_cast<Wording>(static_cast<int>(k_last) + 1), "id", Length::full, {}, {})
            .text.empty());
}

TEST_CASE("an override of a channel goes before that of all, and one of a length before none") {
  const std::map<std::string, std::string> overrides{{"received.id", "semua"},
                                                     {"received.id.short", "pendek"},
                                                     {"received.id@surat", "surat"},
                                                     {"received.id.short@sms", "sms pendek"}};
  const auto said = [&](Length length, std::string_view channel, std::string_view language = "id") {
    return word(Wording::received, language, length, k_values, overrides, channel).text;
  };
  CHECK(said(Length::full, "x") == "semua");
  CHECK(said(Length::brief, "x") == "pendek");
  CHECK(said(Length::full, "surat") == "surat");
  CHECK(said(Length::brief, "surat") == "surat");
  CHECK(said(Length::brief, "sms") == "sms pendek");
  CHECK(said(Length::full, "sms") == "semua");
  CHECK(said(Length::full, "surat", "en").starts_with("Thank you."));
}

TEST_CASE("an override that asks for what no reply has is told") {
  CHECK(unknown_value("#{code}[: {answer|words}] {institution} {state}{days}").empty());
  const auto said = unknown_value("Laporan {kode} diterima");
  CHECK(said.find("no reply has a value {kode}") != std::string::npos);
  CHECK(said.find("{code}") != std::string::npos);
  CHECK(unknown_value("[{words|alasan}]").find("{alasan}") != std::string::npos);
  CHECK(unknown_value("no {end").empty());
}

TEST_CASE("what has no value leaves no trace") {
  const auto worded =
      word(Wording::agency, "id", Length::brief, {{"code", "1"}, {"institution", "PUPR"}}, {});
  CHECK(worded.text == "#1 terverifikasi, diteruskan ke PUPR.");
}

TEST_CASE("a value is never read as a template") {
  const auto worded = word(Wording::hold, "en", Length::brief,
                           {{"code", "1"}, {"words", "{url}[x]"}, {"url", "U"}}, {});
  CHECK(worded.text.find("{url}[x]") != std::string::npos);
}

TEST_CASE("the organisation's own words replace ours") {
  const auto worded = word(Wording::received, "id", Length::brief, {{"code", "7"}},
                           {{"received.id.short", "Diterima {code}"}});
  CHECK(worded.text == "Diterima 7");
}

}  // namespace
}  // namespace kanal
