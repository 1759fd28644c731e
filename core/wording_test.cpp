#include "core/wording.hpp"

#include <catch2/catch.hpp>

namespace kanal {
namespace {

const WordingValues k_values{{"code", "123456789012"},
                             {"url", "https://lapor.example/r/12"},
                             {"institution", "Dinas Pekerjaan Umum"},
                             {"deadline", "13 Jan 2026"},
                             {"words", "lokasi"},
                             {"other", "210987654321"}};

TEST_CASE("every wording has a text in both languages and lengths") {
  for (int index = 1; index <= static_cast<int>(Wording::interim); ++index) {
    for (const auto* language : {"id", "en"}) {
      for (const auto* length : {"short", "medium", "long"}) {
        const auto worded = word(static_cast<Wording>(index), language, length, k_values, {});
        INFO(index << " " << language << " " << length << ": " << worded.text);
        CHECK_FALSE(worded.subject.empty());
        CHECK(worded.text.find("1234567890") != std::string::npos);
        CHECK(worded.text.find_first_of("{}[]|") == std::string::npos);
        if (length == std::string("short")) CHECK(worded.text.size() <= 160);
      }
    }
  }
}

TEST_CASE("what has no value leaves no trace") {
  const auto worded =
      word(Wording::agency, "id", "short", {{"code", "1"}, {"institution", "PUPR"}}, {});
  CHECK(worded.text == "#1 terverifikasi, diteruskan ke PUPR.");
}

TEST_CASE("a value is never read as a template") {
  const auto worded =
      word(Wording::hold, "en", "short", {{"code", "1"}, {"words", "{url}[x]"}, {"url", "U"}}, {});
  CHECK(worded.text.find("{url}[x]") != std::string::npos);
}

TEST_CASE("the organisation's own words replace ours") {
  const auto worded = word(Wording::received, "id", "short", {{"code", "7"}},
                           {{"received.id.short", "Diterima {code}"}});
  CHECK(worded.text == "Diterima 7");
}

}  // namespace
}  // namespace kanal
