#include <set>

#include <catch2/catch.hpp>

#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto k_lease = 30s;

struct Office {
  World world;
  ReportId report = world.file(world.post("m1", "Jalan rusak"));

  std::vector<Reply> claim(const char* node = "a", int most = 10) {
    return world.store->claim(world.mail, node, most, k_lease).value();
  }
  void settle(const Reply& reply, ReplyState state, std::string detail = "",
              std::optional<Time> retry_at = {}) {
    const Settlement settlement{reply.id, state, ExternalId("<sent@us>"), std::move(detail),
                                retry_at};
    REQUIRE(world.store->settle(std::vector{settlement}));
  }
  OutboxRecord record() { return world.store->replies_of(report).value().at(0); }
  void signal(Signal::Kind kind, const std::string& key, bool permanent = false) {
    auto batch = world.batch({});
    Signal signal;
    signal.kind = kind;
    signal.reply_key = key;
    signal.detail = "said so";
    signal.permanent = permanent;
    batch.signals.push_back(signal);
    REQUIRE(world.store->commit(batch));
  }
};

}  // namespace

TEST_CASE("a reply that is owed is claimed once, sent, and then delivered") {
  Office office;
  CHECK(office.record().state == ReplyState::owed);
  const auto claimed = office.claim();
  REQUIRE(claimed.size() == 1);
  const auto to = office.world.store->report(office.report).value().value().reporter;
  CHECK(claimed[0].key ==
        std::to_string(office.report.value()) + ".1." + std::to_string(to.value()) + ".mail");
  CHECK(claimed[0].address == "made@example.org");
  CHECK(claimed[0].in_reply_to == ExternalId("m1"));
  CHECK(claimed[0].acknowledgement);
  CHECK(office.record().state == ReplyState::sending);
  CHECK(office.claim("b").empty());
  office.settle(claimed[0], ReplyState::sent);
  CHECK(office.record().state == ReplyState::sent);
  CHECK(office.record().settled_at);
  office.signal(Signal::Kind::delivered, claimed[0].key);
  CHECK(office.record().state == ReplyState::delivered);
  CHECK(office.claim().empty());
}

TEST_CASE("a failure after the delivery counts, and nothing takes a failure back") {
  Office office;
  const auto reply = office.claim().at(0);
  office.settle(reply, ReplyState::sent);
  office.signal(Signal::Kind::delayed, reply.key);
  CHECK(office.record().state == ReplyState::sent);
  office.signal(Signal::Kind::delivered, reply.key);
  office.signal(Signal::Kind::failed, reply.key);
  CHECK(office.record().state == ReplyState::failed);
  office.signal(Signal::Kind::delivered, reply.key);
  CHECK(office.record().state == ReplyState::failed);
}

TEST_CASE("a reply put off is not claimed before its time, and counts its attempts") {
  Office office;
  const auto reply = office.claim().at(0);
  office.settle(reply, ReplyState::owed, "busy", office.world.clock.now() + 60s);
  CHECK(office.claim().empty());
  office.world.clock.advance(61s);
  REQUIRE(office.claim().size() == 1);
  CHECK(office.record().attempts == 2);
}

TEST_CASE("the reply of a sender that was lost is uncertain, and who was lost has no say in it") {
  Office office;
  const auto reply = office.claim().at(0);
  CHECK(office.world.store->expire_claims(office.world.mail).value().empty());
  office.world.clock.advance(k_lease + 1s);
  const auto expired = office.world.store->expire_claims(office.world.mail).value();
  REQUIRE(expired.size() == 1);
  CHECK(expired[0].key == reply.key);
  CHECK(office.record().state == ReplyState::uncertain);
  CHECK(office.claim("b").empty());
  // Found out: it had not gone out.
  office.settle(reply, ReplyState::owed, "did not go out", office.world.clock.now());
  const auto again = office.claim("b");
  REQUIRE(again.size() == 1);
  // The lost one comes back in another process and claims to have sent it.
  const auto late = office.world.database.open(office.world.keys, office.world.clock);
  REQUIRE(late->settle(
      std::vector{Settlement{reply.id, ReplyState::failed, {}, "late", std::nullopt}}));
  CHECK(office.record().state == ReplyState::sending);
}

TEST_CASE("what a lost sender says late undoes no later sending, not even one in doubt") {
  Office office;
  const auto lost = office.claim("a").at(0);
  office.world.clock.advance(k_lease + 1s);
  const auto other = office.world.database.open(office.world.keys, office.world.clock);
  REQUIRE(other->expire_claims(office.world.mail).value().size() == 1);
  REQUIRE(other->decide({&lost.id, 1}, Verdict::send_again, {}).value() == 1);
  REQUIRE(other->claim(office.world.mail, "b", 1, k_lease).value().size() == 1);
  REQUIRE(
      other->settle(std::vector{Settlement{lost.id, ReplyState::uncertain, {}, "cut off", {}}}));
  office.settle(lost, ReplyState::owed, "refused", office.world.clock.now());
  CHECK(office.record().state == ReplyState::uncertain);
  CHECK(office.record().detail == "cut off");
  CHECK(office.claim("a").empty());
}

TEST_CASE("a node that has begun anew settles at once what it was sending when it was killed") {
  Office office;
  office.claim("a");
  CHECK(office.world.store->expire_claims(office.world.mail, "b").value().empty());
  CHECK(office.world.store->expire_claims(office.world.mail, "a").value().size() == 1);
}

TEST_CASE("two nodes that claim at once never get the same reply") {
  World world;
  for (int i = 0; i < 20; ++i) world.file(world.post("m" + std::to_string(i), "Jalan rusak"));
  const auto other = world.database.open(world.keys, world.clock);
  std::set<std::int64_t> seen;
  std::size_t claimed = 0;
  for (int turn = 0; turn < 10; ++turn) {
    for (auto* store : {world.store.get(), other.get()}) {
      const auto replies = store->claim(world.mail, "n", 3, k_lease).value();
      for (const auto& reply : replies) {
        seen.insert(reply.id.value());
        ++claimed;
      }
    }
  }
  CHECK(claimed == 20);
  CHECK(seen.size() == 20);
}

TEST_CASE("one step of a report owes one reply to a person on a channel, however often written") {
  Office office;
  const auto statement =
      "INSERT INTO outbox (report, step, channel, reporter, language, subject, text,"
      " acknowledgement, created_at, due_at) SELECT report, step, channel, reporter, language,"
      " subject, text, acknowledgement, created_at, due_at FROM outbox";
  CHECK(office.world.database.ask(statement).find("duplicate key") != std::string::npos);
}

TEST_CASE("an address that refuses for good is written to no more on that report") {
  Office office;
  const auto report = office.world.store->report(office.report).value().value();
  auto change = office.world.act(report, Event::verify, State::at_agency);
  Owed owed;
  owed.step = 2;
  owed.channel = office.world.mail;
  owed.to = report.reporter;
  owed.text = "Diteruskan";
  owed.due_at = office.world.clock.now() + 1h;
  change.replies.push_back(owed);
  const auto first = office.claim().at(0);
  REQUIRE(office.world.store->write(std::vector{change}));
  office.settle(first, ReplyState::sent);
  office.signal(Signal::Kind::failed, first.key, true);
  const auto replies = office.world.store->replies_of(office.report).value();
  REQUIRE(replies.size() == 2);
  CHECK(replies[0].state == ReplyState::failed);
  CHECK(replies[1].state == ReplyState::failed);
  CHECK(replies[1].detail.find("suspended") != std::string::npos);
  CHECK(office.world.store->contacts(office.report).value().at(0).suspended);
}

TEST_CASE(
    "a person has it sent again: its attempts begin anew, its address counts, who did it stands") {
  Office office;
  const Actor technician{Role::connector_admin, OfficerId(1), {}, {}};
  const auto decide = [&](Verdict verdict) {
    const auto id = office.record().reply.id;
    return office.world.store->decide({&id, 1}, verdict, technician).value();
  };
  CHECK(decide(Verdict::send_again) == 0);
  const auto first = office.claim().at(0);
  CHECK(decide(Verdict::send_again) == 0);
  office.settle(first, ReplyState::sent);
  CHECK(decide(Verdict::send_again) == 0);
  office.signal(Signal::Kind::failed, first.key, true);
  REQUIRE(office.record().state == ReplyState::failed);
  CHECK(decide(Verdict::went_out) == 0);
  CHECK(decide(Verdict::give_up) == 0);
  CHECK(office.world.database.ask("SELECT count(*) FROM act") == "0");
  CHECK(decide(Verdict::send_again) == 1);
  CHECK(decide(Verdict::send_again) == 0);
  const auto owed = office.record();
  CHECK(owed.state == ReplyState::owed);
  CHECK(owed.attempts == 1);
  CHECK(owed.earlier_attempts == 1);
  CHECK(owed.detail.find("said so") != std::string::npos);
  CHECK_FALSE(office.world.store->contacts(office.report).value().at(0).suspended);
  CHECK(office.world.database.ask("SELECT act || ' ' || subject FROM act") ==
        "settle again reply " + std::to_string(owed.reply.id.value()));
  const auto second = office.claim();
  REQUIRE(second.size() == 1);
  CHECK(second[0].key == first.key);
  office.settle(second[0], ReplyState::uncertain);
  CHECK(decide(Verdict::went_out) == 1);
  CHECK(office.record().state == ReplyState::sent);
  CHECK(office.record().attempts == 2);
}

namespace {

void tell(Office& office, Signal::Kind kind, const char* id) {
  auto batch = office.world.batch({});
  Signal signal;
  signal.kind = kind;
  signal.subject = ExternalId(id);
  signal.detail = "said so";
  signal.permanent = kind == Signal::Kind::failed;
  batch.signals.push_back(signal);
  REQUIRE(office.world.store->commit(batch));
}

}  // namespace

TEST_CASE("a receipt that is faster than the settlement of its reply counts once that comes") {
  Office office;
  const auto claimed = office.claim();
  const auto kind = GENERATE(Signal::Kind::delivered, Signal::Kind::failed);
  tell(office, kind, "<sent@us>");
  tell(office, Signal::Kind::delivered, "<another@them>");
  CHECK(office.record().state == ReplyState::sending);
  office.settle(claimed[0], ReplyState::sent);
  const bool failed = kind == Signal::Kind::failed;
  CHECK(office.record().state == (failed ? ReplyState::failed : ReplyState::delivered));
  CHECK(office.record().detail == "said so");
  CHECK(office.world.store->contacts(office.report).value().at(0).suspended == failed);
}

TEST_CASE("an id that the far side gives out again means the newest reply of that name") {
  Office office;
  office.settle(office.claim().at(0), ReplyState::sent);
  const auto another = office.world.file(office.world.post("m2", "Lampu mati"));
  office.settle(office.claim().at(0), ReplyState::sent);
  tell(office, Signal::Kind::delivered, "<sent@us>");
  CHECK(office.record().state == ReplyState::sent);
  CHECK(office.world.store->replies_of(another).value().at(0).state == ReplyState::delivered);
}

TEST_CASE("a receipt is for no reply that was settled long ago, but perhaps for the next one") {
  Office office;
  office.settle(office.claim().at(0), ReplyState::sent);
  office.world.clock.advance(8 * 24h);
  tell(office, Signal::Kind::delivered, "<sent@us>");
  REQUIRE(office.world.store->expire_claims(office.world.mail));
  CHECK(office.record().state == ReplyState::sent);
  const auto another = office.world.file(office.world.post("m2", "Lampu mati"));
  office.settle(office.claim().at(0), ReplyState::sent);
  CHECK(office.record().state == ReplyState::sent);
  CHECK(office.world.store->replies_of(another).value().at(0).state == ReplyState::delivered);
}

TEST_CASE("a settlement keeps what a receipt has said before it, and adds what it knows itself") {
  Office office;
  const auto claimed = office.claim();
  office.signal(Signal::Kind::delivered, claimed[0].key);
  CHECK(office.record().state == ReplyState::delivered);
  Settlement settlement{claimed[0].id, ReplyState::sent, ExternalId("<sent@us>"), {}, {}};
  settlement.segments = 2;
  REQUIRE(office.world.store->settle(std::vector{settlement}));
  CHECK(office.record().state == ReplyState::delivered);
  CHECK(office.record().detail == "said so");
  CHECK(office.record().segments == 2);
  CHECK(office.world.store->sent_segments({}).value().at(office.world.mail).segments == 2);
  tell(office, Signal::Kind::failed, "<sent@us>");
  CHECK(office.record().state == ReplyState::failed);
}

TEST_CASE("a settlement as not sent takes nothing from what a receipt has said") {
  Office office;
  const auto claimed = office.claim();
  office.signal(Signal::Kind::delivered, claimed[0].key);
  office.settle(claimed[0], ReplyState::owed, "timed out", office.world.clock.now());
  CHECK(office.record().state == ReplyState::delivered);
  CHECK(office.claim().empty());
}

TEST_CASE("a receipt that crosses the settlement is found later, one of nobody is forgotten") {
  Office office;
  const auto claimed = office.claim();
  tell(office, Signal::Kind::delivered, "<another@them>");
  office.settle(claimed[0], ReplyState::sent);
  // As if it had been committed while the settlement was.
  office.world.database.ask(
      "UPDATE early_receipt SET external_id = '<sent@us>' WHERE external_id = '<another@them>'");
  tell(office, Signal::Kind::failed, "<of nobody@them>");
  CHECK(office.record().state == ReplyState::sent);
  REQUIRE(office.world.store->expire_claims(office.world.mail));
  CHECK(office.record().state == ReplyState::delivered);
  const auto kept = [&] { return office.world.database.ask("SELECT count(*) FROM early_receipt"); };
  CHECK(kept() == "1");
  REQUIRE(office.world.store->forget_receipts());
  CHECK(kept() == "1");
  office.world.clock.advance(2h);
  REQUIRE(office.world.store->forget_receipts());
  CHECK(kept() == "0");
}

TEST_CASE("a reply says what its step came to and how many went before it") {
  World world;
  const auto id = world.file(world.post("m1", "Jalan rusak"));
  const auto first = world.store->claim(world.mail, "node", 10, std::chrono::minutes(1)).value();
  REQUIRE(first.size() == 1);
  CHECK(first[0].reached == State::received);
  CHECK(first[0].earlier == 0);
  CHECK_FALSE(first[0].confidential);
  Settlement sent;
  sent.id = first[0].id;
  sent.state = ReplyState::sent;
  sent.in_private = GENERATE(false, true);
  REQUIRE(world.store->settle({&sent, 1}));

  const auto report = world.store->report(id).value();
  auto answered = world.act(*report, Event::answer, State::answered);
  answered.after.steps = 2;
  answered.after.confidential = true;
  Owed owed;
  owed.step = 2;
  owed.channel = world.mail;
  owed.to = report->reporter;
  owed.language = "id";
  owed.text = "Ditanggapi.";
  owed.public_text = "Untuk semua.";
  owed.due_at = world.clock.now();
  answered.replies.push_back(owed);
  REQUIRE_FALSE(world.store->write({&answered, 1}).value().refusal);
  const auto second = world.store->claim(world.mail, "node", 10, std::chrono::minutes(1)).value();
  REQUIRE(second.size() == 1);
  CHECK(second[0].reached == State::answered);
  CHECK(second[0].earlier == (sent.in_private ? 0 : 1));
  CHECK(second[0].confidential);
  CHECK(second[0].public_text == "Untuk semua.");
}

TEST_CASE("a receipt finds its reply by what the far side called it") {
  World world;
  world.file(world.post("m1", "Jalan rusak"));
  const auto claimed = world.store->claim(world.mail, "node", 10, std::chrono::minutes(1)).value();
  REQUIRE(claimed.size() == 1);
  Settlement sent;
  sent.id = claimed[0].id;
  sent.state = ReplyState::sent;
  sent.external_id = ExternalId("smsc-17");
  REQUIRE(world.store->settle({&sent, 1}));
  IntakeBatch batch;
  batch.channel = world.mail;
  Signal other;
  other.kind = Signal::Kind::failed;
  other.subject = ExternalId("smsc-18");
  Signal signal;
  signal.subject = ExternalId("smsc-17");
  signal.detail = "DELIVRD";
  batch.signals = {other, signal};
  REQUIRE(world.store->commit(batch));
  const auto outbox = world.store->outbox({}, {}, 10).value();
  REQUIRE(outbox.size() == 1);
  CHECK(outbox[0].state == ReplyState::delivered);
  CHECK(outbox[0].detail == "DELIVRD");
}
