#include "connectors/twitter/answers.hpp"
#include "connectors/twitter/world_fixture.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

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

TEST_CASE("what would be sent is shown by the rules that it is sent by") {
  World world;
  world.settings.direct_messages = true;
  const auto shown = [&](const Reply& reply) {
    return appearances(plan_answer(reply, world.settings, 8h), world.settings);
  };
  using Way = Appearance::Way;
  std::string text;
  for (int i = 0; i < 100; ++i) text += "panjang ";
  const auto answer = World::reply(5, text);
  const auto publicly = shown(answer);
  REQUIRE(publicly.size() == 1);
  CHECK(publicly[0].way == Way::publicly);
  CHECK(publicly[0].most_weight == 280);
  CHECK(publicly[0].weight <= 280);
  world.open();
  REQUIRE(world.send(answer));
  CHECK(Json::parse(world.x.sent_posts.at(0)).value().text("text") == publicly[0].text);

  auto progress = World::reply(5, "#1 dalam proses.");
  progress.acknowledgement = false;
  progress.reached = State::in_progress;
  progress.earlier = 1;
  REQUIRE(shown(progress).size() == 1);
  CHECK(shown(progress)[0].way == Way::directly_if_open);
  CHECK(shown(progress)[0].unless == withheld::k_kept_for_outcome);
  auto outcome = progress;
  outcome.earlier = 2;
  CHECK(shown(outcome)[0].unless == withheld::k_enough);
  world.settings.direct_messages = false;
  CHECK(shown(progress).at(0).text.empty());
  CHECK(shown(progress).at(0).unless == withheld::k_kept_for_outcome);
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
  CHECK(unheard.error().message == withheld::k_kept_for_outcome);
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
  // The three are billed once.
  CHECK(reads() == 5);
}

TEST_CASE("what is said to the reporter alone is no public answer") {
  World world;
  world.open();
  auto closing = World::reply(5, "#1 diarsipkan: NIK pelapor tidak cocok.");
  closing.public_text = "#1 diarsipkan.";
  closing.reached = State::archived;
  Attachment photo;
  photo.bytes =
      "\xff\xd8\xff"
      "p";
  closing.attachments = {photo};
  REQUIRE(world.send(closing));
  CHECK(Json::parse(world.x.sent_posts.at(0)).value().text("text") == "#1 diarsipkan.");
  CHECK(world.x.pictures.empty());
  // Whoever has opened a conversation is told all of it there, and nobody else of it.
  world.settings.direct_messages = true;
  world.open();
  world.x.messages.emplace_back(
      9, R"({"id":"9","event_type":"MessageCreate","sender_id":"42","text":"Halo"})");
  const auto sent = world.send(closing);
  REQUIRE(sent);
  CHECK(sent->in_private);
  CHECK(world.x.sent_posts.size() == 1);
  CHECK(Json::parse(world.x.sent_messages.at(0)).value().text("text") == closing.text);
}

TEST_CASE("a question is asked before all eyes when there is no other way, without its words") {
  World world;
  world.open();
  auto question = World::reply(5, "#1 ditunda: mohon lengkapi alamat Anda.");
  question.public_text = "#1 ditunda: mohon lengkapi keterangannya.";
  question.acknowledgement = false;
  question.reached = State::needs_info;
  question.asks = true;
  question.earlier = 2;
  REQUIRE(world.send(question));
  const auto posted = Json::parse(world.x.sent_posts.at(0)).value().text("text");
  CHECK(posted.starts_with(question.public_text + " ("));
  // A unit's question while it works on the report is one, too.
  question.reached = State::at_unit;
  question.public_text = "#1: PUTR bertanya: tempat, waktu dan kejadiannya.";
  REQUIRE(world.send(question));
  question.confidential = true;
  CHECK(world.send(question).error().remedy == Remedy::withhold);
}

TEST_CASE("a refusal of the app itself asks for a person, of answers and of messages") {
  World world;
  world.open();
  for (const auto* type :
       {"oauth1-permissions", "client-forbidden", "unsupported-authentication"}) {
    world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
      if (call.method == "GET") return std::nullopt;
      return Result<HttpReply>(MemoryX::reply(
          403, R"({"detail":"Your client app is not configured with the appropriate oauth1 app )"
               R"(permissions for this endpoint.","type":"https://api.x.com/2/problems/)" +
                   std::string(type) + "\"}"));
    };
    INFO(type);
    auto reply = World::reply(5);
    CHECK(world.send(reply).error().remedy == Remedy::reconfigure);
    reply.in_reply_to = ExternalId("dm:77");
    CHECK(world.send(reply).error().remedy == Remedy::reconfigure);
  }
}

TEST_CASE("a limit on direct messages keeps no public answer back") {
  World world;
  world.open();
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.starts_with("/2/dm_")) return std::nullopt;
    return Result<HttpReply>(limited());
  };
  auto message = World::reply(5);
  message.in_reply_to = ExternalId("dm:77");
  const std::vector<Reply> replies{message, World::reply(6)};
  const auto results = world.channel->send(replies);
  REQUIRE(results.size() == 2);
  REQUIRE_FALSE(results[0]);
  CHECK(results[0].error().remedy == Remedy::throttled);
  CHECK(results[0].error().of_this_alone);
  CHECK(results[1]);
}

TEST_CASE("what may only go by message keeps no later step back without end") {
  World world;
  world.settings.direct_messages = true;
  auto progress = World::reply(5, "#1 dalam proses.");
  progress.acknowledgement = false;
  progress.reached = State::in_progress;
  progress.earlier = 1;
  progress.owed_at = k_now;
  int status = 0;
  bool has_written = false;
  world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    const auto* of = has_written ? "/messages" : "/dm_events";
    if (status == 0 || !call.path.ends_with(of)) return std::nullopt;
    if (status == 429) return Result<HttpReply>(limited());
    return Result<HttpReply>(
        MemoryX::reply(status, R"({"type":"https://api.x.com/2/problems/client-forbidden"})"));
  };
  const auto refused = [&] {
    const auto sent = world.send(progress);
    REQUIRE_FALSE(sent);
    return sent.error();
  };
  SECTION("the caps leave no room to ask whether it may") {
    world.settings.caps.reads_per_day = 4;
    world.open();
    world.open();
    CHECK(refused().remedy == Remedy::withhold);
  }
  SECTION("the app may not ask, or may not send, for good") {
    status = 403;
    has_written = GENERATE(false, true);
    if (has_written) {
      world.x.messages.emplace_back(
          9, R"({"id":"9","event_type":"MessageCreate","sender_id":"42","text":"Halo"})");
    }
    world.open();
    const auto error = refused();
    CHECK(error.remedy == Remedy::withhold);
    CHECK(error.message == withheld::k_kept_for_outcome);
    // What has words for all goes with those.
    progress.public_text = "#1 ditunda: mohon lengkapi keterangannya.";
    progress.reached = State::needs_info;
    progress.asks = true;
    CHECK(world.send(progress));
    CHECK(world.x.sent_posts.size() == 1);
  }
  SECTION("a limit of X is waited for, but not for days") {
    status = 429;
    world.open();
    const auto waits = refused();
    CHECK(waits.remedy == Remedy::throttled);
    CHECK(waits.of_this_alone);
    progress.owed_at = k_now - 13h;
    CHECK(refused().remedy == Remedy::withhold);
  }
  SECTION("a credential that is refused is a matter of the whole channel") {
    status = 401;
    world.open();
    const auto error = refused();
    CHECK(error.remedy == Remedy::reconfigure);
    CHECK_FALSE(error.of_this_alone);
  }
}

TEST_CASE("a doubtful answer is found in whichever words it went out, and is counted") {
  World world;
  world.open();
  auto reply =
      World::reply(first_tweet_id_of(k_now), "#123456789016 ditanggapi: cek lapor.go.id/a");
  reply.confidential = GENERATE(false, true);
  world.x.after = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(503, "{}"));
  };
  CHECK(world.send(reply).error().remedy == Remedy::uncertain);
  // Since then the report has become what it was not.
  reply.confidential = !reply.confidential;
  const auto posts = [&] {
    const auto usage = world.channel->usage();
    return std::ranges::find(usage.meters, "caps.posts_per_day", &Meter::what)->used;
  };
  CHECK(posts() == 0);
  const auto found = world.channel->confirm(reply);
  REQUIRE(found);
  CHECK(found->has_value());
  CHECK(posts() == 1);
}

TEST_CASE("the line that answered a confidential report is no later step's") {
  World world;
  world.open();
  auto reply = World::reply(first_tweet_id_of(k_now), "#123456789016 diteruskan.");
  reply.confidential = true;
  REQUIRE(world.send(reply));
  reply.earlier = 1;
  const auto found = world.channel->confirm(reply);
  REQUIRE(found);
  CHECK_FALSE(found->has_value());
}

TEST_CASE("an answer that could not be looked for to the end stays in doubt") {
  World world;
  world.open();
  SECTION("there are more posts of ours than are looked through") {
    world.x.before = [&](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
      if (!call.path.ends_with("/tweets") || call.method != "GET") return std::nullopt;
      return Result<HttpReply>(MemoryX::reply(200, R"({"data":[],"meta":{"next_token":"x"}})"));
    };
  }
  SECTION("the caps leave no room") {
    world.settings.caps.reads_per_day = 4;
    world.open();
  }
  const auto doubtful = world.channel->confirm(World::reply(5));
  REQUIRE_FALSE(doubtful);
  CHECK(doubtful.error().remedy == Remedy::uncertain);
}

TEST_CASE("links are no difference between what was said and what X shows") {
  Tweet tweet;
  tweet.references = {{Reference::Kind::replied_to, 5}};
  tweet.text = "@warga #1 ditanggapi: cek https://t.co/a &amp; foto https://t.co/b";
  tweet.links = {{"https://t.co/a", "http://lapor.go.id/x", false},
                 {"https://t.co/b", "https://x.com/kanal/status/9/photo/1", true}};
  CHECK(is_that_answer(tweet, 5, "#1 ditanggapi: cek lapor.go.id/x & foto"));
  CHECK(is_that_answer(tweet, 5, "#1 ditanggapi: cek  https://lapor.go.id/x & foto"));
  CHECK_FALSE(is_that_answer(tweet, 5, "#2 ditanggapi: cek lapor.go.id/x & foto"));
  CHECK_FALSE(is_that_answer(tweet, 6, "#1 ditanggapi: cek lapor.go.id/x & foto"));
  Message message;
  message.text = "Cafe\u0301: https://t.co/a";
  CHECK(is_that_message(message, "Caf\u00e9: lapor.go.id"));
}

TEST_CASE("who did not call us is answered by message or not at all") {
  World world;
  world.settings.direct_messages = true;
  world.open();
  auto outcome = World::reply(5);
  outcome.reached = State::answered;
  outcome.uncalled = true;
  const auto unheard = world.send(outcome);
  REQUIRE_FALSE(unheard);
  CHECK(unheard.error().remedy == Remedy::withhold);
  CHECK(unheard.error().message == withheld::k_not_called);
  CHECK(world.x.sent_posts.empty());
}

TEST_CASE("who takes no messages any more is asked before all eyes") {
  World world;
  world.settings.direct_messages = true;
  world.x.messages.emplace_back(
      9, R"({"id":"9","event_type":"MessageCreate","sender_id":"42","text":"Halo"})");
  world.x.before = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.ends_with("/messages")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(
        403, R"({"detail":"You do not have permission to DM one or more participants."})"));
  };
  world.open();
  auto question = World::reply(5, "#1 ditunda: mohon lengkapi alamat Anda.");
  question.public_text = "#1 ditunda: mohon lengkapi keterangannya.";
  question.reached = State::needs_info;
  question.asks = true;
  for (int i = 0; i < 2; ++i) CHECK(world.send(question));
  CHECK(world.x.sent_posts.size() == 2);
  const auto tries = std::ranges::count_if(
      world.x.calls, [](const MemoryX::Call& call) { return call.path.ends_with("/messages"); });
  CHECK(tries == 1);
}

TEST_CASE("a long message that went out without our knowing is found again") {
  World world;
  world.settings.direct_messages = true;
  world.open();
  std::string text;
  for (int i = 0; i < 1'200; ++i) text += "panjang ";
  auto message = World::reply(5, text);
  message.in_reply_to = ExternalId("dm:77");
  message.owed_at = time_of(world.x.next_number) - 1h;
  world.x.after = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (!call.path.ends_with("/messages")) return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(201, "{}"));
  };
  const auto doubtful = world.send(message);
  REQUIRE_FALSE(doubtful);
  CHECK(doubtful.error().remedy == Remedy::uncertain);
  const auto found = world.channel->confirm(message);
  REQUIRE(found);
  CHECK(*found);
}

TEST_CASE("an answer whose number X does not say is looked for") {
  World world;
  world.open();
  world.x.after = [](const MemoryX::Call& call) -> std::optional<Result<HttpReply>> {
    if (call.method == "GET" || call.path != "/2/tweets") return std::nullopt;
    return Result<HttpReply>(MemoryX::reply(201, "{}"));
  };
  const auto reply = World::reply(5);
  const auto doubtful = world.send(reply);
  REQUIRE_FALSE(doubtful);
  CHECK(doubtful.error().remedy == Remedy::uncertain);
  const auto found = world.channel->confirm(reply);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->id.value() == std::to_string(world.x.next_number));
}

TEST_CASE("whether a citizen has written is asked for in as few messages as tell it") {
  World world;
  world.settings.direct_messages = true;
  for (std::uint64_t id = 1; id <= 12; ++id) {
    const auto* sender = id == 1 ? "42" : "1000";
    world.x.messages.emplace_back(id, R"({"id":")" + std::to_string(id) +
                                          R"(","event_type":"MessageCreate","sender_id":")" +
                                          sender + R"(","text":"Halo"})");
  }
  world.open();
  auto progress = World::reply(5, "#1 dalam proses.");
  progress.acknowledgement = false;
  progress.reached = State::in_progress;
  progress.earlier = 1;
  SECTION("further ones where the newest are all ours") {
    CHECK(world.send(progress));
    CHECK(world.x.count("/2/dm_conversations/with/42/dm_events") == 2);
  }
  SECTION("the newest") {
    world.x.messages.emplace_back(
        13, R"({"id":"13","event_type":"MessageCreate","sender_id":"42","text":"Halo"})");
    CHECK(world.send(progress));
    CHECK(world.channel->usage().meters.at(0).used == 5);
  }
}

}  // namespace
}  // namespace kanal::twitter
