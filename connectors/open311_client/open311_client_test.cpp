#include "connectors/open311_client/open311_client.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>

#include <catch2/catch.hpp>

#include "connectors/office_words.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "core/visibility.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal::open311_client {
namespace {

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
const ChannelName k_channel("putr");

/// Another city's endpoint, in whatever dialect a test wants.
class Endpoint final : public Http {
 public:
  Result<HttpReply> fetch(const HttpCall& call) override {
    calls.push_back(call);
    return answer(call);
  }
  [[nodiscard]] std::string field(std::string_view name) const {
    for (const auto& [key, value] : parse_form(calls.back().body)) {
      if (key == name) return value;
    }
    return {};
  }
  std::vector<HttpCall> calls;
  std::function<Result<HttpReply>(const HttpCall&)> answer = [](const HttpCall&) {
    return HttpReply{200, {}, ""};
  };
  void says(int status, std::string body,
            std::vector<std::pair<std::string, std::string>> headers = {}) {
    answer = [=](const HttpCall&) { return HttpReply{status, headers, body}; };
  }
};

struct House {
  ManualClock clock{k_now};
  Keys keys = Keys::of_seed("open311 client");
  Organisation organisation;
  Endpoint http;
  std::unique_ptr<Mail> mail = make_mail();
  Surroundings around{clock, keys, organisation, http, *mail, {}};
  std::unique_ptr<Connector> connector;
  Cursor cursor;
  std::optional<Time> reopened_at;

  explicit House(const std::string& more = {}) {
    ::setenv("KANAL_TEST_CLIENT_KEY", "kunci-kota-lain", 1);
    Problems problems;
    const auto table = Table::parse(
        "url = \"https://putr.example/open311/v2/\"\napi_key = \"env:KANAL_TEST_CLIENT_KEY\"\n"
        "service_code = \"999\"\n" +
            more,
        "t.toml", problems);
    connector = find_kind("open311_client")->create(k_channel, table, around).value();
  }
  Result<Receipt> send(const Reply& reply) { return connector->send(std::span(&reply, 1)).at(0); }
  /// What comes of asking about one request, stored as the bridge would.
  std::vector<Post> follow(const std::string& id = "request/17") {
    clock.advance(std::chrono::hours(1));
    const Outstanding sent{"41.3.7.putr", ExternalId(id), "id", reopened_at};
    return follow(std::span(&sent, 1));
  }
  std::vector<Post> follow(std::span<const Outstanding> sent) {
    auto batch = dynamic_cast<Follower&>(*connector).follow(sent, cursor, Budget{});
    INFO((batch ? "" : batch.error().message));
    REQUIRE(batch);
    cursor = batch->next;
    return std::move(batch->posts);
  }
  std::string newest_words(const std::string& id = "request/17") {
    const auto posts = follow(id);
    REQUIRE(posts.size() <= 1);
    return posts.empty() ? std::string() : posts[0].text;
  }
};

Reply handed_over(const std::string& news = "handed", const std::string& words = {}) {
  Reply reply;
  reply.key = "41.3.7.putr";
  reply.code = TrackingCode("123456789016");
  reply.address = "putr";
  reply.language = "id";
  reply.office = HandedTo{AgencyId("buleleng"), UnitId("putr")};
  JsonWriter out;
  out.begin_object().member("news", news);
  out.member("words", words).member("title", "Lubang");
  out.member("text", "Jalan berlubang & becek").member("category", "road");
  out.member("due_at", "2026-03-09T08:00:00+08:00").key("place").begin_object();
  out.member("address", "Pasar Banyuasri").member("latitude", -8.112).member("longitude", 115);
  reply.text = out.end_object().end_object().take();
  return reply;
}

std::string request(const std::string& status, const std::string& notes,
                    const std::string& more = {}) {
  return "<service_requests><request><service_request_id>17</service_request_id><status>" + status +
         "</status><status_notes>" + notes + "</status_notes>" + more +
         "</request></service_requests>";
}

TEST_CASE("a report that is handed over is made a request, with its place and nobody's name") {
  House house("jurisdiction = \"kota\"\n[services]\nroad = \"12\"\n");
  house.http.says(200, request("open", ""));
  const auto sent = house.send(handed_over());
  REQUIRE(sent);
  CHECK(sent->id.value() == "request/17");
  CHECK_FALSE(sent->delivered);
  const auto& call = house.http.calls.at(0);
  CHECK(call.method == "POST");
  CHECK(call.url == "https://putr.example/open311/v2/requests.xml");
  CHECK(house.http.field("api_key") == "kunci-kota-lain");
  CHECK(house.http.field("jurisdiction_id") == "kota");
  CHECK(house.http.field("service_code") == "12");
  CHECK(house.http.field("lat") == "-8.112000");
  CHECK(house.http.field("long") == "115.000000");
  CHECK(house.http.field("address_string") == "Pasar Banyuasri");
  const auto description = house.http.field("description");
  CHECK(description.starts_with("Lubang\nJalan berlubang & becek\n"));
  CHECK(description.find("2026-03-09") != std::string::npos);
  CHECK(description.ends_with("\nKanal 123456789016 " + marker_of(handed_over())));
  CHECK(ends_in_marker(description));
}

TEST_CASE("a description keeps to the standard's length and keeps its marker") {
  House house;
  auto reply = handed_over();
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "é";
  reply.text = R"({"news":"handed","text":")" + text + R"("})";
  house.http.says(200, request("open", ""));
  REQUIRE(house.send(reply));
  const auto description = house.http.field("description");
  CHECK(description.size() <= 4000);
  CHECK(description.size() >= 3998);
  CHECK(description.ends_with(marker_of(reply)));
  CHECK(house.http.field("service_code") == "999");
  CHECK(house.http.field("address_string") == "Lihat uraian");
}

TEST_CASE("what the other system answers to a new request decides what becomes of it") {
  House house;
  const auto error = [&](int status, const std::string& body) {
    house.http.says(status, body);
    const auto sent = house.send(handed_over());
    REQUIRE_FALSE(sent);
    return sent.error();
  };
  CHECK(error(403, "").remedy == Remedy::reconfigure);
  CHECK(error(429, "").remedy == Remedy::throttled);
  CHECK(error(503, "").remedy == Remedy::retry);
  CHECK(error(500, "").remedy == Remedy::uncertain);
  CHECK(error(200, "<html>Welcome").remedy == Remedy::uncertain);
  CHECK(error(200, "[]").remedy == Remedy::uncertain);
  CHECK(error(409, "<errors/>").remedy == Remedy::uncertain);
  const auto wrong = error(400,
                           "<errors><error><code>400</code><description>No such service."
                           "</description></error></errors>");
  CHECK(wrong.remedy == Remedy::drop);
  CHECK(wrong.message.find("No such service.") != std::string::npos);
  CHECK(wrong.message.find("kunci") == std::string::npos);
  house.http.says(409, "[{\"service_request_id\":17}]");
  CHECK(house.send(handed_over())->id.value() == "request/17");
  house.http.says(201, "[{\"token\":\"T-5\"}]");
  CHECK(house.send(handed_over())->id.value() == "token/T-5");
}

TEST_CASE("a confidential report goes to no other system") {
  House house;
  auto reply = handed_over();
  reply.confidential = true;
  const auto sent = house.send(reply);
  REQUIRE_FALSE(sent);
  CHECK(sent.error().remedy == Remedy::drop);
  CHECK(house.http.calls.empty());
}

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
    const auto ids = parse_form(call.url.substr(call.url.find('?') + 1)).at(0).second;
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

TEST_CASE("a doubtful request is found again by its marker, or stays in doubt") {
  House house;
  auto& confirmer = dynamic_cast<Confirmer&>(*house.connector);
  house.http.says(200, request("open", "",
                               "<description>Lubang\nKanal █████ " + marker_of(handed_over()) +
                                   "</description>"));
  auto mine = handed_over();
  mine.owed_at = k_now;
  const auto found = confirmer.confirm(mine);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->id.value() == "request/17");
  CHECK(house.http.calls.back().url.find("start_date=2026-02-23T00%3A00%3A00Z") !=
        std::string::npos);
  auto other = handed_over();
  other.key = "41.3.70.putr";
  CHECK(marker_of(other) != marker_of(handed_over()));
  house.http.says(200, request("open", "", "<description>" + marker_of(other) + "</description>"));
  CHECK_FALSE(confirmer.confirm(handed_over()));
  House strict("lists_all = true\n");
  strict.http.says(200, "<service_requests/>");
  auto owed = handed_over();
  owed.owed_at = k_now;
  const auto never = dynamic_cast<Confirmer&>(*strict.connector).confirm(owed);
  REQUIRE(never);
  CHECK_FALSE(*never);
  // What it lists without showing its words may be it.
  strict.http.says(200, request("open", ""));
  CHECK_FALSE(dynamic_cast<Confirmer&>(*strict.connector).confirm(owed));
}

TEST_CASE("a request in doubt for long is looked for from when it was owed") {
  House house("lists_all = true\n");
  auto& confirmer = dynamic_cast<Confirmer&>(*house.connector);
  auto reply = handed_over();
  reply.owed_at = k_now;
  // It lists what was asked for between the two dates.
  house.http.answer = [&](const HttpCall& call) -> Result<HttpReply> {
    const auto asked = parse_form(call.url.substr(call.url.find('?') + 1));
    const auto since = parse_rfc3339(asked.at(0).second);
    const auto until = parse_rfc3339(asked.at(1).second);
    REQUIRE(since);
    REQUIRE(until);
    CHECK(*until - *since <= std::chrono::days(90));
    if (k_now < *since) return HttpReply{200, {}, "<service_requests/>"};
    return HttpReply{
        200, {}, request("open", "", "<description>" + marker_of(reply) + "</description>")};
  };
  house.clock.advance(std::chrono::days(30));
  const auto found = confirmer.confirm(reply);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->id.value() == "request/17");
  // Nobody may ask for so long a time, so that it may be there.
  house.clock.advance(std::chrono::days(65));
  const auto too_old = confirmer.confirm(reply);
  REQUIRE_FALSE(too_old);
  CHECK(too_old.error().remedy == Remedy::uncertain);
}

TEST_CASE("a marker outlives what blots numbers, and no text of a person has one") {
  const auto line = "Lubang\nKanal 123456789016 " + marker_of(handed_over());
  CHECK(redact_personal(line).ends_with(marker_of(handed_over())));
  CHECK(ends_in_marker(redact_personal(line) + "\n"));
  for (const auto* text : {"", "Lubang", "Kanal", "Kanal [abc]", "[abcdefghijklmnop]",
                           "Kanal 123456789016 [41.3.7.putr]"}) {
    CHECK_FALSE(ends_in_marker(text));
  }
}

TEST_CASE("numbers and addresses of people are published nowhere") {
  House house("updates = true\n");
  auto reply = handed_over();
  reply.text =
      R"({"news":"handed","title":"Hubungi 081234567890","text":"Surat ke budi@example.org",)"
      R"("words":"","place":{"address":"Rumah 081234567890"}})";
  house.http.says(200, request("open", ""));
  REQUIRE(house.send(reply));
  CHECK(house.http.field("description").find("081234567890") == std::string::npos);
  CHECK(house.http.field("description").find("budi@") == std::string::npos);
  CHECK(house.http.field("address_string") == "Rumah █████");
  auto added = handed_over("added", "Telepon 081234567890");
  added.references = {ExternalId("request/17")};
  REQUIRE(house.send(added));
  CHECK(house.http.field("description").find("081234567890") == std::string::npos);
}

TEST_CASE("what happens to a report afterwards is an update of its request, where there are any") {
  House house("updates = true\n");
  house.http.says(200, "");
  const auto told = [&](const std::string& news) {
    auto reply = handed_over(news, "Masih gelap.");
    reply.references = {ExternalId("request/17")};
    REQUIRE(house.send(reply));
    CHECK(house.http.calls.back().url.ends_with("/servicerequestupdates.xml"));
    CHECK(house.http.field("service_request_id") == "17");
    CHECK(house.http.field("update_id") == "41.3.7.putr");
    CHECK(house.http.field("updated_datetime") == "2026-03-02T00:00:00Z");
    CHECK(house.http.field("description").find("Masih gelap.") != std::string::npos);
    return house.http.field("status");
  };
  CHECK(told("back") == "REOPEN");
  CHECK(told("added") == "OPEN");
  CHECK(told("overdue") == "OPEN");
  CHECK(told("taken") == "CANCELLED");
  CHECK(house.send(handed_over("added")).error().remedy == Remedy::retry);
}

TEST_CASE("an address that moved is for a person to mend, and an update's request may be gone") {
  House house("updates = true\n");
  auto added = handed_over("added", "Masih gelap.");
  added.references = {ExternalId("request/17")};
  house.http.says(404, "<html>Not Found</html>");
  CHECK(house.send(handed_over()).error().remedy == Remedy::reconfigure);
  CHECK(house.send(added).error().remedy == Remedy::reconfigure);
  house.http.says(404,
                  "<errors><error><code>404</code><description>service_request_id was not found."
                  "</description></error></errors>");
  CHECK(house.send(added).error().remedy == Remedy::drop);
  house.http.says(404,
                  "<errors><error><code>404</code><description>jurisdiction_id was not found."
                  "</description></error></errors>");
  CHECK(house.send(handed_over()).error().remedy == Remedy::reconfigure);
}

TEST_CASE("a service that was withdrawn holds up no other one") {
  House house;
  house.http.says(404,
                  "<errors><error><code>404</code><description>service_code was not found."
                  "</description></error></errors>");
  CHECK(house.send(handed_over()).error().remedy == Remedy::drop);
}

TEST_CASE("without updates a report that comes back is a new request, and the rest is a person's") {
  House house;
  auto back = handed_over("back", "Masih gelap.");
  back.references = {ExternalId("request/17")};
  house.http.says(200, request("open", ""));
  REQUIRE(house.send(back));
  CHECK(house.http.calls.back().url.ends_with("/requests.xml"));
  const auto description = house.http.field("description");
  CHECK(description.find("Masih gelap.") != std::string::npos);
  CHECK(description.find("17") != std::string::npos);
  auto added = handed_over("added", "Masih gelap.");
  added.references = {ExternalId("request/17")};
  CHECK(house.send(added).error().remedy == Remedy::drop);
}

TEST_CASE("the test of the channel names services that the other system has not") {
  House house("[services]\nroad = \"12\"\n");
  house.http.says(200, "[{\"service_code\":\"12\"},{\"service_code\":7}]");
  const auto steps = dynamic_cast<Probe&>(*house.connector).probe({});
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].passed);
  CHECK(steps[1].passed);
  CHECK_FALSE(steps[2].passed);
  CHECK(steps[2].what.find("999") != std::string::npos);
}

}  // namespace
}  // namespace kanal::open311_client
