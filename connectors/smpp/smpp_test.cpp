#include "connectors/smpp/smpp.hpp"

#include <chrono>
#include <cstdlib>

#include <catch2/catch.hpp>

#include "tests/support/connector_world.hpp"
#include "tests/support/smsc.hpp"

namespace kanal::smpp {
namespace {

using kanal::test::Smsc;
using namespace std::chrono_literals;

constexpr Time k_morning{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                         std::chrono::hours(3)};

/// A channel at an SMSC, with all that it leans on.
struct Channel : kanal::test::ConnectorWorld<> {
  Settings settings;
  std::unique_ptr<Smpp> smpp;
  Cursor cursor;

  explicit Channel(const Smsc& smsc) : ConnectorWorld(k_morning) {
    ::setenv("KANAL_TEST_SMPP_PASSWORD", "rahasia", 1);
    settings.host = "127.0.0.1";
    settings.port = smsc.port();
    settings.security = "plain";
    settings.system_id = "kanal";
    settings.password = Secret("env:KANAL_TEST_SMPP_PASSWORD");
    settings.source = "1708";
    settings.timeout_s = 30s;
  }
  Smpp& open() {
    smpp.reset();
    smpp = std::make_unique<Smpp>(ChannelName("sms"), settings, around, make_dialer());
    return *smpp;
  }
  /// Waits for whatever comes next and does not yet tell the SMSC that it is stored.
  Batch poll() {
    Budget budget;
    budget.wait = 2s;
    auto batch = smpp->poll(cursor, budget);
    INFO((batch ? "" : batch.error().message));
    REQUIRE(batch);
    return std::move(*batch);
  }
  Batch take() {
    auto batch = poll();
    cursor = batch.next;
    REQUIRE(smpp->committed(batch));
    return batch;
  }
  /// Until so many posts have come.
  std::vector<Post> take_posts(std::size_t count) {
    std::vector<Post> posts;
    for (int turns = 0; turns < 50 && posts.size() < count; ++turns) {
      for (auto& post : take().posts) posts.push_back(std::move(post));
    }
    return posts;
  }
  static Reply reply(const std::string& text, int number = 1) {
    Reply reply;
    reply.key = std::to_string(number) + ".1.sms";
    reply.address = "+628123456789";
    reply.text = text;
    return reply;
  }
};

Remedy remedy_of(const Result<Receipt>& result) {
  REQUIRE_FALSE(result);
  INFO(result.error().message);
  return result.error().remedy;
}

TEST_CASE("a phone's message is answered only when it is stored") {
  Smsc smsc;
  Channel channel(smsc);
  channel.open();
  channel.take();
  smsc.text("+628123456789", "1708", "Jalan rusak di Banyuasri");
  const auto batch = channel.poll();
  REQUIRE(batch.posts.size() == 1);
  CHECK(batch.listens);
  CHECK(smsc.unanswered() == 1);
  channel.cursor = batch.next;
  REQUIRE(channel.smpp->committed(batch));
  CHECK(smsc.wait_answered(60s));
}

TEST_CASE("a bridge killed before storing is sent the message again, one killed after answers it") {
  Smsc smsc;
  Channel channel(smsc);
  smsc.text("+628123456789", "1708", "Lampu mati");
  channel.open();
  const auto lost = channel.poll();
  REQUIRE(lost.posts.size() == 1);
  channel.open();
  const auto again = channel.poll();
  REQUIRE(again.posts.size() == 1);
  channel.cursor = again.next;  // stored, and killed before the SMSC is told
  channel.open();
  for (int turns = 0; turns < 20 && smsc.unanswered() > 0; ++turns) {
    CHECK(channel.take().posts.empty());
    if (smsc.wait_answered(100ms)) break;
  }
  CHECK(smsc.unanswered() == 0);
}

TEST_CASE(
    "the same words on another day are a new message, though the bridge was restarted between") {
  Smsc smsc;
  Channel channel(smsc);
  channel.open();
  channel.take();
  smsc.text("+628123456789", "1708", "STATUS 12");
  REQUIRE(channel.take_posts(1).size() == 1);
  REQUIRE(smsc.wait_answered(60s));
  channel.clock.advance(3min);
  channel.take();
  channel.open();
  channel.clock.advance(13h);
  channel.take();
  smsc.text("+628123456789", "1708", "STATUS 12");
  CHECK(channel.take_posts(1).size() == 1);
}

TEST_CASE("a copy that the SMSC sent before our answer reached it is covered by that answer") {
  Smsc smsc;
  Channel channel(smsc);
  channel.open();
  channel.take();
  smsc.text("+628123456789", "1708", "Jalan rusak di Banyuasri");
  const auto batch = channel.poll();
  REQUIRE(batch.posts.size() == 1);
  smsc.text("+628123456789", "1708", "Jalan rusak di Banyuasri");
  channel.cursor = batch.next;
  REQUIRE(channel.smpp->committed(batch));
  CHECK(smsc.wait_answered(60s));
  CHECK(channel.take().posts.empty());
  smsc.text("+628123456789", "1708", "Jalan rusak di Banyuasri");
  CHECK(channel.take_posts(1).size() == 1);
}

TEST_CASE("what the SMSC sends again because our answer came late is no new message") {
  Smsc smsc;
  Channel channel(smsc);
  channel.open();
  channel.take();
  smsc.text("+628123456789", "1708", "Jalan rusak di Banyuasri");
  const auto batch = channel.poll();
  REQUIRE(batch.posts.size() == 1);
  // The database was slow, and the SMSC has given its first attempt up.
  channel.clock.advance(60s);
  channel.cursor = batch.next;
  REQUIRE(channel.smpp->committed(batch));
  smsc.text("+628123456789", "1708", "Jalan rusak di Banyuasri");
  CHECK(channel.take().posts.empty());
  CHECK(smsc.wait_answered(60s));
}

/// Dials on, or finds nobody there.
class WaryDialer final : public Dialer {
 public:
  Result<std::unique_ptr<Pipe>> dial(const PeerAddress& to) override {
    dialled.push_back(to.timeout_ms);
    const int count = static_cast<int>(dialled.size());
    if (count > succeeding || count == refused) return tl::unexpected(refusal);
    return real_->dial(to);
  }
  int succeeding = 1;
  int refused = 0;  ///< this one as well
  Error refusal{Remedy::retry, "nobody there", {}};
  std::vector<std::chrono::milliseconds> dialled;

 private:
  std::unique_ptr<Dialer> real_ = make_dialer();
};

TEST_CASE("a session that cannot be had does not starve the one that stands") {
  Smsc smsc;
  Channel channel(smsc);
  channel.settings.binds = 3;
  auto owned = std::make_unique<WaryDialer>();
  auto& dialer = *owned;
  channel.smpp = std::make_unique<Smpp>(ChannelName("sms"), channel.settings, channel.around,
                                        std::move(owned));
  channel.take();
  CHECK(dialer.dialled.size() == 3);
  CHECK(smsc.sessions() == 1);
  channel.take();
  CHECK(dialer.dialled.size() == 3);
  channel.clock.advance(30s);
  channel.take();
  CHECK(dialer.dialled.size() == 4);
  CHECK(dialer.dialled.back() <= 5s);
  channel.take();
  CHECK(dialer.dialled.size() == 5);
  // Each is dialled less and less often.
  channel.clock.advance(30s);
  channel.take();
  CHECK(dialer.dialled.size() == 5);
  dialer.succeeding = 100;
  channel.clock.advance(30s);
  channel.take();
  channel.take();
  CHECK(smsc.sessions() == 3);
}

TEST_CASE("a channel that rests is bound no more, and what it had not stored comes again") {
  Smsc smsc;
  Channel channel(smsc);
  channel.settings.binds = 2;
  channel.open();
  channel.take();
  CHECK(smsc.sessions() == 2);
  smsc.text("+628123456789", "1708", "Jalan rusak di Banyuasri");
  REQUIRE(channel.poll().posts.size() == 1);
  channel.smpp->rest();
  CHECK(smsc.wait_sessions(0, 60s));
  CHECK(smsc.unanswered() == 1);
  REQUIRE(channel.take_posts(1).size() == 1);
  CHECK(smsc.sessions() == 2);
  CHECK(smsc.wait_answered(60s));
}

TEST_CASE("a long message comes whole from an SMSC that sends one part at a time") {
  for (const auto* parts : {"udh8", "udh16", "sar", "payload"}) {
    INFO(parts);
    Smsc::Orders orders;
    orders.window = 1;
    Smsc smsc(orders);
    Channel channel(smsc);
    channel.open();
    const std::string text = "Pohon tumbang 😀 " + std::string(200, 'p');
    Smsc::Sending how;
    how.parts = parts;
    how.order = {4, 1, 3, 2};
    smsc.text("+628123456789", "1708", text, how);
    const auto posts = channel.take_posts(1);
    REQUIRE(posts.size() == 1);
    CHECK(posts[0].text == text);
    CHECK(smsc.wait_answered(60s));
  }
}

TEST_CASE("parts survive a kill between them") {
  Smsc::Orders orders;
  orders.window = 1;
  Smsc smsc(orders);
  Channel channel(smsc);
  channel.open();
  channel.take();
  Smsc::Sending first;
  first.lost = {2};
  smsc.text("+628123456789", "1708", std::string(160, 'a') + "akhir", first);
  for (int turns = 0; turns < 20 && smsc.unanswered() > 0; ++turns) channel.take();
  channel.open();
  channel.clock.advance(std::chrono::seconds(600));
  const auto posts = channel.take_posts(1);
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].text.find("[bagian 2/2 tidak sampai]") != std::string::npos);
}

TEST_CASE("what lacks a part is told in time, also while the SMSC is away") {
  Smsc smsc;
  Channel channel(smsc);
  channel.open();
  channel.take();
  Smsc::Sending first;
  first.lost = {2};
  smsc.text("+628123456789", "1708", std::string(160, 'a') + "akhir", first);
  for (int turns = 0; turns < 20 && smsc.unanswered() > 0; ++turns) channel.take();
  smsc.order([](Smsc::Orders& all) { all.away = true; });
  smsc.hang_up();
  channel.open();
  CHECK_FALSE(channel.smpp->poll(channel.cursor, {}));
  channel.clock.advance(600s);
  const auto batch = channel.smpp->poll(channel.cursor, {});
  REQUIRE(batch);
  REQUIRE(batch->posts.size() == 1);
  CHECK(batch->posts[0].text.find("[bagian 2/2 tidak sampai]") != std::string::npos);
  CHECK(batch->more);
  channel.cursor = batch->next;
  REQUIRE(channel.smpp->committed(*batch));
  CHECK_FALSE(channel.smpp->poll(channel.cursor, {}));
}

TEST_CASE("all that lacks parts is told before it is said that the SMSC is away") {
  Smsc smsc;
  Channel channel(smsc);
  channel.open();
  channel.take();
  Smsc::Sending first;
  first.lost = {2};
  for (const auto* phone : {"+628123456701", "+628123456702", "+628123456703"}) {
    smsc.text(phone, "1708", std::string(160, 'a') + "akhir", first);
  }
  for (int turns = 0; turns < 20 && smsc.unanswered() > 0; ++turns) channel.take();
  smsc.order([](Smsc::Orders& all) { all.away = true; });
  smsc.hang_up();
  channel.open();
  channel.clock.advance(600s);
  Budget budget;
  budget.posts = 2;
  for (const std::size_t told : {2U, 1U}) {
    const auto batch = channel.smpp->poll(channel.cursor, budget);
    REQUIRE(batch);
    CHECK(batch->posts.size() == told);
    CHECK(batch->more);
    channel.cursor = batch->next;
    REQUIRE(channel.smpp->committed(*batch));
  }
  CHECK_FALSE(channel.smpp->poll(channel.cursor, budget));
}

TEST_CASE("an answer reaches the phone, and its receipt comes back as a signal") {
  for (const bool hex : {false, true}) {
    for (const bool by_parameter : {false, true}) {
      Smsc::Orders orders;
      orders.hex_ids = hex;
      orders.receipts_by_parameter = by_parameter;
      Smsc smsc(orders);
      Channel channel(smsc);
      channel.settings.submit_ids = hex ? "hex" : "text";
      channel.settings.receipt_ids = hex ? "decimal" : "text";
      channel.open();
      const auto sent = channel.smpp->send(std::vector{Channel::reply("Laporan #1 diterima.")});
      REQUIRE(sent.size() == 1);
      REQUIRE(sent[0]);
      REQUIRE(smsc.shown().size() == 1);
      CHECK(smsc.shown()[0].phone == "+628123456789");
      CHECK(smsc.shown()[0].from == "1708");
      CHECK(smsc.shown()[0].text == "Laporan #1 diterima.");
      std::vector<Signal> signals;
      for (int turns = 0; turns < 20 && signals.empty(); ++turns) signals = channel.take().signals;
      REQUIRE(signals.size() == 1);
      CHECK(signals[0].subject == sent[0]->id);
      CHECK(signals[0].kind == Signal::Kind::delivered);
    }
  }
}

TEST_CASE("a long answer arrives in one piece, whichever way it is cut") {
  for (const auto* way : {"udh", "sar", "payload"}) {
    INFO(way);
    Smsc smsc;
    Channel channel(smsc);
    channel.settings.long_messages = way;
    channel.open();
    const auto text = "Ditanggapi: " + std::string(250, 'd');
    REQUIRE(channel.smpp->send(std::vector{Channel::reply(text)})[0]);
    REQUIRE(smsc.shown().size() == 1);
    CHECK(smsc.shown()[0].text == text);
  }
}

TEST_CASE("a throttled reply waits, and of a long one only the rest is sent again") {
  Smsc smsc;
  Channel channel(smsc);
  channel.settings.window = 1;
  channel.open();
  const auto reply = Channel::reply(std::string(250, 'd'));
  REQUIRE(channel.smpp->send({}).empty());
  channel.take();
  smsc.order([](Smsc::Orders& orders) { orders.throttle_next = 1; });
  const auto first = channel.smpp->send(std::vector{reply, Channel::reply("lain", 2)});
  CHECK(remedy_of(first[0]) == Remedy::throttled);
  CHECK(first[0].error().retry_after.count() > 0);
  CHECK(remedy_of(first[1]) == Remedy::throttled);
  CHECK(smsc.shown().empty());
  const auto second = channel.smpp->send(std::vector{reply});
  REQUIRE(second[0]);
  CHECK(smsc.shown().size() == 1);
}

TEST_CASE("a reply whose answer is lost with the session is uncertain") {
  Smsc::Orders orders;
  orders.lose_answers = 1;
  Smsc smsc(orders);
  Channel channel(smsc);
  channel.open();
  CHECK(remedy_of(channel.smpp->send(std::vector{Channel::reply("x")})[0]) == Remedy::uncertain);
  CHECK(channel.smpp->send(std::vector{Channel::reply("y", 2)})[0]);
}

TEST_CASE("a session that the SMSC ends is dialled again") {
  Smsc smsc;
  Channel channel(smsc);
  channel.open();
  channel.take();
  smsc.hang_up();
  smsc.text("+628123456789", "1708", "sesudah putus");
  Budget budget;
  budget.wait = 2s;
  const auto ended = channel.smpp->poll(channel.cursor, budget);
  if (!ended) CHECK(ended.error().remedy == Remedy::retry);
  CHECK(channel.take_posts(1).size() == 1);
  CHECK(smsc.binds() == 2);
}

TEST_CASE("why a session was given up is said, where it is our doing too") {
  Smsc smsc;
  Channel channel(smsc);
  channel.open();
  channel.take();
  smsc.push({static_cast<Command>(0x99), Status::ok, 1, std::string(70'001, 'x')});
  Budget budget;
  budget.wait = 2s;
  const auto ended = channel.smpp->poll(channel.cursor, budget);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().message == "the SMSC sent a unit of 70017 bytes");
  channel.take();
  CHECK(smsc.binds() == 2);
}

TEST_CASE("why a pair's receiver was given up is said, whatever became of its transmitter") {
  Smsc smsc;
  Channel channel(smsc);
  channel.settings.bind = "pair";
  channel.open();
  channel.take();
  smsc.push({static_cast<Command>(0x99), Status::ok, 1, std::string(70'001, 'x')});
  smsc.hang_up();
  Budget budget;
  budget.wait = 2s;
  const auto ended = channel.smpp->poll(channel.cursor, budget);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().message == "the SMSC sent a unit of 70017 bytes");
  channel.take();
  CHECK(smsc.binds() == 4);
}

TEST_CASE("a receipt from another phone than the answer went to moves nothing") {
  Smsc::Orders orders;
  orders.receipts = false;
  Smsc smsc(orders);
  Channel channel(smsc);
  channel.open();
  const auto sent = channel.smpp->send(std::vector{Channel::reply("Laporan #1 diterima.")});
  REQUIRE(sent[0]);
  const auto tell = [&](const std::string& from) {
    Message receipt;
    receipt.source = {k_ton_international, 1, from};
    receipt.destination = {0, 1, "1708"};
    receipt.esm_class = k_esm_receipt;
    receipt.text = "id:" + sent[0]->id.value() + " stat:UNDELIV err:001";
    smsc.deliver(receipt);
    std::vector<Signal> signals;
    for (int turns = 0; turns < 20 && smsc.unanswered() > 0; ++turns) {
      for (auto& signal : channel.take().signals) signals.push_back(std::move(signal));
    }
    return signals;
  };
  CHECK(tell("6285599999999").empty());
  CHECK(tell("628123456789").size() == 1);
}

TEST_CASE("wrong credentials are a person's matter, a full or silent SMSC is not") {
  Smsc::Orders orders;
  orders.password = "lain";
  Smsc smsc(orders);
  Channel channel(smsc);
  const auto poll = [&] {
    channel.open();
    const auto batch = channel.smpp->poll({}, {});
    REQUIRE_FALSE(batch);
    return batch.error();
  };
  CHECK(poll().remedy == Remedy::reconfigure);
  smsc.order([](Smsc::Orders& all) { all.bind_status = Status::invalid_system_type; });
  CHECK(poll().remedy == Remedy::reconfigure);
  CHECK(poll().message.find("ESME_RINVSYSTYP (0x53)") != std::string::npos);
  smsc.order([](Smsc::Orders& all) { all.bind_status = Status::already_bound; });
  CHECK(poll().remedy == Remedy::retry);
  CHECK(poll().message.find("another program is bound") != std::string::npos);
  smsc.order([](Smsc::Orders& all) { all.bind_status = Status::throttled; });
  CHECK(poll().remedy == Remedy::throttled);
  smsc.order([](Smsc::Orders& all) { all.bind_status = Status::system_error; });
  CHECK(poll().remedy == Remedy::retry);
  channel.settings.timeout_s = 1s;
  smsc.order([](Smsc::Orders& all) { all.silent = true; });
  CHECK(poll().remedy == Remedy::retry);
  smsc.order([](Smsc::Orders& all) { all.away = true; });
  CHECK(poll().remedy == Remedy::retry);
}

TEST_CASE("a pair of sessions reads over one and sends over the other") {
  Smsc smsc;
  Channel channel(smsc);
  channel.settings.bind = "pair";
  channel.settings.binds = 2;
  channel.open();
  smsc.text("+628123456789", "1708", "lewat pasangan");
  CHECK(channel.take_posts(1).size() == 1);
  CHECK(channel.smpp->send(std::vector{Channel::reply("balasan")})[0]);
  CHECK(smsc.binds() == 4);
}

TEST_CASE("a pair's refused transmitter is dialled less and less often, and answers say why") {
  Smsc smsc;
  Channel channel(smsc);
  channel.settings.bind = "pair";
  auto owned = std::make_unique<WaryDialer>();
  auto& dialer = *owned;
  dialer.refusal = {Remedy::reconfigure, "the SMSC refused the bind", {}};
  channel.smpp = std::make_unique<Smpp>(ChannelName("sms"), channel.settings, channel.around,
                                        std::move(owned));
  channel.take();
  CHECK(dialer.dialled.size() == 2);
  channel.take();
  const auto sent = channel.smpp->send(std::vector{Channel::reply("balasan")});
  CHECK(remedy_of(sent[0]) == Remedy::reconfigure);
  CHECK(sent[0].error().message == "the SMSC refused the bind");
  CHECK(dialer.dialled.size() == 2);
  channel.clock.advance(30s);
  channel.take();
  CHECK(dialer.dialled.size() == 3);
  CHECK(dialer.dialled.back() <= 5s);
  dialer.succeeding = 100;
  channel.clock.advance(60s);
  CHECK(channel.smpp->send(std::vector{Channel::reply("balasan")})[0]);
}

TEST_CASE("why a pair cannot receive is said until it can, though the other session stands") {
  Smsc smsc;
  Channel channel(smsc);
  channel.settings.bind = "pair";
  auto owned = std::make_unique<WaryDialer>();
  auto& dialer = *owned;
  dialer.succeeding = 100;
  dialer.refused = 1;
  channel.smpp = std::make_unique<Smpp>(ChannelName("sms"), channel.settings, channel.around,
                                        std::move(owned));
  for (int turns = 0; turns < 2; ++turns) {
    const auto batch = channel.smpp->poll(channel.cursor, {});
    REQUIRE_FALSE(batch);
    CHECK(batch.error().message == "nobody there");
    CHECK(dialer.dialled.size() == 2);
  }
  CHECK(channel.smpp->send(std::vector{Channel::reply("balasan")})[0]);
  channel.clock.advance(30s);
  channel.take();
  CHECK(smsc.sessions() == 2);
}

TEST_CASE("a clock that is set back or forward neither hides a dead session nor ends a live one") {
  Smsc smsc;
  Channel channel(smsc);
  channel.settings.timeout_s = 2s;
  channel.open();
  channel.take();
  channel.clock.set(k_morning + 24h);
  channel.take();
  CHECK(smsc.binds() == 1);
  channel.clock.set(k_morning - 24h);
  smsc.order([](Smsc::Orders& all) { all.silent = true; });
  channel.clock.advance(31s);
  channel.take();
  channel.clock.advance(3s);
  CHECK_FALSE(channel.smpp->poll(channel.cursor, {}));
}

TEST_CASE("a silent session is asked whether it lives, and given up when it does not") {
  Smsc smsc;
  Channel channel(smsc);
  channel.settings.timeout_s = 2s;
  channel.open();
  channel.take();
  channel.clock.advance(31s);
  channel.take();
  channel.clock.advance(1s);
  channel.take();
  CHECK(smsc.binds() == 1);
  smsc.order([](Smsc::Orders& all) { all.silent = true; });
  channel.clock.advance(31s);
  channel.take();
  channel.clock.advance(3s);
  CHECK_FALSE(channel.smpp->poll(channel.cursor, {}));
}

TEST_CASE("hundreds of messages in a window are stored in turns and all answered") {
  Smsc::Orders orders;
  orders.window = 50;
  Smsc smsc(orders);
  Channel channel(smsc);
  channel.open();
  for (int i = 0; i < 300; ++i) {
    smsc.text("+6281234567" + std::to_string(100 + i), "1708", "Laporan " + std::to_string(i));
  }
  CHECK(channel.take_posts(300).size() == 300);
  CHECK(smsc.wait_answered(60s));
}

TEST_CASE("the connection test binds, and sends when it is told whom to") {
  Smsc smsc;
  Channel channel(smsc);
  const auto quiet = channel.open().probe("");
  REQUIRE(quiet.size() == 1);
  CHECK(quiet[0].passed);
  CHECK(quiet[0].detail.find("KANAL-SMSC") != std::string::npos);
  const auto sent = channel.open().probe("+628123456789");
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].passed);
  CHECK(smsc.shown().size() == 1);
}

TEST_CASE("a raw unit in hexadecimal is translated as it would be read") {
  Smsc smsc;
  Channel channel(smsc);
  const auto batch = channel.open().translate(
      "00000041000000050000000000000009000101363238313233343536373839000000313730380000000000000000"
      "080010004a0061006c0061006e0020d83dde00\n");
  REQUIRE(batch);
  REQUIRE(batch->posts.size() == 1);
  CHECK(batch->posts[0].text == "Jalan 😀");
  CHECK(batch->posts[0].posted_at > Time{});
  const auto receipt = channel.open().translate(
      "000000a200000005000000000000000a000000363238313233343536373839000000313730380004000000000000"
      "01006369643a41314232207375623a30303120646c7672643a303031207375626d697420646174653a3236303330"
      "323039313520646f6e6520646174653a3236303330323039313620737461743a44454c49565244206572723a3030"
      "3020746578743a4c6170001e000541314232000427000102");
  REQUIRE(receipt);
  CHECK(receipt->posts.empty());
  REQUIRE(receipt->signals.size() == 1);
  CHECK(receipt->signals[0].kind == Signal::Kind::delivered);
  CHECK_FALSE(channel.open().translate("bukan heksa"));
  CHECK_FALSE(channel.open().translate("00000010"));
}

}  // namespace
}  // namespace kanal::smpp
