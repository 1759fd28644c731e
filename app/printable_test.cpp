#include "app/printable.hpp"

#include <catch2/catch.hpp>

namespace kanal::app {
namespace {

TEST_CASE("what strangers wrote steers no terminal") {
  CHECK(printable_line("Jalan rusak di Désa \U0001F573") == "Jalan rusak di Désa \U0001F573");
  CHECK(printable_line("\x1b]0;owned\x07\x1b[2J") == "\\x1B]0;owned\\x07\\x1B[2J");
  CHECK(printable_line("a\nb\tc\x7f") == "a\\x0Ab\\x09c\\x7F");
  CHECK(printable_line("\xc2\x9b"
                       "2J") == "\\x9B2J");
  CHECK(printable_line("\xe2\x80\xae"
                       "gpj.exe\xe2\x81\xa9") == "\\u202Egpj.exe\\u2069");
  CHECK(printable_line("\x9b"
                       "2J") ==
        "\xef\xbf\xbd"
        "2J");
  CHECK(printable_line(std::string_view("a\0b", 3)) ==
        "a\xef\xbf\xbd"
        "b");
}

TEST_CASE("a text keeps its lines") {
  CHECK(printable_text("a\n\tb\r\x1b") == "a\n\tb\\x0D\\x1B");
}

}  // namespace
}  // namespace kanal::app
