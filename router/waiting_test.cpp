#include "router/waiting.hpp"

#include <future>
#include <thread>

#include <catch2/catch.hpp>

namespace kanal {
namespace {

using namespace std::chrono_literals;

IntakeRequest asked(const std::string& author, const std::string& id,
                    const std::string& in_reply_to = {}) {
  Post post;
  post.id = ExternalId(id);
  post.author.id = ExternalId(author);
  if (!in_reply_to.empty()) post.in_reply_to = ExternalId(in_reply_to);
  IntakeRequest request;
  request.channel = ChannelName("form");
  request.received.posts.push_back(std::move(post));
  return request;
}

void add(WaitingRequests& waiting, IntakeRequest request) {
  REQUIRE(waiting.add(request));
}

std::string ids(const WaitingRequests::Group& group) {
  std::string ids;
  for (const auto& request : group.requests) {
    ids += (ids.empty() ? "" : " ") + request.received.posts.at(0).id.value();
  }
  return ids;
}

struct Desk {
  WaitingRequests waiting{2};
  std::stop_source stop;
  WaitingRequests::Group next() { return waiting.next(stop.get_token()).value(); }
  /// A group that another worker waits for.
  std::future<std::string> later() {
    return std::async(std::launch::async, [this] {
      const auto group = waiting.next(stop.get_token());
      return group ? ids(*group) : "stopped";
    });
  }
};

bool comes(std::future<std::string>& later) {
  return later.wait_for(50ms) == std::future_status::ready;
}

TEST_CASE("requests that are tied to one that is out wait for it, the others do not") {
  Desk desk;
  add(desk.waiting, asked("ani", "1"));
  const auto first = desk.next();
  CHECK(ids(first) == "1");
  add(desk.waiting, asked("ani", "2"));
  add(desk.waiting, asked("budi", "3", "1"));
  add(desk.waiting, asked("cici", "4"));
  const auto second = desk.next();
  CHECK(ids(second) == "4");
  auto third = desk.later();
  CHECK_FALSE(comes(third));
  desk.waiting.finished(second);
  CHECK_FALSE(comes(third));
  desk.waiting.finished(first);
  CHECK(third.get() == "2 3");
}

TEST_CASE("whoever is tied to one that must wait waits behind it") {
  Desk desk;
  add(desk.waiting, asked("ani", "1"));
  const auto first = desk.next();
  add(desk.waiting, asked("budi", "2", "1"));
  add(desk.waiting, asked("budi", "3"));
  auto second = desk.later();
  CHECK_FALSE(comes(second));
  desk.waiting.finished(first);
  CHECK(second.get() == "2 3");
}

TEST_CASE("what several workers can do is shared among them") {
  Desk desk;
  for (int i = 0; i < 64; ++i) {
    add(desk.waiting, asked("author " + std::to_string(i), std::to_string(i)));
  }
  const auto first = desk.next();
  const auto second = desk.next();
  CHECK(first.requests.size() == 32);
  CHECK(second.requests.size() == 32);
  desk.waiting.finished(first);
  desk.waiting.finished(second);
  for (int i = 0; i < 10; ++i) {
    add(desk.waiting, asked("author " + std::to_string(i), "again " + std::to_string(i)));
  }
  CHECK(desk.next().requests.size() == 10);
}

TEST_CASE("after a stop what waits is still given out, and then nothing") {
  Desk desk;
  add(desk.waiting, asked("ani", "1"));
  const auto first = desk.next();
  add(desk.waiting, asked("ani", "2"));
  desk.stop.request_stop();
  auto second = desk.later();
  CHECK_FALSE(comes(second));
  desk.waiting.finished(first);
  CHECK(second.get() == "2");
  CHECK(desk.later().get() == "stopped");
}

TEST_CASE("more than a bound is refused and left with its owner") {
  Desk desk;
  std::size_t taken = 0;
  for (;; ++taken) {
    auto request = asked("author " + std::to_string(taken), std::to_string(taken));
    if (desk.waiting.add(request)) continue;
    CHECK(request.received.posts.size() == 1);
    break;
  }
  CHECK(taken == 4096);
}

}  // namespace
}  // namespace kanal
