#include "web/open311/show.hpp"

#include <array>

#include <catch2/catch.hpp>

namespace kanal::open311 {
namespace {

TEST_CASE("the picture that an office puts to its answer stands with that update") {
  View seen;
  seen.code = TrackingCode("123456789016");
  Entry line;
  line.step = 4;
  line.event = Event::answer;
  line.from = State::at_unit;
  line.to = State::answered;
  line.words = "Sudah kami ganti.";
  Attachment letter;
  letter.name = "surat.pdf";
  letter.type = "application/pdf";
  Attachment picture;
  picture.name = "sesudah.png";
  picture.type = "image/png";
  line.files = {letter, picture};
  seen.history = {line};
  const std::array views{seen};
  const auto updates = updates_of(views, line.at, line.at + std::chrono::seconds(1));
  REQUIRE(updates.size() == 1);
  const Organisation organisation;
  Frame frame{organisation, Markup::json, "id", false, "https://kanal.example"};
  const std::string link = "/r/123456789016/files/4/1\"";
  CHECK(updates_document(frame, updates).find("\"https://kanal.example" + link) !=
        std::string::npos);
  frame.public_url = {};
  CHECK(updates_document(frame, updates).find(link) == std::string::npos);
}

}  // namespace
}  // namespace kanal::open311
