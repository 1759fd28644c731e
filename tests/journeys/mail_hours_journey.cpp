// Mail through an hour without its server: the real connector, intake, outbox and database on one
// clock, so that the hour passes in a moment.

#include <algorithm>
#include <map>

#include "tests/journeys/mail_hours.hpp"

namespace kanal::test {
namespace {

using namespace std::chrono_literals;

struct MailBridge : HoursWorld {
  MailSandbox server;
  std::unique_ptr<Mail> post = make_mail();
  NoHttp http;
  Surroundings around{clock, keys, organisation, http, *post, {}};
  std::vector<std::string> mails;  ///< Message-IDs, by their writers' numbers

  MailBridge() : HoursWorld("email", "email") {
    rules.sender_ids = true;
    restart();
  }
  ~MailBridge() { close(); }
  void restart() {
    HoursWorld::restart(
        [this] { return std::make_unique<email::Email>(name, server.settings(), around); });
  }
  static std::string person(std::size_t number) { return "warga" + std::to_string(number); }
  void citizen_writes() {
    const auto number = mails.size();
    mails.push_back(server.write(person(number), "Laporan " + std::to_string(number),
                                 "Sampah menumpuk di gang nomor " + std::to_string(number)));
  }
  /// The report that a mail became.
  ReportId report_of(std::size_t number) {
    const ExternalId id(mails.at(number));
    const auto found = store->filed_under(name, std::span(&id, 1));
    REQUIRE(found);
    REQUIRE(found->at(0).report);
    return found->at(0).report;
  }
  void verify(ReportId report) {
    Command command;
    command.event = Event::verify;
    command.actor = {Role::national_admin, OfficerId(1), {}, {}};
    command.agency = AgencyId("buleleng");
    REQUIRE(casework->act(report, command));
  }
  /// What nobody but a person can settle is left.
  bool is_settled() {
    return std::ranges::all_of(
        owed(), [](const OutboxRecord& record) { return record.state == ReplyState::uncertain; });
  }
  void go_on() {
    for (int turn = 0; turn < 60; ++turn) {
      (void)read();
      (void)send();
      const bool all = database.ask("SELECT count(*) FROM report") == std::to_string(mails.size());
      if (all && is_settled()) return;
      clock.advance(5min);
    }
    FAIL("it does not come to an end");
  }
};

TEST_CASE("an hour without the mail server loses no mail and answers none twice") {
  MailBridge bridge;
  auto& server = bridge.server;
  for (int i = 0; i < 3; ++i) bridge.citizen_writes();
  REQUIRE(bridge.read());
  server.go_away();
  for (int minute = 0; minute < 60; minute += 5) {
    // Its mailboxes fill all the same.
    if (minute % 15 == 0) bridge.citizen_writes();
    if (minute == 20) bridge.verify(bridge.report_of(0));
    CHECK_FALSE(bridge.read());
    (void)bridge.send();
    bridge.clock.advance(5min);
  }
  CHECK(bridge.owed().size() == 4);
  CHECK(server.inbox("warga0").empty());
  const bool killed = GENERATE(false, true);
  if (killed) bridge.restart();
  // It comes back badly: restored from a backup, it breaks off in a mail, does not want the first
  // recipient yet, and takes a mail without saying so.
  server.come_back();
  const bool renumbered = GENERATE(false, true);
  if (renumbered) server.renumber();
  server.order("drop_literal");
  server.order("greylist");
  server.order("lost_answer");
  bridge.go_on();

  std::size_t doubtful = 0;
  for (std::size_t number = 0; number < bridge.mails.size(); ++number) {
    const auto person = MailBridge::person(number);
    INFO(person);
    std::map<std::string, int> came;
    for (const auto& mail : server.inbox(person)) ++came[mail.text("id")];
    const auto replies = bridge.store->replies_of(bridge.report_of(number)).value();
    CHECK(replies.size() == (number == 0 ? 2 : 1));
    // What stands in doubt did come, as it happens.
    CHECK(came.size() == replies.size());
    CHECK(std::ranges::all_of(came, [](const auto& mail) { return mail.second == 1; }));
    for (const auto& reply : replies) {
      const bool listed = reply.state == ReplyState::uncertain;
      CHECK((listed || reply.state == ReplyState::sent));
      doubtful += listed ? 1 : 0;
    }
  }
  CHECK(doubtful == 1);
  CHECK(bridge.database.ask("SELECT count(*) FROM post") == "7");
}

TEST_CASE("killed at each step of an hour's mail, each is one report and is answered once") {
  MailBridge bridge;
  const auto run = [&] {
    bridge.citizen_writes();
    bridge.citizen_writes();
    (void)bridge.read();
    (void)bridge.send();
    bridge.clock.advance(15min);
  };
  for (const auto step : {Step::polled, Step::ingested, Step::sent}) {
    bridge.reached = [&, step](Step here) {
      if (here == step) throw Killed{};
    };
    CHECK_THROWS_AS(run(), Killed);
    bridge.reached = [](Step) {};
    bridge.restart();
  }
  bridge.go_on();
  CHECK(bridge.owed().empty());
  for (std::size_t number = 0; number < bridge.mails.size(); ++number) {
    const auto came = bridge.server.inbox(MailBridge::person(number));
    REQUIRE(came.size() == 1);
    CHECK(came[0].text("in_reply_to") == bridge.mails[number]);
  }
}

}  // namespace
}  // namespace kanal::test
