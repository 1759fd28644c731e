#include "connectors/twitter/twitter.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>

#include "connectors/twitter/cursor.hpp"
#include "connectors/twitter/x_fixture.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} + 3h};

class NoMail final : public Mail {
 public:
  Result<std::unique_ptr<Pipe>> connect(const MailServer& /*server*/) override {
    return fail(Remedy::drop, "there is no mail here");
  }
};

struct World {
  MemoryX x;
  ManualClock clock{k_now};
  Keys keys = Keys::of_seed("twitter");
  Organisation offices;
  NoMail mail;
  Surroundings around{clock, keys, offices, x, mail, {}};
  Settings settings;
  std::unique_ptr<Twitter> channel;
  Cursor cursor;
  TweetId next = first_tweet_id_of(k_now - 1h);

  World() {
    ::setenv("KANAL_TEST_X", "rahasia", 1);
    settings.handle = "kanal";
    settings.start_from = "all";
    settings.mentions_every_s = 0s;
    settings.messages_every_s = 0s;
    for (auto* secret : {&settings.consumer_key, &settings.consumer_secret, &settings.access_token,
                         &settings.access_secret, &settings.refresh_token}) {
      *secret = Secret("env:KANAL_TEST_X");
    }
    settings.client_id = "client";
  }

  void open() {
    auto made = Twitter::create(ChannelName("x"), settings, around);
    REQUIRE(made);
    channel = std::move(*made);
  }
  TweetId mention(const std::string& text, const std::string& more = {}) {
    const auto id = next++;
    x.mentions.emplace_back(id, R"({"id":")" + std::to_string(id) +
                                    R"(","author_id":"42","text":")" + text + "\"" + more + "}");
    return id;
  }
  Result<Batch> poll() {
    auto batch = channel->poll(cursor, {});
    if (batch) cursor = batch->next;
    return batch;
  }
  std::vector<std::string> read_texts() {
    std::vector<std::string> texts;
    for (bool more = true; more;) {
      const auto batch = poll();
      INFO((batch ? "" : batch.error().message));
      REQUIRE(batch);
      for (const auto& post : batch->posts) texts.push_back(post.text);
      more = batch->more;
    }
    return texts;
  }
  static Reply reply(TweetId to, const std::string& text = "#123456789016 diterima.") {
    Reply made;
    made.key = "7.1.x";
    made.report = ReportId(7);
    made.address = "42";
    made.language = "id";
    made.text = text;
    made.in_reply_to = ExternalId(std::to_string(to));
    made.acknowledgement = true;
    return made;
  }
  Result<Receipt> send(const Reply& reply) { return channel->send({&reply, 1}).at(0); }
};

TEST_CASE("all pages are read and given out oldest first, each once") {
  World world;
  world.x.page_size = 7;
  for (int i = 0; i < 30; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  const auto texts = world.read_texts();
  REQUIRE(texts.size() == 30);
  for (int i = 0; i < 30; ++i) CHECK(texts[static_cast<std::size_t>(i)] == std::to_string(i));
  CHECK(world.read_texts().empty());
}

TEST_CASE("a channel that starts now does not bring up the past") {
  World world;
  world.settings.start_from = "now";
  world.mention("@kanal lama");
  world.open();
  CHECK(world.read_texts().empty());
  world.next = first_tweet_id_of(k_now + 1min);
  world.mention("@kanal baru");
  CHECK(world.read_texts() == std::vector<std::string>{"baru"});
}

TEST_CASE("a limit in the middle of the pages is waited for, and reading goes on where it was") {
  World world;
  world.x.page_size = 5;
  for (int i = 0; i < 20; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  REQUIRE(world.poll());
  int pages = 0;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.ends_with("/mentions") || ++pages != 3) return std::nullopt;
    auto refusal = MemoryX::reply(429, "{}");
    refusal.headers = {
        {"x-rate-limit-remaining", "0"},
        {"x-rate-limit-reset",
         std::to_string(
             std::chrono::floor<std::chrono::seconds>(k_now + 5min).time_since_epoch().count())}};
    return Result<HttpReply>(refusal);
  };
  // What the pages cost is kept first.
  const auto counted = world.poll();
  REQUIRE(counted);
  CHECK(counted->posts.empty());
  CHECK_FALSE(counted->more);
  const auto limited = world.poll();
  REQUIRE_FALSE(limited);
  CHECK(limited.error().remedy == Remedy::throttled);
  CHECK(limited.error().retry_after >= 5min);
  const auto asked = world.x.calls.size();
  CHECK_FALSE(world.poll());
  CHECK(world.x.calls.size() == asked);
  world.clock.advance(5min);
  CHECK(world.read_texts().size() == 20);
  CHECK(pages == 5);
}

/// X's refusal of one call, until five minutes later.
HttpReply limited() {
  auto refusal = MemoryX::reply(429, "{}");
  const auto until = std::chrono::floor<std::chrono::seconds>(k_now + 5min);
  refusal.headers = {{"x-rate-limit-remaining", "0"},
                     {"x-rate-limit-reset", std::to_string(until.time_since_epoch().count())}};
  return refusal;
}

TEST_CASE("a limit on the look-ups of threads is waited for, and no page is read twice") {
  World world;
  world.x.posts["100"] = R"({"id":"100","author_id":"42","text":"Jembatan putus"})";
  world.x.includes =
      R"("tweets":[{"id":"101","author_id":"42","text":"di Banjar",
         "referenced_tweets":[{"type":"replied_to","id":"100"}]}])";
  world.mention("tolong @kanal", R"(,"referenced_tweets":[{"type":"replied_to","id":"101"}])");
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path != "/2/tweets") return std::nullopt;
    return Result<HttpReply>(limited());
  };
  world.open();
  REQUIRE(world.poll());
  const auto counted = world.poll();
  REQUIRE(counted);
  CHECK_FALSE(counted->more);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(world.poll());
  const auto mentions = "/2/users/" + world.x.account + "/mentions";
  CHECK(world.x.count(mentions) == 1);
  world.x.before = nullptr;
  world.clock.advance(5min + 1s);
  CHECK(world.read_texts() == std::vector<std::string>{"Jembatan putus\ndi Banjar\ntolong"});
  CHECK(world.x.count(mentions) == 1);
  CHECK(parse_position(world.cursor)->spent.reads_today == 2);
}

TEST_CASE("more pages than a turn takes are read in the next one, and nothing is left out") {
  World world;
  world.x.page_size = 5;
  for (int i = 0; i < 400; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  const auto texts = world.read_texts();
  REQUIRE(texts.size() == 400);
  CHECK(texts.front() == "0");
  CHECK(texts.back() == "399");
}

TEST_CASE("a look stops at the cap and goes on behind it when the cap starts anew") {
  World world;
  world.x.page_size = 20;
  world.settings.caps.reads_per_day = 50;
  for (int i = 0; i < 100; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  REQUIRE(world.poll());
  REQUIRE(world.poll());
  CHECK(parse_position(world.cursor)->spent.reads_today == 50);
  const auto dry = world.poll();
  REQUIRE_FALSE(dry);
  CHECK(dry.error().remedy == Remedy::throttled);
  world.clock.advance(24h);
  const auto texts = world.read_texts();
  REQUIRE(texts.size() == 100);
  CHECK(texts.front() == "0");
}

TEST_CASE("a page that X no longer knows begins the look anew") {
  World world;
  world.x.page_size = 5;
  for (int i = 0; i < 20; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  REQUIRE(world.poll());
  bool stale = true;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!stale || !call.parameters.contains("pagination_token")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(400, "{}"));
  };
  world.poll();
  world.poll();
  stale = false;
  CHECK(world.read_texts().size() == 20);
}

TEST_CASE("what a search finds beyond all bounds is reported as a gap") {
  World world;
  world.settings.hashtags = {"lapor"};
  world.settings.search_every_s = 0s;
  world.settings.caps.reads_per_day = 0;
  world.settings.caps.reads_per_month = 0;
  for (int i = 0; i < 6'100; ++i) world.mention("#lapor " + std::to_string(i));
  world.x.found = std::move(world.x.mentions);
  world.x.mentions.clear();
  world.open();
  std::size_t posts = 0;
  std::vector<Unreadable> gaps;
  for (bool more = true; more;) {
    const auto batch = world.poll();
    REQUIRE(batch);
    posts += batch->posts.size();
    for (const auto& each : batch->unreadable) gaps.push_back(each);
    more = batch->more;
  }
  CHECK(posts == 6'000);
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].id.value().starts_with("gap:"));
}

TEST_CASE("a picture that cannot be had now is waited for, and one that never comes is named") {
  World world;
  world.x.includes = R"("media":[{"media_key":"3_1","type":"photo",)"
                     R"("url":"https://api.x.com/media/1.jpg"}])";
  const auto with_picture = [&](const std::string& text) {
    world.mention(text, R"(,"attachments":{"media_keys":["3_1"]})");
  };
  with_picture("@kanal Jalan rusak");
  int status = 503;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.starts_with("/media/")) return std::nullopt;
    if (status == 0) return Result<HttpReply>(fail(Remedy::uncertain, "no answer"));
    return Result<HttpReply>(MemoryX::reply(status,
                                            "\xff\xd8\xff"
                                            "p"));
  };
  world.open();
  REQUIRE(world.poll());
  const auto counted = world.poll();
  REQUIRE(counted);
  CHECK(counted->posts.empty());
  status = 0;
  const auto waits = world.poll();
  REQUIRE_FALSE(waits);
  CHECK(waits.error().remedy == Remedy::retry);
  status = 200;
  const auto whole = world.poll();
  REQUIRE(whole);
  REQUIRE(whole->posts.size() == 1);
  CHECK(whole->posts[0].attachments.size() == 1);
  CHECK(whole->posts[0].text == "Jalan rusak");
  // While the host is away for long, complaints do not wait for it one after the other.
  status = 503;
  with_picture("@kanal Lampu mati");
  with_picture("@kanal Pohon tumbang");
  REQUIRE(world.poll());
  CHECK_FALSE(world.poll());
  world.clock.advance(16min);
  const auto without = world.read_texts();
  CHECK(without ==
        std::vector<std::string>{"Lampu mati\n[1 gambar tidak dapat diambil dari X]",
                                 "Pohon tumbang\n[1 gambar tidak dapat diambil dari X]"});
  // What X does not give out is not waited for.
  status = 404;
  with_picture("@kanal Got mampet");
  CHECK(world.read_texts() == std::vector<std::string>{"Got mampet"});
}

TEST_CASE("more mentions than X gives out are reported as a gap") {
  World world;
  world.mention("@kanal awal");
  world.open();
  world.read_texts();
  for (int i = 0; i < 800; ++i) world.mention("@kanal banyak " + std::to_string(i));
  std::size_t posts = 0;
  std::vector<Unreadable> gaps;
  for (bool more = true; more;) {
    const auto batch = world.poll();
    REQUIRE(batch);
    posts += batch->posts.size();
    for (const auto& each : batch->unreadable) gaps.push_back(each);
    more = batch->more;
  }
  CHECK(posts == 800);
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].reason.find("backfill x --from") != std::string::npos);
}

TEST_CASE("the beginning of a complaint that called us only later is fetched") {
  World world;
  world.x.posts["100"] = R"({"id":"100","author_id":"42","text":"Jembatan putus"})";
  world.x.includes =
      R"("tweets":[{"id":"101","author_id":"42","text":"di Banjar",
         "referenced_tweets":[{"type":"replied_to","id":"100"}]}])";
  world.mention("tolong @kanal", R"(,"referenced_tweets":[{"type":"replied_to","id":"101"}])");
  world.open();
  CHECK(world.read_texts() == std::vector<std::string>{"Jembatan putus\ndi Banjar\ntolong"});
  CHECK(world.x.count("/2/tweets") == 1);
}

TEST_CASE("a token that was renewed is not used before it is stored") {
  World world;
  world.settings.authorisation = "oauth2";
  world.mention("@kanal satu");
  world.open();
  const auto first = world.channel->poll({}, {});
  REQUIRE(first);
  CHECK(first->more);
  CHECK(first->posts.empty());
  CHECK(world.x.refreshes == 1);
  CHECK(world.x.calls.size() == 1);
  CHECK(first->next.value.find("access-1") == std::string::npos);
  // The commit failed: the same token is offered again, and none is fetched.
  REQUIRE(world.channel->poll({}, {}));
  CHECK(world.x.refreshes == 1);
  CHECK(world.x.calls.size() == 1);
  CHECK(world.send(World::reply(5)).error().remedy == Remedy::throttled);
  world.cursor = first->next;
  CHECK(world.read_texts() == std::vector<std::string>{"satu"});
  CHECK(world.x.calls.back().headers.at("authorization") == "Bearer access-1");
  world.clock.advance(7000s);
  const auto second = world.poll();
  REQUIRE(second);
  CHECK(world.x.refreshes == 2);
  REQUIRE(world.poll());
  CHECK(world.x.calls.back().headers.at("authorization") == "Bearer access-2");
  // After a restart the stored one is taken up.
  world.open();
  REQUIRE(world.poll());
  CHECK(world.x.refreshes == 2);
}

TEST_CASE("a refresh token that is not taken any more asks for a person") {
  World world;
  world.settings.authorisation = "oauth2";
  world.x.before = [](const MemoryX::Call&) {
    return std::optional(Result<HttpReply>(MemoryX::reply(400, R"({"error":"invalid_request"})")));
  };
  world.open();
  const auto refused = world.poll();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("refresh_token") != std::string::npos);
}

TEST_CASE("who called us is answered where they stand, within the weight") {
  World world;
  world.open();
  std::string text;
  for (int i = 0; i < 100; ++i) text += "panjang ";
  const auto sent = world.send(World::reply(5, text));
  REQUIRE(sent);
  REQUIRE(world.x.sent_posts.size() == 1);
  const auto body = Json::parse(world.x.sent_posts[0]).value();
  CHECK(body.text("text").size() <= 282);
  CHECK(body.find("reply")->text("in_reply_to_tweet_id") == "5");
  CHECK(world.x.calls.back().headers.at("content-type") == "application/json");
}

TEST_CASE("the first and the last answer are public, those between go where they may") {
  World world;
  world.settings.direct_messages = true;
  world.open();
  auto progress = World::reply(5, "#1 dalam proses.");
  progress.acknowledgement = false;
  progress.reached = State::in_progress;
  progress.earlier = 1;
  const auto unheard = world.send(progress);
  REQUIRE_FALSE(unheard);
  CHECK(unheard.error().remedy == Remedy::withhold);
  CHECK(unheard.error().message == withheld::k_enough);
  world.x.messages.emplace_back(
      9, R"({"id":"9","event_type":"MessageCreate","sender_id":"42","text":"Halo"})");
  CHECK(world.read_texts() == std::vector<std::string>{"Halo"});
  REQUIRE(world.send(progress));
  CHECK(world.x.sent_messages.size() == 1);
  auto closing = progress;
  closing.reached = State::answered;
  REQUIRE(world.send(closing));
  CHECK(world.x.sent_posts.size() == 1);
  closing.earlier = 2;
  REQUIRE(world.send(closing));
  CHECK(world.x.sent_posts.size() == 1);
}

TEST_CASE("of a confidential report the public sees one neutral line") {
  World world;
  world.open();
  auto reply = World::reply(first_tweet_id_of(k_now), "#123456789016 diterima.");
  reply.confidential = true;
  REQUIRE(world.send(reply));
  const auto text = Json::parse(world.x.sent_posts.at(0)).value().text("text");
  CHECK(text == "Terima kasih, pesan Anda sudah kami terima (2/3 10.00.00).");
  reply.earlier = 1;
  reply.reached = State::answered;
  const auto closing = world.send(reply);
  REQUIRE_FALSE(closing);
  CHECK(closing.error().remedy == Remedy::withhold);
  CHECK(closing.error().message == withheld::k_confidential);
  CHECK(world.x.sent_posts.size() == 1);
}

TEST_CASE("pictures that prove the outcome go with the closing answer, in pieces") {
  World world;
  world.open();
  auto closing = World::reply(5, "#1 selesai.");
  closing.reached = State::answered;
  const auto picture = [](std::string bytes) {
    Attachment attachment;
    attachment.bytes = std::move(bytes);
    attachment.size_bytes = attachment.bytes.size();
    return attachment;
  };
  const auto photo = "\xff\xd8\xff" + std::string(2'500'000, 'p');
  closing.attachments = {picture(photo), picture("%PDF-1.7"),
                         picture("\xff\xd8\xff" + std::string(6U << 20U, 'p'))};
  REQUIRE(world.send(closing));
  REQUIRE(world.x.pictures.size() == 1);
  CHECK(world.x.pictures[0] == photo);
  CHECK(world.x.count("/2/media/upload/7001/append") == 3);
  const auto body = Json::parse(world.x.sent_posts.at(0)).value();
  CHECK(body.find("media")->find("media_ids")->array.at(0).string == "7001");
  // Neither an acknowledgement nor a confidential report brings any.
  closing.reached = State::received;
  REQUIRE(world.send(closing));
  closing.reached = State::answered;
  closing.confidential = true;
  closing.in_reply_to = ExternalId(std::to_string(first_tweet_id_of(k_now)));
  REQUIRE(world.send(closing));
  CHECK(world.x.pictures.size() == 1);
  CHECK(world.x.sent_posts.size() == 3);
}

TEST_CASE("an answer waits for its pictures when X is busy, and goes without what X refuses") {
  World world;
  world.open();
  auto closing = World::reply(5, "#1 selesai.");
  closing.reached = State::answered;
  Attachment photo;
  photo.bytes =
      "\xff\xd8\xff"
      "p";
  closing.attachments = {photo};
  int status = 503;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.starts_with("/2/media/")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(status, "{}"));
  };
  const auto waits = world.send(closing);
  REQUIRE_FALSE(waits);
  CHECK(waits.error().remedy == Remedy::retry);
  CHECK(world.x.sent_posts.empty());
  status = 400;
  REQUIRE(world.send(closing));
  CHECK(world.x.sent_posts.size() == 1);
  CHECK(world.x.sent_posts[0].find("media") == std::string::npos);
}

TEST_CASE("an answer to a direct message is one") {
  World world;
  world.open();
  auto reply = World::reply(5);
  reply.in_reply_to = ExternalId("dm:77");
  const auto sent = world.send(reply);
  REQUIRE(sent);
  CHECK(sent->id.value().starts_with("dm:"));
  CHECK(world.x.sent_posts.empty());
}

TEST_CASE("an answer whose fate is unknown is found again, or known not to have gone out") {
  World world;
  world.open();
  world.x.after = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(503, "{}"));
  };
  const auto reply = World::reply(5, "#123456789016 diterima & diteruskan.");
  const auto doubtful = world.send(reply);
  REQUIRE_FALSE(doubtful);
  CHECK(doubtful.error().remedy == Remedy::uncertain);
  const auto found = world.channel->confirm(reply);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->id.value() == std::to_string(world.x.next_number));
  const auto other = world.channel->confirm(World::reply(6));
  REQUIRE(other);
  CHECK_FALSE(*other);
}

TEST_CASE("a duplicate that X refuses has been sent before") {
  World world;
  world.open();
  const auto reply = World::reply(5);
  REQUIRE(world.send(reply));
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(
        403, R"({"detail":"You are not allowed to create a Tweet with duplicate content."})"));
  };
  const auto again = world.send(reply);
  REQUIRE(again);
  CHECK(again->id.value() == std::to_string(world.x.next_number));
}

TEST_CASE("the same line as to somebody else is no proof that this citizen was answered") {
  World world;
  world.open();
  const auto first = first_tweet_id_of(k_now);
  auto reply = World::reply(first);
  reply.confidential = true;
  REQUIRE(world.send(reply));
  // A second later the line is another one.
  reply.in_reply_to = ExternalId(std::to_string(first_tweet_id_of(k_now + 1s)));
  REQUIRE(world.send(reply));
  REQUIRE(world.x.sent_posts.size() == 2);
  const auto text = [&](std::size_t i) {
    return Json::parse(world.x.sent_posts.at(i)).value().text("text");
  };
  CHECK(text(0) != text(1));
  // In the same second it is the same, and X refuses it.
  bool knows_own_posts = false;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path == "/2/users/" + world.x.account + "/tweets" && !knows_own_posts) {
      return Result<HttpReply>(MemoryX::reply(503, "{}"));
    }
    if (call.method == "GET") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(
        403, R"({"detail":"You are not allowed to create a Tweet with duplicate content."})"));
  };
  reply.in_reply_to = ExternalId(std::to_string(first + 1));
  const auto doubtful = world.send(reply);
  REQUIRE_FALSE(doubtful);
  CHECK(doubtful.error().remedy == Remedy::uncertain);
  knows_own_posts = true;
  const auto unheard = world.send(reply);
  REQUIRE_FALSE(unheard);
  CHECK(unheard.error().remedy == Remedy::drop);
}

TEST_CASE("an empty account stops the channel and says what to do") {
  World world;
  world.x.before = [](const MemoryX::Call&) {
    return std::optional(Result<HttpReply>(MemoryX::reply(
        402, R"({"title":"Payment Required","detail":"credits depleted","status":402})")));
  };
  world.open();
  const auto refused = world.poll();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("console.x.com") != std::string::npos);
  CHECK(world.send(World::reply(5)).error().remedy == Remedy::reconfigure);
}

TEST_CASE("an answer that a rule of X forbids is withheld, any other refusal is a failure") {
  World world;
  world.open();
  std::string detail;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(403, R"({"detail":")" + detail + "\"}"));
  };
  const auto refused_for = [&](const char* said) {
    detail = said;
    const auto refused = world.send(World::reply(5));
    REQUIRE_FALSE(refused);
    return refused.error();
  };
  const auto uncalled =
      refused_for("Reply to this conversation is not allowed because you have not been mentioned");
  CHECK(uncalled.remedy == Remedy::withhold);
  CHECK(uncalled.message == withheld::k_not_called);
  const auto gone =
      refused_for("You attempted to reply to a Tweet that is deleted or not visible to you.");
  CHECK(gone.remedy == Remedy::withhold);
  CHECK(gone.message == withheld::k_no_post);
  const auto other = refused_for("You are not permitted to perform this action.");
  CHECK(other.remedy == Remedy::drop);
  CHECK(other.message.find("not permitted") != std::string::npos);
}

TEST_CASE("what was used up is kept with the position and closes the channel when it is all") {
  World world;
  world.settings.caps.reads_per_day = 10;
  for (int i = 0; i < 10; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  CHECK(world.read_texts().size() == 10);
  CHECK(parse_position(world.cursor)->spent.reads_today == 10);
  world.open();
  const auto dry = world.poll();
  REQUIRE_FALSE(dry);
  CHECK(dry.error().remedy == Remedy::throttled);
  CHECK(dry.error().message.find("reads_per_day") != std::string::npos);
  CHECK(dry.error().retry_after > 20h);
}

TEST_CASE(
    "direct messages that are read to answer are counted, and no account is asked about twice") {
  World world;
  world.settings.direct_messages = true;
  world.open();
  REQUIRE(world.poll());
  for (int i = 0; i < 3; ++i) {
    const auto id = std::to_string(900 + i);
    world.x.messages.emplace_back(
        900 + i,
        R"({"id":")" + id + R"(","event_type":"MessageCreate","sender_id":"42","text":"Halo"})");
  }
  auto progress = World::reply(5, "#1 dalam proses.");
  progress.acknowledgement = false;
  progress.reached = State::in_progress;
  progress.earlier = 1;
  REQUIRE(world.send(progress));
  REQUIRE(world.send(progress));
  const auto reads = [&] { return world.channel->usage().meters.at(0).used; };
  CHECK(world.x.count("/2/dm_conversations/with/42/dm_events") == 1);
  CHECK(reads() == 3);
  progress.in_reply_to = ExternalId("dm:77");
  REQUIRE(world.channel->confirm(progress));
  CHECK(reads() == 8);
}

TEST_CASE("a back-fill is given out by its budget, and goes on after a restart where it was") {
  World world;
  world.next = first_tweet_id_of(k_now - 2h);
  for (int i = 0; i < 50; ++i) world.mention("@kanal " + std::to_string(i));
  world.x.found = world.x.mentions;
  world.open();
  Budget budget;
  budget.posts = 20;
  std::vector<std::string> texts;
  Cursor cursor;
  const auto turn = [&] {
    const auto batch = world.channel->backfill(k_now - 2h - 1min, cursor, budget);
    REQUIRE(batch);
    CHECK(batch->posts.size() <= 20);
    for (const auto& post : batch->posts) texts.push_back(post.text);
    cursor = batch->next;
    return batch->more;
  };
  REQUIRE(turn());
  REQUIRE(texts.size() == 20);
  world.open();
  world.x.found.resize(50);
  for (int turns = 0; turns < 10 && texts.size() < 50; ++turns) turn();
  REQUIRE(texts.size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(texts[static_cast<std::size_t>(i)] == std::to_string(i));
}

TEST_CASE("a back-fill keeps to the cap on reads") {
  World world;
  world.settings.caps.reads_per_day = 60;
  world.next = first_tweet_id_of(k_now - 30min);
  for (int i = 0; i < 200; ++i) world.mention("@kanal " + std::to_string(i));
  world.x.found = world.x.mentions;
  world.open();
  const auto dry = world.channel->backfill(k_now - 1h, {}, {});
  REQUIRE_FALSE(dry);
  CHECK(dry.error().remedy == Remedy::throttled);
  CHECK(world.channel->usage().meters.at(0).used <= 60);
}

struct Rechecks {
  World world;
  std::vector<ExternalId> ids;

  Rechecks() {
    for (int i = 0; i < 250; ++i) {
      const auto id = std::to_string(world.mention("@kanal " + std::to_string(i)));
      ids.emplace_back(id);
      world.x.posts[id] = world.x.mentions.back().second;
    }
    world.open();
    world.read_texts();
    world.clock.advance(1h);
  }
  /// As the worker does it, until nothing is wanted; what was told to be gone.
  std::vector<std::string> round() {
    std::vector<std::string> gone;
    for (auto wish = world.channel->wanted(world.cursor); wish.most > 0;
         wish = world.channel->wanted(world.cursor)) {
      std::vector<ExternalId> page;
      for (const auto& id : ids) {
        const bool between = id.value() > wish.after.value() && id.value() < wish.before.value();
        if (between && std::ssize(page) < wish.most) page.push_back(id);
      }
      const auto batch = world.channel->recheck(world.cursor, page);
      REQUIRE(batch);
      for (const auto& signal : batch->signals) {
        CHECK(signal.kind == Signal::Kind::deletion);
        gone.push_back(signal.subject.value());
      }
      world.cursor = batch->next;
    }
    return gone;
  }
};

TEST_CASE("stored posts are asked after once a day, a hundred at a time") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.x.posts.erase(rechecks.ids[7].value());
  world.x.posts.erase(rechecks.ids[200].value());
  CHECK(rechecks.round() == std::vector{rechecks.ids[7].value(), rechecks.ids[200].value()});
  CHECK(world.x.count("/2/tweets") == 3);
  CHECK(parse_position(world.cursor)->spent.rechecks_today == 250);
  world.open();
  CHECK(rechecks.round().empty());
  CHECK(world.x.count("/2/tweets") == 3);
  world.clock.advance(20h);
  world.x.posts.erase(rechecks.ids[8].value());
  CHECK(rechecks.round().size() == 3);
  // Reading goes on where it was.
  world.next = first_tweet_id_of(world.clock.now());
  world.mention("@kanal baru");
  CHECK(world.read_texts() == std::vector<std::string>{"baru"});
  // Old ones are let be.
  world.clock.advance(std::chrono::days(31));
  const auto asked = world.x.count("/2/tweets");
  CHECK(rechecks.round().empty());
  CHECK(world.x.count("/2/tweets") == asked);
}

TEST_CASE("asking after stored posts is bounded, and leaves what mentions need") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.settings.caps.rechecks_per_day = 150;
  world.open();
  REQUIRE(world.poll());
  rechecks.round();
  CHECK(world.x.count("/2/tweets") == 2);
  world.clock.advance(24h);
  REQUIRE(world.poll());
  // What was left of the round, and the beginning of the next.
  rechecks.round();
  CHECK(world.x.count("/2/tweets") == 4);
  world.settings.caps.rechecks_per_day = 0;
  world.settings.caps.reads_per_day = 200;
  world.open();
  world.clock.advance(24h);
  REQUIRE(world.poll());
  // From four fifths of the cap on nothing is asked.
  rechecks.round();
  CHECK(parse_position(world.cursor)->spent.reads_today == 200);
  CHECK(world.channel->wanted(world.cursor).most == 0);
}

TEST_CASE("only what X says is not there is taken for deleted") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path != "/2/tweets") return std::nullopt;
    const auto id = rechecks.ids[3].value();
    return Result<HttpReply>(MemoryX::reply(
        200, R"({"errors":[{"resource_id":")" + id +
                 R"(","type":"https://api.x.com/2/problems/not-authorized-for-resource"}]})"));
  };
  CHECK(rechecks.round().empty());
}

TEST_CASE("a limit while asking after posts moves nothing") {
  Rechecks rechecks;
  auto& world = rechecks.world;
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.path != "/2/tweets") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(429, "{}"));
  };
  const auto refused = world.channel->recheck(world.cursor, {rechecks.ids.data(), 100});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::throttled);
  world.x.before = nullptr;
  world.x.posts.erase(rechecks.ids[0].value());
  CHECK(rechecks.round().size() == 1);
}

TEST_CASE("what was used, what is left and when it starts anew is told") {
  World world;
  world.settings.caps.reads_per_day = 100;
  world.settings.caps.cost_per_month_usd = 1;
  for (int i = 0; i < 90; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  world.read_texts();
  REQUIRE(world.send(World::reply(world.next - 1)));
  const auto usage = world.channel->usage();
  const auto meter = [&](const char* what) {
    return *std::ranges::find(usage.meters, what, &Meter::what);
  };
  CHECK(meter("caps.reads_per_day").used == 90);
  CHECK(meter("caps.reads_per_day").left() == 10);
  CHECK(meter("caps.reads_per_day").is_near_its_end());
  CHECK(meter("caps.reads_per_day").starts_anew ==
        Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 3}));
  CHECK(meter("caps.posts_per_day").used == 1);
  CHECK(meter("caps.cost_per_month_usd").is_money);
  CHECK(meter("caps.cost_per_month_usd").used == Approx(0.1));
  CHECK(meter("caps.cost_per_month_usd").starts_anew ==
        Time(std::chrono::sys_days{std::chrono::year{2026} / 4 / 1}));
  CHECK(usage.pace > usage.usual);
}

TEST_CASE("answers that are sent while reading rests are counted in what is kept") {
  World world;
  world.settings.caps.reads_per_day = 10;
  for (int i = 0; i < 10; ++i) world.mention("@kanal " + std::to_string(i));
  world.open();
  world.read_texts();
  REQUIRE_FALSE(world.poll());
  REQUIRE(world.send(World::reply(world.next - 1)));
  REQUIRE(world.poll());
  CHECK(parse_position(world.cursor)->spent.posts_today == 1);
  CHECK_FALSE(world.poll());
}

TEST_CASE("a credential of another account is refused") {
  World world;
  world.x.handle = "orang_lain";
  world.open();
  const auto refused = world.poll();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("orang_lain") != std::string::npos);
}

TEST_CASE("the position of another kind of channel is not taken for ours") {
  World world;
  world.open();
  world.cursor = {"imap1 5 6 7 - INBOX"};
  CHECK(world.poll().error().remedy == Remedy::reconfigure);
}

TEST_CASE("requests are written in the dialect that the settings choose") {
  for (const auto* dialect : {"tweets", "posts"}) {
    World world;
    world.settings.dialect = dialect;
    world.open();
    world.read_texts();
    const auto& asked = world.x.calls.back().parameters;
    CHECK(asked.contains("tweet.fields") == (std::string(dialect) == "tweets"));
    CHECK(asked.contains("post.fields") == (std::string(dialect) == "posts"));
  }
}

}  // namespace
}  // namespace kanal::twitter
