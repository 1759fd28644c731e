#pragma once

#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "connectors/open311_client/open311_client.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "tests/support/connector_world.hpp"

// Another city's system and our connector to it.
namespace kanal::open311_client {

inline constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
inline const ChannelName k_channel("putr");

/// Another city's endpoint, in whatever dialect a test wants.
class Endpoint final : public Http {
 public:
  Result<HttpReply> fetch(const HttpCall& call) override {
    calls.push_back(call);
    return answer(call);
  }
  [[nodiscard]] std::string field(std::string_view name) const {
    for (const auto& [key, value] : parse_form(calls.back().body).value_or(FormFields())) {
      if (key == name) return value;
    }
    return {};
  }
  std::vector<HttpCall> calls;
  std::function<Result<HttpReply>(const HttpCall&)> answer = [](const HttpCall&) {
    return HttpReply{200, {}, ""};
  };
  void says(int status, std::string body,
            std::vector<std::pair<std::string, std::string>> headers = {}) {
    answer = [=](const HttpCall&) { return HttpReply{status, headers, body}; };
  }
};

struct House : test::ConnectorWorld<Endpoint> {
  std::unique_ptr<Connector> connector;
  Cursor cursor;
  std::optional<Time> reopened_at;

  explicit House(const std::string& more = {}) : ConnectorWorld(k_now) {
    ::setenv("KANAL_TEST_CLIENT_KEY", "kunci-kota-lain", 1);
    const std::string toml =
        "url = \"https://putr.example/open311/v2/\"\napi_key = \"env:KANAL_TEST_CLIENT_KEY\"\n"
        "service_code = \"999\"\n";
    connector = create("open311_client", k_channel, toml + more).value();
  }
  Result<Receipt> send(const Reply& reply) { return connector->send(std::span(&reply, 1)).at(0); }
  /// What comes of asking about one request, stored as the bridge would.
  std::vector<Post> follow(const std::string& id = "request/17") {
    clock.advance(std::chrono::hours(1));
    const Outstanding sent{"41.3.7.putr", ExternalId(id), "id", reopened_at};
    return follow(std::span(&sent, 1));
  }
  std::vector<Post> follow(std::span<const Outstanding> sent) {
    auto batch = dynamic_cast<Follower&>(*connector).follow(sent, cursor, Budget{});
    INFO((batch ? "" : batch.error().message));
    REQUIRE(batch);
    cursor = batch->next;
    return std::move(batch->posts);
  }
  std::string newest_words(const std::string& id = "request/17") {
    const auto posts = follow(id);
    REQUIRE(posts.size() <= 1);
    return posts.empty() ? std::string() : posts[0].text;
  }
};

inline Reply handed_over(const std::string& news = "handed", const std::string& words = {}) {
  Reply reply;
  reply.key = "41.3.7.putr";
  reply.code = TrackingCode("123456789016");
  reply.address = "putr";
  reply.language = "id";
  reply.office = HandedTo{AgencyId("buleleng"), UnitId("putr")};
  JsonWriter out;
  out.begin_object().member("news", news);
  out.member("words", words).member("title", "Lubang");
  out.member("text", "Jalan berlubang & becek").member("category", "road");
  out.member("due_at", "2026-03-09T08:00:00+08:00").key("place").begin_object();
  out.member("address", "Pasar Banyuasri").member("latitude", -8.112).member("longitude", 115);
  reply.text = out.end_object().end_object().take();
  return reply;
}

inline std::string request(const std::string& status, const std::string& notes,
                           const std::string& more = {}) {
  return "<service_requests><request><service_request_id>17</service_request_id><status>" + status +
         "</status><status_notes>" + notes + "</status_notes>" + more +
         "</request></service_requests>";
}

}  // namespace kanal::open311_client
