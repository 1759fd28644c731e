#include <catch2/catch.hpp>

#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;
using std::chrono::hours;

const std::string k_letter = "Mohon segera ditindaklanjuti, foto terlampir. Terima kasih.";

Post letter(const std::string& id, const std::string& subject) {
  auto post = a_post(id, k_letter);
  post.hints.subject = subject;
  return post;
}

Filing filing(Office& office, Post post) {
  return office.take({std::move(post)}).filings.at(0);
}

TEST_CASE("the same words under another subject are another matter") {
  Office office;
  const auto road = filing(office, letter("m1", "Jalan berlubang di Jl. Ahmad Yani"));
  const auto waste = filing(office, letter("m2", "Sampah menumpuk di Pasar Anyar"));
  CHECK(waste.fate == Fate::report);
  const auto again = filing(office, letter("m3", "Re: Jalan berlubang di Jl. Ahmad Yani"));
  CHECK(again.fate == Fate::joined);
  CHECK(again.report == road.report);
  CHECK(office.report(road.report).steps == 1);
}

TEST_CASE("the same words with another picture bring it to the report") {
  Office office;
  const auto first = filing(office, letter("m1", "Jalan berlubang"));
  auto with_picture = letter("m2", "Jalan berlubang");
  Attachment photo;
  photo.name = "foto.jpg";
  photo.type = "image/jpeg";
  photo.bytes = "not really a photo";
  with_picture.attachments.push_back(photo);
  const auto second = filing(office, std::move(with_picture));
  CHECK(second.fate == Fate::joined);
  CHECK(second.report == first.report);
  CHECK(office.report(first.report).steps == 2);
}

TEST_CASE("the same words again are what a report that was held up waits for") {
  Office office;
  const auto first = filing(office, letter("m1", "Jalan berlubang"));
  office.act(first.report, command(Event::hold, national_admin(), "Mohon kirim lagi."));
  CHECK(filing(office, letter("m2", "Jalan berlubang")).report == first.report);
  CHECK(office.report(first.report).state == State::received);
}

TEST_CASE("the same words about a report that was merged go where the work is") {
  Office office;
  const auto child = filing(office, letter("m1", "Jalan berlubang"));
  const auto parent = office.answered("m9");
  auto merge = command(Event::merge, national_admin(), "sama");
  merge.other = parent.id;
  office.act(child.report, merge);
  CHECK(filing(office, letter("m2", "Jalan berlubang")).report == parent.id);
  CHECK(office.report(parent.id).state == State::answered);
}

TEST_CASE("who repeats a report that was merged hides nobody else's") {
  Office office;
  const auto child = filing(office, letter("m1", "Jalan berlubang"));
  const auto parent = office.file("m9", "Ada lubang besar dekat pasar", "budi@example.org");
  auto merge = command(Event::merge, national_admin(), "sama");
  merge.other = parent.id;
  office.act(child.report, merge);
  auto secret = letter("m2", "Jalan berlubang");
  secret.hints.confidential = true;
  CHECK(filing(office, secret).fate == Fate::held);
  CHECK_FALSE(office.report(parent.id).confidential);
}

TEST_CASE("a verdict without a number is about what was answered last") {
  Office office;
  const auto road = office.file("m1", "Jalan berlubang di depan pasar");
  const auto waste = office.file("m2", "Sampah menumpuk di Pasar Anyar");
  const auto light = office.file("m3", "Lampu jalan mati di depan sekolah");
  for (const auto& report : {waste, road}) {
    office.act(report.id, to_agency());
    office.act(report.id, to_unit());
    office.act(report.id, command(Event::answer, liaison(), "Sudah."));
    office.clock.advance(hours(1));
  }
  office.act(light.id, command(Event::hold, national_admin(), "Di sekolah mana?"));
  CHECK(filing(office, a_post("m4", "BELUM")).report == road.id);
  CHECK(office.report(road.id).state == State::in_progress);
  CHECK(office.report(waste.id).state == State::answered);
  CHECK(office.report(light.id).state == State::needs_info);
}

TEST_CASE("what is added to reports floods nobody") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  auto more = a_post("m2", "Lubangnya sekarang lebih dalam lagi");
  more.hints.references = {ExternalId("m1")};
  office.take({more});
  std::vector posts{a_post("m3", "Lampu jalan mati di depan sekolah")};
  CHECK(office.store->gather(office.mail, posts).value().at(0).reports_last_hour == 1);
}

}  // namespace
}  // namespace kanal
