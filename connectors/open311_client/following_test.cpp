#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "connectors/open311_client/open311_client_fixture.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"

// What another system says of the requests that it was handed.
namespace kanal::open311_client {
namespace {

TEST_CASE("what comes of a request moves the report as its status says, once each") {
  House house;
  // Whoever lists a request as open has not looked at it yet.
  house.http.says(200, request("open", ""));
  CHECK(house.newest_words().empty());
  house.http.says(200, request("for triage", ""));
  CHECK(house.newest_words().empty());
  house.http.says(200, request("in_progress", ""));
  auto posts = house.follow();
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text == "PROSES\n");
  CHECK(posts[0].author.id.value() == "putr");
  CHECK(posts[0].hints.thread_token == "41.3.7.putr");
  CHECK(house.newest_words().empty());
  house.http.says(200, request("open", "Dijadwalkan Senin"));
  const auto scheduled = house.follow();
  REQUIRE(scheduled.size() == 1);
  CHECK(scheduled[0].text == "PROSES\nDijadwalkan Senin");
  CHECK(scheduled[0].id != posts[0].id);
  CHECK(house.newest_words().empty());
  house.http.says(200, request("closed", "Sudah ditambal.",
                               "<updated_datetime>2026-03-01T10:00:00+08:00</updated_datetime>"));
  const auto done = house.follow();
  REQUIRE(done.size() == 1);
  CHECK(done[0].text == "SELESAI\nSudah ditambal.");
  CHECK(done[0].posted_at == k_now + std::chrono::hours(2) - std::chrono::days(1));
  // It may be opened and closed again in the same words.
  house.http.says(200, request("open", ""));
  CHECK(house.newest_words() == "PROSES\n");
  house.http.says(200, request("closed", "Sudah ditambal."));
  const auto again = house.follow();
  REQUIRE(again.size() == 1);
  CHECK(again[0].id != done[0].id);
  const auto read = dynamic_cast<Translator&>(*house.connector).translate(again[0].payload);
  REQUIRE(read);
  CHECK(read->posts.at(0).text == again[0].text);
  CHECK(read->posts.at(0).id == again[0].id);
}

TEST_CASE("after a reopening the old answer counts no more, and a new one in its words does") {
  House house;
  const auto closed_at = [&](const std::string& at) {
    house.http.says(200,
                    request("closed", "Beres", "<updated_datetime>" + at + "</updated_datetime>"));
  };
  closed_at("2026-03-02T00:30:00Z");
  const auto first = house.follow();
  REQUIRE(first.size() == 1);
  CHECK(first[0].text == "SELESAI\nBeres");
  // It is closed here, and with no office.
  house.clock.advance(std::chrono::hours(1));
  CHECK(house.follow(std::span<const Outstanding>()).empty());
  CHECK(house.cursor.value.find("request/17") != std::string::npos);
  CHECK(house.follow().empty());
  house.reopened_at = k_now + std::chrono::hours(3);
  CHECK(house.follow().empty());
  // Its time moves by our own word of it, too.
  closed_at("2026-03-02T03:20:00Z");
  CHECK(house.follow().empty());
  house.http.says(200, request("open", ""));
  (void)house.follow();
  closed_at("2026-03-02T03:30:00Z");
  const auto second = house.follow();
  REQUIRE(second.size() == 1);
  CHECK(second[0].text == "SELESAI\nBeres");
  CHECK(second[0].id != first[0].id);
  CHECK(house.follow().empty());
  // At last the mark of it is gone.
  house.clock.advance(std::chrono::hours(1));
  CHECK(house.follow(std::span<const Outstanding>()).empty());
  house.clock.advance(std::chrono::hours(61 * 24));
  CHECK(house.follow(std::span<const Outstanding>()).empty());
  CHECK(house.cursor.value.find("request/17") == std::string::npos);
  closed_at("2026-03-02T00:30:00Z");
  CHECK(house.follow().empty());
}

TEST_CASE("what was read and not stored is read again as the same") {
  House house;
  house.http.says(200, request("closed", "Sudah ditambal."), {});
  const auto before = house.cursor;
  const auto first = house.follow();
  house.cursor = before;
  const auto second = house.follow();
  REQUIRE(first.size() == 1);
  REQUIRE(second.size() == 1);
  CHECK(first[0].id == second[0].id);
}

TEST_CASE("odd dialects are read or left alone, and never end the work by mistake") {
  House house;
  const auto words = [&](const std::string& body) {
    House other;
    other.http.says(200, body);
    return other.newest_words();
  };
  CHECK(words("[{\"service_request_id\":17,\"status\":\"CLOSED\",\"status_notes\":\"Beres\"}]") ==
        "SELESAI\nBeres");
  CHECK(words(request("Fixed - Council", "")) ==
        "SELESAI\nInstansi menyatakan laporan ini selesai ditangani.");
  CHECK(words(request("not_councils_responsibility", "Jalan provinsi")) ==
        "BUKAN KAMI\nJalan provinsi");
  CHECK(words(request("diarsipkan", "entah")) == "STATUS\n\"diarsipkan\" entah");
  CHECK(words(request("", "")) == "STATUS\n\"\"");
  CHECK(words(request("closed", "x", "<updated_datetime>2026-03-02 10:00</updated_datetime>")) ==
        "SELESAI\nx");
  // Who answers a list by all requests there are is asked for no more than what is ours.
  CHECK(words("[{\"service_request_id\":\"1\",\"status\":\"closed\"},"
              "{\"service_request_id\":\"17\",\"status\":\"planned\"}]") == "PROSES\n");
}

TEST_CASE("an endpoint without lists is asked for each request, and one that is gone less often") {
  House house;
  bool there = true;
  house.http.answer = [&](const HttpCall& call) -> Result<HttpReply> {
    if (call.url.find("requests/17.xml") == std::string::npos) return HttpReply{400, {}, ""};
    return there ? HttpReply{200, {}, request("planned", "")} : HttpReply{404, {}, ""};
  };
  CHECK(house.newest_words() == "PROSES\n");
  there = false;
  for (int i = 0; i < 24; ++i) CHECK(house.newest_words().empty());
  const auto alone = std::ranges::count_if(house.http.calls, [](const HttpCall& call) {
    return call.url.find("requests/17.xml") != std::string::npos;
  });
  CHECK(alone < 12);
  there = true;
  house.http.says(200, request("closed", "Beres"));
  CHECK(house.newest_words() == "SELESAI\nBeres");
}

TEST_CASE("a token is followed until there is a number, and the number kept") {
  House house;
  bool numbered = false;
  int tokens = 0;
  house.http.answer = [&](const HttpCall& call) -> Result<HttpReply> {
    if (call.url.find("tokens/T-5.xml") == std::string::npos) {
      return HttpReply{200, {}, request("planned", "")};
    }
    ++tokens;
    return HttpReply{200, {}, numbered ? request("", "") : "<service_requests/>"};
  };
  CHECK(house.newest_words("token/T-5").empty());
  numbered = true;
  CHECK(house.newest_words("token/T-5") == "PROSES\n");
  CHECK(house.newest_words("token/T-5").empty());
  CHECK(tokens == 2);
}

TEST_CASE("what no address could hold is no number for a token") {
  House house;
  int asked_whole = 0;
  house.http.answer = [&](const HttpCall& call) -> Result<HttpReply> {
    if (call.url.find("tokens/") == std::string::npos) {
      ++asked_whole;
      return HttpReply{200, {}, "<service_requests/>"};
    }
    return HttpReply{200,
                     {},
                     "<service_requests><request><service_request_id>" + std::string(3000, '/') +
                         "</service_request_id></request></service_requests>"};
  };
  CHECK(house.newest_words("token/T-5").empty());
  CHECK(asked_whole == 0);
}

TEST_CASE("a token that the other system forgot silences nobody else, and loses no update") {
  House house("updates = true\n");
  house.http.answer = [](const HttpCall& call) -> Result<HttpReply> {
    if (call.url.find("/tokens/") != std::string::npos) return HttpReply{404, {}, ""};
    return HttpReply{200, {}, request("closed", "Beres")};
  };
  const std::vector<Outstanding> sent{{"40.3.7.putr", ExternalId("token/T-5"), "id"},
                                      {"41.3.7.putr", ExternalId("request/17"), "id"}};
  const auto batch = dynamic_cast<Follower&>(*house.connector).follow(sent, {}, Budget{});
  REQUIRE(batch);
  REQUIRE(batch->posts.size() == 1);
  CHECK(batch->posts[0].text == "SELESAI\nBeres");
  auto added = handed_over("added", "Masih gelap.");
  added.references = {ExternalId("token/T-5")};
  CHECK(house.send(added).error().remedy == Remedy::retry);
}

/// Each request there by its number: its own status, whether there are lists, and what is broken.
struct Desk {
  House house{"poll_s = 1\n"};
  std::vector<Outstanding> sent;
  std::map<std::string, int> asked;
  std::function<bool(const std::string&)> broken;
  bool lists = false;

  explicit Desk(int count) {
    for (int i = 0; i < count; ++i) {
      sent.push_back(
          {std::to_string(i) + ".3.7.putr", ExternalId("request/" + std::to_string(i)), "id"});
    }
    house.http.answer = [this](const HttpCall& call) -> Result<HttpReply> {
      const auto list = call.url.find("service_request_id=");
      if (list != std::string::npos) return HttpReply{lists ? 500 : 400, {}, ""};
      const auto at = call.url.find("/requests/") + 10;
      const auto id = call.url.substr(at, call.url.find('.', at) - at);
      ++asked[id];
      if (broken(id)) return HttpReply{500, {}, ""};
      return HttpReply{200,
                       {},
                       "[{\"service_request_id\":\"" + id +
                           "\",\"status\":\"closed\",\"status_notes\":\"Beres\"}]"};
    };
  }
  /// How many reports were answered in so many turns.
  std::size_t answered(int turns) {
    std::size_t posts = 0;
    for (int i = 0; i < turns; ++i) {
      house.clock.advance(std::chrono::seconds(2));
      const auto batch = dynamic_cast<Follower&>(*house.connector).follow(sent, house.cursor, {});
      if (!batch) continue;
      house.cursor = batch->next;
      posts += batch->posts.size();
    }
    return posts;
  }
};

TEST_CASE("a request that breaks the other system is stepped over, and asked about less often") {
  for (const bool lists : {false, true}) {
    Desk desk(60);
    desk.lists = lists;
    desk.broken = [](const std::string& id) { return id == "3" || id == "4"; };
    CHECK(desk.answered(20) == 58);
    CHECK(desk.asked["3"] <= 5);
  }
}

TEST_CASE("a far side that breaks over everything is left alone soon, and heard when it is back") {
  Desk desk(60);
  bool away = true;
  desk.broken = [&](const std::string&) { return away; };
  CHECK(desk.answered(10) == 0);
  CHECK(desk.house.http.calls.size() <= 50);
  away = false;
  CHECK(desk.answered(12) == 60);
}

TEST_CASE("the other system is asked no more often than is set, and only for what is new") {
  House house;
  house.http.says(200, request("open", ""), {{"etag", "\"a\""}, {"last-modified", "Mon"}});
  house.follow();
  house.follow();
  house.http.says(304, "");
  CHECK(house.newest_words().empty());
  const auto& headers = house.http.calls.back().headers;
  REQUIRE(headers.size() == 2);
  CHECK(headers[0].second == "\"a\"");
  const auto calls = house.http.calls.size();
  const Outstanding sent{"41.3.7.putr", ExternalId("request/17"), "id"};
  auto& follower = dynamic_cast<Follower&>(*house.connector);
  REQUIRE(follower.follow(std::span(&sent, 1), house.cursor, {}));
  CHECK(house.http.calls.size() == calls);
  // What no longer is with the office is not asked about.
  house.clock.advance(std::chrono::hours(1));
  const auto none = follower.follow({}, house.cursor, {});
  REQUIRE(none);
  CHECK(house.http.calls.size() == calls);
  CHECK(none->next.value.find("request/17") == std::string::npos);
}

TEST_CASE("a far side that is away is asked again, and what it said before is kept") {
  House house;
  const Outstanding sent{"41.3.7.putr", ExternalId("request/17"), "id"};
  auto& follower = dynamic_cast<Follower&>(*house.connector);
  const auto remedy = [&] {
    house.clock.advance(std::chrono::hours(1));
    const auto batch = follower.follow(std::span(&sent, 1), house.cursor, {});
    REQUIRE_FALSE(batch);
    return batch.error().remedy;
  };
  house.http.answer = [](const HttpCall&) { return fail(Remedy::uncertain, "no answer"); };
  CHECK(remedy() == Remedy::retry);
  house.http.says(500, "");
  CHECK(remedy() == Remedy::retry);
  house.http.says(429, "");
  CHECK(remedy() == Remedy::throttled);
  house.http.says(403, "");
  CHECK(remedy() == Remedy::reconfigure);
  house.http.says(200, "<html>Moved");
  CHECK(remedy() == Remedy::retry);
  house.http.says(200, request("closed", "Beres"));
  CHECK(house.newest_words() == "SELESAI\nBeres");
}

TEST_CASE("hundreds of requests are asked about in a few turns, each of them") {
  House house("poll_s = 1\n");
  std::vector<Outstanding> sent;
  for (int i = 0; i < 1200; ++i) {
    sent.push_back({"1.3.7.putr", ExternalId("request/" + std::to_string(i)), "id"});
  }
  house.http.answer = [](const HttpCall& call) -> Result<HttpReply> {
    const auto ids = parse_form(call.url.substr(call.url.find('?') + 1)).value().at(0).second;
    std::string body = "[";
    for (const auto id : split(ids, ',')) {
      body += (body.size() > 1 ? "," : "") + std::string("{\"service_request_id\":\"") +
              std::string(id) + "\",\"status\":\"planned\"}";
    }
    return HttpReply{200, {}, body + "]"};
  };
  auto& follower = dynamic_cast<Follower&>(*house.connector);
  std::size_t posts = 0;
  int turns = 0;
  for (; posts < sent.size() && turns < 20; ++turns) {
    house.clock.advance(std::chrono::seconds(2));
    const auto batch = follower.follow(sent, house.cursor, Budget{});
    REQUIRE(batch);
    CHECK(batch->posts.size() <= 250);
    posts += batch->posts.size();
    house.cursor = batch->next;
  }
  CHECK(posts == sent.size());
  CHECK(house.http.calls.size() == 24);
}

}  // namespace
}  // namespace kanal::open311_client
