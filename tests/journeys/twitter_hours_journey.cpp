// An X account through bad hours: the real connector, intake, outbox and database on one clock with
// the sandbox, so that a quarter of an hour, a token's life and a day pass in a moment; and killed
// wherever it speaks to X or to the database.

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <random>

#include <catch2/catch.hpp>

#include "connectors/twitter/cursor.hpp"
#include "connectors/twitter/twitter.hpp"
#include "core/erased.hpp"
#include "tests/journeys/hours_world.hpp"
#include "tests/support/sandbox_process.hpp"

namespace kanal::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* k_mentions = "GET /2/users/:id/mentions";
constexpr const char* k_answers = "POST /2/tweets";

struct Bridge : HoursWorld {
  SandboxProcess x{"twitter"};
  HttpWay wire;
  Surroundings around{clock, keys, organisation, wire, mail, {}};
  twitter::Settings settings;

  explicit Bridge(const std::string& authorisation = "oauth1") : HoursWorld("x", "twitter") {
    rules.length = Length::medium;
    rules.links = false;
    rules.in_public = true;
    settings.handle = "kanal";
    settings.api_url = x.ready("url");
    settings.start_from = "all";
    settings.authorisation = authorisation;
    settings.mentions_every_s = 0s;
    settings.quotations = false;
    settings.client_id = x.ready("client_id");
    const auto secret = [&](const char* key) {
      const auto variable = std::string("KANAL_HOURS_") + key;
      ::setenv(variable.c_str(), x.ready(key).c_str(), 1);
      return Secret("env:" + variable);
    };
    settings.consumer_key = secret("consumer_key");
    settings.consumer_secret = secret("consumer_secret");
    settings.access_token = secret("access_token");
    settings.access_secret = secret("access_secret");
    settings.client_secret = secret("client_secret");
    settings.refresh_token = secret("refresh_token");
    restart();
  }

  ~Bridge() { close(); }
  void restart() {
    HoursWorld::restart([this] {
      auto made = twitter::Twitter::create(name, settings, around);
      REQUIRE(made);
      return std::move(*made);
    });
  }
  void pass(std::chrono::seconds time) {
    clock.advance(time);
    x.order("POST", "/clock", R"({"advance_s":)" + std::to_string(time.count()) + "}");
  }

  std::string citizen_posts(const std::string& who, const std::string& text,
                            const std::string& in_reply_to = {}, bool picture = false) {
    JsonWriter body;
    body.begin_object().member("as", who).member("text", text);
    if (!in_reply_to.empty()) body.member("in_reply_to", in_reply_to);
    if (picture) body.key("pictures").begin_array().begin_object().end_object().end_array();
    return x.order("POST", "/posts", body.end_object().take()).text("id");
  }
  std::vector<std::string> complaints(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      const auto number = std::to_string(complained_++);
      ids.push_back(citizen_posts("warga" + number, "@kanal Sampah menumpuk di gang " + number));
    }
    return ids;
  }
  std::size_t answers_to(const std::string& id) {
    const auto timeline = x.order("GET", "/timeline");
    return static_cast<std::size_t>(
        std::ranges::count_if(timeline.find("posts")->array, [&](const Json& post) {
          return post.text("by") == "kanal" && post.text("in_reply_to") == id;
        }));
  }
  /// What X does badly at the next calls there.
  void order_fault(const std::string& on, const std::string& fault, int times,
                   std::chrono::milliseconds delay = 0ms) {
    JsonWriter body;
    body.begin_object().member("on", on).member("fault", fault).member("times", times);
    x.order("POST", "/faults", body.member("delay_ms", delay.count()).end_object().take());
  }
  /// How often X was called there, and how often with this answer.
  int calls_of(const std::string& endpoint, int status = 0) {
    const auto requests = x.order("GET", "/requests");
    return static_cast<int>(std::ranges::count_if(requests.array, [&](const Json& request) {
      return request.text("endpoint") == endpoint &&
             (status == 0 || request.find("status")->integer == status);
    }));
  }

  /// Asks after what is stored, as far as the connector wants to.
  void recheck() {
    auto& rechecker = dynamic_cast<Rechecker&>(*connector);
    for (auto wish = rechecker.wanted(cursor()); wish.most > 0; wish = rechecker.wanted(cursor())) {
      const auto ids = store->ids_between(name, wish.after, wish.before, wish.most);
      REQUIRE(ids);
      auto batch = rechecker.recheck(cursor(), *ids);
      REQUIRE(batch);
      REQUIRE(intake->ingest(name, std::move(*batch), std::nullopt));
    }
  }
  /// Turns until every post has been answered, with time in between for what must wait; no more
  /// than a day.
  void go_on(const std::vector<std::string>& posts) {
    for (int turn = 0; turn < 100; ++turn) {
      (void)read();
      (void)send();
      const bool all =
          std::ranges::all_of(posts, [&](const std::string& id) { return answers_to(id) > 0; });
      if (all && owed().empty()) return;
      pass(15min);
    }
  }
  void check_each_answered_once(const std::vector<std::string>& posts) {
    for (const auto& id : posts) {
      INFO(id);
      CHECK(answers_to(id) == 1);
      CHECK(database.ask("SELECT count(*) FROM post WHERE external_id = '" + id + "'") == "1");
    }
    CHECK(owed().empty());
  }

 private:
  int complained_ = 0;
};

TEST_CASE("what comes twice and in any order is stored once and answered once") {
  const auto seed = GENERATE(1U, 2U, 3U);
  Bridge bridge;
  const auto posts = bridge.complaints(12);
  REQUIRE(bridge.read());
  const auto after = bridge.cursor();
  std::mt19937 random(seed);
  for (int round = 0; round < 3; ++round) {
    bridge.database.ask("UPDATE channel SET cursor = '{\"v\":\"x1\",\"mentions\":\"1\"}'");
    bridge.restart();
    auto batch = bridge.connector->poll(bridge.cursor(), {});
    REQUIRE(batch);
    REQUIRE(batch->posts.size() == posts.size());
    batch->posts.insert(batch->posts.end(), batch->posts.begin(), batch->posts.begin() + 5);
    std::ranges::shuffle(batch->posts, random);
    REQUIRE(bridge.intake->ingest(bridge.name, std::move(*batch), std::nullopt));
    (void)bridge.send();
  }
  bridge.go_on(posts);
  bridge.check_each_answered_once(posts);
  CHECK(bridge.database.ask("SELECT count(*) FROM report") == std::to_string(posts.size()));
}

TEST_CASE("a quarter of an hour without calls is waited for, and not one call is wasted in it") {
  Bridge bridge;
  bridge.x.order("POST", "/settings",
                 R"({"limits":{"GET /2/users/:id/mentions":3,"POST /2/tweets":2}})");
  const auto posts = bridge.complaints(7);
  REQUIRE(bridge.read());
  int limited = 0;
  for (int minute = 0; minute < 90; ++minute) {
    limited += bridge.read() ? 0 : 1;
    (void)bridge.send();
    bridge.pass(1min);
  }
  CHECK(limited > 30);
  // Headers told the end of each window: nothing was tried against a closed one.
  CHECK(bridge.calls_of("GET /2/users/:id/mentions", 429) == 0);
  CHECK(bridge.calls_of("POST /2/tweets", 429) == 0);
  bridge.go_on(posts);
  bridge.check_each_answered_once(posts);
}

TEST_CASE("a token ends, and its successor is stored before it is used, whatever is killed") {
  Bridge bridge("oauth2");
  const auto first = bridge.complaints(2);
  // The successor is fetched and stored; killed before it is used.
  auto renewed = bridge.connector->poll(bridge.cursor(), {});
  REQUIRE(renewed);
  CHECK(renewed->posts.empty());
  REQUIRE(bridge.intake->ingest(bridge.name, std::move(*renewed), std::nullopt));
  bridge.restart();
  REQUIRE(bridge.read());
  CHECK(bridge.calls_of("POST /2/oauth2/token") == 1);
  bridge.pass(3h);
  // The old one has run out while answers are owed.
  const auto waits = bridge.send();
  REQUIRE(waits);
  CHECK(waits->remedy == Remedy::throttled);
  bridge.go_on(first);
  bridge.check_each_answered_once(first);
  CHECK(bridge.calls_of("POST /2/oauth2/token") == 2);

  // Killed when X had already made the successor and nobody had stored it: a person must log in
  // again, and is told so; until then everything is kept.
  const auto second = bridge.complaints(2);
  bridge.pass(3h);
  bridge.wire.dies_at = 0;
  bridge.wire.dies_after = true;
  CHECK_THROWS_AS(bridge.read(), Killed);
  bridge.restart();
  const auto refused = bridge.read();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("refresh_token") != std::string::npos);
  ::setenv("KANAL_HOURS_new", "sandbox-refresh-3", 1);
  bridge.settings.refresh_token = Secret("env:KANAL_HOURS_new");
  bridge.restart();
  bridge.go_on(second);
  bridge.check_each_answered_once(second);
}

TEST_CASE("an hour without X loses nothing and answers nothing twice") {
  Bridge bridge;
  // Across midnight: the day's account begins anew within the hour.
  const auto midnight = std::chrono::ceil<std::chrono::days>(bridge.clock.now());
  bridge.pass(std::chrono::ceil<std::chrono::seconds>(midnight - bridge.clock.now()) + 23h + 30min);
  auto posts = bridge.complaints(3);
  REQUIRE(bridge.read());
  bridge.wire.is_cut = true;
  for (int minute = 0; minute < 60; minute += 5) {
    if (minute % 15 == 0) {
      for (auto& id : bridge.complaints(1)) posts.push_back(id);
    }
    CHECK_FALSE(bridge.read());
    (void)bridge.send();
    bridge.pass(5min);
  }
  CHECK(bridge.owed().size() == 3);
  bridge.wire.is_cut = false;
  // It comes back badly: the first answers are posted and their senders told that they failed.
  bridge.x.order("POST", "/faults", R"({"on":"POST /2/tweets","fault":"503_posted","times":3})");
  bridge.x.order("POST", "/faults",
                 R"({"on":"GET /2/users/:id/mentions","fault":"half","times":1})");
  bridge.go_on(posts);
  bridge.check_each_answered_once(posts);
}

TEST_CASE("whatever X answers badly, every post is stored, and answered once") {
  const auto fault =
      GENERATE(as<std::string>{}, "429_plain", "no_headers", "garbage", "half", "slow");
  INFO(fault);
  const bool is_slow = fault == "slow";
  Bridge bridge;
  if (is_slow) {
    bridge.settings.timeout_s = 1s;
    bridge.restart();
  }
  const auto delay = is_slow ? 2'000ms : 0ms;
  auto posts = bridge.complaints(2);
  bridge.order_fault(k_mentions, fault, 2, delay);
  CHECK(bridge.read().has_value() == (fault == "no_headers"));
  bridge.go_on(posts);
  bridge.order_fault(k_answers, fault, 2, delay);
  for (auto& id : bridge.complaints(3)) posts.push_back(id);
  bridge.go_on(posts);
  bridge.check_each_answered_once(posts);
  CHECK(bridge.database.ask("SELECT count(*) FROM report") == std::to_string(posts.size()));
  CHECK(bridge.calls_of(k_answers, 429) == (fault == "429_plain" ? 2 : 0));
  CHECK(bridge.calls_of(k_answers, 201) == static_cast<int>(posts.size()));
  // What X had posted was found there, and not tried once more.
  CHECK(bridge.calls_of(k_answers, 403) == 0);
}

TEST_CASE("a limit that is not told the end of is waited out for a quarter of an hour") {
  Bridge bridge;
  bridge.x.order("POST", "/settings",
                 R"({"limits":{"GET /2/users/:id/mentions":1,"POST /2/tweets":1}})");
  for (const auto* on : {k_mentions, k_answers}) bridge.order_fault(on, "no_headers", 2);
  const auto posts = bridge.complaints(3);
  REQUIRE(bridge.read());
  const auto refused = bridge.read();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::throttled);
  CHECK(refused.error().retry_after > 14min);
  const auto waits = bridge.send();
  REQUIRE(waits);
  CHECK(waits->remedy == Remedy::throttled);
  CHECK(waits->retry_after > 14min);
  bridge.pass(14min);
  (void)bridge.read();
  (void)bridge.send();
  CHECK(bridge.calls_of(k_mentions, 429) == 1);
  CHECK(bridge.calls_of(k_answers, 429) == 1);
  bridge.go_on(posts);
  bridge.check_each_answered_once(posts);
}

TEST_CASE("killed at any call or step, every post is stored, and answered once") {
  Bridge bridge;
  std::vector<std::string> posts;
  const auto run = [&] {
    for (auto& id : bridge.complaints(2)) posts.push_back(id);
    (void)bridge.read();
    (void)bridge.send();
  };
  run();
  int killed = 0;
  for (const bool after : {false, true}) {
    for (int call = 0; call < 8; ++call) {
      bridge.wire.dies_at = call;
      bridge.wire.dies_after = after;
      try {
        run();
      } catch (const Killed&) {
        ++killed;
      }
      bridge.wire.dies_at = -1;
      bridge.restart();
    }
  }
  for (const auto step : {Step::polled, Step::ingested, Step::sent}) {
    bridge.reached = [&, step](Step here) {
      if (here == step) throw Killed{};
    };
    CHECK_THROWS_AS(run(), Killed);
    ++killed;
    bridge.reached = [](Step) {};
    bridge.restart();
  }
  CHECK(killed > 8);
  bridge.go_on(posts);
  bridge.check_each_answered_once(posts);
}

TEST_CASE("what its author deletes is gone here within a day, and nothing about it goes out") {
  Bridge bridge;
  const auto kept = bridge.citizen_posts("ayu", "@kanal Lampu jalan mati di Sukasada");
  const auto id = bridge.citizen_posts("budi", "@kanal Jembatan gantung rusak parah", {}, true);
  bridge.go_on({kept, id});
  ReportFilter words;
  words.words = "jembatan";
  const auto report = bridge.store->find_reports(words).value().at(0);
  REQUIRE(bridge.store->posts_of(report.id).value().at(0).attachments.size() == 1);
  const auto file = bridge.store->attachment_file(
      bridge.store->posts_of(report.id).value().at(0).attachments.at(0));
  REQUIRE(std::filesystem::exists(file));
  bridge.x.order("DELETE", "/posts/" + id);
  bridge.pass(23h);
  bridge.recheck();
  CHECK(bridge.calls_of("GET /2/tweets") == 1);
  const auto post = bridge.store->posts_of(report.id).value().at(0);
  CHECK(post.erased);
  CHECK(post.reason == k_deleted_by_author);
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK(bridge.store->find_reports(words).value().empty());
  CHECK(bridge.store->verify(report.id));
  CHECK_FALSE(bridge.store->history(report.id).value().empty());

  Command verify;
  verify.event = Event::verify;
  verify.actor = {Role::national_admin, OfficerId(1), {}, {}};
  verify.agency = AgencyId("buleleng");
  REQUIRE(bridge.casework->act(report.id, verify));
  bridge.go_on({kept});
  CHECK(bridge.answers_to(id) == 1);
  CHECK(bridge.store->verify(report.id));
}

TEST_CASE("a quotation that its author deletes supports nothing any more") {
  Bridge bridge;
  const auto id = bridge.citizen_posts("budi", "@kanal Jembatan gantung rusak parah");
  bridge.go_on({id});
  JsonWriter body;
  body.begin_object().member("as", "ayu").member("text", "@kanal").member("quotes", id);
  const auto quotation = bridge.x.order("POST", "/posts", body.end_object().take()).text("id");
  REQUIRE(bridge.read());
  const auto support = [&] {
    return bridge.store->supports(bridge.store->find_reports({}).value()).value().at(0);
  };
  CHECK(support() == 1);
  bridge.x.order("DELETE", "/posts/" + quotation);
  bridge.pass(23h);
  bridge.recheck();
  CHECK(support() == 0);
}

TEST_CASE("what its author changes reaches the officers, though it calls us no more") {
  Bridge bridge;
  const auto id = bridge.citizen_posts("budi", "@kanal Jalan berlubang di Jalan Udayana");
  bridge.go_on({id});
  const auto change = [&](const std::string& text) {
    JsonWriter body;
    body.begin_object().member("text", text);
    bridge.x.order("POST", "/posts/" + id, body.end_object().take());
  };
  change("@kanal Maaf salah alamat: Jalan Gajah Mada nomor 7");
  REQUIRE(bridge.read());
  const auto report = bridge.store->find_reports({}).value().at(0);
  const auto newest = [&] { return bridge.store->history(report.id).value().back().words; };
  CHECK(newest() == "Maaf salah alamat: Jalan Gajah Mada nomor 7");
  const auto standing = bridge.x.order("GET", "/timeline").find("posts")->array.back().text("id");
  bridge.x.order("POST", "/posts/" + standing, R"({"text":"Jalan Gajah Mada nomor 9, bukan 7"})");
  REQUIRE(bridge.read());
  bridge.pass(23h);
  bridge.recheck();
  CHECK(newest() == "Jalan Gajah Mada nomor 9, bukan 7");
  CHECK(bridge.store->find_reports({}).value().size() == 1);
  CHECK(bridge.store->verify(report.id));
}

TEST_CASE("a complaint that goes on below the post that calls us is one report with all of it") {
  Bridge bridge;
  const auto first = bridge.citizen_posts("budi", "@kanal Jalan berlubang di Sukasada (1/3)");
  const auto second = bridge.citizen_posts("budi", "Persis depan SMPN 4 (2/3)", first);
  REQUIRE(bridge.read());
  bridge.citizen_posts("budi", "Sudah dua minggu (3/3)", second);
  bridge.citizen_posts("ayu", "Setuju", second);
  for (int minute = 0; minute < 20; ++minute) {
    bridge.pass(1min);
    REQUIRE(bridge.read());
  }
  const auto reports = bridge.store->find_reports({}).value();
  REQUIRE(reports.size() == 1);
  std::vector<std::string> texts;
  const auto posts = bridge.store->posts_of(reports[0].id).value();
  for (const auto& post : posts) texts.push_back(post.text);
  CHECK(texts == std::vector<std::string>{"Jalan berlubang di Sukasada (1/3)",
                                          "Persis depan SMPN 4 (2/3)", "Sudah dua minggu (3/3)"});
  const auto searches = bridge.calls_of("GET /2/tweets/search/recent");
  CHECK(searches > 0);
  CHECK(searches <= 3);
  bridge.pass(1h);
  REQUIRE(bridge.read());
  CHECK(bridge.calls_of("GET /2/tweets/search/recent") == searches);
}

TEST_CASE(
    "a word for the service is answered to everybody who writes it, though X takes no repeat") {
  Bridge bridge;
  const auto complaint = bridge.citizen_posts("budi", "@kanal Sampah menumpuk di gang saya");
  bridge.go_on({complaint});
  const auto code = bridge.store->find_reports({}).value().at(0).code.value();
  std::vector<std::string> posts;
  const auto say = [&](const char* who, const std::string& words) {
    bridge.pass(15min);
    posts.push_back(bridge.citizen_posts(who, "@kanal " + words));
  };
  for (const auto* who : {"wayan", "made"}) {
    for (const auto* word : {"BANTUAN", "STOP"}) say(who, word);
  }
  for (int i = 0; i < 2; ++i) say("budi", "STATUS " + code);
  bridge.go_on(posts);
  bridge.check_each_answered_once(posts);
  CHECK(bridge.calls_of("POST /2/tweets", 403) == 0);
}

TEST_CASE("what is for the reporter alone is asked and answered by message, and never posted") {
  Bridge bridge;
  bridge.settings.direct_messages = true;
  bridge.settings.messages_every_s = 0s;
  bridge.restart();
  const auto id = bridge.citizen_posts("budi", "@kanal Sampah menumpuk di gang saya");
  bridge.go_on({id});
  const auto report = bridge.store->find_reports({}).value().at(0);
  const auto act = [&](Event event, const std::string& words) {
    Command command;
    command.event = event;
    command.actor = {Role::national_admin, OfficerId(1), {}, {}};
    command.words = command.reason = words;
    REQUIRE(bridge.casework->act(report.id, command));
    bridge.pass(15min);
    (void)bridge.read();
    CHECK_FALSE(bridge.send());
  };
  const auto said = [&](const char* list, const std::string& words) {
    const auto timeline = bridge.x.order("GET", "/timeline");
    return std::ranges::count_if(timeline.find(list)->array, [&](const Json& each) {
      return each.text("by") == "kanal" && each.text("text").find(words) != std::string::npos;
    });
  };
  act(Event::hold, "alamat rumah Anda");
  CHECK(bridge.answers_to(id) == 2);
  CHECK(said("posts", "tanpa data pribadi") == 1);
  CHECK(said("posts", "alamat rumah") == 0);

  bridge.x.order("POST", "/messages", R"({"as":"budi","text":"Gang Mawar 7","pictures":[{}]})");
  bridge.pass(15min);
  REQUIRE(bridge.read());
  CHECK(bridge.store->find_reports({}).value().size() == 1);
  CHECK(bridge.store->report(report.id).value()->state == State::received);
  const auto posts = bridge.store->posts_of(report.id).value();
  REQUIRE(posts.size() == 2);
  CHECK(posts[1].text == "Gang Mawar 7");
  CHECK(posts[1].attachments.size() == 1);

  act(Event::archive, "NIK pelapor tidak cocok");
  CHECK(said("messages", "NIK pelapor") == 1);
  CHECK(said("posts", "NIK pelapor") == 0);
}

}  // namespace
}  // namespace kanal::test
