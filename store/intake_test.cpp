#include <algorithm>
#include <fstream>
#include <random>

#include <catch2/catch.hpp>

#include "store/attachments.hpp"
#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;
using namespace std::chrono_literals;

namespace {

std::uint64_t statements_for(World& world, std::size_t count) {
  std::vector<Post> posts;
  for (std::size_t i = 0; i < count; ++i) {
    auto post = world.post("new" + std::to_string(i), "Jalan rusak",
                           "author" + std::to_string(i % 7) + "@example.org");
    post.in_reply_to = ExternalId("m" + std::to_string(i % 3));
    post.hints.thread_token = std::to_string(i % 5);
    post.hints.tracking_code = "123456789012";
    posts.push_back(post);
  }
  const auto before = world.store->statements();
  REQUIRE(world.store->gather(world.mail, posts).value().size() == count);
  return world.store->statements() - before;
}

std::filesystem::path file_of(const World& world, const std::string& sha256) {
  return world.database.attachments() / sha256.substr(0, 2) / sha256.substr(2, 2) / sha256;
}

void make_old(const std::filesystem::path& file) {
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - 48h);
}

std::string put(const World& world, const std::string& bytes) {
  AttachmentFiles files(world.database.attachments());
  Attachment attachment;
  attachment.bytes = bytes;
  REQUIRE(files.take(attachment));
  return attachment.sha256;
}

}  // namespace

TEST_CASE("evidence costs as many statements for a thousand posts as for one") {
  World world;
  for (int i = 0; i < 3; ++i) {
    world.file(world.post("m" + std::to_string(i), "Jalan rusak",
                          "author" + std::to_string(i) + "@example.org"));
  }
  const auto one = statements_for(world, 1);
  CHECK(one <= 7);
  CHECK(statements_for(world, 1000) == one);
}

TEST_CASE("a commit costs as many statements for two hundred posts as for two") {
  World world;
  const auto commit = [&](const std::string& prefix, int count) {
    IntakeBatch batch = world.batch({});
    for (int i = 0; i < count; ++i) {
      auto one = world.batch({world.post(prefix + std::to_string(i), "Jalan rusak",
                                         prefix + std::to_string(i) + "@example.org")});
      one.filed[0].change = batch.changes.size();
      batch.filed.push_back(one.filed[0]);
      batch.changes.push_back(one.changes[0]);
    }
    const auto before = world.store->statements();
    REQUIRE(world.store->commit(batch));
    return world.store->statements() - before;
  };
  const auto two = commit("a", 2);
  CHECK(commit("b", 200) == two);
}

// The plans are made while the tables are empty, and kept.
TEST_CASE("what is stored already makes the next post no dearer to look up") {
  constexpr int k_turns = 100;
  constexpr int k_posts_a_turn = 5;
  World world;
  for (int turn = 0; turn < k_turns; ++turn) {
    auto batch = world.batch({});
    std::vector<Post> posts;
    for (int i = 0; i < k_posts_a_turn; ++i) {
      const auto name = std::to_string(turn) + "-" + std::to_string(i);
      posts.push_back(world.post("m" + name, "Jalan rusak " + name, name + "@example.org"));
      posts.back().in_reply_to = ExternalId("r" + name);
      posts.back().hints.passes_on = {ExternalId("o" + name)};
      auto one = world.batch({posts.back()});
      one.filed[0].change = batch.changes.size();
      batch.filed.push_back(one.filed[0]);
      batch.changes.push_back(one.changes[0]);
    }
    REQUIRE(world.store->gather(world.mail, posts));
    REQUIRE(world.store->commit(batch));
  }
  // What its sessions have counted is told when they end.
  world.store.reset();
  const auto entries_read = std::stod(world.database.ask(
      "SELECT sum(idx_tup_read) + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables)"
      " FROM pg_stat_user_indexes"));
  constexpr double k_most_entries_a_post = 25;
  CHECK(entries_read / (k_turns * k_posts_a_turn) < k_most_entries_a_post);
}

TEST_CASE("no sequence of acts loses a line of the history, and each state of it verifies") {
  constexpr int k_sequences = 12;
  constexpr int k_acts = 8;
  World world;
  std::minstd_rand random(20260302);
  for (int number = 0; number < k_sequences; ++number) {
    const auto id = world.file(world.post("s" + std::to_string(number), "Jalan rusak"));
    std::vector<Entry> before = world.store->history(id).value();
    for (int i = 0; i < k_acts; ++i) {
      const auto report = world.store->report(id).value().value();
      std::vector<Move> moves;
      for (const auto& move : lifecycle()) {
        if (move.from == report.state) moves.push_back(move);
      }
      const auto& move = moves.at(random() % moves.size());
      auto change = world.act(report, move.event, move.to);
      change.entries[0].words = "kata " + std::to_string(i);
      // A writer that has read another state is refused and changes nothing.
      auto stale = change;
      stale.expected_steps = report.steps + 1;
      CHECK(world.store->write(std::vector{stale}).value().refusal == Refusal::outdated);
      CHECK(!world.store->write(std::vector{change}).value().refusal);
      const auto after = world.store->history(id).value();
      REQUIRE(after.size() == before.size() + 1);
      for (std::size_t line = 0; line < before.size(); ++line) {
        CHECK(after[line].hash == before[line].hash);
        CHECK(after[line].words == before[line].words);
      }
      CHECK(after.back().previous == before.back().hash);
      CHECK(world.store->verify(id).has_value());
      before = after;
    }
  }
}

TEST_CASE("an attachment is whole on the disk before anything names it, for its owner alone") {
  World world;
  auto post = world.post("m1", "Jalan rusak");
  const auto spooled = scratch_directory() / "spooled-photo";
  std::ofstream(spooled) << "photo in the spool";
  Attachment photo;
  photo.name = "../../../etc/passwd";
  photo.type = "image/jpeg";
  photo.file = spooled;
  post.attachments.push_back(photo);
  REQUIRE(world.file(post));
  const auto stored = world.store->find_posts({}).value().at(0).attachments.at(0);
  CHECK(stored.name == "../../../etc/passwd");
  const auto file = file_of(world, stored.sha256);
  REQUIRE(std::filesystem::exists(file));
  CHECK_FALSE(std::filesystem::exists(spooled));
  CHECK(std::filesystem::file_size(file) == 18);
  std::size_t files = 0;
  for (const auto& each :
       std::filesystem::recursive_directory_iterator(world.database.attachments())) {
    files += each.is_regular_file() ? 1 : 0;
    CHECK((each.status().permissions() & std::filesystem::perms::others_all) ==
          std::filesystem::perms::none);
  }
  CHECK(files == 1);
}

TEST_CASE("a link in the spool is not followed, and a name that is no hash leads nowhere") {
  World world;
  AttachmentFiles files(world.database.attachments());
  const auto link = scratch_directory() / "link";
  std::filesystem::create_symlink("/etc/passwd", link);
  Attachment attachment;
  attachment.file = link;
  CHECK_FALSE(files.take(attachment));
  std::filesystem::remove(link);
  Attachment named;
  named.sha256 = "../../../../../etc/passwd";
  named.bytes = "x";
  REQUIRE(files.take(named));
  CHECK(named.sha256.size() == 64);
}

TEST_CASE("a batch that is refused leaves its files to be swept") {
  World world;
  const auto orphan = file_of(world, put(world, "orphan"));
  const auto young = file_of(world, put(world, "young"));
  const auto half = orphan.parent_path() / ".new-0011";
  const auto foreign = world.database.attachments() / "README";
  std::ofstream(half) << "half";
  std::ofstream(foreign) << "not ours";
  auto post = world.post("m1", "Jalan rusak");
  Attachment photo;
  photo.bytes = "named";
  post.attachments.push_back(photo);
  REQUIRE(world.file(post));
  const auto named =
      file_of(world, world.store->find_posts({}).value().at(0).attachments.at(0).sha256);
  for (const auto& file : {orphan, half, foreign, named}) make_old(file);

  CHECK(world.store->sweep_attachments(24h).value() == 2);
  CHECK_FALSE(std::filesystem::exists(orphan));
  CHECK_FALSE(std::filesystem::exists(half));
  CHECK(std::filesystem::exists(young));
  CHECK(std::filesystem::exists(foreign));
  CHECK(std::filesystem::exists(named));
  CHECK(world.store->sweep_attachments(24h).value() == 0);
}

TEST_CASE("two messages of one id are both found by it, with and without brackets") {
  World world;
  world.file(world.post("<a%_1@example.org>", "Jalan rusak"));
  auto other = world.post("<a%_1@example.org>", "Lampu mati");
  other.id = apart_id(other);
  world.file(other);
  world.file(world.post("<another@example.org>#", "Sampah menumpuk"));
  PostFilter filter;
  for (const auto* named : {"<a%_1@example.org>", "a%_1@example.org"}) {
    filter.external_id = named;
    const auto found = world.store->find_posts(filter).value();
    REQUIRE(found.size() == 2);
    CHECK(found[0].text == "Lampu mati");
    CHECK(found[1].text == "Jalan rusak");
  }
}

TEST_CASE("a sweep in turns comes by every file, however many lie before it") {
  World world;
  std::vector<std::filesystem::path> orphans;
  for (int i = 0; i < 5; ++i) {
    orphans.push_back(file_of(world, put(world, "orphan " + std::to_string(i))));
    make_old(orphans.back());
  }
  const auto left = [&] {
    return std::ranges::count_if(orphans,
                                 [](const auto& file) { return std::filesystem::exists(file); });
  };
  const auto folder = std::stoul(orphans[0].filename().string().substr(0, 2), nullptr, 16);
  CHECK(world.store->sweep_attachments(24h, folder + 256).value() > 0);
  CHECK_FALSE(std::filesystem::exists(orphans[0]));
  CHECK(left() > 0);
  std::size_t removed = 0;
  for (std::uint64_t turn = 1'000'000; turn < 1'000'256; ++turn) {
    removed += world.store->sweep_attachments(24h, turn).value();
  }
  CHECK(removed > 0);
  CHECK(left() == 0);
}

TEST_CASE("a file that is sent again is young again") {
  World world;
  const auto sha256 = put(world, "photo");
  make_old(file_of(world, sha256));
  put(world, "photo");
  CHECK(world.store->sweep_attachments(24h).value() == 0);
  CHECK(std::filesystem::exists(file_of(world, sha256)));
}

TEST_CASE("what could not be read is kept as it came, once, and can be marked as read again") {
  World world;
  for (int turn = 0; turn < 2; ++turn) {
    auto batch = world.batch({});
    batch.unreadable.push_back({ExternalId("u1"), std::string("raw\0bytes\xFF", 10), "torn"});
    batch.unreadable.push_back({{}, "no id", "torn"});
    batch.unreadable.push_back({{}, "no id either", "torn"});
    REQUIRE(world.store->commit(batch));
  }
  const auto all = world.store->quarantine({std::nullopt, 10}).value();
  REQUIRE(all.size() == 3);
  CHECK(world.store->quarantine({ChannelName("other"), 10}).value().empty());
  const auto known = std::find_if(all.begin(), all.end(), [](const auto& record) {
    return record.external_id == ExternalId("u1");
  });
  REQUIRE(known != all.end());
  const auto first = world.store->quarantined(known->id).value().value();
  CHECK(first.payload == std::string("raw\0bytes\xFF", 10));
  CHECK(first.reason == "torn");
  CHECK_FALSE(first.replayed_at);
  REQUIRE(world.store->mark_replayed(first.id));
  CHECK(world.store->quarantined(first.id).value()->replayed_at);
  CHECK_FALSE(world.store->quarantined(QuarantineId(4711)).value());
}

TEST_CASE("a channel's health tells since when, and keeps its cursor and its pause apart") {
  World world;
  const auto start = world.clock.now();
  REQUIRE(world.store->save_health(world.mail, Health::failing, "no route"));
  world.clock.advance(1min);
  REQUIRE(world.store->save_health(world.mail, Health::failing, "still no route"));
  auto record = world.store->channel(world.mail).value();
  CHECK(record.health == Health::failing);
  CHECK(record.health_since == start);
  CHECK(record.said == "still no route");
  CHECK_FALSE(record.last_success);
  REQUIRE(world.store->set_paused(world.mail, true));
  REQUIRE(world.store->save_health(world.mail, Health::working, ""));
  record = world.store->channel(world.mail).value();
  CHECK(record.paused);
  CHECK(record.health_since == start + 1min);
  CHECK(record.last_success == start + 1min);
  CHECK(world.store->channels().value().size() == 1);
}
