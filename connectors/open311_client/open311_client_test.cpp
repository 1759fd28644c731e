#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "connectors/office_words.hpp"
#include "connectors/open311_client/open311_client_fixture.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "core/visibility.hpp"

namespace kanal::open311_client {
namespace {

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
  CHECK(description.find(" Maret 2026") != std::string::npos);
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
    const auto asked = parse_form(call.url.substr(call.url.find('?') + 1)).value();
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
