#include "format/spark.hpp"

#include <catch2/catch.hpp>

namespace kanal {
namespace {

std::string document(Markup markup) {
  SparkWriter out(markup);
  out.begin_list("services", "service").begin_record();
  out.member("service_code", "001").member("description", "").member("metadata", true);
  out.member("order", 2).member("lat", -8.25);
  out.begin_list("formats", "format").item("text/xml").end_list();
  out.begin_list("values", "value").begin_record().member("key", "a<b").end_record().end_list();
  out.begin_record("extended_attributes").member("title", "A & B").end_record();
  out.end_record().end_list();
  return out.take();
}

TEST_CASE("a document is XML with every name") {
  CHECK(document(Markup::xml) ==
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<services><service>"
        "<service_code>001</service_code><description></description><metadata>true</metadata>"
        "<order>2</order><lat>-8.25</lat><formats><format>text/xml</format></formats>"
        "<values><value><key>a&lt;b</key></value></values>"
        "<extended_attributes><title>A &amp; B</title></extended_attributes>"
        "</service></services>\n");
}

TEST_CASE("the same document is JSON by the Spark convention") {
  CHECK(document(Markup::json) ==
        R"([{"service_code":"001","description":null,"metadata":true,"order":2,"lat":-8.25,)"
        R"("formats":["text/xml"],"values":[{"key":"a<b"}],)"
        R"("extended_attributes":{"title":"A & B"}}])");
}

TEST_CASE("a record is a document too, and an empty list stays one") {
  SparkWriter json(Markup::json);
  json.begin_record("discovery").begin_list("endpoints", "endpoint").end_list().end_record();
  CHECK(json.take() == R"({"endpoints":[]})");
  SparkWriter xml(Markup::xml);
  xml.begin_list("service_requests", "request").end_list();
  CHECK(xml.take() ==
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<service_requests></service_requests>\n");
}

TEST_CASE("what XML cannot carry is left out, whatever bytes come") {
  using namespace std::string_literals;
  SparkWriter out(Markup::xml);
  out.begin_record("x").member("t", "a\0b\x01\x1b\xEF\xBF\xBE\xEF\xBF\xBF\xff]]>\r\n\té"s);
  out.end_record();
  CHECK(out.take() ==
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<x><t>a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD]]&gt;&#13;\n\té</t></x>\n");
}

}  // namespace
}  // namespace kanal
