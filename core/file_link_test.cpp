#include "core/file_link.hpp"

#include <catch2/catch.hpp>

namespace kanal {
namespace {

TEST_CASE("where a reporter keeps pictures stands on lines that can be left out again") {
  const auto text = "Lampu mati\n\n" + picture_link("https://foto.example/1.jpg") + "\n" +
                    file_link("http://berkas.example/2");
  CHECK(without_file_links(text) == "Lampu mati");
  CHECK(without_file_links(picture_link("https://foto.example/1.jpg")).empty());
  CHECK(without_file_links("Lampu mati\n" + file_link("https://a.example/1") + "\nsejak Senin") ==
        "Lampu mati\nsejak Senin");
}

TEST_CASE("what an author writes of pictures or links stays") {
  for (const auto* const text :
       {"Foto: terlampir\n", "Lihat https://contoh.id/foto", "\n\nBerkas: tidak ada", ""}) {
    CHECK(without_file_links(text) == text);
  }
}

}  // namespace
}  // namespace kanal
