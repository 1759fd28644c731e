#include <algorithm>
#include <chrono>

#include "connectors/repeater.hpp"
#include "core/text.hpp"
#include "tests/contract/channel.hpp"

// How replies go out, and what is said when the far side fails.
namespace kanal::contract {
namespace {

constexpr std::chrono::seconds k_patience{180};

std::vector<Reply> replies(const Channel& channel, int count) {
  std::vector<Reply> all;
  for (int i = 1; i <= count; ++i) all.push_back(channel.reply(i));
  return all;
}

Error error_of(const std::vector<Result<Receipt>>& results) {
  REQUIRE(results.size() == 1);
  REQUIRE_FALSE(results[0]);
  INFO(results[0].error().message);
  CHECK_FALSE(results[0].error().message.empty());
  CHECK(is_utf8(results[0].error().message));
  return results[0].error();
}

Error error_of(const Result<Batch>& batch) {
  REQUIRE_FALSE(batch);
  INFO(batch.error().message);
  CHECK_FALSE(batch.error().message.empty());
  CHECK(is_utf8(batch.error().message));
  return batch.error();
}

/// The channel must work again by itself.
void check_mended(Channel& channel) {
  channel.far->set(Fault::none);
  if (channel.far->polls()) {
    channel.far->arrive({"mended", "Sudah pulih: mended", "warga"});
    const auto batch = channel.read_all({});
    CHECK(std::ranges::any_of(batch.posts, [](const Post& post) {
      return post.text.find("mended") != std::string::npos;
    }));
  }
  if (channel.far->sends_out()) {
    const auto reply = channel.reply(90);
    const auto sent = channel.connector().send(std::vector{reply});
    REQUIRE(sent.size() == 1);
    INFO((sent[0] ? "" : sent[0].error().message));
    CHECK(sent[0]);
    CHECK(channel.far->taken(reply) == 1);
  }
}

TEST_CASE("replies are sent once each, in order, with what the far side calls them") {
  each_kind([](Channel& channel) {
    auto& connector = channel.open();
    CHECK(connector.send({}).empty());
    const auto owed = replies(channel, 5);
    const auto sent = connector.send(owed);
    REQUIRE(sent.size() == 5);
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      INFO((sent[i] ? "" : sent[i].error().message));
      REQUIRE(sent[i]);
      if (!sent[i]->id.empty()) ids.push_back(sent[i]->id.value());
      if (channel.far->sends_out()) CHECK(channel.far->taken(owed[i]) == 1);
    }
    std::ranges::sort(ids);
    CHECK(std::ranges::adjacent_find(ids) == ids.end());
  });
}

TEST_CASE("a reply to what is no address is given up and holds up no other") {
  each_kind([](Channel& channel) {
    if (!channel.far->sends_out()) return;
    auto owed = replies(channel, 3);
    owed[1].address = "\r\nX-Evil: 1\r\n\r\n";
    const auto sent = channel.open().send(owed);
    REQUIRE(sent.size() == 3);
    CHECK(sent[0]);
    REQUIRE_FALSE(sent[1]);
    const auto remedy = sent[1].error().remedy;
    CHECK((remedy == Remedy::drop || remedy == Remedy::withhold));
    CHECK(sent[2]);
    CHECK(channel.far->taken(owed[0]) == 1);
    CHECK(channel.far->taken(owed[2]) == 1);
  });
}

TEST_CASE("a reply of any bytes and length is sent or given up") {
  each_kind([](Channel& channel) {
    auto owed = replies(channel, 2);
    owed[0].text = std::string("a\0b \xff\xfe\r\n.\r\n\x1a", 12) + std::string(50'000, 'x');
    owed[0].subject = "Satu\r\nBcc: budi@test.local";
    const auto sent = channel.open().send(owed);
    REQUIRE(sent.size() == 2);
    if (!sent[0]) CHECK(sent[0].error().remedy == Remedy::drop);
    CHECK(sent[1]);
  });
}

TEST_CASE("a reply whose answer is lost is uncertain, unless the far side knows it again") {
  each_kind([](Channel& channel) {
    if (!channel.far->sends_out()) return;
    channel.open();
    channel.far->set(Fault::lost_answer);
    const auto owed = channel.reply(1);
    CHECK(error_of(channel.connector().send(std::vector{owed})).remedy ==
          (channel.far->knows_again() ? Remedy::retry : Remedy::uncertain));
    channel.far->set(Fault::none);
    CHECK((channel.ability<Repeater>() != nullptr) == channel.far->knows_again());
    if (auto* confirmer = channel.ability<Confirmer>()) {
      const auto found = confirmer->confirm(owed);
      REQUIRE(found);
      CHECK(found->has_value() == (channel.far->taken(owed) > 0));
      auto unsent = channel.reply(2);
      unsent.owed_at = channel.around().clock.now();
      const auto never = confirmer->confirm(unsent);
      REQUIRE(never);
      CHECK_FALSE(never->has_value());
    }
    CHECK(channel.far->taken(owed) <= 1);
    check_mended(channel);
  });
}

TEST_CASE("a far side that asks for patience is left alone for a while") {
  each_kind([](Channel& channel) {
    if (!channel.far->sends_out() && !channel.far->polls()) return;
    channel.far->arrive({"t1", "Lampu mati.", "warga"});
    // Where there are two ways to ask for it, the far side takes them in turn.
    for (int turn = 0; turn < 2; ++turn) {
      channel.far->set(Fault::throttled);
      channel.open();
      if (channel.far->polls()) {
        const auto error = error_of(channel.connector().poll({}, {}));
        CHECK(error.remedy == Remedy::throttled);
        CHECK(error.retry_after.count() > 0);
      }
      if (channel.far->sends_out()) {
        auto owed = replies(channel, 3);
        // What has waited for long may be given up.
        for (auto& reply : owed) reply.owed_at = channel.around().clock.now();
        const auto sent = channel.connector().send(owed);
        REQUIRE(sent.size() == 3);
        for (std::size_t i = 0; i < sent.size(); ++i) {
          REQUIRE_FALSE(sent[i]);
          CHECK(sent[i].error().remedy == Remedy::throttled);
          CHECK(sent[i].error().retry_after.count() > 0);
          CHECK(channel.far->taken(owed[i]) == 0);
        }
      }
    }
    check_mended(channel);
  });
}

TEST_CASE("a credential that is refused needs a person, and works unaided once it is mended") {
  each_kind([](Channel& channel) {
    if (!channel.far->sends_out() && !channel.far->polls()) return;
    channel.far->set(Fault::refused);
    channel.open();
    if (channel.far->polls()) {
      CHECK(error_of(channel.connector().poll({}, {})).remedy == Remedy::reconfigure);
    }
    if (channel.far->sends_out()) {
      const auto owed = channel.reply(1);
      CHECK(error_of(channel.connector().send(std::vector{owed})).remedy == Remedy::reconfigure);
      CHECK(channel.far->taken(owed) == 0);
    }
    check_mended(channel);
  });
}

TEST_CASE("a far side that is away is tried again later") {
  each_kind([](Channel& channel) {
    if (!channel.far->sends_out() && !channel.far->polls()) return;
    channel.far->set(Fault::away);
    channel.open();
    if (channel.far->polls()) {
      CHECK(error_of(channel.connector().poll({}, {})).remedy == Remedy::retry);
    }
    if (channel.far->sends_out()) {
      CHECK(error_of(channel.connector().send(std::vector{channel.reply(1)})).remedy ==
            Remedy::retry);
    }
    check_mended(channel);
  });
}

TEST_CASE("no call outlives its deadline at a far side that says nothing") {
  each_kind([](Channel& channel) {
    if (!channel.far->sends_out() && !channel.far->polls()) return;
    channel.far->set(Fault::silence);
    channel.open();
    const auto began = std::chrono::steady_clock::now();
    if (channel.far->polls()) {
      const auto error = error_of(channel.connector().poll({}, {}));
      CHECK(error.remedy == Remedy::retry);
    }
    if (channel.far->sends_out()) {
      const auto error = error_of(channel.connector().send(std::vector{channel.reply(1)}));
      CHECK((error.remedy == Remedy::retry || error.remedy == Remedy::uncertain));
    }
    if (auto* probe = channel.ability<Probe>()) {
      const auto steps = probe->probe({});
      REQUIRE_FALSE(steps.empty());
      CHECK(std::ranges::none_of(steps, &ProbeStep::passed));
    }
    CHECK(std::chrono::steady_clock::now() - began < k_patience);
    check_mended(channel);
  });
}

TEST_CASE("the test of a channel says what is wrong and what to do") {
  each_kind([](Channel& channel) {
    channel.open();
    auto* probe = channel.ability<Probe>();
    if (probe == nullptr) return;
    for (const auto& step : probe->probe({})) {
      INFO(step.what + ": " + step.detail);
      CHECK(step.passed);
    }
    channel.far->set(Fault::refused);
    channel.open();
    const auto steps = channel.ability<Probe>()->probe({});
    const auto failed = std::ranges::find(steps, false, &ProbeStep::passed);
    REQUIRE(failed != steps.end());
    CHECK_FALSE(failed->what.empty());
    CHECK_FALSE(failed->detail.empty());
  });
}

TEST_CASE("a secret comes out of nothing, whatever fails") {
  each_kind([](Channel& channel) {
    const std::string secret(channel.far->secret());
    std::string said;
    const auto add = [&](const auto& result) {
      if (!result) said += result.error().message + "\n";
    };
    const auto tell_all = [&] {
      for (const auto fault : {Fault::none, Fault::refused, Fault::throttled, Fault::lost_answer,
                               Fault::silence, Fault::away}) {
        channel.far->set(fault);
        auto made = channel.kind.create(ChannelName("channel"),
                                        parse_table(channel.far->settings()), channel.around());
        if (!made) {
          add(made);
          continue;
        }
        auto& connector = **made;
        channel.far->arrive({"s" + std::to_string(static_cast<int>(fault)), "Lampu mati.", "budi"});
        const auto batch = connector.poll({}, {});
        add(batch);
        if (batch) {
          for (const auto& post : batch->posts) said += print_all(post);
          for (const auto& unreadable : batch->unreadable) said += unreadable.reason;
          said += batch->next.value;
          add(connector.committed(*batch));
        }
        for (const auto& result : connector.send(std::vector{channel.reply(1)})) {
          add(result);
          if (result) said += result->id.value();
        }
        if (auto* probe = dynamic_cast<Probe*>(&connector)) {
          for (const auto& step : probe->probe({})) said += step.what + step.detail + "\n";
        }
        if (auto* confirmer = dynamic_cast<Confirmer*>(&connector)) {
          add(confirmer->confirm(channel.reply(1)));
        }
        if (const auto* receiver = dynamic_cast<const Receiver*>(&connector)) {
          auto delivery = channel.far->delivery({"s", "Lampu mati.", "budi"});
          add(receiver->receive(delivery));
          delivery.body += "x";
          delivery.headers.clear();
          add(receiver->receive(delivery));
        }
      }
      channel.far->set(Fault::none);
    };
    std::string printed;
    {
      const Overheard overheard;
      tell_all();
      printed = overheard.text();
    }
    CHECK_FALSE(tells(said, secret));
    CHECK_FALSE(tells(printed, secret));
    Problems problems;
    channel.kind.check(parse_table(channel.far->settings()), nullptr, problems);
    CHECK_FALSE(tells(print(problems), secret));
  });
}

TEST_CASE("a secret is found in a text in whatever dress") {
  CHECK(tells("a " + std::string(k_secret), k_secret));
  CHECK(tells("AHdhcmdhAHJhaGFzaWE0a29udHJhazdwZW5hbmRh", "rahasia4kontrak7penanda"));
  CHECK_FALSE(tells("rahasia4kontrak", k_secret));
}

}  // namespace
}  // namespace kanal::contract
