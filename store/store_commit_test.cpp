#include <array>
#include <thread>

#include <catch2/catch.hpp>

#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;

TEST_CASE("a post becomes a report with its history and an acknowledgement owed") {
  World world;
  const auto id = world.file(world.post("m1", "Jalan rusak di depan pasar"));
  const auto report = world.store->report(id);
  REQUIRE(report);
  REQUIRE(*report);
  CHECK((*report)->text == "Jalan rusak di depan pasar");
  CHECK((*report)->steps == 1);
  CHECK((*report)->reporter);
  CHECK((*report)->place->latitude == Approx(-8.11));
  CHECK(world.store->report((*report)->code).value()->id == id);

  const auto history = world.store->history(id).value();
  REQUIRE(history.size() == 1);
  CHECK(history[0].step == 1);
  CHECK(history[0].post);
  CHECK(history[0].hash == (*report)->head);

  const auto posts = world.store->posts_of(id).value();
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].external_id.value() == "m1");
  CHECK(posts[0].fate == Fate::report);
  CHECK(history[0].post == posts[0].id);
  CHECK(world.store->payload(posts[0].id).value() == "raw m1");

  const auto replies = world.store->replies_of(id).value();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].state == ReplyState::owed);
  CHECK(replies[0].reply.address == "made@example.org");
  CHECK(world.store->verify(id));
}

TEST_CASE("of a report's many posts the first and the newest are given") {
  World world;
  const auto id = world.file(world.post("m1", "Lampu mati"));
  for (const auto* name : {"m2", "m3", "m4", "m5"}) world.file(world.post(name, name));
  world.database.ask("UPDATE post SET report = " + std::to_string(id.value()));
  const auto names = [&](int most) {
    std::string all;
    const auto posts = world.store->posts_of(id, most).value();
    for (const auto& post : posts) all += post.external_id.value() + " ";
    return all;
  };
  CHECK(names(2) == "m1 m4 m5 ");
  CHECK(names(4) == "m1 m2 m3 m4 m5 ");
  CHECK(names(1000) == "m1 m2 m3 m4 m5 ");
}

TEST_CASE("a redelivered post changes nothing") {
  World world;
  const auto id = world.file(world.post("m1", "Lampu mati"));
  auto again = world.batch({world.post("m1", "Lampu mati")});
  const auto outcome = world.store->commit(again).value();
  CHECK_FALSE(outcome.refusal);
  CHECK(outcome.committed.stored == std::vector<bool>{false});
  CHECK(outcome.committed.reports == 0);
  CHECK(outcome.committed.replies == 0);
  CHECK(world.database.ask("SELECT count(*) FROM report") == "1");
  CHECK(world.database.ask("SELECT count(*) FROM outbox") == "1");
  CHECK(world.database.ask("SELECT count(*) FROM entry") == "1");
  CHECK(world.store->posts_of(id).value().size() == 1);
}

TEST_CASE("a batch with the same message twice makes one report of it") {
  World world;
  auto batch = world.batch({world.post("m1", "Lampu mati"), world.post("m1", "Lampu mati")});
  const auto outcome = world.store->commit(batch).value();
  CHECK_FALSE(outcome.refusal);
  CHECK(outcome.committed.stored == std::vector<bool>{true, false});
  CHECK(world.database.ask("SELECT count(*) FROM report") == "1");
}

TEST_CASE("a batch of known and new posts stores the new ones alone") {
  World world;
  world.file(world.post("m1", "Satu"));
  auto batch = world.batch({world.post("m1", "Satu"), world.post("m2", "Dua")});
  const auto outcome = world.store->commit(batch).value();
  CHECK(outcome.committed.stored == std::vector<bool>{false, true});
  CHECK(outcome.committed.reports == 1);
}

TEST_CASE("a post that came in between evidence and commit is stored once, the others beside it") {
  World world;
  const auto first = world.post("m1", "Satu");
  const auto second = world.post("m2", "Dua");
  std::vector both{first, second};
  REQUIRE_FALSE(world.store->gather(world.mail, both).value()[0].known);
  REQUIRE(world.file(first));
  auto batch = world.batch({second, first});
  batch.next = Cursor{"2"};
  const auto outcome = world.store->commit(batch).value();
  CHECK_FALSE(outcome.refusal);
  CHECK(outcome.committed.stored == std::vector<bool>{true, false});
  CHECK(world.database.ask("SELECT count(*) FROM report") == "2");
  CHECK(world.database.ask("SELECT count(*) FROM entry") == "2");
  CHECK(world.store->channel(world.mail).value().cursor.value == "2");
}

TEST_CASE("what the evidence knows for repeated is written again neither as post nor as report") {
  World world;
  REQUIRE(world.file(world.post("m1", "Satu")));
  auto batch = world.batch({world.post("m1", "Satu"), world.post("m2", "Dua")});
  batch.filed[0].fate = Fate::repeated;
  batch.filed[0].change.reset();
  batch.changes.erase(batch.changes.begin());
  batch.filed[1].change = 0;
  const auto outcome = world.store->commit(batch).value();
  CHECK(outcome.committed.stored == std::vector<bool>{false, true});
  CHECK(world.database.ask("SELECT count(*) FROM post") == "2");
}

TEST_CASE("a text that was sent before is the same only while its report goes on") {
  World world;
  const auto post = world.post("m1", "Lampu jalan mati di depan pasar");
  const auto id = world.file(post);
  std::vector again{world.post("m2", "Lampu jalan mati di depan pasar")};
  CHECK(world.store->gather(world.mail, again).value()[0].same_text->id == id);
  for (const auto* state : {"archived", "rejected", "closed"}) {
    world.database.ask(std::string("UPDATE report SET state = '") + state + "'");
    CHECK_FALSE(world.store->gather(world.mail, again).value()[0].same_text);
  }
}

TEST_CASE("an author is filed once, whatever the evidence knew of them") {
  World world;
  world.file(world.post("m1", "Jalan rusak"));
  std::array posts{world.post("m2", "Lampu mati")};
  const auto known = world.store->gather(world.mail, posts).value()[0];
  REQUIRE(known.reporter);
  auto stranger = world.post("m4", "Air mati");
  stranger.author.id = ExternalId("baru@example.org");
  stranger.author.handle = "baru";
  stranger.author.phone = "baru";
  auto batch = world.batch(
      {world.post("m2", "Lampu mati"), world.post("m3", "Got mampet"), stranger, stranger});
  batch.filed[0].author = known.reporter;
  batch.filed[3].post.id = ExternalId("m5");
  const auto outcome = world.store->commit(batch).value();
  CHECK_FALSE(outcome.refusal);
  CHECK(outcome.committed.stored == std::vector<bool>(4, true));
  CHECK(world.database.ask("SELECT count(*) FROM reporter") == "2");
  CHECK(world.database.ask("SELECT count(DISTINCT reporter) FROM post") == "2");
  const auto of_stranger =
      "SELECT count(*) FROM reporter_alias AS a JOIN post AS p"
      " ON p.reporter = a.reporter WHERE p.external_id = 'm4'";
  CHECK(world.database.ask(of_stranger) == "1");
}

TEST_CASE("two who commit the same messages at once store each of them once") {
  constexpr int k_rounds = 10;
  constexpr int k_posts = 20;
  World world;
  for (int round = 0; round < k_rounds; ++round) {
    std::array<IntakeBatch, 2> batches{world.batch({}), world.batch({})};
    for (int i = 0; i < k_posts; ++i) {
      const auto id = std::to_string(round) + "-" + std::to_string(i);
      for (auto& batch : batches) {
        auto one = world.batch({world.post(id, "Jalan rusak")});
        one.filed[0].change = batch.changes.size();
        batch.filed.push_back(one.filed[0]);
        batch.changes.push_back(one.changes[0]);
      }
    }
    std::array<Result<CommitOutcome>, 2> outcomes;
    {
      std::vector<std::jthread> writers;
      for (std::size_t i = 0; i < batches.size(); ++i) {
        writers.emplace_back([&, i] { outcomes[i] = world.store->commit(batches[i]); });
      }
    }
    for (const auto& outcome : outcomes) {
      REQUIRE(outcome);
      CHECK_FALSE(outcome->refusal);
    }
  }
  const auto all = std::to_string(k_rounds * k_posts);
  CHECK(world.database.ask("SELECT count(*) FROM post") == all);
  CHECK(world.database.ask("SELECT count(*) FROM report") == all);
  CHECK(world.database.ask("SELECT count(*) FROM entry") == all);
}

TEST_CASE("NUL, bytes that are no UTF-8, nothing and null are stored as what they are") {
  World world;
  auto post = world.post("m1", std::string("Satu\0dua\xFF", 9));
  post.hints.subject.clear();
  post.full_text.clear();
  post.payload = std::string("\0\xFF\n\\", 4);
  auto empty = world.post("m2", "");
  empty.payload.clear();
  auto batch = world.batch({post, empty});
  batch.changes[0].after.place.reset();
  batch.changes[0].entries[0].words = std::string("kata\0", 5);
  batch.changes[1].after.place = Place{{}, {}, ""};
  REQUIRE_FALSE(world.store->commit(batch).value().refusal);
  const auto id = batch.changes[0].after.id;
  const auto record = world.store->posts_of(id).value().at(0);
  CHECK(record.text.find('\0') == std::string::npos);
  CHECK(record.text.starts_with("Satu"));
  CHECK(record.subject.empty());
  CHECK(world.store->payload(record.id).value() == post.payload);
  CHECK(world.store->verify(id).has_value());
  CHECK(world.database.ask("SELECT count(*) FROM post WHERE full_text IS NULL") == "2");
  CHECK(world.database.ask("SELECT text = '' AND payload IS NULL FROM post"
                           " WHERE external_id = 'm2'") == "t");
  CHECK(world.database.ask("SELECT address IS NULL AND latitude IS NULL FROM report WHERE id = " +
                           std::to_string(id.value())) == "t");
  CHECK(world.database.ask("SELECT address = '' AND latitude IS NULL FROM report WHERE id = " +
                           std::to_string(batch.changes[1].after.id.value())) == "t");
}

TEST_CASE("an attachment is found again by what the store says of it") {
  World world;
  auto post = world.post("m1", "Dengan foto");
  post.attachments.push_back({"jalan.jpg", "image/jpeg", "bytes of it", {}, 0, {}});
  const auto id = world.file(post);
  const auto attachment = world.store->posts_of(id).value().at(0).attachments.at(0);
  CHECK(std::filesystem::file_size(world.store->attachment_file(attachment)) == 11);
}

TEST_CASE("the cursor moves with the posts that it covers") {
  World world;
  auto batch = world.batch({world.post("m1", "Satu")});
  batch.next = Cursor{"17"};
  REQUIRE(world.store->commit(batch));
  CHECK(world.store->channel(world.mail).value().cursor.value == "17");
  auto without = world.batch({world.post("m2", "Dua")});
  REQUIRE(world.store->commit(without));
  CHECK(world.store->channel(world.mail).value().cursor.value == "17");
  CHECK(world.store->channel(world.mail).value().posts_today == 2);
}

TEST_CASE("how far a channel has been read again stands beside its cursor until that is through") {
  World world;
  const auto known = [&] { return world.store->channel(world.mail).value(); };
  CHECK_FALSE(known().backfill);
  using namespace std::chrono_literals;
  auto batch = world.batch({world.post("m1", "Satu")});
  batch.next = Cursor{"17"};
  REQUIRE(world.store->commit(batch));
  const auto now = world.clock.now();
  REQUIRE(world.store->save_backfill(world.mail, BackfillRecord{now - 24h, {"3"}, 400, now}));
  REQUIRE(known().backfill);
  CHECK(known().backfill->from == now - 24h);
  CHECK(known().backfill->cursor == Cursor{"3"});
  CHECK(known().backfill->posts == 400);
  CHECK_FALSE(known().backfill->stands_still(now + 1min));
  CHECK(known().backfill->stands_still(now + 1h));
  CHECK(known().cursor.value == "17");
  REQUIRE(world.store->save_backfill(world.mail, {}));
  CHECK_FALSE(known().backfill);
}

TEST_CASE("a channel of which everything is screened out counts as one that brings nothing") {
  World world;
  auto batch = world.batch({world.post("m1", "Saya cuti")});
  batch.filed[0].fate = Fate::screened;
  batch.filed[0].report = ReportId();
  batch.filed[0].change.reset();
  batch.changes.clear();
  REQUIRE_FALSE(world.store->commit(batch).value().refusal);
  CHECK(world.database.ask("SELECT count(*) FROM post") == "1");
  CHECK(world.store->channel(world.mail).value().posts_today == 0);
  CHECK_FALSE(world.store->channel(world.mail).value().last_post);
  world.file(world.post("m2", "Jalan rusak"));
  CHECK(world.store->channel(world.mail).value().posts_today == 1);
  CHECK(world.store->channel(world.mail).value().last_post);
}

TEST_CASE("a change of a report that has moved on is refused and writes nothing") {
  World world;
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  const auto report = world.store->report(id).value().value();
  std::vector<Change> changes{world.act(report, Event::verify, State::at_agency)};
  CHECK_FALSE(world.store->write(changes).value().refusal);
  CHECK(world.store->write(changes).value().refusal == Refusal::outdated);
  CHECK(world.store->report(id).value()->steps == 2);
  CHECK(world.store->report(id).value()->state == State::at_agency);

  auto batch = world.batch({world.post("m2", "Tambahan")});
  batch.next = Cursor{"18"};
  batch.changes[0] = world.act(report, Event::comment, State::received);
  CHECK(world.store->commit(batch).value().refusal == Refusal::outdated);
  CHECK(world.database.ask("SELECT count(*) FROM post") == "1");
  CHECK(world.store->channel(world.mail).value().cursor.value.empty());
}

TEST_CASE("a tracking code that is taken refuses the batch") {
  World world;
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  auto batch = world.batch({world.post("m2", "Lain")});
  batch.changes[0].after.code = world.store->report(id).value()->code;
  CHECK(world.store->commit(batch).value().refusal == Refusal::outdated);
  CHECK(world.database.ask("SELECT count(*) FROM post") == "1");
}

TEST_CASE("a stale lease writes nothing") {
  World world;
  const auto first = world.store->lease(world.mail, "a", std::chrono::seconds(10)).value();
  REQUIRE(first);
  CHECK_FALSE(world.store->lease(world.mail, "b", std::chrono::seconds(10)).value());
  CHECK(world.store->lease(world.mail, "a", std::chrono::seconds(10)).value()->epoch ==
        first->epoch);
  world.clock.advance(std::chrono::seconds(11));
  const auto second = world.store->lease(world.mail, "b", std::chrono::seconds(10)).value();
  REQUIRE(second);

  auto batch = world.batch({world.post("m1", "Satu")});
  batch.next = Cursor{"1"};
  batch.lease = first;
  CHECK(world.store->commit(batch).value().refusal == Refusal::stale_lease);
  CHECK(world.database.ask("SELECT count(*) FROM post") == "0");
  batch.lease = second;
  CHECK_FALSE(world.store->commit(batch).value().refusal);
  CHECK(world.store->channel(world.mail).value().cursor.value == "1");
}

TEST_CASE("a session that is cut off before the commit is replaced and the work done once") {
  World world;
  auto first = world.batch({world.post("m1", "Satu")});
  REQUIRE(world.store->commit(first));
  world.database.ask(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
      "AND pid <> pg_backend_pid()");
  auto second = world.batch({world.post("m2", "Dua")});
  const auto outcome = world.store->commit(second);
  REQUIRE(outcome);
  CHECK(outcome->committed.reports == 1);
  CHECK(world.database.ask("SELECT count(*) FROM report") == "2");
}

TEST_CASE("support of a post of its batch that somebody else stored first is decided again") {
  World world;
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  auto batch = world.batch({world.post("m1", "Jalan rusak")});
  auto& passing = batch.filed.emplace_back();
  passing.post = world.post("r1", "", "budi@example.org");
  passing.fate = Fate::screened;
  passing.passes_on = PostId(-1);
  passing.stages = "[]";
  CHECK(world.store->commit(batch).value().refusal == Refusal::outdated);
  CHECK(world.database.ask("SELECT count(*) FROM post") == "1");
  passing.passes_on = world.store->posts_of(id).value().at(0).id;
  CHECK_FALSE(world.store->commit(batch).value().refusal);
  CHECK(world.store->supports(std::vector{*world.store->report(id).value()}).value().at(0) == 1);
}
