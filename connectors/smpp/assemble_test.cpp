#include "connectors/smpp/assemble.hpp"

#include <algorithm>
#include <numeric>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "connectors/smpp/partials.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/sms.hpp"

namespace kanal::smpp {
namespace {

constexpr Time k_arrived{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

/// A channel's turns, each on the state that the one before left.
struct Turns {
  Keys keys = Keys::of_seed("assemble");
  Reading reading;
  Answers answers;
  Cursor cursor;
  Time now = k_arrived;

  Incoming incoming(const Message& message) const {
    Incoming incoming;
    incoming.raw = {Command::deliver_sm, print(message)};
    incoming.fingerprint = fingerprint(incoming.raw, keys);
    return incoming;
  }
  Turn look(const std::vector<Incoming>& messages, Budget budget = {}) const {
    const auto state = parse_state(cursor, keys, now);
    REQUIRE(state);
    std::vector<const Incoming*> incoming;
    for (const auto& each : messages) incoming.push_back(&each);
    return assemble(cursor, *state, incoming, answers, budget, now, reading, keys);
  }
  Turn take(const std::vector<Incoming>& messages, Budget budget = {}) {
    auto turn = look(messages, budget);
    cursor = turn.batch.next;
    return turn;
  }
};

Message message(const std::string& text, const std::string& from = "628123456789") {
  Message message;
  message.source = {1, 1, from};
  message.destination = {0, 1, "1708"};
  message.text = text;
  return message;
}

std::vector<Message> parts(const std::string& text, std::uint8_t reference,
                           const std::string& from = "628123456789") {
  const auto sms = fit_sms(text);
  std::vector<Message> all;
  for (std::size_t i = 0; i < sms.segments.size(); ++i) {
    auto part = message("", from);
    part.data_coding = sms.coding == SmsText::Coding::ucs2 ? 8 : 0;
    part.esm_class = k_esm_header;
    part.text = {5,
                 0,
                 3,
                 static_cast<char>(reference),
                 static_cast<char>(sms.segments.size()),
                 static_cast<char>(i + 1)};
    part.text += sms.segments[i];
    all.push_back(std::move(part));
  }
  return all;
}

TEST_CASE("a message becomes a post with its sender in E.164 and the number it came to") {
  Turns turns;
  const auto turn = turns.take({turns.incoming(message("Jalan rusak"))});
  REQUIRE(turn.batch.posts.size() == 1);
  const auto& post = turn.batch.posts[0];
  CHECK(post.text == "Jalan rusak");
  CHECK(post.author.id.value() == "+628123456789");
  CHECK(post.author.phone == "+628123456789");
  CHECK(post.hints.entrance == "1708");
  CHECK(post.hints.automatic.empty());
  CHECK(post.posted_at == k_arrived);
  CHECK_FALSE(post.payload.empty());
  CHECK(turn.taken == 1);
}

TEST_CASE("a name or short code is left as it is and marked as a machine's") {
  Turns turns;
  auto name = message("Promo!", "TELKOMSEL");
  name.source.ton = k_ton_alphanumeric;
  auto code = message("Saldo Anda", "3346");
  code.source.ton = 0;
  const auto turn = turns.take({turns.incoming(name), turns.incoming(code)});
  REQUIRE(turn.batch.posts.size() == 2);
  CHECK(turn.batch.posts[0].author.id.value() == "TELKOMSEL");
  CHECK(turn.batch.posts[1].author.id.value() == "3346");
  for (const auto& post : turn.batch.posts) {
    CHECK_FALSE(post.hints.automatic.empty());
    CHECK(post.author.phone.empty());
  }
}

TEST_CASE("asking twice brings the same, and a restart with the old cursor too") {
  Turns turns;
  turns.take({turns.incoming(message("satu"))});
  const std::vector next = {turns.incoming(message("dua")), turns.incoming(message("tiga"))};
  const auto first = turns.look(next);
  const auto second = turns.look(next);
  REQUIRE(first.batch.posts.size() == 2);
  CHECK(first.batch.posts[0].id == second.batch.posts[0].id);
  CHECK(first.batch.posts[1].id == second.batch.posts[1].id);
  CHECK(first.batch.next == second.batch.next);
}

TEST_CASE("a message sent again because its answer was lost is no new one") {
  Turns turns;
  const auto one = turns.incoming(message("BELUM"));
  CHECK(turns.take({one}).batch.posts.size() == 1);
  const auto again = turns.take({one});
  CHECK(again.batch.posts.empty());
  CHECK(again.taken == 1);
  turns.now += std::chrono::minutes(59);
  CHECK(turns.take({one}).batch.posts.empty());
}

TEST_CASE("a message that may be a copy of one from hours ago waits for a person") {
  Turns turns;
  const auto one = turns.incoming(message("BELUM"));
  const auto part = turns.incoming(parts(std::string(200, 'p'), 7).front());
  const auto first = turns.take({one, part});
  turns.now += std::chrono::hours(13);
  turns.reading.wait_for_parts = std::chrono::hours(100);
  const auto again = turns.take({one, part}).batch.posts;
  REQUIRE(again.size() == 1);
  CHECK(again[0].id != first.batch.posts.at(0).id);
  CHECK_FALSE(again[0].hints.suspicion.empty());
  turns.now += std::chrono::hours(12);
  const auto anew = turns.take({one}).batch.posts;
  REQUIRE(anew.size() == 1);
  CHECK(anew[0].hints.suspicion.empty());
}

TEST_CASE("the same words once the answer has arrived are a new message with an id of its own") {
  Turns turns;
  const auto one = turns.incoming(message("BELUM"));
  const auto first = turns.take({one});
  turns.answers.arrived.insert(one.fingerprint);
  const auto second = turns.take({one});
  REQUIRE(second.batch.posts.size() == 1);
  CHECK(second.batch.posts[0].id != first.batch.posts[0].id);
  turns.answers = {};
  CHECK(turns.take({one}).batch.posts.empty());
  turns.answers.settled[one.fingerprint] = turns.now - std::chrono::seconds(1);
  CHECK(turns.take({one}).batch.posts.empty());
  turns.answers.settled[one.fingerprint] = turns.now;
  CHECK(turns.take({one}).batch.posts.size() == 1);
}

TEST_CASE("parts make one post in whatever order and turns they come, and whoever sends between") {
  CHECK(rc::check([] {
    Turns turns;
    const std::string text = "Jalan “rusak” 😀 di Banyuasri " + std::string(300, 'x') + " 路.";
    const auto all = parts(text, 7);
    std::vector<Incoming> queue;
    for (const auto& part : all) queue.push_back(turns.incoming(part));
    for (const auto& part : parts(text, 7, "628777777777")) queue.push_back(turns.incoming(part));
    queue.push_back(turns.incoming(message("tengah")));
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    std::shuffle(queue.begin(), queue.end(), random);
    std::vector<std::string> texts;
    for (std::size_t at = 0; at < queue.size();) {
      const auto count = std::min<std::size_t>(1 + random() % 4, queue.size() - at);
      const auto turn = turns.take({queue.begin() + static_cast<std::ptrdiff_t>(at),
                                    queue.begin() + static_cast<std::ptrdiff_t>(at + count)});
      RC_ASSERT(turn.taken == count);
      for (const auto& post : turn.batch.posts) texts.push_back(post.text);
      at += count;
    }
    std::ranges::sort(texts);
    std::vector<std::string> expected{text, text, "tengah"};
    std::ranges::sort(expected);
    RC_ASSERT(texts == expected);
    RC_ASSERT(parse_state(turns.cursor, turns.keys, turns.now)->held.empty());
  }));
}

TEST_CASE("parts that are not there yet survive in the cursor, sealed") {
  Turns turns;
  const auto all = parts("Nama saya Wati " + std::string(200, 'y'), 9);
  REQUIRE(all.size() == 2);
  const auto turn = turns.take({turns.incoming(all[1])});
  CHECK(turn.batch.posts.empty());
  CHECK(turn.taken == 1);
  CHECK_FALSE(turns.cursor.value.empty());
  const auto fields = split(turns.cursor.value, '.');
  REQUIRE(fields.size() == 3);
  CHECK(from_base64url(fields[2])->find("yyyy") == std::string::npos);
  const auto whole = turns.take({turns.incoming(all[0])});
  REQUIRE(whole.batch.posts.size() == 1);
  CHECK(whole.batch.posts[0].text.starts_with("Nama saya Wati yyy"));
  CHECK(std::ranges::count(whole.batch.posts[0].payload, '\n') == 3);
}

TEST_CASE("a part sent again is counted once, before and after the message is whole") {
  Turns turns;
  const auto all = parts(std::string(200, 'z'), 3);
  turns.take({turns.incoming(all[0])});
  CHECK(turns.take({turns.incoming(all[0])}).batch.posts.empty());
  CHECK(turns.take({turns.incoming(all[1])}).batch.posts.size() == 1);
  CHECK(turns.take({turns.incoming(all[0])}).batch.posts.empty());
  CHECK(turns.take({turns.incoming(all[1])}).batch.posts.empty());
  CHECK(parse_state(turns.cursor, turns.keys, turns.now)->held.empty());
}

TEST_CASE("what is missing after the wait is marked, and the text is taken as it is") {
  Turns turns;
  const auto all = parts("awal " + std::string(400, 'a') + " akhir", 3);
  REQUIRE(all.size() == 3);
  turns.take({turns.incoming(all[0]), turns.incoming(all[2])});
  turns.now += std::chrono::seconds(599);
  CHECK(turns.take({}).batch.posts.empty());
  turns.now += std::chrono::seconds(1);
  const auto turn = turns.take({});
  REQUIRE(turn.batch.posts.size() == 1);
  const auto& text = turn.batch.posts[0].text;
  CHECK(text.starts_with("awal "));
  CHECK(text.ends_with("akhir"));
  CHECK(text.find("[bagian 2/3 tidak sampai]") != std::string::npos);
  CHECK(turns.take({}).batch.posts.empty());
}

TEST_CASE("a part that comes after the wait belongs to the post that lacked it") {
  Turns turns;
  const auto all = parts("PUTR jembatan putus " + std::string(400, 'j'), 7);
  REQUIRE(all.size() == 3);
  turns.take({turns.incoming(all[0])});
  turns.now += std::chrono::minutes(10);
  const auto first = turns.take({});
  REQUIRE(first.batch.posts.size() == 1);
  CHECK(first.batch.posts[0].hints.references.empty());
  turns.now += std::chrono::minutes(1);
  CHECK(turns.take({turns.incoming(all[1])}).batch.posts.empty());
  turns.now += std::chrono::minutes(10);
  const auto second = turns.take({});
  REQUIRE(second.batch.posts.size() == 1);
  CHECK(second.batch.posts[0].hints.references == std::vector{first.batch.posts[0].id});
  turns.take({turns.incoming(all[2])});
  turns.now += std::chrono::minutes(10);
  const auto third = turns.take({});
  REQUIRE(third.batch.posts.size() == 1);
  CHECK(third.batch.posts[0].hints.references == std::vector{first.batch.posts[0].id});
}

TEST_CASE("no part belongs to a message that had it already, or that came long ago") {
  for (const bool is_old : {false, true}) {
    Turns turns;
    const auto lost = parts("hilang " + std::string(200, 'h'), 7);
    const auto other = parts("lain " + std::string(200, 'l'), 7);
    turns.take({turns.incoming(lost[0])});
    turns.now += std::chrono::minutes(10);
    REQUIRE(turns.take({}).batch.posts.size() == 1);
    if (is_old) turns.now += std::chrono::hours(25);
    turns.take({turns.incoming(other[is_old ? 1 : 0])});
    turns.now += std::chrono::minutes(10);
    const auto turn = turns.take({});
    REQUIRE(turn.batch.posts.size() == 1);
    CHECK(turn.batch.posts[0].hints.references.empty());
  }
}

TEST_CASE("a whole message of a reference that was torn before is one of its own") {
  Turns turns;
  const auto lost = parts("hilang " + std::string(200, 'h'), 7);
  const auto other = parts("lain " + std::string(200, 'l'), 7);
  turns.take({turns.incoming(lost[0])});
  turns.now += std::chrono::minutes(10);
  REQUIRE(turns.take({}).batch.posts.size() == 1);
  const auto turn = turns.take({turns.incoming(other[1]), turns.incoming(other[0])});
  REQUIRE(turn.batch.posts.size() == 1);
  CHECK(turn.batch.posts[0].hints.references.empty());
}

TEST_CASE("a reference used again begins another message") {
  Turns turns;
  const auto old = parts("lama " + std::string(200, 'l'), 3);
  const auto fresh = parts("baru " + std::string(200, 'b'), 3);
  const auto turn =
      turns.take({turns.incoming(old[0]), turns.incoming(fresh[0]), turns.incoming(fresh[1])});
  REQUIRE(turn.batch.posts.size() == 2);
  CHECK(turn.batch.posts[0].text.starts_with("lama "));
  CHECK(turn.batch.posts[0].text.find("[bagian 2/2 tidak sampai]") != std::string::npos);
  CHECK(turn.batch.posts[1].text.starts_with("baru "));
}

/// The first parts of so many long messages, each by a phone of its own.
std::vector<Incoming> first_parts(const Turns& turns, int count, const std::string& from) {
  std::vector<Incoming> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(turns.incoming(parts(std::string(200, 'f'), 1, from + std::to_string(i))[0]));
  }
  return all;
}

std::size_t held_in(const Turns& turns) {
  return parse_state(turns.cursor, turns.keys, turns.now)->held.size();
}

TEST_CASE("long messages of hundreds of phones do not tear each other") {
  Turns turns;
  constexpr int k_phones = 1500;
  std::vector<Incoming> first;
  std::vector<Incoming> rest;
  for (int i = 0; i < k_phones; ++i) {
    const auto both = parts(std::string(200, 'p'), 9, "6281200" + std::to_string(10000 + i));
    first.push_back(turns.incoming(both[0]));
    rest.push_back(turns.incoming(both[1]));
  }
  Budget budget;
  budget.posts = k_phones;
  CHECK(turns.take(first, budget).batch.posts.empty());
  const auto turn = turns.take(rest, budget);
  CHECK(turn.given_up == 0);
  REQUIRE(turn.batch.posts.size() == k_phones);
  for (const auto& post : turn.batch.posts) CHECK(post.text == std::string(200, 'p'));
}

TEST_CASE("unfinished messages are bounded: the oldest give way, which is counted") {
  Turns turns;
  Budget budget;
  budget.posts = 1000;
  const auto flood = first_parts(turns, static_cast<int>(k_most_partials) + 100, "628120000");
  const auto turn = turns.take(flood, budget);
  CHECK(turn.batch.posts.size() == 100);
  CHECK(turn.given_up == 100);
  CHECK(turn.batch.posts.front().author.id.value() == "+6281200000");
  CHECK(held_in(turns) == k_most_partials);
}

TEST_CASE("one sender has few unfinished messages, and tears nobody else's") {
  Turns turns;
  const auto one = parts("orang lain " + std::string(200, 'o'), 1, "628777777777");
  turns.take({turns.incoming(one[0])});
  std::vector<Incoming> greedy;
  for (int i = 0; i < 200; ++i) {
    greedy.push_back(turns.incoming(parts(std::string(200, 'g'), static_cast<std::uint8_t>(i))[0]));
  }
  Budget budget;
  budget.posts = 1000;
  const auto turn = turns.take(greedy, budget);
  CHECK(turn.given_up == 200 - k_most_partials_of_one);
  for (const auto& post : turn.batch.posts) CHECK(post.author.id.value() == "+628123456789");
  CHECK(held_in(turns) == k_most_partials_of_one + 1);
  const auto whole = turns.take({turns.incoming(one[1])});
  REQUIRE(whole.batch.posts.size() == 1);
  CHECK(whole.batch.posts[0].text == "orang lain " + std::string(200, 'o'));
}

TEST_CASE("where there is no room, whoever has most gives way first") {
  Turns turns;
  turns.take(first_parts(turns, static_cast<int>(k_most_partials) - 2, "628120000"));
  for (const std::uint8_t reference : {std::uint8_t{1}, std::uint8_t{2}}) {
    turns.take({turns.incoming(parts(std::string(200, 'g'), reference)[0])});
  }
  const auto turn = turns.take(first_parts(turns, 1, "62877777777"));
  REQUIRE(turn.batch.posts.size() == 1);
  CHECK(turn.batch.posts[0].author.id.value() == "+628123456789");
  auto wide = parts(std::string(200, 'w'), 1, "62855555555")[0];
  wide.text.resize(6);
  wide.optional.push_back({Tag::message_payload, std::string(60'000, 'w')});
  Turns others;
  std::vector<Incoming> heavy;
  for (int i = 0; i < 17; ++i) {
    wide.source.digits = "628555555" + std::to_string(100 + i);
    heavy.push_back(others.incoming(wide));
  }
  others.take(first_parts(others, 500, "628120000"));
  const auto made = others.take(heavy);
  REQUIRE_FALSE(made.batch.posts.empty());
  for (const auto& post : made.batch.posts) {
    CHECK(post.author.id.value().starts_with("+628555555"));
  }
}

TEST_CASE("a turn of parts keeps to its budget, and the rest follows at once") {
  Turns turns;
  Budget budget;
  budget.posts = 50;
  const auto flood = first_parts(turns, static_cast<int>(k_most_partials) + 100, "628120000");
  const auto turn = turns.take(flood, budget);
  CHECK(turn.batch.posts.size() == 50);
  CHECK(turn.taken < flood.size());
  CHECK(turn.batch.more);
  turns.now += std::chrono::minutes(10);
  std::size_t told = 0;
  for (auto more = true; more;) {
    const auto late = turns.take({}, budget);
    CHECK(late.batch.posts.size() <= 50);
    CHECK(late.given_up == 0);
    told += late.batch.posts.size();
    more = late.batch.more;
  }
  CHECK(told == turn.taken - 50);
  CHECK(held_in(turns) == 0);
}

TEST_CASE("garbage counts against the budget too") {
  Turns turns;
  std::vector<Incoming> garbage;
  for (int i = 0; i < 10; ++i) {
    Incoming torn;
    torn.raw = {Command::deliver_sm, std::string(1, static_cast<char>(i))};
    torn.fingerprint = fingerprint(torn.raw, turns.keys);
    garbage.push_back(torn);
  }
  Budget budget;
  budget.posts = 4;
  CHECK(turns.take(garbage, budget).batch.unreadable.size() == 4);
}

TEST_CASE("missing parts that follow each other are marked once") {
  Turns turns;
  auto lone = message("");
  lone.esm_class = k_esm_header;
  lone.text = std::string("\5\0\3\7\xFF\x2E", 6) + "Sampah menumpuk";
  turns.take({turns.incoming(lone)});
  turns.now += std::chrono::minutes(10);
  const auto turn = turns.take({});
  REQUIRE(turn.batch.posts.size() == 1);
  CHECK(trim(turn.batch.posts[0].text) ==
        "[bagian 1-45/255 tidak sampai] Sampah menumpuk [bagian 47-255/255 tidak sampai]");
}

TEST_CASE("a receipt is believed from the phone that was written to alone, if it is a phone") {
  Turns turns;
  Recipients recipients;
  recipients.remember(ExternalId("1301"), "+628123456789");
  turns.answers.recipients = &recipients;
  const auto take = [&](const std::string& id, const Address& from, const Address& to) {
    auto receipt = message("id:" + id + " stat:UNDELIV err:001");
    receipt.esm_class = k_esm_receipt;
    receipt.source = from;
    receipt.destination = to;
    turns.cursor = {};
    return turns.take({turns.incoming(receipt)});
  };
  const Address phone{1, 1, "628123456789"};
  const Address service{0, 1, "1708"};
  const Address stranger{1, 1, "6285599999999"};
  CHECK(take("1301", phone, service).batch.signals.size() == 1);
  CHECK(take("1301", {0, 1, "08123456789"}, service).batch.signals.size() == 1);
  CHECK(take("1301", {1, 1, "+628123456789"}, service).batch.signals.size() == 1);
  CHECK(take("1301", service, phone).batch.signals.size() == 1);
  CHECK(take("1301", {1, 1, "6285599991708"}, phone).batch.signals.size() == 1);
  CHECK(take("1301", {5, 0, "62812xxxx789"}, service).batch.signals.size() == 1);
  CHECK(take("1301", {}, service).batch.signals.size() == 1);
  // Of a message before the bridge was started.
  CHECK(take("1299", stranger, service).batch.signals.size() == 1);
  const auto forged = take("1301", stranger, service);
  CHECK(forged.batch.signals.empty());
  CHECK(forged.batch.posts.empty());
  CHECK(forged.disbelieved == 1);
  CHECK(forged.taken == 1);
}

TEST_CASE("a receipt becomes a signal for what we sent, and nothing that can be acted on is lost") {
  Turns turns;
  turns.reading.receipt_ids = IdForm::hex;
  auto receipt = message("id:A1B2 stat:DELIVRD err:000");
  receipt.esm_class = k_esm_receipt;
  const auto turn = turns.take({turns.incoming(receipt)});
  CHECK(turn.batch.posts.empty());
  REQUIRE(turn.batch.signals.size() == 1);
  CHECK(turn.batch.signals[0].subject.value() == "41394");
  CHECK(turn.batch.signals[0].kind == Signal::Kind::delivered);
}

TEST_CASE("what is no message is kept for a person") {
  Turns turns;
  Incoming torn;
  torn.raw = {Command::deliver_sm, "\x01\x02"};
  torn.fingerprint = fingerprint(torn.raw, turns.keys);
  const auto turn = turns.take({torn});
  REQUIRE(turn.batch.unreadable.size() == 1);
  CHECK(turn.batch.unreadable[0].payload.find("0102") != std::string::npos);
}

TEST_CASE("a turn keeps to its budget and leaves the rest") {
  Turns turns;
  std::vector<Incoming> many;
  for (int i = 0; i < 10; ++i) many.push_back(turns.incoming(message("m" + std::to_string(i))));
  Budget budget;
  budget.posts = 4;
  const auto turn = turns.take(many, budget);
  CHECK(turn.batch.posts.size() == 4);
  CHECK(turn.taken == 4);
  CHECK(turn.batch.more);
}

TEST_CASE("a cursor of another kind is refused, and a torn one") {
  const auto keys = Keys::of_seed("assemble");
  for (const auto* value : {"1:2:3", "smpp1", "smpp1.", "smpp1.AAAA", "smpp1.AAAAAAAAAAA.xyz"}) {
    CHECK_FALSE(parse_state({value}, keys, k_arrived));
  }
}

}  // namespace
}  // namespace kanal::smpp
