#include "connectors/twitter/translate.hpp"

#include <catch2/catch.hpp>

namespace kanal::twitter {
namespace {

const Organisation& offices() {
  static const Organisation k_offices = [] {
    Organisation organisation;
    Agency roads;
    roads.id = AgencyId("pupr-buleleng");
    roads.short_name = "PUPR Buleleng";
    roads.aliases = {"Dinas PU"};
    organisation.agencies.push_back(roads);
    for (const std::string regency : {"buleleng", "badung"}) {
      Agency agency;
      agency.id = AgencyId(regency);
      organisation.agencies.push_back(agency);
      Unit unit;
      unit.id = UnitId("dlh-" + regency);
      unit.agency = agency.id;
      unit.short_name = "DLH";
      organisation.units.push_back(unit);
    }
    Unit water;
    water.id = UnitId("pdam");
    water.agency = AgencyId("badung");
    water.short_name = "Perumda Air Minum";
    organisation.units.push_back(water);
    return organisation;
  }();
  return k_offices;
}

Batch read(const std::string& body, const std::vector<std::string>& bots = {}) {
  Settings settings;
  settings.handle = "Kanal";
  settings.bots = bots;
  settings.hashtags = {"#LaporBuleleng"};
  Translation translation(settings, offices());
  translation.set_account("1000");
  const auto answer = parse_answer(body);
  REQUIRE(answer);
  Batch batch;
  batch.unreadable = answer->unreadable;
  for (const auto& tweet : answer->tweets) translation.add(tweet, *answer, "@kanal", batch);
  for (const auto& message : answer->messages) translation.add(message, *answer, batch);
  return batch;
}

Post read_one(const std::string& body) {
  const auto batch = read(body);
  REQUIRE(batch.posts.size() == 1);
  return batch.posts[0];
}

std::string tweet(const std::string& members) {
  return R"({"id":"1900000000000000001","author_id":"42",)" + members + "}";
}

const std::string k_older = R"({"data":[{"id":"1900000000000000010","author_id":"42",
 "text":"@kanal Lampu mati &amp; gelap di https://t.co/aaa … https://t.co/bbb",
 "note_tweet":{"text":"@kanal Lampu mati &amp; gelap di https://t.co/aaa sejak &lt;Senin&gt;, sangat berbahaya",
  "entities":{"urls":[{"start":1,"end":2,"url":"https://t.co/aaa","expanded_url":"https://contoh.id/peta"}]}},
 "edit_history_tweet_ids":["1900000000000000010"],"conversation_id":"1900000000000000010",
 "created_at":"2026-03-01T02:03:04.000Z","lang":"in",
 "geo":{"place_id":"p1","coordinates":{"type":"Point","coordinates":[115.09,-8.11]}},
 "attachments":{"media_keys":["3_1"]},
 "entities":{"mentions":[{"start":0,"end":6,"username":"kanal","id":"1000"}],
  "urls":[{"start":60,"end":70,"url":"https://t.co/bbb","expanded_url":"https://x.com/budi_s/status/1900000000000000010/photo/1","media_key":"3_1"}]}}],
 "includes":{"users":[{"id":"42","username":"budi_s","name":"Budi S"}],
  "places":[{"id":"p1","full_name":"Singaraja, Bali"}],
  "media":[{"media_key":"3_1","type":"photo","url":"https://pbs.twimg.com/media/x.jpg"}]},
 "meta":{"result_count":1}})";

std::string newer() {
  auto text = k_older;
  const std::pair<std::string, std::string> names[] = {
      {"note_tweet", "note_post"}, {"edit_history_tweet_ids", "edit_history_post_ids"}};
  for (const auto& [from, to] : names) text.replace(text.find(from), from.size(), to);
  return text;
}

TEST_CASE("a post is read whole, with its links, signs, place and author") {
  for (const auto& body : {k_older, newer()}) {
    const auto post = read_one(body);
    CHECK(post.id.value() == "1900000000000000010");
    CHECK(post.text ==
          "Lampu mati & gelap di https://contoh.id/peta sejak <Senin>, sangat berbahaya");
    CHECK(post.full_text.starts_with("@kanal Lampu mati"));
    CHECK(post.author.id.value() == "42");
    CHECK(post.author.handle == "budi_s");
    CHECK(post.author.name == "Budi S");
    CHECK(post.language == "id");
    CHECK(post.place->latitude == Approx(-8.11));
    CHECK(post.place->longitude == Approx(115.09));
    CHECK(post.place->address == "Singaraja, Bali");
    CHECK(post.hints.entrance == "@kanal");
    CHECK_FALSE(post.in_reply_to);
  }
}

TEST_CASE("the payload that is kept gives the same post again") {
  const auto post = read_one(k_older);
  const auto again = read_one(post.payload);
  CHECK(again.text == post.text);
  CHECK(again.author.handle == post.author.handle);
  CHECK(again.place->address == post.place->address);
  CHECK(again.payload == post.payload);
}

TEST_CASE("the form that people were taught is taken off, and an office's tag is a hint") {
  const auto post = read_one(
      "{\"data\":[" + tweet(R"("text":"#LAPOR Jalan berlubang di Sukasada #PUPRBuleleng @Kanal",
               "entities":{"hashtags":[{"tag":"LAPOR"},{"tag":"PUPRBuleleng"}]})") +
      "]}");
  CHECK(post.text == "Jalan berlubang di Sukasada #PUPRBuleleng");
  CHECK(post.hints.agency == "pupr-buleleng");
}

TEST_CASE("a unit's tag is a hint of its agency, as long as that is the only one meant") {
  const auto hinted = [](const std::string& tags) {
    return read_one(
               "{\"data\":[" +
               tweet(R"("text":"@kanal Sampah menumpuk","entities":{"hashtags":[)" + tags + "]}") +
               "]}")
        .hints.agency;
  };
  CHECK(hinted(R"({"tag":"PerumdaAirMinum"})") == "badung");
  CHECK(hinted(R"({"tag":"pdam"},{"tag":"Badung"})") == "badung");
  // Both regencies have a unit of that name.
  CHECK(hinted(R"({"tag":"DLH"})").empty());
  CHECK(hinted(R"({"tag":"DLH"},{"tag":"Buleleng"})") == "buleleng");
  CHECK(hinted(R"({"tag":"Buleleng"},{"tag":"PDAM"})").empty());
}

TEST_CASE("our own posts never enter, and known bots are marked as machines") {
  CHECK(read(R"({"data":[{"id":"5","author_id":"1000","text":"Laporan #1 diterima @kanal"}]})")
            .posts.empty());
  CHECK(read(R"({"data":[{"id":"5","author_id":"7","text":"x"}],
                 "includes":{"users":[{"id":"7","username":"KANAL","name":"k"}]}})")
            .posts.empty());
  const auto bot = read(R"({"data":[{"id":"5","author_id":"7","text":"@kanal promo"}],
                            "includes":{"users":[{"id":"7","username":"SpamBot","name":"s"}]}})",
                        {"spambot"});
  REQUIRE(bot.posts.size() == 1);
  CHECK(bot.posts[0].hints.automatic.find("bots") != std::string::npos);
}

TEST_CASE("a retweet and a quotation without own words are support, one with words is a post") {
  const auto retweet = read_one(
      "{\"data\":[" +
      tweet(
          R"("text":"RT @a: @kanal jalan rusak","referenced_tweets":[{"type":"retweeted","id":"9"}])") +
      "]}");
  CHECK(retweet.hints.passed_on == "a retweet");
  CHECK(retweet.hints.passes_on == std::vector{ExternalId("9")});
  const auto bare = read_one(
      "{\"data\":[" +
      tweet(R"("text":"@kanal nih https://t.co/q","referenced_tweets":[{"type":"quoted","id":"9"}],
               "entities":{"urls":[{"url":"https://t.co/q","expanded_url":"https://x.com/a/status/9"}]})") +
      "]}");
  CHECK_FALSE(bare.hints.passed_on.empty());
  CHECK(bare.hints.passes_on == std::vector{ExternalId("9")});
  CHECK(bare.text == "nih");
  const auto own =
      read_one("{\"data\":[" +
               tweet(R"("text":"@kanal di kampung kami juga begini setiap hujan https://t.co/q",
               "referenced_tweets":[{"type":"quoted","id":"9"}])") +
               "]}");
  CHECK(own.hints.passed_on.empty());
  CHECK(own.hints.passes_on.empty());
}

TEST_CASE("what is passed on is known by each of its versions, also when it is read again") {
  const auto retweet =
      read_one("{\"data\":[" + tweet(R"("text":"RT @a: @kanal jalan rusak",
               "referenced_tweets":[{"type":"retweeted","id":"9"}])") +
               R"(],"includes":{"tweets":[{"id":"9","author_id":"77","text":"@kanal jalan rusak",
        "edit_history_tweet_ids":["8","9"]}]}})");
  const std::vector versions{ExternalId("8"), ExternalId("9")};
  CHECK(retweet.hints.passes_on == versions);
  CHECK(read_one(retweet.payload).hints.passes_on == versions);
}

TEST_CASE("answers to ours and quotations of ours name what they belong to") {
  const auto answer = read_one(
      "{\"data\":[" + tweet(R"("text":"@kanal BELUM","conversation_id":"3",
               "referenced_tweets":[{"type":"replied_to","id":"8"}])") +
      R"(],"includes":{"tweets":[{"id":"8","author_id":"1000","text":"#1 ditanggapi"}]}})");
  CHECK(answer.in_reply_to->value() == "8");
  CHECK(answer.hints.references.back().value() == "3");
  CHECK(answer.text == "BELUM");
  const auto quotation = read_one(
      "{\"data\":[" +
      tweet(R"("text":"belum beres","referenced_tweets":[{"type":"quoted","id":"8"}])") +
      R"(],"includes":{"tweets":[{"id":"8","author_id":"1000","text":"#1 ditanggapi"}]}})");
  CHECK(quotation.in_reply_to->value() == "8");
  CHECK(quotation.hints.passed_on.empty());
}

TEST_CASE("a complaint over several posts that calls us at its end is one text") {
  const auto post =
      read_one("{\"data\":[" + tweet(R"("text":"Tolong @kanal","conversation_id":"100",
               "referenced_tweets":[{"type":"replied_to","id":"101"}])") +
               R"(],"includes":{"tweets":[
        {"id":"101","author_id":"42","text":"2/3 sudah dua bulan","referenced_tweets":[{"type":"replied_to","id":"100"}]},
        {"id":"100","author_id":"42","text":"1/3 Jembatan putus di Banjar"}]}})");
  CHECK(post.text == "1/3 Jembatan putus di Banjar\n2/3 sudah dua bulan\nTolong");
  CHECK(post.id.value() == "1900000000000000001");
  CHECK(post.hints.told == std::vector{ExternalId("101"), ExternalId("100")});
  CHECK(post.hints.references == post.hints.told);
}

TEST_CASE("what somebody else wrote is no part of the complaint") {
  const auto post = read_one(
      "{\"data\":[" +
      tweet(
          R"("text":"@lain @kanal ini juga terjadi di sini","referenced_tweets":[{"type":"replied_to","id":"101"}])") +
      R"(],"includes":{"tweets":[{"id":"101","author_id":"77","text":"Banjir"}]}})");
  CHECK(post.text == "ini juga terjadi di sini");
  CHECK(post.in_reply_to->value() == "101");
}

TEST_CASE("a later version keeps the name of the first and says its own") {
  const auto batch = read("{\"data\":[" + tweet(R"("text":"@kanal pohon tumbang",
                                   "edit_history_tweet_ids":["1900000000000000001","1899999999999999999"])") +
                          "]}");
  REQUIRE(batch.posts.size() == 1);
  CHECK(batch.posts[0].id.value() == "1899999999999999999");
  CHECK(batch.posts[0].hints.edition == "1900000000000000001");
  CHECK(batch.signals.empty());
  CHECK(read_one("{\"data\":[" + tweet(R"("text":"@kanal pohon")") + "]}").hints.edition.empty());
}

TEST_CASE("a direct message is a post of its own kind") {
  const auto post = read_one(R"({"data":[{"id":"77","event_type":"MessageCreate","sender_id":"42",
    "text":"Pungli di loket","created_at":"2026-03-01T02:03:04.000Z"}],
    "includes":{"users":[{"id":"42","username":"budi_s","name":"Budi"}]}})");
  CHECK(post.id.value() == "dm:77");
  CHECK(post.author.handle == "budi_s");
  CHECK(post.hints.entrance == "dm");
  CHECK(read_one(post.payload).text == post.text);
}

TEST_CASE("what cannot be read is set apart and stops nothing") {
  const auto batch = read(R"({"data":[{"id":"7"},{"text":"x"},{"id":"-1","text":"x"},5,null,
               {"id":"8","author_id":"1","text":"@kanal tetap terbaca"}]})");
  REQUIRE(batch.posts.size() == 1);
  CHECK(batch.posts[0].text == "tetap terbaca");
  CHECK(batch.unreadable.size() == 5);
  CHECK_FALSE(parse_answer("<html>Over capacity</html>"));
  CHECK_FALSE(parse_answer(R"({"data":[{"id":"8","te)"));
  CHECK_FALSE(parse_answer("[]"));
}

TEST_CASE("what is missing is a post, not whatever else X could not find") {
  const auto answer = parse_answer(
      R"({"errors":[{"resource_id":"7","resource_type":"media","type":"x/resource-not-found"},
         {"resource_id":"8","resource_type":"tweet","type":"x/resource-not-found"},
         {"resource_id":"9","type":"x/resource-not-found"}]})");
  REQUIRE(answer);
  CHECK(answer->missing == std::vector<TweetId>{8, 9});
}

TEST_CASE("a number tells its time and a time its first number") {
  const Time time{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
  CHECK(time_of(first_tweet_id_of(time)) == time);
  CHECK(first_tweet_id_of(Time{}) == 1);
  CHECK_FALSE(parse_tweet_id("1e5"));
  CHECK_FALSE(parse_tweet_id("0"));
  CHECK_FALSE(parse_tweet_id("99999999999999999999"));
}

TEST_CASE("of a complaint over several posts the place and the office's tag count, wherever told") {
  const auto post =
      read_one("{\"data\":[" + tweet(R"("text":"@kanal mohon diperbaiki","geo":{"place_id":"p1"},
               "referenced_tweets":[{"type":"replied_to","id":"101"}])") +
               R"(],"includes":{"places":[{"id":"p1","full_name":"Singaraja"}],"tweets":[
        {"id":"101","author_id":"42","text":"Jalan rusak #DinasPU",
         "entities":{"hashtags":[{"tag":"DinasPU"}]},
         "geo":{"coordinates":{"type":"Point","coordinates":[115.09,-8.11]}}}]}})");
  CHECK(post.hints.agency == "pupr-buleleng");
  REQUIRE(post.place);
  CHECK(post.place->latitude == Approx(-8.11));
  CHECK(read_one(post.payload).place->latitude == Approx(-8.11));
}

TEST_CASE("below what does not call us stands no answer, and it is a report nevertheless") {
  const std::string tag = R"("entities":{"hashtags":[{"tag":"laporBULELENG"}]})";
  const auto tagged =
      read_one("{\"data\":[" + tweet(R"("text":"Got mampet #laporBULELENG",)" + tag) + "]}");
  CHECK(tagged.hints.uncalled);
  CHECK_FALSE(tagged.hints.unanswered.empty());
  CHECK_FALSE(tagged.hints.goes_on);
  const auto edited = read_one(
      "{\"data\":[" +
      tweet(R"("text":"Got mampet #laporBULELENG","edit_history_tweet_ids":["1900000000000000001",
               "1899999999999999999"],)" +
            tag) +
      "]}");
  CHECK(edited.hints.uncalled);
  CHECK_FALSE(edited.hints.goes_on);
  const auto quotation = read_one(
      "{\"data\":[" +
      tweet(R"("text":"belum beres","referenced_tweets":[{"type":"quoted","id":"8"}])") +
      R"(],"includes":{"tweets":[{"id":"8","author_id":"1000","text":"#1 ditanggapi"}]}})");
  CHECK_FALSE(quotation.hints.uncalled);
  CHECK_FALSE(read_one("{\"data\":[" + tweet(R"("text":"@kanal got")") + "]}").hints.uncalled);
}

TEST_CASE("of other people's posts nothing is kept but what tells them from the author's own") {
  const auto post = read_one(
      "{\"data\":[" +
      tweet(
          R"("text":"@kanal di sini juga","referenced_tweets":[{"type":"replied_to","id":"101"}])") +
      R"(],"includes":{"users":[{"id":"77","username":"wayan","name":"Wayan"}],"tweets":[{"id":"101",
      "author_id":"77","text":"Banjir","edit_history_tweet_ids":["100","101"]}]}})");
  CHECK(post.payload.find("Banjir") == std::string::npos);
  CHECK(post.payload.find("wayan") == std::string::npos);
  const auto again = read_one(post.payload);
  CHECK(again.text == post.text);
  CHECK(again.in_reply_to->value() == "100");
}

}  // namespace
}  // namespace kanal::twitter
