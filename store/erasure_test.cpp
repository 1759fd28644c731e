#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <thread>

#include <catch2/catch.hpp>
#include <pqxx/connection>
#include <pqxx/transaction>

#include "core/erased.hpp"
#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;

namespace {

Result<CommitOutcome> deleted(World& world, std::initializer_list<const char*> ids,
                              std::initializer_list<Post> posts = {}) {
  auto batch = world.batch(posts);
  for (const auto* id : ids) {
    Signal signal;
    signal.kind = Signal::Kind::deletion;
    signal.subject = ExternalId(id);
    batch.signals.push_back(signal);
  }
  return world.store->commit(batch);
}

Post with_photo(Post post, const char* bytes) {
  Attachment photo;
  photo.name = "foto.jpg";
  photo.type = "image/jpeg";
  photo.bytes = bytes;
  post.attachments.push_back(photo);
  return post;
}

void wait_until(const std::function<bool()>& so) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(180);
  while (!so() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

TEST_CASE("what is searched for while it is being erased is found by no search after that") {
  World world;
  const auto id = world.file(world.post("m1", "Alamat saya di Sukasada"));
  const auto post = world.store->posts_of(id).value().at(0).id;
  const auto waiting = [&](int how_many) {
    return world.database.ask("SELECT count(*) >= " + std::to_string(how_many) +
                              " FROM pg_locks WHERE NOT granted") == "t";
  };
  // The last that an erasure writes, so that it stands still before its commit.
  pqxx::connection apart(world.database.url());
  pqxx::work holding(apart);
  holding.exec("LOCK TABLE act IN EXCLUSIVE MODE");
  auto erasing = std::async(std::launch::async,
                            [&] { return world.store->erase_post(post, "asked for").has_value(); });
  wait_until([&] { return waiting(1); });
  PostFilter words;
  words.words = "Sukasada";
  std::future<bool> searching[] = {
      std::async(std::launch::async, [&] { return world.reports_with("Sukasada").empty(); }),
      std::async(std::launch::async, [&] { return !!world.store->find_posts(words); })};
  const auto over = [](const auto& search) {
    return search.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  wait_until([&] { return waiting(3) || (over(searching[0]) && over(searching[1])); });
  holding.abort();
  CHECK(erasing.get());
  for (auto& search : searching) search.get();
  CHECK(world.reports_with("Sukasada").empty());
  for (const auto* table : {"report_search", "post_search"}) {
    INFO(table);
    CHECK(
        world.database
            .ask(std::string("SELECT coalesce(string_agg(document::text, ' '), '') FROM ") + table)
            .find("sukasada") == std::string::npos);
  }
}

TEST_CASE("what is erased by hand goes from the quarantine that it was read again from too") {
  World world;
  auto kept = world.batch({});
  Filed torn;
  torn.post = with_photo(world.post("m1", "Alamat saya di Sukasada"), "my house");
  torn.fate = Fate::quarantined;
  torn.reason = "could not be stored";
  torn.stages = "[]";
  kept.filed.push_back(torn);
  kept.unreadable.push_back({ExternalId("m2"), "torn", "somebody else's"});
  REQUIRE(world.store->commit(kept));
  const auto report =
      world.file(with_photo(world.post("m1", "Alamat saya di Sukasada"), "my house"));
  REQUIRE(world.store->mark_replayed(QuarantineId(1)));
  const auto post = world.store->posts_of(report).value().at(0);
  const auto photo = world.store->attachment_file(post.attachments.at(0));
  REQUIRE(std::filesystem::exists(photo));
  REQUIRE(world.store->erase_post(post.id, "asked for"));
  const auto left = world.store->quarantined(QuarantineId(1)).value().value();
  CHECK(left.payload.empty());
  CHECK(left.attachments.empty());
  CHECK_FALSE(std::filesystem::exists(photo));
  CHECK(world.store->quarantined(QuarantineId(2)).value()->payload == "torn");
}

TEST_CASE("what its author deletes is erased whole, and the history still fits") {
  World world;
  auto post = with_photo(world.post("m1", "Nama saya dan alamat saya"), "a photo");
  post.hints.subject = "Laporan alamat";
  auto batch = world.batch({post});
  batch.changes[0].entries[0].words = post.text;
  batch.changes[0].replies[0].subject = "Re: Laporan alamat";
  batch.unreadable.push_back({ExternalId("m1"), "torn: alamat", "cannot be read"});
  REQUIRE(world.store->commit(batch));
  const auto id = batch.changes[0].after.id;
  const auto stored = world.store->posts_of(id).value().at(0);
  const auto file = world.store->attachment_file(stored.attachments.at(0));
  REQUIRE(std::filesystem::exists(file));
  REQUIRE(world.reports_with("alamat").size() == 1);
  PostFilter words;
  words.words = "alamat";
  REQUIRE(world.store->find_posts(words).value().size() == 1);

  REQUIRE(deleted(world, {"m1", "unknown"}));
  CHECK(world.store->verify(id));
  CHECK_FALSE(std::filesystem::exists(file));
  const auto left = world.store->post(stored.id).value().value();
  CHECK(left.erased);
  CHECK(left.reason == k_deleted_by_author);
  CHECK(world.store->payload(stored.id).value_or("").empty());
  CHECK(world.store->history(id).value().size() == 1);
  CHECK(world.reports_with("alamat").empty());
  CHECK(world.store->find_posts(words).value().empty());
  const auto tables = world.database.ask(
      "SELECT string_agg(format('SELECT %L WHERE EXISTS (SELECT FROM %I t WHERE t::text ~* "
      "''alamat|616c616d6174'')', tablename, tablename), ' UNION ALL ') FROM pg_tables WHERE "
      "schemaname = 'public'");
  CHECK(world.database.ask(tables).empty());
  CHECK(world.recorded("erase") == 1);
  REQUIRE(deleted(world, {"m1"}));
  CHECK(world.recorded("erase") == 1);
}

TEST_CASE("an answer to what was deleted is withheld, and its author is told no more") {
  World world;
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  REQUIRE(world.store->contacts(id).value().size() == 1);
  REQUIRE(deleted(world, {"m1"}));
  const auto reply = world.store->replies_of(id).value().at(0);
  CHECK(reply.state == ReplyState::withheld);
  CHECK(reply.detail == k_deleted_by_author);
  CHECK(world.store->claim(world.mail, "a", 10, std::chrono::seconds(30)).value().empty());
  CHECK(world.store->contacts(id).value().empty());
}

TEST_CASE("an act that was decided on before the report was erased is not written") {
  World world;
  const auto id = world.file(world.post("m1", "Nama saya dan alamat saya"));
  const auto change =
      world.act(world.store->report(id).value().value(), Event::verify, State::at_agency);
  REQUIRE(deleted(world, {"m1"}));
  const auto outcome = world.store->write(std::vector{change});
  REQUIRE(outcome);
  CHECK(outcome->refusal == Refusal::outdated);
  CHECK(world.store->report(id).value()->title.empty());
  CHECK(world.store
            ->write(std::vector{world.act(world.store->report(id).value().value(), Event::verify,
                                          State::at_agency)})
            ->refusal == std::nullopt);
}

TEST_CASE("a post is erased in the very commit that brings it when its deletion comes along") {
  World world;
  const auto posts = {with_photo(world.post("m1", "Jalan rusak"), "one"),
                      with_photo(world.post("m2", "Lampu mati"), "two")};
  REQUIRE(deleted(world, {"m1"}, posts));
  CHECK(world.reports_with("jalan").empty());
  CHECK(world.reports_with("lampu").size() == 1);
  CHECK(world.store->ids_between(world.mail, ExternalId("m"), ExternalId("n"), 10).value() ==
        std::vector{ExternalId("m2")});
}

TEST_CASE("a file that another post shows too outlives the deletion of one") {
  World world;
  const auto kept = world.file(with_photo(world.post("m2", "Lampu mati"), "the same photo"));
  world.file(with_photo(world.post("m1", "Jalan rusak"), "the same photo"));
  REQUIRE(deleted(world, {"m1"}));
  const auto post = world.store->posts_of(kept).value().at(0);
  CHECK(std::filesystem::exists(world.store->attachment_file(post.attachments.at(0))));
}

TEST_CASE("ids are given out in the order of their text, each page behind the last") {
  World world;
  for (const auto* id : {"105", "103", "101", "104", "102"}) world.file(world.post(id, "Jalan"));
  const auto page = [&](const char* after, const char* before, int most) {
    std::vector<std::string> ids;
    const auto found =
        world.store->ids_between(world.mail, ExternalId(after), ExternalId(before), most);
    for (const auto& id : found.value()) ids.push_back(id.value());
    return ids;
  };
  CHECK(page("101", "105", 2) == std::vector<std::string>{"102", "103"});
  CHECK(page("103", "105", 2) == std::vector<std::string>{"104"});
}
