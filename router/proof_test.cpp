#include "router/proof.hpp"

#include <catch2/catch.hpp>

#include "format/picture_fixture.hpp"
#include "router/house_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

Attachment sent(std::string bytes, const std::string& name) {
  Attachment made;
  made.name = name;
  made.type = "application/octet-stream";
  made.bytes = std::move(bytes);
  return made;
}

TEST_CASE("photos that an office sends with its answer are shown, and tell nothing of the phone") {
  House house;
  Scratch scratch;
  const auto report = house.handed();
  auto photo = telling_jpeg(scratch);
  REQUIRE(photo.find("Rahasia") != std::string::npos);
  // Behind the end of a picture nothing is drawn.
  photo += std::string(40'000, 'x');
  auto answer = a_post("k1", "Sudah kami tambal.", std::string(k_address));
  answer.hints.thread_token = house.to_office(report.id).at(0).key;
  answer.attachments = {sent(photo, "sesudah.JPG"), sent(bare_jpeg(), "logo.jpg"),
                        sent(std::string(30'000, 'x'), "winmail.dat"),
                        sent("%PDF-1.7\n" + std::string(30'000, ' ') + "%%EOF\n", "berita.pdf")};
  house.take(answer);
  CHECK(house.report(report.id).state == State::answered);
  const auto line = house.newest(report.id);
  REQUIRE(line.files.size() == 2);
  CHECK(line.files[0].name == "sesudah.jpg");
  CHECK(line.files[0].type == "image/jpeg");
  CHECK(line.files[1].name == "berita.pdf");
  CHECK(content_of(house.store->attachment_file(line.files[0])).find("Rahasia") ==
        std::string::npos);
  CHECK(house.store->verify(report.id));
  const auto claimed = house.store->claim(house.mail, "here", 20, std::chrono::minutes(5)).value();
  const auto told = std::ranges::find_if(claimed, [](const Reply& reply) {
    return !reply.office && reply.reached == State::answered;
  });
  REQUIRE(told != claimed.end());
  REQUIRE(told->attachments.size() == 2);
  CHECK(told->attachments[0].sha256 == line.files[0].sha256);
  const auto posts = house.store->find_posts({}).value();
  const auto mail = std::ranges::find(posts, ExternalId("k1"), &PostRecord::external_id);
  REQUIRE(mail != posts.end());
  REQUIRE(mail->attachments.size() == 4);
  CHECK(content_of(house.store->attachment_file(mail->attachments[0])) == photo);
}

TEST_CASE("an empty file among what an office sends neither counts nor stops its mailbox") {
  House house;
  const auto report = house.handed();
  auto answer = a_post("k1", "Sudah kami tambal.", std::string(k_address));
  answer.hints.thread_token = house.to_office(report.id).at(0).key;
  answer.attachments = {sent("", "kosong.txt"),
                        sent("%PDF-1.7\n" + std::string(30'000, ' ') + "%%EOF\n", "berita.pdf")};
  CHECK(house.take(answer).fate == Fate::office);
  CHECK(house.report(report.id).state == State::answered);
  const auto line = house.newest(report.id);
  REQUIRE(line.files.size() == 1);
  CHECK(line.files[0].name == "berita.pdf");
}

TEST_CASE("what an office sends with a step that says nothing to the reporter stays with it") {
  House house;
  Scratch scratch;
  const auto report = house.handed();
  auto back = a_post("k1", "BUKAN KAMI\nIni jalan provinsi", std::string(k_address));
  back.hints.thread_token = house.to_office(report.id).at(0).key;
  back.attachments = {sent(telling_jpeg(scratch) + std::string(40'000, 'x'), "peta.jpg")};
  house.take(back);
  CHECK(house.report(report.id).state == State::returned);
  CHECK(house.newest(report.id).files.empty());
}

}  // namespace
}  // namespace kanal
