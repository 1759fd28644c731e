#include "format/sms.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/gsm7.hpp"
#include "format/phone_number.hpp"
#include "format/sms_address.hpp"
#include "format/unicode.hpp"

namespace kanal {
namespace {

using gsm7::Language;
using gsm7::Shift;

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string joined(const SmsText& sms) {
  std::string bytes;
  for (const auto& segment : sms.segments) bytes += segment;
  return sms.coding == SmsText::Coding::gsm7 ? gsm7::decode(bytes) : from_utf16be(bytes);
}

rc::Gen<std::string> any_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::uint32_t>>(rc::gen::weightedOneOf<std::uint32_t>(
          {{8, rc::gen::inRange<std::uint32_t>(0x20, 0x7F)},
           {2, rc::gen::elementOf(std::vector<std::uint32_t>{0x20AC, '[', '{', 0xE9, 0x394})},
           {1, rc::gen::inRange<std::uint32_t>(0x80, 0x10FFFF)}})),
      [](const std::vector<std::uint32_t>& points) {
        std::string text;
        for (const auto point : points) append_utf8(text, point);
        return text;
      });
}

TEST_CASE("every septet of every table reads to a character that writes the same septet") {
  for (int locking = 0; locking < 4; ++locking) {
    for (int single = 0; single < 4; ++single) {
      const Shift shift{static_cast<Language>(locking), static_cast<Language>(single)};
      for (int septet = 0; septet < 0x80; ++septet) {
        if (septet == gsm7::k_escape) continue;
        const std::string plain(1, static_cast<char>(septet));
        const auto text = gsm7::decode(plain, shift);
        INFO(locking << ' ' << single << ' ' << septet << ' ' << text);
        REQUIRE(is_utf8(text));
        REQUIRE(gsm7::encode(text, shift));
        // Portuguese has some characters in both tables: the shorter way is taken.
        CHECK(gsm7::decode(*gsm7::encode(text, shift), shift) == text);
        CHECK(gsm7::encode(text, shift)->size() == 1);
      }
    }
  }
}

TEST_CASE("the alphabet is that of TS 23.038") {
  CHECK(gsm7::encode("@£$¥èéùìòÇ")->size() == 10);
  CHECK(to_hex(*gsm7::encode("@$_{}€")) == "0002111b281b291b65");
  CHECK(gsm7::decode(std::string("\x00\x11\x1b\x65\x1b\x3c", 6)) == "@_€[");
  CHECK_FALSE(gsm7::encode("ç"));
  CHECK(to_hex(*gsm7::encode("ç", {Language::none, Language::spanish})) == "1b09");
  CHECK(to_hex(*gsm7::encode("ğİ", {Language::turkish, Language::none})) == "0c40");
  CHECK(to_hex(*gsm7::encode("ãÃ", {Language::portuguese, Language::none})) == "7b5b");
  CHECK(gsm7::decode("\x1b\x61", {Language::none, Language::portuguese}) == "Â");
}

TEST_CASE("an escape to nothing is read as phones do") {
  CHECK(gsm7::decode("a\x1b"
                     "b") == "ab");
  CHECK(gsm7::decode("a\x1b") == "a");
  CHECK(gsm7::decode("a\x1b\x1b") == "a ");
  CHECK(gsm7::decode("a\xff") == "a\xEF\xBF\xBD");
}

TEST_CASE("UTF-16 goes there and back, and bad halves are marked") {
  CHECK(to_hex(to_utf16be("A😀")) == "0041d83dde00");
  CHECK(from_utf16be(std::string("\x00\x41\xd8\x3d\xde\x00", 6)) == "A😀");
  CHECK(from_utf16be("\xd8\x3d") == "\xEF\xBF\xBD");
  CHECK(from_utf16be(std::string("\x00\x41\x00", 3)) == "A\xEF\xBF\xBD");
  CHECK(from_utf16be(std::string(2, '\0')) == "\xEF\xBF\xBD");
  CHECK(from_latin1("caf\xe9 \x80") == "café €");
}

TEST_CASE("one message holds 160 septets or 70 units, a part 153 or 67") {
  CHECK(fit_sms("").segments.size() == 1);
  CHECK(fit_sms(times(160, "a")).segments.size() == 1);
  CHECK(fit_sms(times(161, "a")).segments.size() == 2);
  CHECK(fit_sms(times(306, "a")).segments.size() == 2);
  CHECK(fit_sms(times(307, "a")).segments.size() == 3);
  CHECK(fit_sms(times(80, "€")).segments.size() == 1);
  CHECK(fit_sms(times(80, "€") + "a").segments.size() == 2);
  CHECK(fit_sms(times(70, "ā")).segments.size() == 1);
  CHECK(fit_sms(times(71, "ā")).segments.size() == 2);
  CHECK(fit_sms(times(134, "ā")).segments.size() == 2);
  CHECK(fit_sms(times(135, "ā")).segments.size() == 3);
  CHECK(fit_sms(times(35, "😀")).segments.size() == 1);
  CHECK(fit_sms(times(36, "😀")).segments.size() == 2);
}

TEST_CASE("no part ends within a character") {
  const auto escaped = fit_sms(times(152, "a") + "€" + times(20, "b"));
  REQUIRE(escaped.segments.size() == 2);
  CHECK(escaped.segments[0].size() == 152);
  const auto wide = fit_sms(times(66, "ā") + "😀" + times(20, "b"));
  REQUIRE(wide.segments.size() == 2);
  CHECK(wide.segments[0].size() == 132);
}

TEST_CASE("typographic signs are made plain only where that saves the alphabet") {
  const auto plain = fit_sms("“Jalan – rusak”…");
  CHECK(plain.coding == SmsText::Coding::gsm7);
  CHECK(plain.text == "\"Jalan - rusak\"...");
  const auto kept = fit_sms("“Jalan” 路");
  CHECK(kept.coding == SmsText::Coding::ucs2);
  CHECK(kept.text == "“Jalan” 路");
}

TEST_CASE("whatever is fitted reads as it says it does") {
  CHECK(rc::check([] {
    const auto text = *any_text();
    const auto sms = fit_sms(text);
    RC_ASSERT(joined(sms) == sms.text);
    const auto most = sms.coding == SmsText::Coding::gsm7 ? k_sms_septets : 2 * k_sms_units;
    for (const auto& segment : sms.segments) RC_ASSERT(segment.size() <= most);
    if (sms.coding == SmsText::Coding::ucs2) RC_ASSERT(sms.text == text);
    const auto brief = fit_sms(text, 1);
    RC_ASSERT(brief.segments.size() == 1U);
    if (sms.segments.size() == 1) RC_ASSERT(brief.text == sms.text);
  }));
}

TEST_CASE("a text too long ends in dots and fills what it may") {
  const auto sms = fit_sms(times(400, "a"), 2);
  CHECK(sms.segments.size() == 2);
  CHECK(sms.text.ends_with("a..."));
  CHECK(sms.units == 306);
}

TEST_CASE("a number is the same however it is written") {
  for (const auto* written : {"08123456789", "628123456789", "+628123456789", "00628123456789",
                              "+62 812-3456-789", "0812 3456 789", "8123456789"}) {
    INFO(written);
    CHECK(to_e164(written, "ID").value_or("") == "+628123456789");
  }
  CHECK(to_e164("+14155552671", "ID").value_or("") == "+14155552671");
  CHECK(to_e164("14155552671", "ID").value_or("") == "+14155552671");
}

TEST_CASE("short codes and names are no numbers") {
  for (const auto* written : {"1708", "3346", "TELKOMSEL", "0812ABCDEFG", "", "+", "112", "123456",
                              "0812345678901234567890", "+62", "\xC3\xA9"}) {
    INFO(written);
    CHECK_FALSE(to_e164(written, "ID"));
  }
}

TEST_CASE("a number of no known country is one however it is written, and can be answered") {
  for (const auto* written : {"+999 (812) 345-678", "+999812345678", " +999.812.345.678 "}) {
    INFO(written);
    const auto sender = sms_sender(written, "ID");
    CHECK(sender.is_answerable);
    CHECK(sender.id == "+999812345678");
  }
}

TEST_CASE("a text that is sent as UCS-2 although it need not be keeps to its segments") {
  const std::string text(450, 'a');
  CHECK(fit_sms(text, 3).segments.size() == 3);
  CHECK(wide_segments(text).size() > 3);
  const auto wide = wide_segments(text, 3);
  CHECK(wide.size() == 3);
  CHECK(from_utf16be(wide.back()).ends_with("..."));
  CHECK(wide_segments("pendek", 3) == wide_segments("pendek"));
}

}  // namespace
}  // namespace kanal
