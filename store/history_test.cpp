#include <catch2/catch.hpp>

#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("the bridge's role cannot change the history, and nor can a slip of the owner") {
  World world;
  world.file(world.post("m1", "Jalan rusak"));
  for (const std::string statement :
       {"UPDATE entry SET reason = 'x'", "DELETE FROM entry", "TRUNCATE entry",
        "UPDATE act SET reason = 'x'", "DELETE FROM act"}) {
    const auto refused = world.database.ask("SET ROLE kanal_bridge; " + statement);
    CHECK(refused.find("permission denied") != std::string::npos);
  }
  CHECK(world.database.ask("UPDATE entry SET reason = 'x'").find("never changed") !=
        std::string::npos);
  CHECK(world.database.ask("SELECT count(*) FROM entry") == "1");
}

TEST_CASE("verify finds words that were taken away without the post that they came by") {
  World world;
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  const auto report = world.store->report(id).value().value();
  REQUIRE(world.store->write(std::vector{world.act(report, Event::verify, State::at_agency)}));
  REQUIRE(world.store->verify(id));
  world.database.ask("DELETE FROM entry_words WHERE report = " + std::to_string(id.value()));
  const auto verdict = world.store->verify(id);
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().message.find("step 2") != std::string::npos);
}

TEST_CASE("verify finds a line that was tampered with") {
  World world;
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  const auto report = world.store->report(id).value().value();
  std::vector<Change> changes{world.act(report, Event::verify, State::at_agency)};
  REQUIRE(world.store->write(changes));
  REQUIRE(world.store->verify(id));
  const auto tamper = GENERATE(
      as<std::string>{}, "UPDATE entry SET reason = 'x' WHERE step = 1",
      "DELETE FROM entry WHERE step = 2", "DELETE FROM entry WHERE step = 1",
      "UPDATE entry_words SET words = 'x'", "UPDATE entry SET officer = 99 WHERE step = 2");
  world.database.ask("SET session_replication_role = replica; " + tamper);
  const auto verdict = world.store->verify(id);
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().remedy == Remedy::drop);
}

TEST_CASE("an erased post leaves no words, and its lines still fit") {
  World world;
  auto post = world.post("m1", "Nama saya dan alamat saya");
  Attachment photo;
  photo.name = "foto.jpg";
  photo.bytes = "not really a photo";
  post.attachments.push_back(photo);
  auto batch = world.batch({post});
  batch.changes[0].entries[0].words = "Nama saya dan alamat saya";
  REQUIRE(world.store->commit(batch));
  const auto id = batch.changes[0].after.id;
  const auto stored = world.store->posts_of(id).value().at(0);
  REQUIRE(stored.attachments.size() == 1);
  const auto& sha256 = stored.attachments[0].sha256;
  const auto file =
      world.database.attachments() / sha256.substr(0, 2) / sha256.substr(2, 2) / sha256;
  REQUIRE(std::filesystem::exists(file));
  REQUIRE(world.reports_with("alamat").size() == 1);

  REQUIRE(world.store->erase_post(stored.id, "asked by the author"));
  CHECK(world.store->verify(id));
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK(world.store->post(stored.id).value()->erased);
  CHECK(world.store->history(id).value().at(0).words.empty());
  CHECK(world.store->report(id).value()->text.empty());
  CHECK(world.reports_with("alamat").empty());
  const auto tables = world.database.ask(
      "SELECT string_agg(format('SELECT %L WHERE EXISTS (SELECT FROM %I t WHERE t::text ~* "
      "''alamat'')', tablename, tablename), ' UNION ALL ') FROM pg_tables WHERE schemaname = "
      "'public'");
  CHECK(world.database.ask(tables).empty());
}
