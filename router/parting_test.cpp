#include "router/parting.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

namespace kanal {
namespace {

Post of(const std::string& author, const std::string& id) {
  Post post;
  post.id = ExternalId(id);
  post.author.id = ExternalId(author);
  return post;
}

Post answering(Post post, const std::string& id) {
  post.in_reply_to = ExternalId(id);
  return post;
}

std::string ids(const Batch& batch) {
  std::string ids;
  for (const auto& post : batch.posts) ids += (ids.empty() ? "" : " ") + post.id.value();
  return ids;
}

std::vector<std::string> parted(std::vector<Post> posts, std::size_t most = 2) {
  Batch batch;
  batch.posts = std::move(posts);
  std::vector<std::string> all;
  for (const auto& each : part(std::move(batch), most)) all.push_back(ids(each));
  return all;
}

TEST_CASE("posts that know of each other stay together, oldest first") {
  using Parts = std::vector<std::string>;
  CHECK(parted({of("ani", "1"), of("budi", "2"), of("ani", "3"), of("budi", "4")}) ==
        Parts{"1 3", "2 4"});
  // One answers the other, whoever came first; and through a third, whom both answer.
  CHECK(parted({of("ani", "1"), answering(of("budi", "2"), "1"), of("cici", "3")}) ==
        Parts{"1 2", "3"});
  CHECK(parted({answering(of("ani", "1"), "2"), of("budi", "2"), of("cici", "3")}) ==
        Parts{"1 2", "3"});
  CHECK(parted({answering(of("ani", "1"), "0"), of("budi", "2"),
                answering(of("cici", "3"), "0")}) == Parts{"1 3", "2"});
  CHECK(parted({of("ani", "1"), of("budi", "1"), of("cici", "2")}) == Parts{"1 1", "2"});
  auto token = of("ani", "1");
  token.hints.thread_token = "77";
  auto same = of("budi", "2");
  same.hints.thread_token = "77";
  CHECK(parted({token, of("cici", "3"), same}) == Parts{"1 2", "3"});
  auto retweet = of("budi", "2");
  retweet.hints.passes_on = {ExternalId("1")};
  CHECK(parted({of("ani", "1"), of("cici", "3"), retweet}) == Parts{"1 2", "3"});
  CHECK(parted({}).empty());
  CHECK(parted({of("ani", "1"), of("budi", "2")}, 0) == Parts{"1 2"});
}

TEST_CASE("parts are of like size, and hold everything") {
  Batch batch;
  for (int i = 0; i < 1000; ++i) {
    batch.posts.push_back(of("author" + std::to_string(i % 300), std::to_string(i)));
  }
  batch.unreadable.push_back({{}, "torn", "not JSON"});
  batch.next = {"further"};
  const auto parts = part(std::move(batch), 3);
  REQUIRE(parts.size() == 3);
  std::size_t all = 0;
  for (const auto& each : parts) {
    CHECK(each.posts.size() > 300);
    CHECK(each.next.value.empty());
    all += each.posts.size();
  }
  CHECK(all == 1000);
  CHECK(parts.front().unreadable.size() == 1);
}

}  // namespace
}  // namespace kanal
