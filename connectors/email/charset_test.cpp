#include "connectors/email/charset.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "core/text.hpp"

namespace kanal::email {

TEST_CASE("a text is read by the charset that it declares") {
  CHECK(decode_charset("Bul\xE9leng", "iso-8859-1") == "Buléleng");
  CHECK(decode_charset("\x93kutip\x94", "ISO-8859-1") == "“kutip”");
  CHECK(decode_charset("Buléleng", "UTF-8") == "Buléleng");
  CHECK(decode_charset("\x1B$B$3$s\x1B(B", "iso-2022-jp") == "こん");
  CHECK(decode_charset("Hi Mom +Jjo-!", "utf-7") == "Hi Mom ☺!");
  CHECK(decode_charset(std::string("j\0a\0l\0a\0n\0", 10), "utf-16le") == "jalan");
  CHECK(decode_charset("\xB0\xA1", "ks_c_5601-1987") == "가");
}

TEST_CASE("a wrong, unknown or missing charset is guessed and never refused") {
  CHECK(decode_charset("Buléleng", "us-ascii") == "Buléleng");
  CHECK(decode_charset("Buléleng", "iso-8859-1") == "Buléleng");
  CHECK(decode_charset("Bul\xE9leng", "utf-8") == "Buléleng");
  CHECK(decode_charset("Bul\xE9leng", "") == "Buléleng");
  for (const std::string name : {"x-tidak-ada", "utf-8//IGNORE", "\"utf-8\"",
                                 "iso-8859-1; format=flowed", "../../etc", "\xFF\xFE"}) {
    INFO(name);
    CHECK(decode_charset("Buléleng", name) == "Buléleng");
  }
  CHECK(decode_charset("Buléleng", std::string(5'000, 'a')) == "Buléleng");
}

TEST_CASE("whatever the bytes and the label, the text is valid and without NUL") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  bytes += bytes;
  for (const std::string name : {"utf-8", "utf-7", "utf-16", "utf-32", "iso-2022-jp", "big5",
                                 "gb2312", "shift_jis", "koi8-r", "windows-1252", "", "x"}) {
    INFO(name);
    const auto text = decode_charset(bytes, name);
    CHECK(is_utf8(text));
    CHECK(text.find('\0') == std::string::npos);
    CHECK_FALSE(text.empty());
  }
}

TEST_CASE("a text that breaks off within a character ends there") {
  CHECK(decode_charset("jalan \xE2\x82", "utf-8").starts_with("jalan "));
  CHECK(decode_charset(std::string("j\0a\0x", 5), "utf-16le").starts_with("ja"));
}

}  // namespace kanal::email
