#include "web/open311/query.hpp"

#include <catch2/catch.hpp>

#include "core/rfc3339.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"

namespace kanal::open311 {
namespace {

const Time k_now = *parse_rfc3339("2026-03-02T03:00:00Z");

tl::expected<Selection, std::vector<georeport::Fault>> read(const std::string& query,
                                                            bool needs_jurisdiction = false) {
  static const auto organisation = Organisation::shipped();
  return read_selection(parse_form(query).value(), organisation, needs_jurisdiction, k_now);
}

std::string faults(const std::string& query, bool needs_jurisdiction = false) {
  const auto selection = read(query, needs_jurisdiction);
  REQUIRE_FALSE(selection);
  std::string text;
  for (const auto& fault : selection.error()) {
    text += std::to_string(fault.status) + " " + fault.description + "\n";
  }
  return text;
}

std::string range(const std::string& query) {
  const auto selection = read(query);
  REQUIRE(selection);
  return print_rfc3339(selection->from) + " " + print_rfc3339(selection->before);
}

TEST_CASE("without dates the newest 90 days are asked for, 1000 at most") {
  const auto selection = read("");
  REQUIRE(selection);
  CHECK(range("") == "2025-12-02T03:00:00Z 2026-03-02T03:00:01Z");
  CHECK_FALSE(selection->codes);
  CHECK(selection->categories.empty());
  CHECK_FALSE(selection->open);
  CHECK(selection->page_size == 1000);
  CHECK(selection->skip() == 0);
  CHECK_FALSE(selection->extensions);
}

TEST_CASE("one date reaches 90 days, two may not span more") {
  CHECK(range("start_date=2025-01-01T00:00:00Z") == "2025-01-01T00:00:00Z 2025-04-01T00:00:01Z");
  CHECK(range("start_date=2026-03-01T00:00:00Z") == "2026-03-01T00:00:00Z 2026-03-02T03:00:01Z");
  CHECK(range("end_date=2025-04-01T00:00:00Z") == "2025-01-01T00:00:00Z 2025-04-01T00:00:01Z");
  CHECK(range("start_date=2025-01-01T00:00:00Z&end_date=2025-04-01T00:00:00Z") ==
        "2025-01-01T00:00:00Z 2025-04-01T00:00:01Z");
  CHECK(faults("start_date=2025-01-01T00:00:00Z&end_date=2025-04-01T00:00:01Z") ==
        "400 start_date and end_date may not span more than 90 days.\n");
  CHECK(faults("start_date=2025-01-02T00:00:00Z&end_date=2025-01-01T00:00:00Z") ==
        "400 start_date is after end_date.\n");
}

TEST_CASE("a date has its zone, also where its plus has become a blank") {
  const auto encoded = range("start_date=2026-01-01T07:00:00%2B07:00");
  CHECK(encoded.starts_with("2026-01-01T00:00:00Z "));
  CHECK(range("start_date=2026-01-01T07:00:00+07:00") == encoded);
  CHECK(range("start_date=2025-12-31T17:00:00-07:00") == encoded);
  for (const auto* date :
       {"2026-01-01", "2026-01-01T00:00:00", "yesterday", "2026-13-01T00:00:00Z"}) {
    const auto wrong = " must have its zone (2026-01-02T03:04:05+07:00).\n";
    CHECK(faults("start_date=" + std::string(date)) == "400 start_date" + std::string(wrong));
    CHECK(faults("end_date=" + std::string(date)) == "400 end_date" + std::string(wrong));
  }
}

TEST_CASE("numbers of requests override all else, comma delimited or declared again") {
  const auto one = make_tracking_code(1);
  const auto two = make_tracking_code(2);
  const auto selection = read("service_request_id=" + one.value() + "," + two.value() +
                              "&service_request_id=" + one.value() +
                              "&start_date=rubbish&status=rubbish&page=0&service_code=road");
  REQUIRE(selection);
  CHECK(*selection->codes == std::vector{one, two});
  CHECK(selection->categories.empty());
  const auto none = read("service_request_id=12");
  REQUIRE(none);
  CHECK(none->codes->empty());
  std::string many = "service_request_id=1";
  for (int i = 0; i < 1000; ++i) many += ",1";
  CHECK(faults(many) == "400 There are more than 1000 service_request_id.\n");
}

TEST_CASE("services and statuses are lists, and both statuses are no choice") {
  const auto selection = read("service_code=road,+tree&service_code=waste&status=open");
  REQUIRE(selection);
  CHECK(selection->categories ==
        std::vector{CategoryId("road"), CategoryId("tree"), CategoryId("waste")});
  CHECK(selection->open == true);
  CHECK(read("status=closed")->open == false);
  CHECK_FALSE(read("status=open,closed")->open);
  CHECK_FALSE(read("status=")->open);
  CHECK(faults("status=open,pending") == "400 status is open or closed.\n");
}

TEST_CASE("a page is a number within bounds") {
  const auto selection = read("page=3&page_size=50");
  REQUIRE(selection);
  CHECK(selection->skip() == 100);
  CHECK(faults("page=0") == "400 page must be a number from 1 to 10000.\n");
  CHECK(faults("page=x&page_size=1001") ==
        "400 page_size must be a number from 1 to 1000.\n"
        "400 page must be a number from 1 to 10000.\n");
  CHECK(read("page=11"));
  CHECK(faults("page=12") == "400 page is too far: ask for a shorter range of dates.\n");
}

TEST_CASE("a jurisdiction is an agency, needed where that is set") {
  CHECK(read("jurisdiction_id=buleleng", true)->agency.value() == "buleleng");
  CHECK(faults("jurisdiction_id=atlantis&page=0") ==
        "404 jurisdiction_id was not found.\n400 page must be a number from 1 to 10000.\n");
  CHECK(faults("", true) == "400 jurisdiction_id was not provided.\n");
}

TEST_CASE("extensions are shown to who asks") {
  CHECK(read("extensions=true")->extensions);
  CHECK(read("extensions=v1")->extensions);
  CHECK_FALSE(read("extensions=false")->extensions);
}

}  // namespace
}  // namespace kanal::open311
