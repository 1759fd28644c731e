#include "store/store.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
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

TEST_CASE("a reply says what its step came to and how many went before it") {
  World world;
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  const auto first = world.store->claim(world.mail, "node", 10, std::chrono::minutes(1)).value();
  REQUIRE(first.size() == 1);
  CHECK(first[0].reached == State::received);
  CHECK(first[0].earlier == 0);
  CHECK_FALSE(first[0].confidential);
  Settlement sent;
  sent.id = first[0].id;
  sent.state = ReplyState::sent;
  sent.in_private = GENERATE(false, true);
  REQUIRE(world.store->settle({&sent, 1}));

  const auto report = world.store->report(id).value();
  auto answered = world.act(*report, Event::answer, State::answered);
  answered.after.steps = 2;
  answered.after.confidential = true;
  Owed owed;
  owed.step = 2;
  owed.channel = world.mail;
  owed.to = report->reporter;
  owed.language = "id";
  owed.text = "Ditanggapi.";
  owed.public_text = "Untuk semua.";
  owed.due_at = world.clock.now();
  answered.replies.push_back(owed);
  REQUIRE_FALSE(world.store->write({&answered, 1}).value().refusal);
  const auto second = world.store->claim(world.mail, "node", 10, std::chrono::minutes(1)).value();
  REQUIRE(second.size() == 1);
  CHECK(second[0].reached == State::answered);
  CHECK(second[0].earlier == (sent.in_private ? 0 : 1));
  CHECK(second[0].confidential);
  CHECK(second[0].public_text == "Untuk semua.");
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

TEST_CASE("who a reporter is stands in no table in the clear") {
  World world;
  auto post = world.post("m1", "Jalan rusak");
  post.author = {ExternalId("rahasia@example.org"), "rahasia_akun", "Ibu Rahasia", "+6281234567890",
                 "rahasia2@example.org"};
  post.payload = "From: rahasia@example.org";
  auto batch = world.batch({post});
  batch.changes[0].replies[0].address = "rahasia3@example.org";
  REQUIRE(world.store->commit(batch));
  const auto tables = world.database.ask(
      "SELECT string_agg(format('SELECT %L WHERE EXISTS (SELECT FROM %I t WHERE t::text ~* "
      "''rahasia|81234567890|%s'')', tablename, tablename, encode('rahasia', 'hex')), ' UNION ALL "
      "') FROM pg_tables WHERE schemaname = 'public'");
  CHECK(world.database.ask(tables).empty());

  const auto id = batch.changes[0].after.id;
  const auto reporter = world.store->report(id).value()->reporter;
  const auto officer = Actor{Role::national_admin, OfficerId(3), {}, {}};
  const auto author = world.store->identity(reporter, officer, "to call back").value();
  CHECK(author.id.value() == "rahasia@example.org");
  CHECK(author.phone == "+6281234567890");
  CHECK(world.database.ask("SELECT reason FROM act WHERE act = 'identity' AND officer = 3") ==
        "to call back");
  CHECK(world.store->replies_of(id).value().at(0).reply.address == "rahasia3@example.org");
}

TEST_CASE("a database that another key sealed is refused and left alone") {
  World world;
  world.file(world.post("m1", "Jalan rusak"));
  world.store.reset();
  const auto refused =
      Store::open(world.database.options(), Keys::of_seed("another bridge"), world.clock);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("kanal.key") != std::string::npos);
  world.store = world.database.open(world.keys, world.clock);
  CHECK(world.reports_with("rusak").size() == 1);
}

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

TEST_CASE("what falls due first is listed first, page by page, and counted up to a bound") {
  World world;
  const auto late = world.file(world.post("m1", "Lampu mati di pasar"));
  world.clock.advance(std::chrono::hours(-24));
  const auto soon = world.file(world.post("m2", "Jalan rusak di pasar"));
  world.file(world.post("m3", "Selokan mampet"));
  ReportFilter filter;
  filter.words = "pasar";
  filter.order = ReportFilter::Order::due;
  const auto found = world.store->find_reports(filter).value();
  REQUIRE(found.size() == 2);
  CHECK(found[0].id == soon);
  CHECK(found[1].id == late);
  filter.most = 1;
  filter.skip = 1;
  CHECK(world.store->find_reports(filter).value().at(0).id == late);
  CHECK(world.store->count_reports(filter).value() == 1);
  filter.most = 10;
  CHECK(world.store->count_reports(filter).value() == 2);
}

TEST_CASE("whoever looks in public finds nothing by what a public page blots out") {
  World world;
  world.file(world.post("m1", "Lampu pasar mati, hubungi 0812-3456-7890 atau budi@example.org"));
  world.database.ask("UPDATE report SET state = 'at_agency'");
  const auto found = [&](const std::string& words, bool in_public) {
    ReportFilter filter;
    filter.words = words;
    filter.public_only = in_public;
    return world.store->find_reports(filter).value().size();
  };
  CHECK(found("lampu hubungi", true) == 1);
  for (const auto* number : {"0812", "3456", "budi@example.org", "budi", "\"0812 3456\""}) {
    INFO(number);
    CHECK(found(number, true) == 0);
    CHECK(found(std::string("lampu -") + number, true) == 1);
  }
  CHECK(found("0812", false) == 1);
  CHECK(found("budi@example.org", false) == 1);
  world.database.ask("UPDATE report SET title = 'Telepon 0813 1111 2222'");
  world.database.ask("DELETE FROM report_search");
  CHECK(found("telepon", true) == 1);
  CHECK(found("1111", true) == 0);
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

TEST_CASE("reports are found by number, category, and when they came or moved") {
  World world;
  auto first = world.batch({world.post("m1", "Jalan rusak")});
  first.changes[0].after.category = CategoryId("road");
  REQUIRE(world.store->commit(first));
  world.clock.advance(std::chrono::hours(24));
  auto second = world.batch({world.post("m2", "Lampu mati")});
  REQUIRE(world.store->commit(second));
  const auto road = world.store->report(first.changes[0].after.id).value().value();
  const auto light = world.store->report(second.changes[0].after.id).value().value();
  const auto noon = world.clock.now() - std::chrono::hours(12);
  const auto found = [&](const std::function<void(ReportFilter&)>& narrow) {
    ReportFilter filter;
    narrow(filter);
    std::vector<ReportId> ids;
    const auto reports = world.store->find_reports(filter).value();
    for (const auto& report : reports) ids.push_back(report.id);
    return ids;
  };
  using Ids = std::vector<ReportId>;
  CHECK(found([&](ReportFilter& f) {
          f.categories = {CategoryId("road"), CategoryId("tree")};
        }) == Ids{road.id});
  CHECK(found([&](ReportFilter& f) { f.codes = {road.code}; }) == Ids{road.id});
  CHECK(found([&](ReportFilter& f) { f.received_from = noon; }) == Ids{light.id});
  CHECK(found([&](ReportFilter& f) { f.received_before = noon; }) == Ids{road.id});
  CHECK(found([&](ReportFilter& f) { f.received_from = light.received_at; }) == Ids{light.id});
  CHECK(found([&](ReportFilter& f) { f.received_before = road.received_at; }).empty());

  world.clock.advance(std::chrono::hours(24));
  REQUIRE(world.store->write(std::vector{world.act(road, Event::verify, State::at_agency)}));
  const auto moved = world.clock.now();
  CHECK(found([&](ReportFilter& f) { f.moved_from = moved; }) == Ids{road.id});
  CHECK(found([&](ReportFilter& f) {
          f.moved_from = noon;
          f.moved_before = moved;
        }) == Ids{light.id});

  const auto histories = world.store->histories(std::vector{light.id, road.id}).value();
  REQUIRE(histories.size() == 2);
  CHECK(histories[0].size() == 1);
  REQUIRE(histories[1].size() == 2);
  CHECK(histories[1][1].event == Event::verify);
  CHECK(histories[1][1].words == "Diteruskan");
  CHECK(world.store->histories({}).value().empty());
}

TEST_CASE("an attachment is found again by what the store says of it") {
  World world;
  auto post = world.post("m1", "Dengan foto");
  post.attachments.push_back({"jalan.jpg", "image/jpeg", "bytes of it", {}, 0, {}});
  const auto id = world.file(post);
  const auto attachment = world.store->posts_of(id).value().at(0).attachments.at(0);
  CHECK(std::filesystem::file_size(world.store->attachment_file(attachment)) == 11);
}

TEST_CASE("who waits for changes is woken by one, and by none once it is forgotten") {
  World world;
  std::atomic<int> woken{0};
  world.store->on_change([&](const auto&) { ++woken; });
  world.file(world.post("m1", "Lampu mati"));
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (woken == 0 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  CHECK(woken > 0);
  world.store->on_change({});
  const int before = woken;
  world.file(world.post("m2", "Air mati"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(woken == before);
}

TEST_CASE("a change names the channels that owe more by it, to other nodes too") {
  World world;
  const auto other_node = world.database.open(world.keys, world.clock);
  std::mutex mutex;
  std::map<std::string, std::set<ChannelName>> told;
  const auto listen = [&](Store& store, const std::string& node) {
    store.on_change([&, node](const std::set<ChannelName>& concerned) {
      const std::scoped_lock lock(mutex);
      told[node].insert(concerned.begin(), concerned.end());
    });
  };
  listen(*world.store, "own");
  listen(*other_node, "other");
  const auto eventually = [&](const std::function<bool()>& so) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < patience) {
      {
        const std::scoped_lock lock(mutex);
        if (so()) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  };
  const ChannelName idle("idle");
  const ChannelName paused("paused");
  // Until it listens.
  CHECK(eventually([&] {
    CHECK(world.store->save_health(idle, Health::waiting, ""));
    return told.contains("own") && told.contains("other");
  }));
  world.file(world.post("m1", "Lampu mati"));
  REQUIRE(world.store->set_paused(paused, true));
  for (const auto* node : {"own", "other"}) {
    CHECK(eventually([&] { return told[node].contains(world.mail); }));
    CHECK(eventually([&] { return told[node].contains(paused); }));
    const std::scoped_lock lock(mutex);
    CHECK_FALSE(told[node].contains(idle));
  }
  world.store->on_change({});
  other_node->on_change({});
}

TEST_CASE("a receipt finds its reply by what the far side called it") {
  World world;
  world.file(world.post("m1", "Jalan rusak"));
  const auto claimed = world.store->claim(world.mail, "node", 10, std::chrono::minutes(1)).value();
  REQUIRE(claimed.size() == 1);
  Settlement sent;
  sent.id = claimed[0].id;
  sent.state = ReplyState::sent;
  sent.external_id = ExternalId("smsc-17");
  REQUIRE(world.store->settle({&sent, 1}));
  IntakeBatch batch;
  batch.channel = world.mail;
  Signal other;
  other.kind = Signal::Kind::failed;
  other.subject = ExternalId("smsc-18");
  Signal signal;
  signal.subject = ExternalId("smsc-17");
  signal.detail = "DELIVRD";
  batch.signals = {other, signal};
  REQUIRE(world.store->commit(batch));
  const auto outbox = world.store->outbox({}, {}, 10).value();
  REQUIRE(outbox.size() == 1);
  CHECK(outbox[0].state == ReplyState::delivered);
  CHECK(outbox[0].detail == "DELIVRD");
}
