#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "connectors/twitter/cursor.hpp"
#include "connectors/twitter/twitter.hpp"
#include "connectors/twitter/x_fixture.hpp"
#include "tests/support/connector_world.hpp"

namespace kanal::twitter {

inline constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                            std::chrono::hours(3)};

/// A channel of an X in memory, read and answered by hand.
struct World : test::ConnectorWorld<MemoryX> {
  MemoryX& x = http;
  Settings settings;
  std::unique_ptr<Twitter> channel;
  Cursor cursor;
  TweetId next = first_tweet_id_of(k_now - std::chrono::hours(1));

  World() : ConnectorWorld(k_now) {
    ::setenv("KANAL_TEST_X", "rahasia", 1);
    settings.handle = "kanal";
    settings.start_from = "all";
    settings.quotations = false;
    settings.mentions_every_s = std::chrono::seconds(0);
    settings.messages_every_s = std::chrono::seconds(0);
    settings.follow_s = std::chrono::seconds(0);
    for (auto* secret : {&settings.consumer_key, &settings.consumer_secret, &settings.access_token,
                         &settings.access_secret, &settings.refresh_token}) {
      *secret = Secret("env:KANAL_TEST_X");
    }
    settings.client_id = "client";
  }

  void open() {
    auto made = Twitter::create(ChannelName("x"), settings, around);
    REQUIRE(made);
    channel = std::move(*made);
  }
  TweetId mention(const std::string& text, const std::string& more = {}) {
    const auto id = next++;
    x.mentions.emplace_back(id, R"({"id":")" + std::to_string(id) +
                                    R"(","author_id":"42","text":")" + text + "\"" + more + "}");
    return id;
  }
  Result<Batch> poll() {
    auto batch = channel->poll(cursor, {});
    if (!batch) return batch;
    cursor = batch->next;
    REQUIRE(channel->committed(*batch));
    return batch;
  }
  std::vector<std::string> read_texts() {
    std::vector<std::string> texts;
    for (bool more = true; more;) {
      const auto batch = poll();
      INFO((batch ? "" : batch.error().message));
      REQUIRE(batch);
      for (const auto& post : batch->posts) texts.push_back(post.text);
      more = batch->more;
    }
    return texts;
  }
  static Reply reply(TweetId to, const std::string& text = "#123456789016 diterima.") {
    Reply made;
    made.key = "7.1.x";
    made.report = ReportId(7);
    made.address = "42";
    made.language = "id";
    made.text = text;
    made.in_reply_to = ExternalId(std::to_string(to));
    made.acknowledgement = true;
    return made;
  }
  Result<Receipt> send(const Reply& reply) { return channel->send({&reply, 1}).at(0); }
};

/// X's refusal of one call, until five minutes later.
inline HttpReply limited() {
  auto refusal = MemoryX::reply(429, "{}");
  const auto until = std::chrono::floor<std::chrono::seconds>(k_now + std::chrono::minutes(5));
  refusal.headers = {{"x-rate-limit-remaining", "0"},
                     {"x-rate-limit-reset", std::to_string(until.time_since_epoch().count())}};
  return refusal;
}

}  // namespace kanal::twitter
