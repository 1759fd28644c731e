#include "connectors/smpp/session.hpp"

#include <array>
#include <functional>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "connectors/smpp/submit.hpp"

namespace kanal::smpp {
namespace {

using namespace std::chrono_literals;

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

/// What an SMSC writes, byte by byte.
struct Wire {
  std::string written;  ///< by the SMSC, and not read yet
  /// What it writes when it reads a unit.
  std::function<std::string(const Pdu&)> answer;
  std::vector<Pdu> asked;
};

class WirePipe final : public Pipe {
 public:
  explicit WirePipe(Wire& wire) : wire_(wire) {}
  Result<> write(std::string_view bytes, std::chrono::milliseconds /*timeout_ms*/) override {
    framer_.feed(bytes);
    while (auto pdu = TRY(framer_.next())) {
      wire_.written += wire_.answer(*pdu);
      wire_.asked.push_back(std::move(*pdu));
    }
    return {};
  }
  Result<std::string> read_line(std::size_t, std::chrono::milliseconds) override {
    return fail(Remedy::retry, "SMPP has no lines");
  }
  Result<std::string> read_exactly(std::size_t, std::chrono::milliseconds) override {
    return fail(Remedy::retry, "nobody knows how much will come");
  }
  Result<std::string> read_some(std::size_t most_bytes) override {
    auto some = wire_.written.substr(0, most_bytes);
    wire_.written.erase(0, some.size());
    return some;
  }
  Result<bool> wait(std::chrono::milliseconds /*timeout_ms*/) override {
    return !wire_.written.empty();
  }

 private:
  Wire& wire_;
  Framer framer_;
};

std::string unit(Command command, Status status, std::uint32_t sequence, std::string body = {}) {
  return print(Pdu{command, status, sequence, std::move(body)});
}

/// Answers to everything as it should be, but to submit_sm as it is told.
struct Far {
  ManualClock clock{k_now};
  Wire wire;
  std::unique_ptr<Session> session;

  using Answer = std::function<std::string(std::uint32_t sequence)>;

  explicit Far(Answer to_submit = {}) {
    wire.answer = [to_submit = std::move(to_submit)](const Pdu& pdu) {
      if (pdu.command == Command::submit_sm) return to_submit(pdu.sequence);
      if (pdu.command == Command::enquire_link) return std::string();
      return unit(answer_to(pdu.command), Status::ok, pdu.sequence, print_id("SMSC"));
    };
    auto opened = open();
    REQUIRE(opened);
    session = std::move(*opened);
  }
  Result<std::unique_ptr<Session>> open() {
    return Session::open(std::make_unique<WirePipe>(wire), {}, clock);
  }
  Result<Receipt> send() {
    Sending sending;
    sending.timeout_ms = 20ms;
    Reply reply;
    reply.key = "1.1.sms";
    reply.address = "+628123456789";
    reply.text = "Laporan #1 diterima.";
    std::array<Session*, 1> over{session.get()};
    return Submitter(sending, clock).send(over, {&reply, 1}).front();
  }
  Result<> hear(const std::string& bytes) {
    wire.written += bytes;
    return session->pump();
  }
};

}  // namespace

TEST_CASE("the first answer to a submit stands, whatever else comes with its number") {
  Far far([](std::uint32_t sequence) {
    return unit(answer_to(Command::submit_sm), Status::ok, sequence, print_id("a1")) +
           unit(answer_to(Command::submit_sm), Status::queue_full, sequence);
  });
  const auto sent = far.send();
  REQUIRE(sent);
  CHECK(sent->id.value() == "a1");
}

TEST_CASE("the first answer to a bind stands") {
  Far far;
  const auto bind = [&](Status first, Status second) {
    far.wire.answer = [=](const Pdu& pdu) {
      const auto command = answer_to(pdu.command);
      return unit(command, first, pdu.sequence) + unit(command, second, pdu.sequence);
    };
    return far.open().has_value();
  };
  CHECK(bind(Status::ok, Status::bind_failed));
  CHECK_FALSE(bind(Status::bind_failed, Status::ok));
}

TEST_CASE("the answer to something else that has a submit's number is passed over") {
  for (const auto other : {Command::deliver_sm_answer, Command::enquire_link_answer,
                           answer_to(Command::bind_transceiver)}) {
    Far far([&](std::uint32_t sequence) { return unit(other, Status::ok, sequence); });
    const auto lost = far.send();
    REQUIRE_FALSE(lost);
    CHECK(lost.error().remedy == Remedy::uncertain);
    Far right([&](std::uint32_t sequence) {
      return unit(other, Status::ok, sequence, print_id("wrong")) +
             unit(answer_to(Command::submit_sm), Status::ok, sequence, print_id("a1"));
    });
    const auto sent = right.send();
    REQUIRE(sent);
    CHECK(sent->id.value() == "a1");
  }
}

TEST_CASE("a generic_nack refuses whatever status it has") {
  Far far([](std::uint32_t sequence) { return unit(Command::generic_nack, Status::ok, sequence); });
  const auto sent = far.send();
  REQUIRE_FALSE(sent);
  CHECK(sent.error().remedy == Remedy::retry);
  CHECK(sent.error().message.find("generic_nack") != std::string::npos);
  far.wire.answer = [](const Pdu& pdu) {
    return unit(Command::generic_nack, Status::ok, pdu.sequence);
  };
  CHECK_FALSE(far.open());
}

TEST_CASE("a unit that never ends is no sign of life") {
  Far far;
  const auto begun = unit(Command::deliver_sm, Status::ok, 7, std::string(1000, 'x'));
  std::size_t at = 0;
  for (; at < 31; ++at) {
    REQUIRE(far.hear(begun.substr(at, 1)));
    far.clock.advance(900ms);
  }
  // Too slow though not silent: it is asked whether it lives, or given up for the unit's sake.
  bool alive = true;
  for (; at < 50 && alive; ++at) {
    alive = far.hear(begun.substr(at, 1)).has_value();
    far.clock.advance(900ms);
  }
  CHECK_FALSE(alive);
  REQUIRE(far.session->ended_by());
  CHECK(far.session->ended_by()->message.find("did not end in time") != std::string::npos);
}

TEST_CASE("a unit that comes in pieces is whole when it ends in time") {
  Far far;
  const auto whole = unit(Command::deliver_sm, Status::ok, 7, std::string(200, 'x'));
  for (int times = 0; times < 3; ++times) {
    REQUIRE(far.hear(whole.substr(0, 100)));
    far.clock.advance(20s);
    REQUIRE(far.hear(whole.substr(100) + whole.substr(0, 10)));
    far.clock.advance(20s);
    REQUIRE(far.hear(whole.substr(10)));
  }
  CHECK(far.session->requests().size() == 6);
}

TEST_CASE("a session knows why it has ended") {
  Far far;
  CHECK_FALSE(far.session->ended_by());
  CHECK_FALSE(far.hear(std::string("\0\0\0\5\0\0\0\5\0\0\0\0\0\0\0\1", 16)));
  CHECK_FALSE(far.session->alive());
  REQUIRE(far.session->ended_by());
  CHECK(far.session->ended_by()->message == "the SMSC sent a unit of 5 bytes");
  const auto sent = far.send();
  REQUIRE_FALSE(sent);
}

}  // namespace kanal::smpp
