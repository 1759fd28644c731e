#include <algorithm>
#include <chrono>
#include <thread>

#include "connectors/email/mailbox_fixture.hpp"
#include "tests/support/forwarding_pipe.hpp"

namespace kanal::email::test {
namespace {

/// What a session says, and what becomes of it on its way.
struct Tap {
  std::string said;
  std::string spoil;  ///< the next command that holds it is made one that no server knows
  /// Every command that holds the first has it replaced by the second.
  std::pair<std::string, std::string> swap;
  bool cut = false;

  [[nodiscard]] long count(std::string_view word) const {
    long found = 0;
    for (auto next = said.find(word); next != std::string::npos; next = said.find(word, next + 1)) {
      ++found;
    }
    return found;
  }
};

class TappedPipe final : public kanal::test::ForwardingPipe {
 public:
  TappedPipe(std::unique_ptr<Pipe> pipe, Tap& tap) : ForwardingPipe(std::move(pipe)), tap_(tap) {}
  Result<> write(std::string_view bytes, std::chrono::milliseconds timeout_ms) override {
    std::string sent(bytes);
    if (const auto at = sent.find(tap_.spoil); !tap_.spoil.empty() && at != std::string::npos) {
      sent.replace(at, tap_.spoil.size(), "NONSENSE");
      tap_.spoil.clear();
    }
    const auto at = sent.find(tap_.swap.first);
    if (!tap_.swap.first.empty() && at != std::string::npos) {
      sent.replace(at, tap_.swap.first.size(), tap_.swap.second);
    }
    tap_.said += sent;
    return ForwardingPipe::write(sent, timeout_ms);
  }
  Result<std::string> read_line(std::size_t most, std::chrono::milliseconds timeout_ms) override {
    if (tap_.cut) return fail(Remedy::retry, "the connection broke");
    return ForwardingPipe::read_line(most, timeout_ms);
  }

 private:
  Tap& tap_;
};

class TappedMail final : public Mail {
 public:
  explicit TappedMail(Tap& tap) : tap_(tap) {}
  Result<std::unique_ptr<Pipe>> connect(const MailServer& server) override {
    tap_.cut = false;
    return std::make_unique<TappedPipe>(TRY(mail_->connect(server)), tap_);
  }

 private:
  Tap& tap_;
  std::unique_ptr<Mail> mail_ = make_mail();
};

/// Six mails in a mailbox of real servers, two a turn.
struct Backlog {
  Tap tap;
  Channel channel;
  Email* email = nullptr;

  Backlog() {
    servers().empty("lapor");
    for (int i = 0; i < 6; ++i) {
      servers().deliver("lapor", mail("ahead" + std::to_string(i) + "@x", "t"));
    }
    channel.mail = std::make_unique<TappedMail>(tap);
    email = &channel.open();
  }
  Batch turn(const Cursor& since = {}) const { return poll(*email, since, {.posts = 2}); }
  [[nodiscard]] static std::ptrdiff_t seen() {
    return std::ranges::count_if(servers().mailbox("lapor"), [](const auto& m) { return m.seen; });
  }
  [[nodiscard]] static bool all_seen() {
    return comes_to_be("lapor", [](const auto&) { return seen() == 6; });
  }
};

using Ids = std::vector<std::string>;

TEST_CASE("the next turn's mails are asked for before a turn is handed over") {
  NEEDS_SERVERS();
  const Backlog backlog;
  const auto first = backlog.turn();
  CHECK(backlog.tap.count("BODY.PEEK[]") == 2);
  const auto second = backlog.turn(first.next);
  const auto third = backlog.turn(second.next);
  CHECK(ids_of(first) == Ids{"ahead0@x", "ahead1@x"});
  CHECK(ids_of(second) == Ids{"ahead2@x", "ahead3@x"});
  CHECK(ids_of(third) == Ids{"ahead4@x", "ahead5@x"});
  CHECK_FALSE(third.more);
  CHECK(backlog.tap.count("BODY.PEEK[]") == 3);
  CHECK(backlog.tap.count("STORE") == 0);
  CHECK(Backlog::seen() == 0);
}

TEST_CASE("marks are sent after each commit and are all made by the end of a backlog") {
  NEEDS_SERVERS();
  const Backlog backlog;
  Cursor cursor;
  for (int turn = 1; turn <= 3; ++turn) {
    const auto batch = backlog.turn(cursor);
    CHECK(backlog.tap.count("STORE") == turn - 1);
    REQUIRE(backlog.email->committed(batch));
    CHECK(backlog.tap.count("STORE") == turn);
    cursor = batch.next;
  }
  CHECK(Backlog::all_seen());
}

TEST_CASE("a mark that the server refused meanwhile is made with the next") {
  NEEDS_SERVERS();
  Backlog backlog;
  const auto first = backlog.turn();
  backlog.tap.spoil = "STORE";
  REQUIRE(backlog.email->committed(first));
  const auto second = backlog.turn(first.next);
  CHECK_FALSE(backlog.email->committed(second));
  REQUIRE(backlog.email->committed(second));
  const auto third = backlog.turn(second.next);
  REQUIRE(backlog.email->committed(third));
  CHECK(Backlog::all_seen());
}

TEST_CASE("a turn that was not stored is read again although the next is on its way") {
  NEEDS_SERVERS();
  const Backlog backlog;
  const auto first = backlog.turn();
  CHECK(ids_of(backlog.turn()) == ids_of(first));
  const auto second = backlog.turn(first.next);
  CHECK(ids_of(poll(*backlog.email, first.next)) ==
        Ids{"ahead2@x", "ahead3@x", "ahead4@x", "ahead5@x"});
  CHECK(ids_of(backlog.turn(second.next)) == Ids{"ahead4@x", "ahead5@x"});
}

TEST_CASE("a mail that the server does not give out is kept for a person and stays unread") {
  NEEDS_SERVERS();
  Backlog backlog;
  backlog.tap.swap = {"BODY.PEEK[]", "FLAGS"};
  const auto first = backlog.turn();
  CHECK(first.posts.empty());
  REQUIRE(first.unreadable.size() == 2);
  CHECK(first.unreadable[0].id != first.unreadable[1].id);
  REQUIRE(backlog.email->committed(first));
  CHECK(Backlog::seen() == 0);
  backlog.tap.swap = {};
  CHECK(ids_of(backlog.turn(first.next)) == Ids{"ahead2@x", "ahead3@x"});
}

TEST_CASE("a session that breaks with mails and marks on their way loses neither") {
  NEEDS_SERVERS();
  Backlog backlog;
  const auto first = backlog.turn();
  REQUIRE(backlog.email->committed(first));
  backlog.tap.cut = true;
  const auto second = backlog.turn(first.next);
  CHECK(ids_of(second) == Ids{"ahead2@x", "ahead3@x"});
  REQUIRE(backlog.email->committed(second));
  const auto third = backlog.turn(second.next);
  CHECK(ids_of(third) == Ids{"ahead4@x", "ahead5@x"});
  REQUIRE(backlog.email->committed(third));
  CHECK(Backlog::all_seen());
}

}  // namespace
}  // namespace kanal::email::test
