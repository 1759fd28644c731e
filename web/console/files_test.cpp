#include "router/files.hpp"

#include <algorithm>

#include "format/picture_fixture.hpp"
#include "web/console/console_fixture.hpp"

namespace kanal::testing {
namespace {

/// A report at the unit that is to answer, and an officer of the unit.
struct ConsoleFilesWorld : ConsoleWorld {
  Scratch spool;
  ReportId report = file(post("m1", "Jalan berlubang"));
  std::string cookie;

  ConsoleFilesWorld() {
    hire("putr", Role::liaison, "buleleng", "putr");
    assign(report, "buleleng", "putr");
    cookie = sign_in("putr");
  }

  FormPart chosen(std::string_view bytes, const std::string& name) {
    FormPart part;
    part.name = "files";
    part.file_name = name;
    part.type = "image/jpeg";
    part.file = spool.file(bytes);
    part.size_bytes = bytes.size();
    return part;
  }
  Response says(const std::string& event, const std::string& words,
                const std::vector<FormPart>& files) {
    return send(page_of(report) + "/act/" + event, cookie,
                {{"words", words}, {"expected_steps", std::to_string(read(report).steps)}}, files);
  }
  std::string answered_with_photo() {
    const auto sent =
        says("answer", "Sudah ditambal.", {chosen(telling_jpeg(spool), "sesudah.jpg")});
    REQUIRE(sent.status == 303);
    return page_of(report) + "/history/" + std::to_string(read(report).steps) + "/0";
  }
};

TEST_CASE("an officer answers with a photo, and the report's page shows it") {
  ConsoleFilesWorld world;
  const auto address = world.answered_with_photo();
  const auto page = world.get(world.page_of(world.report), world.cookie);
  CHECK(says(page, "<img src=\"" + address + "\" alt=\"sesudah.jpg\""));
  const auto shown = world.get(address, world.cookie);
  CHECK(shown.status == 200);
  CHECK(ConsoleWorld::header(shown, "Content-Type") == "image/jpeg");
  CHECK(ConsoleWorld::header(shown, "X-Content-Type-Options") == "nosniff");
  CHECK(content_of(shown.file).starts_with("\xFF\xD8"));
  CHECK(content_of(shown.file).find("Rahasia") == std::string::npos);
}

TEST_CASE("a photo stands where it came, and at no other line of the history") {
  ConsoleFilesWorld world;
  auto with_photo = world.post("m2", "Lampu mati");
  with_photo.attachments.push_back({"lampu.jpg", "image/jpeg", bare_jpeg(), {}, 0, {}});
  const auto report = world.file(with_photo);
  world.assign(report, "buleleng", "putr");
  const auto page = world.get(world.page_of(report), world.cookie).body;
  const std::string_view picture = "alt=\"lampu.jpg\"";
  CHECK(page.find(picture) != std::string::npos);
  CHECK(page.find(picture) == page.rfind(picture));
}

TEST_CASE("a document is given to be saved under a name that fits it") {
  ConsoleFilesWorld world;
  REQUIRE(world.says("interim", "Terlampir.", {world.chosen("%PDF-1.7\n%%EOF\n", "surat.html")})
              .status == 303);
  const auto address =
      world.page_of(world.report) + "/history/" + std::to_string(world.read(world.report).steps);
  CHECK(says(world.get(world.page_of(world.report), world.cookie), address + "/0\">surat.pdf</a>"));
  const auto given = world.get(address + "/0", world.cookie);
  CHECK(ConsoleWorld::header(given, "Content-Type") == "application/octet-stream");
  CHECK(ConsoleWorld::header(given, "Content-Disposition").starts_with("attachment;"));
  CHECK(world.get(address + "/1", world.cookie).status == 404);
}

TEST_CASE("who may not see the report or its words does not get its files") {
  ConsoleFilesWorld world;
  world.hire("dlh", Role::liaison, "buleleng", "dlh");
  world.hire("pemantau", Role::monitor);
  const auto address = world.answered_with_photo();
  CHECK(world.get(address, world.sign_in("dlh")).status == 404);
  CHECK(world.get(address).status == 303);
  const auto monitor = world.sign_in("pemantau");
  CHECK(world.get(address, monitor).status == 200);
  Command hide;
  hide.event = Event::correct;
  hide.actor.role = Role::national_admin;
  hide.confidential = true;
  world.act(world.report, hide);
  CHECK(world.get(address, monitor).status == 404);
  CHECK(world.get(address, world.cookie).status == 200);
}

TEST_CASE("after a file that cannot be taken the words are there, and the files to choose again") {
  ConsoleFilesWorld world;
  const auto before = world.read(world.report).steps;
  const auto refused = world.says(
      "answer", "Sudah ditambal.",
      {world.chosen(bare_jpeg(), "a.jpg"), world.chosen("<script>alert(1)</script>", "b.jpg")});
  CHECK(refused.status == 409);
  CHECK(says(refused, "Sudah ditambal.</textarea>"));
  CHECK(says(refused, "Pilih lagi berkasnya."));
  CHECK(says(refused, "b.jpg&quot;: Berkasnya tidak dapat diterima."));
  CHECK(world.read(world.report).steps == before);
  const auto wordless = world.says("answer", "", {world.chosen(bare_jpeg(), "a.jpg")});
  CHECK(wordless.status == 422);
  CHECK(says(wordless, "Pilih lagi berkasnya."));
  CHECK_FALSE(says(world.get(world.page_of(world.report), world.cookie), "Pilih lagi berkasnya."));
}

TEST_CASE("a part without a file, as browsers send it, is no file") {
  ConsoleFilesWorld world;
  FormPart nothing;
  nothing.name = "files";
  nothing.file = world.spool.file("");
  CHECK(world.says("answer", "Sudah ditambal.", {nothing}).status == 303);
  CHECK(world.store->history(world.report).value().back().files.empty());
}

TEST_CASE("files can be chosen where the reporter is told something, and nowhere else") {
  ConsoleFilesWorld world;
  const auto page = world.get(world.page_of(world.report), world.cookie).body;
  for (const auto* event : {"answer", "interim"}) {
    CHECK(page.find("id=\"files-" + std::string(event) + "\"") != std::string::npos);
  }
  CHECK(page.find("id=\"files-note\"") == std::string::npos);
  CHECK(page.find("id=\"files-give_back\"") == std::string::npos);
  const auto forms = ConsoleWorld::between(page, "act/note\"", ">");
  CHECK(forms.find("multipart") == std::string::npos);
  CHECK(world.says("note", "Catatan", {world.chosen(bare_jpeg(), "a.jpg")}).status == 409);
}

TEST_CASE("without the form's token no file is taken") {
  ConsoleFilesWorld world;
  const auto refused =
      world.ask("POST", world.page_of(world.report) + "/act/answer", world.cookie,
                {{"words", "Sudah."},
                 {"expected_steps", std::to_string(world.read(world.report).steps)},
                 {"csrf", "x"}},
                {}, {world.chosen(bare_jpeg(), "a.jpg")});
  CHECK(refused.status == 403);
  CHECK(world.database.ask("SELECT count(*) FROM entry_file") == "0");
}

}  // namespace
}  // namespace kanal::testing
