#include "connectors/email/html.hpp"

#include <ctime>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/sanitized.hpp"

namespace kanal::email {

using namespace std::string_literals;

TEST_CASE("a declaration or comment that is never closed hides nothing and ends") {
  for (const std::string open : {"<!", "<?", "<!-", "<!--", "<!-->", "<", "<style>", "<![CDATA["}) {
    INFO(open);
    CHECK(html_to_text("jalan " + open).starts_with("jalan"));
    CHECK(html_to_text("jalan " + open + " rusak").find("rusak") != std::string::npos);
    CHECK(html_to_text(open + open + open).size() < 100);
  }
}

TEST_CASE("a tag that is never closed ends the text") {
  for (const std::string open : {"<p", "<a href=\"", "<img alt='x"}) {
    INFO(open);
    CHECK(html_to_text("jalan " + open).starts_with("jalan"));
  }
}

TEST_CASE("a link names its address unless its words do, and only once") {
  CHECK(html_to_text("<a href='https://contoh.id/x'>foto</a> dan </a> lagi </a>") ==
        "foto (https://contoh.id/x) dan lagi\n");
  CHECK(html_to_text("<a href='https://contoh.id/x'>https://contoh.id/x</a>") ==
        "https://contoh.id/x\n");
}

TEST_CASE("ends of links that never began cost no more than their size") {
  std::string html = "<a href=x>" + std::string(64 << 10, ' ');
  for (int i = 0; i < 500'000; ++i) html += "</a>";
  const auto began = std::clock();
  CHECK(html_to_text(html).empty());
  CHECK(std::clock() - began < k_sanitizer_factor * 10 * CLOCKS_PER_SEC);
}

TEST_CASE("words of a link count without its tags and entities") {
  CHECK(html_to_text("<a href='https://x.id/'><span>https://x.id</span></a>") == "https://x.id\n");
  CHECK(html_to_text("<a href=\"https://x.id/?q=1&amp;z=3\">https://x.id/?q=1&amp;z=3</a>") ==
        "https://x.id/?q=1&z=3\n");
  CHECK(html_to_text("<a href='https://x.id/'><b>peta</b></a>") == "peta (https://x.id/)\n");
}

TEST_CASE("a head that is never closed does not end at a header") {
  CHECK(html_to_text("<html><head><meta charset=utf-8><body><p>Jalan rusak</p><header>x</header>"
                     "<p>Akhir</p></body></html>")
            .starts_with("Jalan rusak"));
  CHECK(html_to_text("<head><title>judul</title></head >isi") == "isi\n");
}

TEST_CASE("a head that is never closed does not end with the head of a mail that is quoted") {
  CHECK(html_to_text("<html><head><meta charset=\"utf-8\">\n<body>\n<p>Jembatan putus.</p>\n"
                     "<p>Diteruskan:</p>\n<div><html><head><style>p{}</style></head><body>"
                     "<p>Kata tetangga saja.</p></body></html></div>\n</body></html>") ==
        "Jembatan putus.\n\nDiteruskan:\n\nKata tetangga saja.\n");
  CHECK(html_to_text("<head><title>judul</title><p>Jembatan putus.</p><div><head></head>") ==
        "Jembatan putus.\n");
  CHECK(html_to_text("<head><xml><w:Zoom>100</w:Zoom></xml></head>isi") == "isi\n");
}

TEST_CASE("white space stays where a style keeps it, and nowhere else") {
  CHECK(html_to_text("<div style=\"color: red; White-Space: pre-wrap\">Satu\n<div>Dua</div>\n\n"
                     "Tiga</div><div>Empat\nlima</div>") == "Satu\nDua\n\nTiga\nEmpat lima\n");
  CHECK(html_to_text("<div style='-webkit-line-break: after-white-space'>a\nb</div>") == "a b\n");
}

TEST_CASE("what has no end keeps no white space behind it") {
  for (const std::string open :
       {"<br style='white-space:pre-wrap'>", "<img src=x style='white-space:pre'>",
        "<hr style='white-space:pre'>"}) {
    INFO(open);
    CHECK(html_to_text(open + "Satu\n dua") == "Satu dua\n");
  }
  for (const std::string next : {"<p>", "<div>", "</div>", "<hr>", "<blockquote></blockquote>"}) {
    INFO(next);
    const auto text =
        html_to_text("<p style='white-space:pre-wrap'>Satu\ndua" + next + "Tiga\nempat");
    CHECK(text.starts_with("Satu\ndua\n"));
    CHECK(text.ends_with("Tiga empat\n"));
  }
}

TEST_CASE("pictures that stand in the HTML are taken out of it") {
  std::string html =
      "<p>a</p><img src=\"data:image/jpeg;base64,/9j/\n4AAQ\"><img "
      "src='data:image/png;name=x;base64,"
      "iVBO'><img src=\"data:image/svg+xml,<svg/>\"><img src='data:image/gif;base64,?!?'>";
  const auto pictures = take_pictures(html);
  REQUIRE(pictures.size() == 2);
  CHECK(pictures[0].type == "image/jpeg");
  CHECK(pictures[0].bytes == "\xFF\xD8\xFF\xE0\x00\x10"s);
  CHECK(pictures[1].type == "image/png");
  CHECK(html.starts_with("<p>a</p><img src=\"\"><img src=''><img src=\"data:image/svg"));
  std::string none = "data:image/";
  CHECK(take_pictures(none).empty());
  CHECK(none == "data:image/");
}

TEST_CASE("heads of pictures without a picture cost no more than their size") {
  std::string html;
  while (html.size() < (4U << 20U)) html += "data:image/a;base64,";
  const auto whole = html;
  const auto began = std::clock();
  CHECK(take_pictures(html).empty());
  CHECK(std::clock() - began < k_sanitizer_factor * 10 * CLOCKS_PER_SEC);
  CHECK(html == whole);
}

}  // namespace kanal::email
