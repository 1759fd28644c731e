#include <algorithm>

#include <catch2/catch.hpp>

#include "router/house_fixture.hpp"

// Who is told that a report is late.
namespace kanal {
namespace {

using namespace testing;

Organisation with_a_supervisor() {
  auto organisation = with_mailboxes();
  for (auto& agency : organisation.agencies) {
    if (agency.id.value() != "buleleng") continue;
    agency.handed_over.by = "email";
    agency.handed_over.channel = ChannelName("mail");
    agency.handed_over.address = "bupati@contoh.go.id";
  }
  return organisation;
}

std::vector<std::string> told_last(House& house, ReportId id) {
  const auto steps = house.report(id).steps;
  std::vector<std::string> addresses;
  for (const auto& mail : house.to_office(id)) {
    if (mail.step == steps) addresses.push_back(mail.address);
  }
  std::ranges::sort(addresses);
  return addresses;
}

TEST_CASE("what is late at a unit is told to it and to the agency above it") {
  House house(with_a_supervisor());
  const auto id = house.handed().id;
  house.clock.advance(std::chrono::days(40));
  REQUIRE(house.casework.run_timers() == 1);
  CHECK(house.report(id).overdue);
  CHECK(told_last(house, id) == std::vector<std::string>{"bupati@contoh.go.id", k_address});
  const auto mails = house.to_office(id);
  const auto above = std::ranges::find_if(mails, [&](const Reply& mail) {
    return mail.address == "bupati@contoh.go.id" && mail.step == house.report(id).steps;
  });
  REQUIRE(above != mails.end());
  CHECK(above->text.find(house.organisation.unit(UnitId("putr"))->name) != std::string::npos);
  // The agency may act on it by answering, as its admin may in the console.
  CHECK(house.answers(*above, "b1", "Sudah kami tambal.", "bupati@contoh.go.id").fate ==
        Fate::office);
  CHECK(house.report(id).state == State::answered);
}

TEST_CASE("a reporter is told that a superior was told only where one was") {
  for (const bool supervised : {true, false}) {
    House house(supervised ? with_a_supervisor() : with_mailboxes());
    const auto id = house.handed().id;
    house.clock.advance(std::chrono::days(40));
    REQUIRE(house.casework.run_timers() == 1);
    const auto told = house.to_people(id).back().text;
    INFO(told);
    CHECK((told.find("atasannya sudah kami beri tahu") != std::string::npos) == supervised);
    CHECK((told.find("ditandai bagi para pengawas") != std::string::npos) != supervised);
  }
}

TEST_CASE("what is late at an agency is told to it once, and an agency in the console by no mail") {
  House house(with_a_supervisor());
  const auto whole = house.take(a_post("m1", "Lampu mati di gang")).report;
  house.act(whole, to_agency());
  house.clock.advance(std::chrono::days(40));
  REQUIRE(house.casework.run_timers() == 1);
  CHECK(told_last(house, whole) == std::vector<std::string>{"bupati@contoh.go.id"});
  House bare;
  const auto id = bare.handed().id;
  bare.clock.advance(std::chrono::days(40));
  REQUIRE(bare.casework.run_timers() == 1);
  CHECK(told_last(bare, id) == std::vector<std::string>{k_address});
}

}  // namespace
}  // namespace kanal
