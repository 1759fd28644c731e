#include "connectors/email/html.hpp"

#include <string>

#include <catch2/catch.hpp>

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

}  // namespace kanal::email
