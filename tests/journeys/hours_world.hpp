#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "connectors/connector.hpp"
#include "connectors/kind.hpp"
#include "net/http_client.hpp"
#include "router/casework.hpp"
#include "router/intake.hpp"
#include "router/outbox.hpp"
#include "tests/support/database.hpp"
#include "tests/support/no_mail.hpp"

namespace kanal::test {

/// Where a process may be killed between its calls.
enum class Step { polled, ingested, sent };

/// Not an exception of the library: nothing may catch it on the way out.
struct Killed {};

/// The way to a far side that speaks HTTP.
class HttpWay final : public Http {
 public:
  bool is_cut = false;
  /// Of so many that are posted the answer comes too late: the far side has done what it was told.
  int late_answers = 0;
  /// Dies at so many calls from now, before or after the far side has done what it was told. -1:
  /// never.
  int dies_at = -1;
  bool dies_after = false;

  Result<HttpReply> fetch(const HttpCall& call) override {
    if (is_cut) return fail(Remedy::retry, "nobody listens there");
    const bool dies = dies_at >= 0 && dies_at-- == 0;
    if (dies && !dies_after) throw Killed{};
    auto reply = http_->fetch(call);
    if (dies) throw Killed{};
    if (call.method == "POST" && late_answers > 0) {
      --late_answers;
      return fail(Remedy::uncertain, "no answer in time");
    }
    return reply;
  }

 private:
  std::unique_ptr<Http> http_ = make_http({});
};

/// One channel's real connector, intake, outbox and database on a clock that the test moves.
struct HoursWorld {
  testing::TestDatabase database;
  Keys keys = Keys::of_seed("hours");
  ManualClock clock{SystemClock().now()};
  Organisation organisation = Organisation::shipped();
  NoMail mail;
  ChannelName name;
  ChannelRules rules;
  std::function<void(Step)> reached = [](Step) {};

  std::unique_ptr<Store> store;
  std::unique_ptr<Intake> intake;
  std::unique_ptr<Casework> casework;
  std::unique_ptr<Connector> connector;
  std::unique_ptr<Outbox> outbox;

  HoursWorld(const std::string& channel, const std::string& kind) : name(channel) {
    rules.name = name;
    rules.kind = kind;
    rules.replies_per_hour = 1'000;
  }

  /// Before what the connector leans on goes.
  void close() {
    outbox.reset();
    connector.reset();
    casework.reset();
    intake.reset();
  }
  /// As after a kill: nothing is left but the database.
  void restart(const std::function<std::unique_ptr<Connector>()>& make) {
    close();
    store = database.open(keys, clock);
    intake = std::make_unique<Intake>(*store, organisation, clock);
    casework = std::make_unique<Casework>(*store, organisation, clock, "https://lapor.test");
    intake->know(rules);
    casework->know(rules);
    connector = make();
    outbox = std::make_unique<Outbox>(*store, *connector, clock, name, "node", OutboxOptions{});
  }

  /// As the channel's worker does.
  Result<Batch> poll(const Cursor& since, Budget budget) {
    auto* const follower = dynamic_cast<Follower*>(connector.get());
    if (follower == nullptr) return connector->poll(since, budget);
    std::vector<Outstanding> sent;
    for (const auto& each : TRY(store->with_offices(name, 1'000)).messages) {
      sent.push_back({each.key, each.external_id, each.language, each.reopened_at});
    }
    return follower->follow(sent, since, budget);
  }
  Cursor cursor() { return store->channel(name).value().cursor; }
  /// Reads to the end.
  Result<> read(Budget budget = {}) {
    for (bool more = true; more;) {
      const auto since = cursor();
      auto batch = TRY(poll(since, budget));
      more = batch.more;
      reached(Step::polled);
      if (batch.next == since && batch.posts.empty() && batch.signals.empty()) continue;
      Batch told;
      told.next = batch.next;
      TRY(intake->ingest(name, std::move(batch), std::nullopt));
      reached(Step::ingested);
      TRY(connector->committed(told));
    }
    return {};
  }
  std::optional<Error> send() {
    const auto turn = outbox->turn();
    REQUIRE(turn);
    reached(Step::sent);
    return turn->trouble;
  }
  std::vector<OutboxRecord> owed() {
    std::vector<OutboxRecord> all;
    for (const auto state : {ReplyState::owed, ReplyState::sending, ReplyState::uncertain}) {
      auto some = store->outbox(name, state, 100).value();
      std::ranges::move(some, std::back_inserter(all));
    }
    return all;
  }
};

}  // namespace kanal::test
