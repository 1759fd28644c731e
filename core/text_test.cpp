#include "core/text.hpp"

#include <catch2/catch.hpp>

#include "core/rfc3339.hpp"
#include "core/tracking_code.hpp"

using namespace kanal;

TEST_CASE("broken UTF-8 is mended and never kept") {
  CHECK(is_utf8("jalan rusak é ꦱ 🙏"));
  for (const std::string_view bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "a\xE2\x82"}) {
    CHECK_FALSE(is_utf8(bad));
    CHECK(is_utf8(scrub_utf8(bad)));
  }
  CHECK(scrub_utf8(std::string_view("a\0b", 3)) ==
        "a\xEF\xBF\xBD"
        "b");
}

TEST_CASE("a broken byte is found wherever it stands") {
  for (std::size_t at = 0; at < 24; ++at) {
    std::string text(24, 'a');
    CHECK(is_utf8(text));
    text[at] = '\xFF';
    CHECK_FALSE(is_utf8(text));
    CHECK(is_utf8(std::string(at, 'a') + "é" + std::string(17, 'b') + "🙏"));
    CHECK_FALSE(is_utf8(std::string(at, 'a') + "é" + std::string(17, 'b') + "\xE2\x82"));
  }
}

TEST_CASE("clipping never cuts a code point") {
  CHECK(clip_utf8("aé", 2) == "a");
  CHECK(clip_utf8("aé", 3) == "aé");
}

TEST_CASE("a time that four digits cannot print in UTC is not read") {
  for (const auto* bad : {"9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01",
                          "0001-01-01T00:00:00+00:01", "0000-06-01T00:00:00Z"}) {
    INFO(bad);
    CHECK_FALSE(parse_rfc3339(bad));
  }
  for (const auto* good : {"9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z"}) {
    CHECK(print_rfc3339(*parse_rfc3339(good)) == good);
  }
}

TEST_CASE("the language of a complaint is guessed from its small words") {
  CHECK(guess_language("Jalan di depan pasar rusak dan belum diperbaiki") == "id");
  CHECK(guess_language("The street light near my house is broken") == "en");
  CHECK(guess_language("12345").empty());
}

TEST_CASE("a tracking code with one wrong digit or a swap is refused") {
  for (const std::uint64_t random : {0ULL, 1ULL, 12345678901ULL, 99999999999ULL, ~0ULL}) {
    const auto code = make_tracking_code(random);
    REQUIRE(parse_tracking_code(code.value()) == code);
    REQUIRE(parse_tracking_code("#" + grouped(code)) == code);
    for (std::size_t i = 0; i < code.value().size(); ++i) {
      auto wrong = code.value();
      wrong[i] = wrong[i] == '9' ? '0' : static_cast<char>(wrong[i] + 1);
      CHECK_FALSE(parse_tracking_code(wrong));
      if (i > 0 && code.value()[i] != code.value()[i - 1]) {
        wrong = code.value();
        std::swap(wrong[i], wrong[i - 1]);
        CHECK_FALSE(parse_tracking_code(wrong));
      }
    }
  }
}

TEST_CASE("a time without a zone or out of the calendar is refused") {
  CHECK(print_rfc3339(*parse_rfc3339("2026-01-02T03:04:05+07:00")) == "2026-01-01T20:04:05Z");
  CHECK(print_rfc3339(*parse_rfc3339("2026-01-02T03:04:05.25Z"), std::chrono::minutes{420}) ==
        "2026-01-02T10:04:05.250000+07:00");
  for (const auto* bad : {"2026-01-02T03:04:05", "2026-02-30T03:04:05Z", "2026-01-02T24:00:00Z",
                          "2026-01-02T03:04:05+7", "", "2026-01-02T03:04:05.Z"}) {
    CHECK_FALSE(parse_rfc3339(bad));
  }
}
