#include "connectors/webhook/reading.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "config/reader.hpp"
#include "connectors/webhook/messages.hpp"

namespace kanal::webhook {
namespace {

const ChannelName k_form("putr");

FieldPaths paths_of(const std::string& toml) {
  Problems problems;
  const auto table = Table::parse(toml, "t.toml", problems);
  auto paths = read<FieldPaths>(table, problems);
  INFO(print(problems));
  REQUIRE(problems.empty());
  return paths;
}

/// "becomes <- field: value (problem)", of what is mapped; what is not looked at is "- field:
/// value".
std::vector<std::string> lines_of(const std::string& payload, const FieldPaths& paths) {
  std::vector<std::string> lines;
  for (const auto& note : explain_payload(payload, paths)) {
    const bool unset = note.problem == "no field is set for it" || note.problem == "missing";
    if (unset) continue;
    auto line = note.becomes.empty() ? "- " + note.field : note.becomes + " <- " + note.field;
    line += ": " + note.value;
    if (!note.problem.empty()) line += " (" + note.problem + ")";
    lines.push_back(std::move(line));
  }
  return lines;
}

/// A body as some maker of forms sends it, the mapping for it, and how it is read.
struct Sample {
  const char* maker;
  std::string mapping;
  std::string body;
  std::vector<std::string> lines;
  std::string text;
  std::string author;
};

std::vector<Sample> samples() {
  return {
      {"our own form of a complaint",
       "",
       R"({"type":"complaint","timestamp":"2026-03-02T08:00:00+08:00","data":{"text":"Jalan rusak",
           "author":{"id":"ani-7","phone":"0812"},"anonymous":true,"nomor":12}})",
       {"text <- data.text: Jalan rusak", "author.id <- data.author.id: ani-7",
        "author.phone <- data.author.phone: 0812", "anonymous <- data.anonymous: true",
        "posted_at <- timestamp: 2026-03-02T08:00:00+08:00", "- type: complaint",
        "- data.nomor: 12"},
       "Jalan rusak",
       "ani-7"},
      {"a form builder that answers by a list",
       "text = \"form_response.answers.0.text\"\nauthor_email = \"form_response.answers.1.email\"\n"
       "author_id = \"\"\nsent_at = \"form_response.submitted_at\"\n"
       "confidential = \"form_response.answers.2.boolean\"\n",
       R"({"event_type":"form_response","form_response":{"submitted_at":"2026-03-02T00:00:00Z",
           "answers":[{"type":"text","text":"Lampu mati"},{"email":"Ani@example.org"},
           {"boolean":false}]}})",
       {"text <- form_response.answers.0.text: Lampu mati",
        "author.email <- form_response.answers.1.email: Ani@example.org",
        "confidential <- form_response.answers.2.boolean: false",
        "posted_at <- form_response.submitted_at: 2026-03-02T00:00:00Z",
        "- event_type: form_response", "- form_response.answers.0.type: text"},
       "Lampu mati",
       "Ani@example.org"},
      {"a site's contact form, as it is sent by browsers",
       "text = \"your-message\"\nauthor_name = \"your-name\"\nauthor_phone = \"your.phone\"\n"
       "latitude = \"lat\"\nlongitude = \"lng\"\nanonymous = \"hide\"\n",
       "your-name=Ni+Luh&your-message=Sampah+menumpuk%21&your.phone=0812345678&lat=-8.1&lng=x"
       "&hide=mungkin",
       {"text <- your-message: Sampah menumpuk!", "author.name <- your-name: Ni Luh",
        "author.phone <- your.phone: 0812345678", "place.lat <- lat: -8.1",
        "place.long <- lng: x (is not degrees)", "anonymous <- hide: mungkin (counts as no)"},
       "Sampah menumpuk!",
       "0812345678"},
      {"a survey of the field, with coordinates and no author",
       "text = \"laporan/isi\"\nlatitude = \"_geolocation.0\"\nlongitude = \"_geolocation.1\"\n"
       "sent_at = \"_submission_time\"\nauthor_id = \"\"\n",
       R"({"_id":4711,"laporan/isi":"Selokan tersumbat","_geolocation":[-8.112,115.088],
           "_submission_time":"2026-03-02T00:00:00"})",
       {"text <- laporan/isi: Selokan tersumbat", "place.lat <- _geolocation.0: -8.112",
        "place.long <- _geolocation.1: 115.088",
        "posted_at <- _submission_time: 2026-03-02T00:00:00 (is no time with a zone: when it came "
        "counts)",
        "- _id: 4711"},
       "Selokan tersumbat",
       "msg_1"}};
}

TEST_CASE("bodies of forms that offices have are read where the mapping says, field by field") {
  for (const auto& sample : samples()) {
    INFO(sample.maker);
    const auto paths = paths_of(sample.mapping);
    CHECK(lines_of(sample.body, paths) == sample.lines);
    const auto post = read_message({"msg_1", "1772409600", sample.body}, k_form, paths);
    INFO((post ? "" : post.error().message));
    REQUIRE(post);
    CHECK(post->text == sample.text);
    CHECK(post->author.id.value() == sample.author);
    CHECK(post->author.proven == sample.mapping.empty());
    CHECK(post->posted_at == Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}));
    const auto kept = read_payload(post->payload, k_form, paths);
    REQUIRE(kept);
    CHECK(kept->id == post->id);
    CHECK(kept->posted_at == post->posted_at);
    CHECK(lines_of(post->payload, paths) == sample.lines);
  }
}

TEST_CASE("a message is read again under whatever id it came, and a file of one body is its own") {
  const auto paths = paths_of("text = \"isi\"\n");
  for (const std::string id : {"bXNnXzE=", "a=1&b=2", "{msg}", "[1]", "msg_1"}) {
    for (const std::string body :
         {R"({"isi":"Lubang"})", "{\n\t\"isi\":\t\"Lubang\"}", "isi=Lubang"}) {
      INFO(id << ": " << body);
      const auto post = read_message({id, "1772409600", body}, k_form, paths);
      REQUIRE(post);
      const auto again = read_payload(post->payload, k_form, paths);
      REQUIRE(again);
      CHECK(again->id == post->id);
      CHECK(again->posted_at == post->posted_at);
      CHECK(again->text == "Lubang");
      const auto alone = read_payload(body, k_form, paths);
      REQUIRE(alone);
      CHECK(alone->id.value() == "file");
      CHECK(alone->text == "Lubang");
    }
  }
  const auto older = read_payload("msg_1\n{\"isi\":\"Lubang\"}", k_form, paths);
  REQUIRE(older);
  CHECK(older->id.value() == "msg_1");
}

TEST_CASE("what a complaint cannot do without is named as the form calls it") {
  const auto paths = paths_of("text = \"isi.laporan\"\n");
  const std::string body = R"({"isi":{"judul":"Lubang"}})";
  const auto post = read_message({"msg_1", "1772409600", body}, k_form, paths);
  REQUIRE_FALSE(post);
  CHECK(post.error().message == "isi.laporan is missing");
  const auto notes = explain_payload(body, paths);
  CHECK(notes.at(0).field == "isi.laporan");
  CHECK(notes.at(0).problem == "missing, and nothing can be done without it");
  CHECK(notes.back().field == "isi.judul");
  CHECK(explain_payload("[", paths).at(0).problem == "the body is not JSON");
}

TEST_CASE("a mapped form may answer for an office too, in the usual words alone") {
  const auto paths = paths_of("text = \"isi\"\n");
  const std::string body =
      R"({"type":"office.answer","timestamp":"2026-03-02T00:00:00Z","data":{"key":"41.3.7.putr",)"
      R"("event":"answer","words":"Beres."}})";
  const auto post = read_message({"msg_1", "1772409600", body}, k_form, paths);
  REQUIRE(post);
  CHECK(post->hints.thread_token == "41.3.7.putr");
  const auto notes = explain_payload(body, paths);
  REQUIRE(notes.size() == 4);
  CHECK(notes[2].value == "Beres.");
}

TEST_CASE("a body of many fields or of deep ones is explained within bounds") {
  const auto paths = paths_of("text = \"a.b\"\n");
  std::string body = "{\"a\":{\"b\":\"x\"}";
  for (int i = 0; i < 5000; ++i) body += ",\"k" + std::to_string(i) + "\":" + std::to_string(i);
  const auto notes = explain_payload(body + "}", paths);
  CHECK(notes.size() <= 200);
  CHECK(std::ranges::count(notes, "a.b", &FieldNote::field) == 1);
}

}  // namespace
}  // namespace kanal::webhook
