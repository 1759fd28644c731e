#include "router/files.hpp"

#include <filesystem>
#include <future>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "format/picture_fixture.hpp"
#include "router/house_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;
using namespace std::chrono_literals;

constexpr std::string_view k_document = "%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n";

/// Files as an upload leaves them in the spool.
struct Spool : Scratch {
  Attachment put(std::string_view bytes, const std::string& name = "bukti.jpg") {
    Attachment made;
    made.name = name;
    made.file = file(bytes);
    made.size_bytes = bytes.size();
    return made;
  }
};

Command answer(std::vector<Attachment> files) {
  auto made = command(Event::answer, liaison(), "Sudah kami tambal.");
  made.files = std::move(files);
  return made;
}

/// At the unit that is to answer.
Report at_unit(Office& office) {
  const auto made = office.file("m1", "Jalan berlubang di depan pasar");
  office.act(made.id, to_agency());
  return office.act(made.id, to_unit());
}

std::string kept(const Office& office, const Attachment& file) {
  return content_of(office.store->attachment_file(file));
}

TEST_CASE("an officer's answer comes with its files, and they tell nothing of the phone") {
  Office office;
  Spool spool;
  const auto report = at_unit(office);
  const auto photo = telling_jpeg(spool);
  REQUIRE(photo.find("Rahasia") != std::string::npos);
  office.act(report.id, answer({spool.put(photo, "C:\\foto\\sesudah.exe"),
                                spool.put(k_document, "berita acara.pdf")}));
  const auto line = office.store->history(report.id).value().back();
  REQUIRE(line.files.size() == 2);
  CHECK(line.files[0].name == "sesudah.jpg");
  CHECK(line.files[0].type == "image/jpeg");
  CHECK(line.files[1].name == "berita acara.pdf");
  CHECK(line.files[1].type == "application/pdf");
  const auto bytes = kept(office, line.files[0]);
  CHECK(bytes.find("Rahasia") == std::string::npos);
  CHECK(bytes.find("GPS") == std::string::npos);
  CHECK(bytes.size() == line.files[0].size_bytes);
  CHECK(office.store->verify(report.id));
}

TEST_CASE("files go with what the reporter is told, and with nothing else") {
  Office office;
  Spool spool;
  const auto report = at_unit(office);
  for (const auto event : {Event::note, Event::accept, Event::give_back}) {
    auto act = command(event, liaison(), "Kata");
    act.files = {spool.put(bare_jpeg())};
    CHECK(office.refusal(report.id, act).find("Files go only with") == 0);
  }
  auto news = command(Event::interim, liaison(), "Sedang dikerjakan.");
  news.files = {spool.put(bare_jpeg())};
  CHECK(office.act(report.id, news).state == State::at_unit);
  auto flood = command(Event::note, national_admin(), "Kata");
  flood.files = {spool.put(bare_jpeg())};
  CHECK_FALSE(office.casework.act_on_all(std::array{Sighting{report.code, report.steps}}, flood));
  CHECK(office.report(report.id).steps == report.steps + 1);
}

TEST_CASE("files are bounded in number and size, and an act with one too many does not happen") {
  Office office;
  Spool spool;
  const auto report = at_unit(office);
  const std::vector<Attachment> five(5, spool.put(bare_jpeg()));
  CHECK(office.refusal(report.id, answer(five)) == "Four files at most.");
  auto big = spool.put(bare_jpeg());
  big.size_bytes = k_most_line_file_bytes + 1;
  CHECK(office.refusal(report.id, answer({big})) ==
        "\"bukti.jpg\": The file is larger than 10 MB.");
  CHECK(office.refusal(report.id, answer({spool.put("")})) == "\"bukti.jpg\": The file is empty.");
  CHECK(office.report(report.id).steps == report.steps);
}

TEST_CASE("a file is what its content shows, and one that is nothing known stops the act") {
  Office office;
  Spool spool;
  const auto report = at_unit(office);
  const auto refused = office.refusal(
      report.id, answer({spool.put(bare_jpeg()), spool.put("<script>alert(1)</script>", "b.jpg")}));
  CHECK(refused.starts_with("\"b.jpg\": The file cannot be taken."));
  CHECK(office.report(report.id).steps == report.steps);
  CHECK(office.database.ask("SELECT count(*) FROM entry_file") == "0");
}

TEST_CASE("acts that race for the same step all come through with their files") {
  Office office;
  Spool spool;
  const auto report = at_unit(office);
  constexpr int k_racers = 6;
  std::vector<std::future<bool>> racers;
  for (int i = 0; i < k_racers; ++i) {
    auto news = command(Event::interim, liaison(), "Kabar " + std::to_string(i));
    news.files = {spool.put(std::string(k_document) + std::to_string(i), "kabar.pdf")};
    racers.push_back(std::async(std::launch::async, [&office, &report, news] {
      return office.casework.act(report.id, news).has_value();
    }));
  }
  for (auto& each : racers) CHECK(each.get());
  std::set<std::string> found;
  const auto lines = office.store->history(report.id).value();
  for (const auto& line : lines) {
    for (const auto& file : line.files) found.insert(kept(office, file));
  }
  CHECK(found.size() == k_racers);
  CHECK(office.store->verify(report.id));
}

TEST_CASE("what a sender calls a file cannot mislead whoever saves it") {
  CHECK(plain_file_name("foto.jpeg", "image/jpeg", 1) == "foto.jpg");
  CHECK(plain_file_name("../../etc/passwd", "image/png", 1) == "passwd.png");
  CHECK(plain_file_name("a\r\n\"b\x7F.pdf", "application/pdf", 1) == "ab.pdf");
  CHECK(plain_file_name("foto\u202Egpj.exe", "image/jpeg", 1) == "fotogpj.jpg");
  CHECK(plain_file_name("", "image/webp", 3) == "lampiran-3.webp");
  CHECK(plain_file_name(".htaccess", "image/png", 2) == "lampiran-2.png");
  CHECK(plain_file_name("Jalan Pasar — sesudah.png", "image/png", 1) ==
        "Jalan Pasar — sesudah.png");
  CHECK(plain_file_name(std::string(300, 'x'), "image/jpeg", 1).size() <= 100);
}

TEST_CASE(
    "the reporter's mail carries what was put to the answer, unless the report is confidential") {
  Office office;
  Spool spool;
  const auto report = at_unit(office);
  const bool confidential = GENERATE(false, true);
  if (confidential) {
    auto hide = command(Event::correct, national_admin());
    hide.confidential = true;
    office.act(report.id, hide);
  }
  office.act(report.id, answer({spool.put(bare_jpeg()), spool.put(k_document, "surat.pdf")}));
  const auto owed = office.store->claim(office.mail, "n", 10, 30s).value();
  const auto& reply = owed.back();
  REQUIRE(reply.reached == State::answered);
  CHECK(reply.attachments.size() == (confidential ? 0 : 2));
}

TEST_CASE("who follows a report is sent what went with the words that everybody may read") {
  Office office;
  Spool spool;
  const auto root = at_unit(office);
  const auto child = office.file("m2", "Lubang di depan pasar", "ketut@example.org");
  auto merge = command(Event::merge, national_admin());
  merge.other = root.id;
  office.act(child.id, merge);
  auto ask = command(Event::interim, liaison(), "Di sebelah mana?");
  ask.asks = true;
  ask.files = {spool.put(bare_png(), "peta.png")};
  office.act(root.id, ask);
  office.act(root.id, answer({spool.put(bare_jpeg(), "sesudah.jpg")}));
  std::map<std::string, std::vector<std::string>> sent;
  const auto replies = office.store->claim(office.mail, "n", 20, 30s).value();
  for (const auto& reply : replies) {
    for (const auto& file : reply.attachments) sent[reply.address].push_back(file.name);
  }
  CHECK(sent["made@example.org"] == std::vector<std::string>{"peta.png", "sesudah.jpg"});
  CHECK(sent["ketut@example.org"] == std::vector<std::string>{"sesudah.jpg"});
  const auto asked = std::ranges::find_if(replies, [](const Reply& reply) {
    return reply.text.find("bertanya tentang laporan ") != std::string::npos;
  });
  REQUIRE(asked != replies.end());
  CHECK(asked->text.find("Di sebelah mana?\n\nUntuk menjawab, balas pesan ini.") !=
        std::string::npos);
}

TEST_CASE("an office that a report is handed over to gets what officers have put to it") {
  House house;
  Spool spool;
  const auto report = house.take(a_post("m1", "Jalan berlubang di depan pasar")).report;
  house.act(report, to_agency());
  auto news = command(Event::interim, agency_admin(), "Sudah kami tinjau.");
  news.files = {spool.put(bare_png(), "tinjauan.png")};
  house.act(report, news);
  house.act(report, to_unit());
  const auto owed = house.store->claim(house.mail, "n", 10, 30s).value();
  const auto to_it = std::ranges::find_if(owed, [](auto& each) { return each.office.has_value(); });
  REQUIRE(to_it != owed.end());
  REQUIRE(to_it->attachments.size() == 1);
  CHECK(to_it->attachments[0].name == "tinjauan.png");
}

}  // namespace
}  // namespace kanal
