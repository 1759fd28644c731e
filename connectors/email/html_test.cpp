#include "connectors/email/html.hpp"

#include <ctime>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/sanitized.hpp"

namespace kanal::email {

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

}  // namespace kanal::email
