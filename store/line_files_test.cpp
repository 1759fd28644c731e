#include <array>
#include <chrono>
#include <filesystem>

#include <catch2/catch.hpp>

#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;
using namespace std::chrono_literals;

namespace {

Attachment photo(const std::string& bytes, const std::string& name = "bukti.jpg") {
  Attachment made;
  made.name = name;
  made.type = "image/jpeg";
  made.bytes = bytes;
  return made;
}

/// A report with a reporter to tell, and officers who put files to what they write.
struct Desk {
  World world;
  ReportId id = world.file(world.post("m1", "Jalan rusak"));

  [[nodiscard]] Report report() const { return world.store->report(id).value().value(); }
  Change with(std::vector<Attachment> files, Audience audience = Audience::everyone) const {
    REQUIRE(world.store->keep(files));
    auto change = world.act(report(), Event::answer, State::answered);
    change.entries[0].files = std::move(files);
    change.entries[0].audience = audience;
    Owed owed;
    owed.channel = world.mail;
    owed.text = "Sudah ditambal.";
    owed.due_at = world.clock.now();
    change.replies.push_back(owed);
    return change;
  }
  void write(const Change& change) const {
    const auto done = world.store->write(std::array{change});
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
    REQUIRE_FALSE(done->refusal);
  }
  [[nodiscard]] std::filesystem::path file_of(const Attachment& file) const {
    return world.store->attachment_file(file);
  }
  void tamper(const std::string& statement) const {
    CHECK(world.database.ask("SET session_replication_role = replica; " + statement).empty());
  }
  [[nodiscard]] std::vector<Attachment> sent() const {
    auto claimed = world.store->claim(world.mail, "n", 10, 30s).value();
    REQUIRE_FALSE(claimed.empty());
    return claimed.back().attachments;
  }
};

}  // namespace

TEST_CASE("what an officer puts to a line is kept with it, in its order") {
  Desk desk;
  desk.write(desk.with({photo("before"), photo("after", "sesudah.jpg")}));
  const auto history = desk.world.store->history(desk.id).value();
  CHECK(history[0].files.empty());
  REQUIRE(history[1].files.size() == 2);
  CHECK(history[1].files[0].name == "bukti.jpg");
  CHECK(history[1].files[1].name == "sesudah.jpg");
  CHECK(history[1].files[1].type == "image/jpeg");
  CHECK(history[1].files[1].size_bytes == 5);
  CHECK(std::filesystem::file_size(desk.file_of(history[1].files[0])) == 6);
  const auto many = desk.world.store->histories(std::array{desk.id}).value();
  CHECK(many[0][1].files.size() == 2);
  CHECK(desk.world.store->verify(desk.id));
}

TEST_CASE("verify finds a line's file that was changed, taken away or slipped in") {
  Desk desk;
  desk.write(desk.with({photo("before"), photo("after")}));
  REQUIRE(desk.world.store->verify(desk.id));
  const auto tamper =
      GENERATE(as<std::string>{}, "UPDATE entry_file SET name = 'x' WHERE position = 1",
               "UPDATE entry_file SET sha256 = repeat('0', 64) WHERE position = 0",
               "UPDATE entry_file SET type = 'image/png' WHERE position = 0",
               "UPDATE entry_file SET size_bytes = 1 WHERE position = 0",
               "UPDATE entry_file SET position = 7 WHERE position = 0",
               "DELETE FROM entry_file WHERE position = 1", "DELETE FROM entry_file",
               "INSERT INTO entry_file SELECT report, 1, position, name, type, size_bytes, sha256"
               " FROM entry_file WHERE position = 0");
  desk.tamper(tamper);
  const auto verdict = desk.world.store->verify(desk.id);
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().message.find("was changed") != std::string::npos);
}

TEST_CASE("a line's files are changed neither by the bridge's role nor by a slip of the owner") {
  Desk desk;
  desk.write(desk.with({photo("before")}));
  for (const std::string statement :
       {"UPDATE entry_file SET name = 'x'", "DELETE FROM entry_file", "TRUNCATE entry_file"}) {
    const auto refused = desk.world.database.ask("SET ROLE kanal_bridge; " + statement);
    CHECK(refused.find("permission denied") != std::string::npos);
    CHECK(desk.world.database.ask(statement).find("never changed") != std::string::npos);
  }
  CHECK(desk.world.database.ask("SELECT count(*) FROM entry_file") == "1");
}

TEST_CASE("a sweep and an erasure leave the files that a line names") {
  Desk desk;
  auto post = desk.world.post("m2", "Dengan foto");
  post.attachments.push_back(photo("the same picture"));
  const auto other = desk.world.file(post);
  desk.write(desk.with({photo("the same picture"), photo("the line's alone")}));
  std::vector<Attachment> unnamed{photo("of an act that was refused")};
  REQUIRE(desk.world.store->keep(unnamed));
  const auto named = desk.world.store->history(desk.id).value().at(1).files;
  REQUIRE(named.size() == 2);
  for (const auto& file : {named[0], named[1], unnamed[0]}) {
    std::filesystem::last_write_time(desk.file_of(file),
                                     std::filesystem::file_time_type::clock::now() - 48h);
  }
  CHECK(desk.world.store->sweep_attachments(24h).value() == 1);
  CHECK_FALSE(std::filesystem::exists(desk.file_of(unnamed[0])));
  const auto erased = desk.world.store->posts_of(other).value().at(0).id;
  REQUIRE(desk.world.store->erase_post(erased, "asked for"));
  for (const auto& file : named) CHECK(std::filesystem::exists(desk.file_of(file)));
}

TEST_CASE("a line that names a file that is not there is not written") {
  Desk desk;
  const auto change = desk.with({photo("before")});
  std::filesystem::remove(desk.file_of(change.entries[0].files[0]));
  const auto done = desk.world.store->write(std::array{change});
  REQUIRE_FALSE(done);
  CHECK(done.error().remedy == Remedy::drop);
  CHECK(desk.report().steps == 1);
}

TEST_CASE("the reply that a line owes carries its files, where its words may go") {
  Desk desk;
  SECTION("to the reporter") {
    desk.write(desk.with({photo("before"), photo("after")}));
    const auto files = desk.sent();
    REQUIRE(files.size() == 2);
    CHECK(files[0].file == desk.file_of(files[0]));
    CHECK(std::filesystem::file_size(files[1].file) == 5);
  }
  SECTION("not of a confidential report") {
    auto change = desk.with({photo("before")});
    change.after.confidential = true;
    desk.write(change);
    CHECK(desk.sent().empty());
  }
  SECTION("not what officers say among themselves") {
    desk.write(desk.with({photo("before")}, Audience::officers));
    CHECK(desk.sent().empty());
  }
}
