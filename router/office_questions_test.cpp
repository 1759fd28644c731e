#include <catch2/catch.hpp>

#include "core/visibility.hpp"
#include "router/house_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

TEST_CASE("a unit's question is for the reporter alone, and the answer comes back to it") {
  House house;
  const auto report = house.handed();
  const auto people = house.to_people(report.id).size();
  house.answers(house.to_office(report.id).at(0), "p1", "TANYA\nSebelah mana pasarnya?");
  const auto line = house.newest(report.id);
  CHECK(line.event == Event::interim);
  CHECK(line.audience == Audience::reporter);
  CHECK(house.report(report.id).state == State::at_unit);
  REQUIRE(house.to_people(report.id).size() == people + 1);
  CHECK(house.to_people(report.id).back().text.find("Sebelah mana pasarnya?") != std::string::npos);
  const auto lines = house.store->history(report.id).value();
  const auto seen = view(house.report(report.id), lines, Viewer::anyone(), Output::page);
  for (const auto& each : seen.history) CHECK(each.words.find("pasarnya") == std::string::npos);
  auto more = a_post("m2", "Sebelah timur.");
  more.hints.thread_token = std::to_string(report.id.value());
  house.take(more);
  CHECK(house.to_office(report.id).back().text.find("Sebelah timur.") != std::string::npos);
}

/// Takes texts of the reporter's, who knows no threads.
auto by_phone(House& house) {
  return [&house](const std::string& id, const std::string& text) {
    auto post = a_post(id, text);
    post.hints.threadless = true;
    return house.take(std::move(post));
  };
}

TEST_CASE("a unit's question is answered without a number where messages have no threads") {
  House house;
  const auto report = house.handed();
  const auto say = by_phone(house);
  CHECK(say("m2", "Lampu jalan padam di pasar").fate == Fate::report);
  house.answers(house.to_office(report.id).at(0), "p1", "TANYA\nSebelah mana pasarnya?");
  const auto answer = say("m3", "Depan warung Bu Sri");
  CHECK(answer.fate == Fate::joined);
  CHECK(answer.report == report.id);
  CHECK(house.to_office(report.id).back().text.find("Depan warung") != std::string::npos);
  CHECK(say("m4", "Pohon tumbang di jalan Melati").fate == Fate::report);
}

TEST_CASE("a unit's question that was overtaken takes no complaint") {
  for (const bool answered : {false, true}) {
    House house;
    const auto report = house.handed();
    const auto say = by_phone(house);
    const auto mail = house.to_office(report.id).at(0);
    house.answers(mail, "p1", "TANYA\nSebelah mana pasarnya?");
    if (answered) {
      house.answers(mail, "p2", "Sudah kami tambal kemarin.");
      CHECK(say("m2", "BELUM").report == report.id);
    } else {
      house.clock.advance(std::chrono::days(100));
    }
    CHECK(say("m3", "Sampah menumpuk di Jalan Gajah Mada").fate == Fate::report);
  }
}

}  // namespace
}  // namespace kanal
