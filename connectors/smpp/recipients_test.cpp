#include "connectors/smpp/recipients.hpp"

#include <catch2/catch.hpp>

namespace kanal::smpp::test {
namespace {

TEST_CASE("an id that is given twice is known for as long as the later of its messages") {
  Recipients recipients;
  const auto remember = [&](int first, int last) {
    for (int id = first; id <= last; ++id) {
      recipients.remember(ExternalId(std::to_string(id)), "+6281");
    }
  };
  recipients.remember(ExternalId("twice"), "+628123456789");
  remember(1, 19'999);
  recipients.remember(ExternalId("twice"), "+628555555555");
  const auto* found = recipients.find(ExternalId("twice"));
  REQUIRE(found != nullptr);
  CHECK(*found == "+628555555555");
  remember(20'000, 39'998);
  CHECK(recipients.find(ExternalId("twice")) != nullptr);
  CHECK(recipients.find(ExternalId("19999")) == nullptr);
  remember(39'999, 39'999);
  CHECK(recipients.find(ExternalId("twice")) == nullptr);
}

}  // namespace
}  // namespace kanal::smpp::test
