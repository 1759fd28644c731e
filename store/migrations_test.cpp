#include "store/migrations.hpp"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;

namespace {

// Data as each version of the schema held it; made by the hidden case at the end.
std::filesystem::path data_of(int version) {
  auto number = std::to_string(version);
  number.insert(0, 4 - number.size(), '0');
  return std::filesystem::path(KANAL_SOURCE) / "store/migrations/data" / (number + ".sql");
}

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

int newest() {
  return migrations().back().version;
}

// What an older Kanal sent comes back under the key that it had then.
void check_key(World& world, const OutboxRecord& record, int version) {
  CHECK(record.reply.key == (version < 3 ? "1.1.mail" : "1.1.1.mail"));
  const auto claimed = world.store->claim(world.mail, "n", 1, std::chrono::seconds(30)).value();
  REQUIRE(claimed.size() == 1);
  REQUIRE(world.store->settle(
      std::vector{Settlement{claimed[0].id, ReplyState::sent, ExternalId("s1"), {}, {}}}));
  auto batch = world.batch({});
  Signal bounce;
  bounce.kind = Signal::Kind::failed;
  bounce.reply_key = record.reply.key;
  bounce.permanent = true;
  batch.signals.push_back(bounce);
  REQUIRE(world.store->commit(batch));
  CHECK(world.store->replies_of(record.reply.report).value().at(0).state == ReplyState::failed);
  CHECK(world.store->contacts(record.reply.report).value().at(0).suspended);
}

void check_world(World& world, int version) {
  const auto found = world.store->report(make_tracking_code(7919)).value();
  REQUIRE(found);
  CHECK(found->state == State::at_agency);
  CHECK(found->text == "Jalan rusak di depan pasar");
  CHECK(world.store->verify(found->id));
  const auto history = world.store->history(found->id).value();
  REQUIRE(history.size() == 2);
  CHECK(history[1].words == "Diteruskan");
  const auto posts = world.store->posts_of(found->id).value();
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].attachments.size() == 1);
  CHECK(world.store->payload(posts[0].id).value() == "raw m1");
  CHECK(world.store->identity(found->reporter, {}, "test").value().name == "Made");
  const auto replies = world.store->replies_of(found->id).value();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].reply.address == "made@example.org");
  check_key(world, replies[0], version);
  CHECK(world.store->quarantine({std::nullopt, 10}).value().size() == 1);
  CHECK(world.store->channel(world.mail).value().cursor.value == "17");
  CHECK(world.store->officer("putu").value()->role == Role::national_admin);
  CHECK(world.reports_with("pasar").size() == 1);
}

}  // namespace

TEST_CASE("a database of every earlier version is brought up to date with what it holds") {
  for (int version = 1; version <= newest(); ++version) {
    INFO("version " << version);
    const auto file = data_of(version);
    // The newest one needs its data only when the next comes.
    REQUIRE((std::filesystem::exists(file) || version == newest()));
    if (!std::filesystem::exists(file)) continue;
    World world(TestDatabase::Schema::none, [&](const TestDatabase& database) {
      REQUIRE(migrate(database.url(), version));
      CHECK(database.ask(read(file)).empty());
    });
    CHECK(world.database.ask("SELECT max(version) FROM schema_version") ==
          std::to_string(newest()));
    check_world(world, version);
    world.codes = 100;
    CHECK(world.file(world.post("later", "Lampu mati")));
  }
}

TEST_CASE("what was set aside before its own row said so waits for nobody") {
  World world(TestDatabase::Schema::none, [&](const TestDatabase& database) {
    REQUIRE(migrate(database.url(), 12));
    CHECK(database.ask(read(data_of(12))).empty());
    database.ask(
        "INSERT INTO act (at, role, act, subject, reason)"
        " SELECT '2026-02-01', 'monitor', 'discard', 'quarantine ' || id, 'torn' FROM quarantine");
  });
  QuarantineFilter waiting;
  waiting.waiting_only = true;
  CHECK(world.store->count_quarantined(waiting).value() == 0);
  const auto kept = world.store->quarantine({}).value().at(0);
  CHECK_FALSE(kept.waits());
  CHECK(kept.discarded_why == "torn");
}

TEST_CASE("bringing a database up to date twice changes nothing") {
  const TestDatabase database(TestDatabase::Schema::none);
  REQUIRE(migrate(database.url()));
  const auto applied = database.ask("SELECT string_agg(applied_at::text, ',') FROM schema_version");
  REQUIRE(migrate(database.url()));
  CHECK(database.ask("SELECT string_agg(applied_at::text, ',') FROM schema_version") == applied);
}

TEST_CASE("the version of a database is told, and nothing is made there") {
  const TestDatabase database(TestDatabase::Schema::none);
  CHECK(schema_version(database.url()).value() == 0);
  CHECK(database.ask("SELECT to_regclass('schema_version') IS NULL") == "t");
  REQUIRE(migrate(database.url(), 3));
  CHECK(schema_version(database.url()).value() == 3);
}

TEST_CASE("a database of a newer Kanal is refused and left alone") {
  const TestDatabase database(TestDatabase::Schema::none);
  REQUIRE(migrate(database.url()));
  database.ask("INSERT INTO schema_version (version, name) VALUES (999, 'from the future')");
  const auto refused = migrate(database.url());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("start a newer Kanal") != std::string::npos);
}

TEST_CASE("a migration that fails leaves the version before it") {
  const TestDatabase database(TestDatabase::Schema::none);
  database.ask("CREATE TABLE outbox (mine int)");
  const auto refused = migrate(database.url());
  REQUIRE_FALSE(refused);
  CHECK(database.ask("SELECT count(*) FROM schema_version") == "0");
  CHECK(database.ask("SELECT to_regclass('report') IS NULL") == "t");
}

// store_test "[.write]" writes the newest version's data, once, before its successor is begun.
TEST_CASE("the data of the newest version is written", "[.write]") {
  World world;
  auto post = world.post("m1", "Jalan rusak di depan pasar");
  post.author.phone = "+6281234567890";
  Attachment photo;
  photo.name = "foto.jpg";
  photo.type = "image/jpeg";
  photo.bytes = "not really a photo";
  post.attachments.push_back(photo);
  auto batch = world.batch({post});
  batch.next = Cursor{"17"};
  batch.unreadable.push_back({ExternalId("u1"), "torn", "cannot be read"});
  REQUIRE(world.store->commit(batch));
  const auto report = world.store->report(batch.changes[0].after.id).value().value();
  REQUIRE(world.store->write(std::vector{world.act(report, Event::verify, State::at_agency)}));
  Officer officer;
  officer.user = "putu";
  officer.name = "Putu";
  officer.role = Role::national_admin;
  officer.password_hash = "$argon2id$none";
  REQUIRE(world.store->save_officer(officer));
  CHECK(world.reports_with("pasar").size() == 1);
  const auto rows = world.database.ask(
      "SELECT string_agg(format('SELECT ''INSERT INTO %1$I OVERRIDING SYSTEM VALUE SELECT * FROM "
      "json_populate_record(NULL::%1$I, '' || quote_literal(row_to_json(t)) || '');'' FROM %1$I t',"
      " tablename), ' UNION ALL ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public' "
      "AND tablename <> 'schema_version'");
  const auto script =
      world.database.ask("SELECT string_agg(line, E'\n') FROM (" + rows + ") AS all_rows (line)");
  std::filesystem::create_directories(data_of(newest()).parent_path());
  // Numbers that are given out go on behind these.
  std::ofstream(data_of(newest()))
      << script << "\nDO $$ BEGIN PERFORM setval('report_id', 100);\n"
      << "PERFORM setval(pg_get_serial_sequence('public.' || t, 'id'), 100)\n"
      << "FROM unnest(ARRAY['reporter', 'post', 'outbox', 'quarantine', 'officer', 'act']) AS t;\n"
      << "END $$;\n";
}
