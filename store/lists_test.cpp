#include <algorithm>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;

namespace {

// Rows of the table that the store's sessions have read; they tell when they end.
long rows_read(World& world, const std::string& table) {
  const auto ask = [&](const std::string& what) {
    return world.database.ask("SELECT " + what +
                              " FROM pg_stat_activity"
                              " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  };
  world.store.reset();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(180);
  while (ask("count(*)") != "0") {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const auto read =
      std::stol(world.database.ask("SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
                                   " FROM pg_stat_user_tables WHERE relname = '" +
                                   table + "'"));
  world.store = world.database.open(world.keys, world.clock);
  return read;
}

// A bridge that has run for years.
void fill(const World& world) {
  world.database.ask(
      "INSERT INTO outbox (report, step, channel, reporter, language, subject, text,"
      " acknowledgement, state, created_at, due_at)"
      " SELECT n, 1, 'mail', 1, 'id', '', '', true, CASE WHEN n IN (5, 19000) THEN 'uncertain'"
      " ELSE 'sent' END, now(), now() FROM generate_series(2, 20000) AS n;"
      "INSERT INTO reporter (channel, lookup, sealed, first_seen, blocked)"
      " SELECT 'mail', ('x' || n)::bytea, '', now(), n % 200 = 0"
      " FROM generate_series(1, 20000) AS n;"
      "INSERT INTO act (at, role, act, subject, reason)"
      " SELECT now(), 'monitor', 'identity', 'reporter ' || n, '' FROM"
      " generate_series(1, 20000) AS n;"
      "INSERT INTO act (at, role, act, subject, reason)"
      " SELECT now(), 'monitor', 'block', 'reporter ' || id, 'spam' FROM reporter WHERE blocked;"
      "INSERT INTO post (channel, external_id, reporter, fate, reason, subject, text, language,"
      " stages, posted_at, received_at)"
      " SELECT 'mail', 'i' || n, 1, CASE WHEN n IN (7, 18000) THEN 'held' ELSE 'report' END,"
      " '', '', '', 'id', '[]', now(), now()"
      " FROM generate_series(1, 20000) AS n;"
      "ANALYZE");
}

constexpr long k_few = 2000;

// What has been dealt with and is not over: each look for what is new passes it by.
void leave_behind(const World& world) {
  const auto trouble = world.database.ask(
      "INSERT INTO outbox (report, step, channel, reporter, language, subject, text,"
      " acknowledgement, state, created_at, due_at, external_id)"
      " SELECT 0, n, 'mail', 1, 'id', '', 'BANTUAN', true,"
      " CASE WHEN n <= 5 THEN 'owed' ELSE 'sent' END, now(), '2026-01-01', 'e' || n"
      " FROM generate_series(1, 20000) AS n;"
      "INSERT INTO outbox (report, step, channel, reporter, language, subject, text,"
      " acknowledgement, state, created_at, due_at, external_id)"
      " SELECT n, 1, 'mail', 1, 'id', '', '', true, 'sent', now(), '2026-01-01', 'o' || n"
      " FROM generate_series(101, 20100) AS n;"
      "INSERT INTO early_receipt (channel, external_id, kind, detail, permanent, at)"
      " SELECT 'sms', 'r' || n, 'delivered', '', false, now() FROM generate_series(1, 20000) AS n;"
      "INSERT INTO report SELECT made.* FROM report AS r, generate_series(101, 20100) AS n,"
      " LATERAL json_populate_record(r, json_build_object('id', n, 'code', 'c' || n,"
      " 'state', 'at_agency', 'timer', 'response', 'due_at', '2026-01-01', 'overdue', true)) AS "
      "made"
      " WHERE r.id = (SELECT min(id) FROM report);"
      "INSERT INTO entry SELECT made.* FROM entry AS e, generate_series(101, 20100) AS n,"
      " generate_series(1, 4) AS s, LATERAL json_populate_record(e, json_build_object("
      " 'report', n, 'step', s, 'event', CASE s WHEN 4 THEN 'advise' ELSE 'receive' END)) AS made"
      " WHERE e.step = 1 AND e.report = (SELECT min(id) FROM report);"
      "INSERT INTO quarantine (channel, external_id, reason, payload_hash, payload, size_bytes, at,"
      " discarded_at) SELECT 'mail', 'q' || n, 'torn', '', '', 0, now(), now()"
      " FROM generate_series(1, 20000) AS n;"
      "INSERT INTO act (at, role, act, subject, reason)"
      " SELECT now(), 'monitor', 'discard', 'quarantine ' || id, 'an old list' FROM quarantine"
      " WHERE discarded_at IS NOT NULL;"
      "ANALYZE");
  INFO(trouble);
  REQUIRE(trouble.empty());
}

}  // namespace

TEST_CASE("what was dealt with long ago is not read again by looks for what is new") {
  World world;
  auto batch = world.batch({world.post("m1", "Jalan rusak")});
  batch.unreadable.push_back({ExternalId("u1"), "torn", "cannot be read"});
  REQUIRE(world.store->commit(batch));
  leave_behind(world);
  world.clock.advance(std::chrono::days(100));
  SECTION("answers to who only asks") {
    const auto before = rows_read(world, "outbox") + rows_read(world, "post");
    const auto claimed = world.store->claim(world.mail, "a", 10, std::chrono::seconds(30)).value();
    CHECK(claimed.size() == 6);
    CHECK(rows_read(world, "outbox") + rows_read(world, "post") - before < k_few);
  }
  SECTION("receipts of what others sent") {
    const auto claimed = world.store->claim(world.mail, "a", 10, std::chrono::seconds(30)).value();
    std::vector<Settlement> sent;
    for (const auto& reply : claimed) {
      sent.push_back({reply.id, ReplyState::sent, ExternalId("s" + reply.key), {}, {}});
    }
    const auto before = rows_read(world, "early_receipt");
    REQUIRE(world.store->settle(sent));
    CHECK(rows_read(world, "early_receipt") - before < k_few);
  }
  SECTION("deadlines that have run out") {
    const auto before = rows_read(world, "report");
    CHECK(world.store->due(world.clock.now(), 500, nullptr).value().size() == 1);
    CHECK(rows_read(world, "report") - before < k_few);
  }
  SECTION("those who were told of the Ombudsman") {
    const auto before = rows_read(world, "entry");
    const auto report = batch.changes[0].after.id;
    const auto unsolved = world.store->unsolved(world.clock.now(), 500, {}).value();
    REQUIRE(unsolved.size() == 1);
    CHECK(unsolved[0].id == report);
    // Of each that is still worked on, the line that says so.
    CHECK(rows_read(world, "entry") - before < 20'000 + k_few);
  }
  SECTION("what was set aside") {
    const auto before = rows_read(world, "quarantine") + rows_read(world, "act");
    QuarantineFilter waiting;
    waiting.waiting_only = true;
    CHECK(world.store->quarantine(waiting).value().size() == 1);
    CHECK(world.store->count_quarantined(waiting).value() == 1);
    CHECK(rows_read(world, "quarantine") + rows_read(world, "act") - before < k_few);
  }
}

TEST_CASE("lists that are drawn all day read what they show, however long a bridge has run") {
  World world;
  world.file(world.post("m1", "Jalan rusak"));
  auto batch = world.batch({});
  batch.unreadable.push_back({ExternalId("u1"), "torn", "cannot be read"});
  REQUIRE(world.store->commit(batch));
  fill(world);
  SECTION("replies that wait for somebody") {
    const auto before = rows_read(world, "outbox");
    for (const auto& channel : {std::optional<ChannelName>(), std::optional(world.mail)}) {
      CHECK(world.store->outbox(channel, ReplyState::uncertain, 50).value().size() == 2);
      CHECK(world.store->outbox(channel, ReplyState::failed, 50).value().empty());
      CHECK(world.store->count_failed({}, 1000).value() == 0);
      CHECK(world.store->outbox(channel, ReplyState::owed, 50).value().size() == 1);
      CHECK(world.store->outbox(channel, ReplyState::sending, 50).value().empty());
    }
    CHECK(rows_read(world, "outbox") - before < k_few);
  }
  SECTION("blocked senders") {
    const auto before = rows_read(world, "act") + rows_read(world, "reporter");
    CHECK(world.store->blocked_senders(200).value().size() == 100);
    CHECK(rows_read(world, "act") + rows_read(world, "reporter") - before < k_few);
  }
  SECTION("the quarantine") {
    const auto before = rows_read(world, "act");
    CHECK(world.store->quarantine({std::nullopt, 200}).value().size() == 1);
    CHECK(rows_read(world, "act") - before < k_few);
  }
  SECTION("held messages") {
    const auto before = rows_read(world, "post");
    PostFilter held;
    held.fate = Fate::held;
    CHECK(world.store->find_posts(held).value().size() == 2);
    CHECK(world.store->count_held(1000).value().open == 2);
    CHECK(rows_read(world, "post") - before < k_few);
  }
  SECTION("answered reports whose reporters wrote since") {
    world.database.ask(
        "INSERT INTO report SELECT made.* FROM report AS r, generate_series(2, 20000) AS n,"
        " LATERAL json_populate_record(r, json_build_object('id', n, 'code', 'c' || n, 'state',"
        "  CASE WHEN n % 100 = 0 THEN 'answered' ELSE 'closed' END, 'updated_at',"
        "  r.state_since + interval '1 day' * (n % 200))) AS made WHERE r.id = 1;"
        "INSERT INTO entry SELECT made.* FROM entry AS e, generate_series(2, 20000) AS n,"
        " generate_series(1, 4) AS s, LATERAL json_populate_record(e, json_build_object("
        " 'report', n, 'step', s, 'post', CASE s WHEN 1 THEN e.post END, 'event',"
        " CASE s WHEN 3 THEN 'answer' WHEN 4 THEN 'comment' ELSE 'receive' END)) AS made WHERE "
        "e.step = 1 AND e.report = 1;"
        "ANALYZE");
    const auto before = rows_read(world, "report") + rows_read(world, "entry");
    ReportFilter waiting;
    waiting.states = {State::at_unit};
    waiting.or_unheard = true;
    waiting.most = 1000;
    CHECK(world.store->count_reports(waiting).value() == 100);
    CHECK(rows_read(world, "report") + rows_read(world, "entry") - before < k_few);
  }
  SECTION("a message by its id, whatever its channel") {
    const auto before = rows_read(world, "post");
    PostFilter by_id;
    by_id.external_id = "i777";
    CHECK(world.store->find_posts(by_id).value().size() == 1);
    CHECK(rows_read(world, "post") - before < k_few);
  }
}

TEST_CASE("a held message waits until somebody has dealt with it") {
  World world;
  auto secret = world.post("h2", "Pungutan liar");
  secret.hints.confidential = true;
  auto batch = world.batch({world.post("m1", "Rahasia")});
  batch.changes[0].after.confidential = true;
  REQUIRE(world.store->commit(batch));
  REQUIRE(world.hold(world.post("h1", "Jalan rusak")));
  REQUIRE(world.hold(secret));
  REQUIRE(world.hold(world.post("h3", "Tambahan"), batch.changes[0].after.id));
  REQUIRE(world.hold(world.post("h4", "Lampu mati")));
  const auto waiting = [&](int most = 100) { return world.store->count_held(most).value(); };
  CHECK(waiting().open == 2);
  CHECK(waiting().confidential == 2);
  CHECK(waiting(1).open == 1);
  CHECK(waiting(1).confidential == 0);
  const auto number = [&](const char* id) {
    return PostId(std::stol(
        world.database.ask("SELECT id FROM post WHERE external_id = '" + std::string(id) + "'")));
  };
  REQUIRE(world.store->discard(number("h1"), {Role::monitor, OfficerId(1), {}, {}}, "spam"));
  CHECK(waiting().open == 1);
  REQUIRE(world.store->erase_post(number("h4"), "its author deleted it"));
  CHECK(waiting().open == 0);
  CHECK(waiting().confidential == 2);
}

TEST_CASE("the quarantine is listed page by page, what waits by itself, and found by its id") {
  World world;
  auto batch = world.batch({});
  for (int i = 1; i <= 30; ++i) {
    const auto number = std::to_string(i);
    batch.unreadable.push_back({ExternalId("<u" + number + "@x>"), "torn " + number, "unreadable"});
  }
  REQUIRE(world.store->commit(batch));
  const Actor monitor{Role::monitor, OfficerId(1), {}, {}};
  for (int i = 11; i <= 20; ++i) {
    REQUIRE(world.store->discard(QuarantineId(i), monitor, "an old list"));
  }
  for (int i = 21; i <= 30; ++i) REQUIRE(world.store->mark_replayed(QuarantineId(i)));
  QuarantineFilter filter;
  filter.most = 12;
  std::vector<std::int64_t> ids;
  for (;;) {
    const auto page = world.store->quarantine(filter).value();
    for (const auto& record : page) ids.push_back(record.id.value());
    if (page.empty()) break;
    filter.before_id = ids.back();
  }
  REQUIRE(ids.size() == 30);
  CHECK(std::is_sorted(ids.rbegin(), ids.rend()));

  filter = {};
  filter.waiting_only = true;
  const auto waiting = world.store->quarantine(filter).value();
  CHECK(waiting.size() == 10);
  for (const auto& record : waiting) CHECK(record.waits());
  CHECK(world.store->count_quarantined(filter).value() == 10);
  filter.most = 4;
  CHECK(world.store->count_quarantined(filter).value() == 4);

  filter = {};
  for (const auto* id : {"u17@x", "<u17@x>", " <u17@x> "}) {
    filter.external_id = id;
    const auto found = world.store->quarantine(filter).value();
    REQUIRE(found.size() == 1);
    CHECK(found[0].external_id == ExternalId("<u17@x>"));
  }
  filter.external_id = world.store->quarantined(QuarantineId(15)).value()->external_id.value();
  CHECK(world.store->quarantine(filter).value().at(0).discarded_why == "an old list");
  filter.channel = ChannelName("other");
  CHECK(world.store->quarantine(filter).value().empty());
}
