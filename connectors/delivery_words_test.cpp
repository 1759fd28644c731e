#include "connectors/delivery_words.hpp"

#include <catch2/catch.hpp>

namespace kanal {
namespace {

TEST_CASE("a report of delivery is told in words, whatever the network calls it") {
  const auto failed = [](std::string_view state) {
    return told_of_delivery(Signal::Kind::failed, state);
  };
  CHECK(failed("2") == "the message could not be delivered");
  CHECK(failed("16") == "the message was refused on its way");
  CHECK(failed("UNDELIV") == "the message could not be delivered (UNDELIV)");
  CHECK(failed("undelivered 30003") == "the message could not be delivered (undelivered 30003)");
  CHECK(failed("REJECTD") == "the message was refused on its way (REJECTD)");
  CHECK(failed("EXPIRED") == "the message found nobody until it expired (EXPIRED)");
  CHECK(told_of_delivery(Signal::Kind::delayed, "UNKNOWN") ==
        "the message is still on its way (UNKNOWN)");
}

TEST_CASE("of what was delivered nothing more is told") {
  for (const auto* const state : {"1", "DELIVRD", "delivered", ""}) {
    CHECK(told_of_delivery(Signal::Kind::delivered, state).empty());
  }
}

}  // namespace
}  // namespace kanal
