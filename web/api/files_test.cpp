#include <utility>
#include <vector>

#include "format/picture_fixture.hpp"
#include "web/api/api_fixture.hpp"

namespace kanal::testing {
namespace {

using FormFields = std::vector<std::pair<std::string, std::string>>;

std::string form_of(const FormFields& fields, const FormFields& files) {
  std::string form;
  for (const auto& [name, value] : fields) {
    form += "--edge\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value;
    form += "\r\n";
  }
  for (const auto& [name, bytes] : files) {
    form += "--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"" + name +
            "\"\r\nContent-Type: text/plain\r\n\r\n" + bytes + "\r\n";
  }
  return form + "--edge--\r\n";
}

/// A report at the unit that is to answer.
struct FilesWorld : ApiWorld {
  Scratch scratch;
  std::string code = complaint("m1");

  FilesWorld() { dispose(code); }
  HttpReply send(const FormFields& fields, const FormFields& files,
                 const std::string& path = "/events") const {
    return ask("POST", "/api/v1/reports/" + code + path, form_of(fields, files),
               {{"Authorization", "Bearer " + tokens.at("putr")},
                {"Content-Type", "multipart/form-data; boundary=edge"}});
  }
};

TEST_CASE("an answer by the API comes with files, and the history says what they are") {
  FilesWorld world;
  const auto reply =
      world.send({{"event", "answer"},
                  {"words", "Sudah ditambal."},
                  {"expected_steps", std::to_string(world.report(world.code).steps)}},
                 {{"sesudah.jpg", telling_jpeg(world.scratch)}});
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  for (const auto* user : {"putr", ""}) {
    const auto line =
        world.get(user, "/reports/" + world.code + "/history").find("history")->array.back();
    const auto& file = line.find("files")->array.at(0);
    CHECK(file.text("name") == "sesudah.jpg");
    CHECK(file.text("type") == "image/jpeg");
    CHECK(file.text("sha256").size() == 64);
    Attachment kept;
    kept.sha256 = file.text("sha256");
    const auto bytes = content_of(world.store->attachment_file(kept));
    CHECK(static_cast<std::int64_t>(bytes.size()) == file.find("size_bytes")->integer);
    CHECK(bytes.find("Rahasia") == std::string::npos);
  }
}

TEST_CASE("what does not fit a form is named as in a body of JSON, and nothing happens") {
  FilesWorld world;
  const auto steps = world.report(world.code).steps;
  const auto fields = [&](const FormFields& with, const FormFields& files = {}) {
    const auto reply = world.send(with, files);
    CHECK(reply.status == 422);
    return faulty_fields(reply);
  };
  CHECK(fields({{"event", "answer"}, {"words", "x"}, {"colour", "red"}}) ==
        std::vector<std::string>{"colour"});
  CHECK(fields({{"words", "x"}}) == std::vector<std::string>{"event"});
  CHECK(fields({{"event", "note"}, {"words", "x"}}, {{"a.jpg", bare_jpeg()}}) ==
        std::vector<std::string>{"files"});
  CHECK(fields({{"event", "answer"}, {"words", "x"}}, FormFields(5, {"a.jpg", bare_jpeg()})) ==
        std::vector<std::string>{"files"});
  const auto odd = world.send({{"event", "answer"}, {"words", "x"}}, {{"a.jpg", "<script>"}});
  CHECK(odd.status == 422);
  CHECK(odd.body.find("a.jpg") != std::string::npos);
  CHECK(world.report(world.code).steps == steps);
}

TEST_CASE("only the operation that takes files takes a form") {
  FilesWorld world;
  CHECK(world.send({{"event", "answer"}}, {}, "/nowhere").status == 404);
  CHECK(world
            .ask("POST", "/api/v1/tokens", form_of({{"label", "x"}}, {}),
                 {{"Authorization", "Bearer " + world.tokens.at("putr")},
                  {"Content-Type", "multipart/form-data; boundary=edge"}})
            .status == 415);
  CHECK(world
            .ask("POST", "/api/v1/reports/" + world.code + "/events", "event=note&words=x",
                 {{"Authorization", "Bearer " + world.tokens.at("putr")},
                  {"Content-Type", "application/x-www-form-urlencoded"}})
            .status == 415);
}

TEST_CASE("the description tells of both ways to send an event") {
  FilesWorld world;
  const auto document = world.get("", "/openapi.json");
  const auto* content = document.find("paths")
                            ->find("/api/v1/reports/{code}/events")
                            ->find("post")
                            ->find("requestBody")
                            ->find("content");
  REQUIRE(content->find("application/json") != nullptr);
  const auto* form = content->find("multipart/form-data");
  REQUIRE(form != nullptr);
  const auto* properties = form->find("schema")->find("properties");
  CHECK(properties->find("words") != nullptr);
  CHECK(properties->find("files")->text("type") == "array");
  CHECK(content->find("application/json")->find("schema")->find("properties")->find("files") ==
        nullptr);
}

}  // namespace
}  // namespace kanal::testing
