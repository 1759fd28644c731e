#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/journeys/mail_world.hpp"
#include "tests/support/wire.hpp"

namespace kanal::test {
namespace {

// Where the bridge dies, by what passes on the wire.
struct Step {
  const char* name;
  bool imap;
  Wire::From from;
  const char* word;
  Wire::When when;
};

constexpr Step k_steps[] = {
    {"while the mails are fetched", true, Wire::From::server, "BODY[]", Wire::When::before},
    {"when the mails have been fetched", true, Wire::From::server, "BODY[]", Wire::When::after},
    {"stored, before the source is told", true, Wire::From::client, "STORE", Wire::When::before},
    {"when the source has been told", true, Wire::From::client, "STORE", Wire::When::after},
    {"claimed, before anything is sent", false, Wire::From::client, "MAIL FROM",
     Wire::When::before},
    {"before the end of the mail is sent", false, Wire::From::client, "\r\n.\r\n",
     Wire::When::before},
    {"sent, before the server's word", false, Wire::From::client, "\r\n.\r\n", Wire::When::after},
    {"sent, before it is settled", false, Wire::From::server, "250 2.0.0 Ok", Wire::When::after},
};

struct Account {
  std::size_t mails = 0;
  std::size_t answered = 0;
  std::size_t uncertain = 0;
  std::vector<std::string> wrong;
};

// Every mail one report; every reply at most once; what is not there is listed as uncertain.
Account settle_up(const BridgeProcess& of, const Citizen& wati, std::size_t mails) {
  Account account;
  account.mails = mails;
  const auto all = reports(of);
  if (all.size() != mails) {
    account.wrong.push_back(std::to_string(all.size()) + " reports of " + std::to_string(mails) +
                            " mails");
  }
  std::multiset<std::string> answers;
  for (const auto& raw : wati.inbox()) answers.insert(header(raw, "In-Reply-To"));
  for (std::size_t index = 0; index < mails; ++index) {
    const auto count = answers.count("<" + wati.id(std::to_string(index)) + ">");
    if (count > 1) account.wrong.push_back("mail " + std::to_string(index) + " answered twice");
    account.answered += count;
  }
  for (const auto& each : all) {
    const auto shown = report(of, each.text("code"));
    for (const auto& reply : shown.find("replies")->array) {
      const auto state = reply.text("state");
      if (state == "uncertain") ++account.uncertain;
      if (state != "uncertain" && state != "sent" && state != "delivered") {
        account.wrong.push_back(each.text("code") + " has a reply that is " + state);
      }
    }
  }
  if (account.answered + account.uncertain < mails) account.wrong.emplace_back("a reply is lost");
  return account;
}

bool is_settled(const BridgeProcess& of, const std::string& code) {
  const auto shown = report(of, code);
  const auto& replies = shown.find("replies")->array;
  return !replies.empty() && std::ranges::none_of(replies, [](const Json& reply) {
    return reply.text("state") == "owed" || reply.text("state") == "sending";
  });
}

// Each report is asked about until it is settled, and then no more.
bool all_settled(const BridgeProcess& of, std::size_t mails, int seconds) {
  if (!eventually([&] { return reports(of).size() >= mails; }, seconds)) return false;
  const auto all = reports(of);
  return std::ranges::all_of(all, [&](const Json& each) {
    return eventually([&] { return is_settled(of, each.text("code")); }, seconds);
  });
}

Account kill_storm(int kills) {
  const Citizen wati("maut" + std::to_string(kills));
  Wire imap(servers().ports().imap);
  Wire smtp(servers().ports().smtp);
  servers().empty("lapor");
  BridgeProcess victim_bridge(settings_of({.ports = {imap.port(), smtp.port()}}));
  std::size_t mails = 0;
  for (int round = 0; round < kills; ++round) {
    const auto& step = k_steps[static_cast<std::size_t>(round) % std::size(k_steps)];
    INFO(step.name);
    victim_bridge.start();
    auto& wire = step.imap ? imap : smtp;
    const pid_t victim = victim_bridge.pid();
    wire.at(step.from, step.word, step.when, [victim] { ::kill(victim, SIGKILL); });
    const auto number = std::to_string(mails++);
    wati.writes(number, "Laporan " + number,
                "Jalan berlubang di lokasi nomor " + number + ", mohon diperbaiki segera.");
    CHECK(eventually([&] { return wire.happened(); }, 120));
    victim_bridge.kill();
  }
  victim_bridge.start();
  CHECK(all_settled(victim_bridge, mails, 180));
  // What was handed over last may still be on its way through the servers.
  auto account = settle_up(victim_bridge, wati, mails);
  for (int looks = 0; looks < 30 && !account.wrong.empty(); ++looks) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    account = settle_up(victim_bridge, wati, mails);
  }
  return account;
}

void tell(const Account& account) {
  for (const auto& wrong : account.wrong) FAIL_CHECK(wrong);
  WARN(account.mails << " mails, " << account.answered << " answers, " << account.uncertain
                     << " uncertain");
}

TEST_CASE("killed at each step, every mail becomes one report and is answered at most once") {
  tell(kill_storm(static_cast<int>(std::size(k_steps))));
}

TEST_CASE("killed a hundred times, every mail becomes one report and is answered at most once",
          "[.soak]") {
  tell(kill_storm(100));
}

// One opening of the form, sent until it is taken.
struct Opening {
  std::string token;
  std::string text;
  std::string location;  ///< of the 303 that was seen first
};

std::string send(Http& http, const std::string& url, const Opening& opening) {
  HttpCall call;
  call.method = "POST";
  call.url = url + "/report";
  call.headers = {{"Content-Type", "multipart/form-data; boundary=kanalboundary"}};
  call.body = multipart("kanalboundary", {{"token", opening.token}, {"text", opening.text}}, {});
  call.allow_private = true;
  const auto reply = http.fetch(call);
  return reply && reply->status == 303 ? reply->header("location") : std::string();
}

// All at once; the bridge dies as soon as `enough` have been taken.
void send_all(BridgeProcess& victim, std::vector<Opening*>& openings, std::size_t enough) {
  std::atomic<std::size_t> taken{0};
  std::vector<std::thread> senders;
  for (auto* opening : openings) {
    senders.emplace_back([&, opening, url = victim.url()] {
      const auto http = make_http({});
      opening->location = send(*http, url, *opening);
      if (!opening->location.empty()) ++taken;
    });
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (taken < enough && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  victim.kill();
  for (auto& sender : senders) sender.join();
  std::erase_if(openings, [](const Opening* opening) { return !opening->location.empty(); });
}

void form_storm(int kills, std::size_t forms_a_round) {
  BridgeProcess victim(k_form_channel);
  std::vector<std::unique_ptr<Opening>> all;
  std::vector<Opening*> left;
  std::size_t seen_before_a_kill = 0;
  for (int round = 0; round < kills; ++round) {
    victim.start();
    for (std::size_t form = 0; form < forms_a_round; ++form) {
      const auto token = between(victim.get("/report").body, "name=\"token\" value=\"", "\"");
      REQUIRE_FALSE(token.empty());
      all.push_back(std::make_unique<Opening>(
          Opening{token, "Formulir nomor " + std::to_string(all.size()) + " tentang jalan.", ""}));
      left.push_back(all.back().get());
    }
    const auto before = left.size();
    send_all(victim, left, static_cast<std::size_t>(round) % forms_a_round);
    seen_before_a_kill += before - left.size();
  }
  victim.start();
  const auto http = make_http({});
  std::set<std::string> pages;
  for (const auto& opening : all) {
    const auto again = send(*http, victim.url(), *opening);
    INFO(opening->text);
    CHECK_FALSE(again.empty());
    // Who has seen a 303 finds the same report when it is sent once more.
    if (!opening->location.empty()) CHECK(again == opening->location);
    CHECK(victim.get(again).status == 200);
    pages.insert(again);
  }
  CHECK(pages.size() == all.size());
  std::map<std::string, int> stored;
  for (const auto& each : victim.query({"report", "list", "--most", "1000"})) {
    ++stored[each.text("text")];
  }
  CHECK(stored.size() == all.size());
  for (const auto& [text, count] : stored) {
    INFO(text);
    CHECK(count == 1);
  }
  WARN(all.size() << " forms, " << kills << " kills, " << seen_before_a_kill
                  << " answers seen before a kill, " << stored.size() << " reports");
}

TEST_CASE("killed while forms are sent, every answer seen is a report and none is doubled") {
  form_storm(4, 12);
}

TEST_CASE("killed thirty times while forms are sent, every answer seen is a report", "[.soak]") {
  form_storm(30, 16);
}

}  // namespace
}  // namespace kanal::test
