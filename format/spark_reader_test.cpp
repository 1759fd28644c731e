#include "format/spark_reader.hpp"

#include <catch2/catch.hpp>

#include "format/spark.hpp"

namespace kanal {
namespace {

std::vector<SparkRecord> read(std::string_view text) {
  const auto records = read_spark(text, "request");
  INFO(text);
  REQUIRE(records);
  return *records;
}

std::string refused(std::string_view text) {
  const auto records = read_spark(text, "request");
  REQUIRE_FALSE(records);
  CHECK(records.error().remedy == Remedy::drop);
  return records.error().message;
}

TEST_CASE("records are read from XML and from JSON alike, whatever stands around them") {
  const char* documents[] = {
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<service_requests><request>"
      "<service_request_id> 17 </service_request_id><status>open</status><status_notes/>"
      "<extended><status>no</status></extended></request></service_requests>",
      "\xEF\xBB\xBF[{\"service_request_id\":17,\"status\":\"open\",\"status_notes\":null,"
      "\"extended\":{\"status\":\"no\"}}]",
      "{\"service_requests\":{\"request\":[{\"service_request_id\":\"17\",\"status\":\"open\"}]}}",
      "{\"service_request_id\":\"17\",\"status\":\"open\"}"};
  for (const auto* document : documents) {
    const auto records = read(document);
    REQUIRE(records.size() == 1);
    CHECK(text_of(records[0], "service_request_id") == "17");
    CHECK(text_of(records[0], "status") == "open");
    CHECK(text_of(records[0], "status_notes").empty());
    CHECK(records[0].size() == 2);
  }
  CHECK(read("[]").empty());
  CHECK(read("<service_requests/>").empty());
}

TEST_CASE("what the writer writes is read again, with every letter") {
  for (const auto markup : {Markup::xml, Markup::json}) {
    SparkWriter out(markup);
    out.begin_list("service_requests", "request");
    for (const auto* notes : {"a < b & \"c\"\nd", "ꦱ 😀"}) {
      out.begin_record().member("status_notes", notes).member("lat", -8.112).end_record();
    }
    out.end_list();
    const auto records = read(out.take());
    REQUIRE(records.size() == 2);
    CHECK(text_of(records[0], "status_notes") == "a < b & \"c\"\nd");
    CHECK(text_of(records[1], "status_notes") == "ꦱ 😀");
    CHECK(text_of(records[1], "lat") == "-8.112");
  }
}

TEST_CASE("a document that would blow up, or is none, is refused") {
  CHECK(refused("<!DOCTYPE a [<!ENTITY b \"bb\">]><a>&b;</a>") == "it declares a document type");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  CHECK(refused(deep) == "it is nested too deep");
  CHECK(refused("<request><status>open</status>") == "it is no XML");
  CHECK(refused("<a>&nobody;</a>") == "it is no XML");
  CHECK(refused("") == "it is neither XML nor JSON");
  CHECK(refused("404") == "it is neither XML nor JSON");
  CHECK(refused(std::string(5000, '[')) == "it is neither XML nor JSON");
}

}  // namespace
}  // namespace kanal
