#include "connectors/email/flowed.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace kanal::email {

TEST_CASE("a flowed paragraph is one line, and a link in it whole") {
  CHECK(unflow("Jalan rusak \r\ndi depan pasar.\r\nMohon diperbaiki.\r\n", false) ==
        "Jalan rusak di depan pasar.\nMohon diperbaiki.\n");
  CHECK(unflow("Lihat https://peta.contoh/abc \ndef\n", true) ==
        "Lihat https://peta.contoh/abcdef\n");
  CHECK(unflow("", false).empty());
}

TEST_CASE("flowed quotations, signatures and stuffed lines stay what they are") {
  CHECK(unflow("> Sudah \n> selesai?\nBelum \n>> lama\n", false) ==
        "> Sudah selesai?\nBelum \n>> lama\n");
  CHECK(unflow("Jalan rusak. \n-- \nWati\n", false) == "Jalan rusak. \n-- \nWati\n");
  CHECK(unflow(" > 5 meter\n From sini\n", false) == "> 5 meter\nFrom sini\n");
}

}  // namespace kanal::email
