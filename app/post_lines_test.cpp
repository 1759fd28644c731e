#include "app/post_lines.hpp"

#include <sstream>

#include <catch2/catch.hpp>

namespace kanal::app {
namespace {

std::string post_line(const std::string& id, const std::string& more = {}) {
  return "{\"id\":\"" + id +
         "\",\"author\":{\"id\":\"42\"},\"text\":\"Lampu jalan mati\","
         "\"posted_at\":\"2026-01-02T03:04:05Z\"" +
         more + "}";
}

TEST_CASE("lines are counted as an editor counts them, blank ones and a byte order mark left out") {
  std::istringstream file("\xef\xbb\xbf" + post_line("1") + "\r\n\r\n \t\nnot a post\n" +
                          post_line("2"));
  PostLines lines(file, "old", {});
  const auto first = lines.next();
  REQUIRE(first);
  REQUIRE(first->read);
  CHECK(first->read->post.id.value() == "1");
  CHECK(first->note.empty());
  const auto second = lines.next();
  REQUIRE(second);
  REQUIRE_FALSE(second->read);
  CHECK(second->read.error().message.starts_with("line 4: "));
  CHECK(second->text == "not a post");
  CHECK(lines.next()->read->post.id.value() == "2");
  CHECK_FALSE(lines.next());
}

TEST_CASE("of a post that cannot be taken as it is a person is told") {
  std::istringstream file(
      post_line("1", R"(,"channel":"email","attachments":[{"name":"a.pdf","path":null}])") + "\n" +
      post_line("2", R"(,"channel":"email")") + "\n" + post_line("3", R"(,"channel":"old")") +
      "\n" + post_line("4", R"(,"attachments":[{"name":"a.pdf","path":"nothing.pdf"}])"));
  PostLines lines(file, "old", "/nonexistent");
  const auto first = lines.next();
  REQUIRE(first->read);
  CHECK(first->note ==
        "line 1: the attachment \"a.pdf\" has no path: the post is taken without it; "
        "says the channel \"email\"; such posts are taken as of \"old\"");
  CHECK(first->read->post.attachments.empty());
  CHECK(lines.next()->note.empty());
  CHECK(lines.next()->note.empty());
  CHECK(
      lines.next()->read.error().message ==
      "line 4: the attachment /nonexistent/nothing.pdf cannot be read: No such file or directory");
}

}  // namespace
}  // namespace kanal::app
