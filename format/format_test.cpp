#include <cmath>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "core/rfc3339.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "format/post_json.hpp"
#include "tests/support/peak_memory.hpp"
#include "tests/support/sanitized.hpp"

namespace kanal {
namespace {

TEST_CASE("whatever is encoded decodes to itself") {
  CHECK(rc::check([](const std::string& bytes) {
    RC_ASSERT(from_hex(to_hex(bytes)) == bytes);
    RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
    RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
    RC_ASSERT(from_base32(to_base32(bytes)) == bytes);
    RC_ASSERT(percent_decode(percent_encode(bytes), false) == bytes);
  }));
}

TEST_CASE("the encodings are those of RFC 4648") {
  CHECK(to_hex("\x01\xff") == "01ff");
  CHECK(to_base64("foob") == "Zm9vYg==");
  CHECK(from_base64("Zm9vYg==") == "foob");
  CHECK(to_base64url("\xfb\xff") == "-_8");
  CHECK_FALSE(from_base64("Zm9vYg="));
  CHECK_FALSE(from_base64url("Zm9vYh"));
  CHECK_FALSE(from_hex("abc"));
  CHECK_FALSE(from_hex("zz"));
}

TEST_CASE("a form is read as browsers write it") {
  const auto fields = parse_form("a=1+2&b=%C3%A9&&c&d=%zz").value();
  REQUIRE(fields.size() == 4);
  CHECK(fields[0].second == "1 2");
  CHECK(fields[1].second == "é");
  CHECK(fields[2].first == "c");
  CHECK(fields[3].second == "%zz");
}

TEST_CASE("a stray percent sign of a form stands for itself and spoils nothing beside it") {
  for (const auto& [written, meant] : std::vector<std::pair<std::string, std::string>>{
           {"Diskon+50%+jalan+rusak%2C+tolong", "Diskon 50% jalan rusak, tolong"},
           {"100%", "100%"},
           {"%4", "%4"},
           {"%%41", "%A"},
           {"%zz%20+", "%zz  "},
           {"%C3%A9%", "é%"}}) {
    INFO(written);
    CHECK(parse_form("text=" + written).value().at(0).second == meant);
    CHECK(parse_form(written).value().at(0).first == meant);
  }
  CHECK_FALSE(percent_decode("50%", true));
}

TEST_CASE("what must be escaped is, wherever it stands") {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'a');
      text[at] = static_cast<char>(byte);
      JsonWriter out;
      out.begin_array().value(text).end_array();
      const auto read = Json::parse(out.text());
      REQUIRE(read);
      REQUIRE(read->array.at(0).string == text);
    }
  }
}

TEST_CASE("written JSON is read back") {
  JsonWriter out;
  out.begin_object()
      .member("text", "a\"b\\\n\x01")
      .member("number", 42)
      .member("half", 0.5)
      .member("yes", true)
      .null_member("none");
  out.key("list").begin_array().value(1).value("two").end_array();
  out.end_object();
  const auto json = Json::parse(out.text());
  REQUIRE(json);
  CHECK(json->text("text") == "a\"b\\\n\x01");
  CHECK(json->find("number")->integer == 42);
  CHECK(json->find("half")->number == 0.5);
  CHECK(json->find("yes")->boolean);
  CHECK(json->find("none")->type == Json::Type::null);
  CHECK(json->find("list")->array.size() == 2);
}

TEST_CASE("JSON that is broken or too deep is refused") {
  CHECK_FALSE(Json::parse("{\"a\":"));
  CHECK_FALSE(Json::parse(""));
  CHECK_FALSE(Json::parse({}));
  CHECK_FALSE(Json::parse("1 2"));
  CHECK_FALSE(Json::parse(std::string(1000, '[') + std::string(1000, ']')));
}

std::string repeated(std::string_view what, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += what;
  return text;
}

TEST_CASE("JSON of more values than anything has is refused, and takes next to no memory") {
  constexpr std::size_t k_bytes = 12U << 20U;
  const std::vector<std::string> floods = {
      "[" + repeated("0,", k_bytes) + "0]", "{\"a\":[" + repeated("[],", k_bytes) + "0]}",
      repeated("{\"a\":", k_bytes), repeated("\"\",", k_bytes), repeated("0 ", k_bytes)};
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  for (const auto& flood : floods) {
    const auto read = Json::parse(flood);
    REQUIRE_FALSE(read);
    CHECK(read.error().remedy == Remedy::drop);
  }
  // What is no JSON at all is simdjson's to refuse, at four bytes a scalar.
  CHECK(peak_kib() - before < bound_kib(64L * 1024));
  CHECK(Json::parse(floods[0]).error().message == "this JSON has too many values");
}

TEST_CASE("JSON of many values is read in bounded memory, and commas of a text are no values") {
  const auto many = "[" + repeated("0,", 2 * 249'998) + "0]";
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  {
    const auto json = Json::parse(many);
    REQUIRE(json);
    CHECK(json->array.size() == 249'999);
  }
  CHECK(peak_kib() - before < bound_kib(64L * 1024));
  const auto commas = repeated("a,[\\\"{", 2U << 20U);
  const auto text = Json::parse("{\"a\":\"" + commas + "\",\"b\":1}");
  REQUIRE(text);
  CHECK(text->text("a").size() == commas.size() / 6 * 5);
}

TEST_CASE("a form of more fields than anything has is refused, and takes next to no memory") {
  const auto flood = repeated("a&", 12U << 20U);
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  const auto read = parse_form(flood);
  REQUIRE_FALSE(read);
  CHECK(read.error().remedy == Remedy::drop);
  CHECK(peak_kib() - before < bound_kib(4L * 1024));
  CHECK(parse_form(repeated("a&", 2000)).value().size() == 1000);
  CHECK_FALSE(parse_form(repeated("a&", 2002)));
}

TEST_CASE("a number that was written is read as the same number") {
  for (const double number : {0.0, -0.0, 5.0, -8.112, 1e20, 123456789012345680000.0,
                              9007199254740993.0, 1.7976931348623157e308, 5e-324}) {
    JsonWriter writer;
    writer.value(number);
    INFO(writer.text());
    const auto json = Json::parse(writer.text());
    REQUIRE(json);
    CHECK(json->number == number);
    CHECK(std::signbit(json->number) == std::signbit(number));
  }
}

TEST_CASE("text that is not UTF-8 is mended on the way out") {
  JsonWriter out;
  out.value("a\xff");
  CHECK(Json::parse(out.text()));
}

constexpr const char* k_line =
    R"({"channel":"twitter","id":"17","in_reply_to":null,"author":{"id":"42","handle":"budi_s",)"
    R"("name":"Budi S","phone":null,"email":null},"text":"Jalan berlubang","lang":null,)"
    R"("posted_at":"2026-01-02T03:04:05+07:00","place":{"lat":-8.112,"long":115.088,)"
    R"("address":null},"attachments":[{"name":"jalan.jpg","type":"image/jpeg","path":"jalan.jpg"}],)"
    R"("hints":{"subject":null,"category":null,"agency":null,"kind":null,"anonymous":false,)"
    R"("confidential":true},"truth":{"category":"jalan"}})";

TEST_CASE("a post is read") {
  PostReader reader;
  const auto read = reader.read(k_line);
  REQUIRE(read);
  CHECK(read->channel == "twitter");
  CHECK(read->post.author.handle == "budi_s");
  CHECK(read->post.hints.confidential);
  CHECK(read->post.place->latitude == -8.112);
  CHECK(read->truth == R"({"category":"jalan"})");
  CHECK(print_rfc3339(read->post.posted_at) == "2026-01-01T20:04:05Z");
  const auto again = reader.read(print_post(read->post, "twitter"));
  REQUIRE(again);
  CHECK(again->post.text == read->post.text);
  CHECK(again->post.attachments.size() == 1);
}

TEST_CASE("what is wrong with a post is named") {
  PostReader reader;
  const auto message = [&](std::string_view line) { return reader.read(line).error().message; };
  CHECK(message(R"({"id":"1","author":{"id":"2"},"text":"x","posted_at":"2026-01-01T00:00:00Z",)"
                R"("colour":1})") == "\"colour\" is not a key of a post");
  CHECK(message(R"({"author":{"id":"2"},"text":"x","posted_at":"2026-01-01T00:00:00Z"})") ==
        "\"id\" is missing");
  CHECK(message(R"({"id":"1","author":{"id":"2"},"text":"x","posted_at":"2026-01-01"})") ==
        "\"posted_at\" must be an RFC 3339 time with a zone");
  CHECK(message("{} {}").starts_with("not valid JSON"));
}

}  // namespace
}  // namespace kanal
