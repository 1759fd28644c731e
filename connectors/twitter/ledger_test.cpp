#include "connectors/twitter/ledger.hpp"

#include <catch2/catch.hpp>

#include "connectors/twitter/cursor.hpp"

namespace kanal::twitter {
namespace {

using namespace std::chrono_literals;

constexpr Time k_midnight{std::chrono::sys_days{std::chrono::year{2026} / 3 / 10}};
constexpr Time k_noon = k_midnight + 12h;

Caps daily(std::int64_t reads) {
  Caps caps;
  caps.reads_per_day = reads;
  caps.reads_per_month = 0;
  return caps;
}

Spent reads(std::int64_t today) {
  auto spent = as_of({}, k_noon);
  spent.reads_today = spent.reads_this_month = today;
  return spent;
}

HttpReply with_limits(const char* left, Time resets) {
  HttpReply reply;
  reply.status = 200;
  reply.headers = {
      {"x-rate-limit-remaining", left},
      {"x-rate-limit-reset",
       std::to_string(
           std::chrono::floor<std::chrono::seconds>(resets).time_since_epoch().count())}};
  return reply;
}

TEST_CASE("while less is used than time has passed, polling keeps its pace") {
  const auto plan = plan_reading(reads(500), daily(1000), 30s, 0, k_noon);
  CHECK(plan.pace == 30s);
  CHECK(plan.dry.empty());
  CHECK(plan.searches);
  CHECK(plan.most_reads == 500);
}

TEST_CASE("who is ahead of the day is stretched over what is left of it") {
  const auto plan = plan_reading(reads(900), daily(1000), 30s, 0, k_noon);
  CHECK(plan.pace > 30s);
  CHECK(plan.pace <= 3600s);
  CHECK(plan.dry.empty());
  CHECK_FALSE(plan.searches);
}

TEST_CASE("a cap that is used up closes reading until its time is over") {
  const auto plan = plan_reading(reads(1000), daily(1000), 30s, 0, k_noon);
  CHECK(plan.dry.find("reads_per_day") != std::string::npos);
  CHECK(plan.until == k_midnight + 24h);
  Caps monthly = daily(0);
  monthly.reads_per_month = 1000;
  CHECK(plan_reading(reads(1000), monthly, 30s, 0, k_noon).until ==
        Time(std::chrono::sys_days{std::chrono::year{2026} / 4 / 1}));
}

TEST_CASE("without caps nothing is stretched") {
  Caps none = daily(0);
  const auto plan = plan_reading(reads(1'000'000), none, 30s, 0, k_noon);
  CHECK(plan.pace == 30s);
  CHECK(plan.dry.empty());
}

TEST_CASE("money is a cap like the others, for reading and for sending") {
  auto caps = daily(0);
  caps.cost_per_month_usd = 10;
  auto spent = as_of({}, k_noon);
  spent.microdollars_this_month = 9'900'000;
  CHECK(plan_reading(spent, caps, 30s, 0, k_noon).pace > 30s);
  CHECK_FALSE(pause_of_sending(spent, caps, 0, k_noon));
  spent.microdollars_this_month = 10'000'000;
  CHECK_FALSE(plan_reading(spent, caps, 30s, 0, k_noon).dry.empty());
  CHECK(pause_of_sending(spent, caps, 0, k_noon)->why.find("cost_per_month_usd") !=
        std::string::npos);
}

TEST_CASE("money of a day closes reading and sending until the next day") {
  auto caps = daily(0);
  caps.cost_per_day_usd = 10;
  auto spent = as_of({}, k_noon);
  spent.microdollars_today = spent.microdollars_this_month = 9'900'000;
  const auto ahead = plan_reading(spent, caps, 30s, 0.005, k_noon);
  CHECK(ahead.pace > 30s);
  CHECK(ahead.most_reads == 20);
  CHECK_FALSE(ahead.searches);
  CHECK_FALSE(pause_of_sending(spent, caps, 0, k_noon));

  spent.microdollars_today = spent.microdollars_this_month = 10'000'000;
  const auto dry = plan_reading(spent, caps, 30s, 0.005, k_noon);
  CHECK(dry.dry == "caps.cost_per_day_usd is used up");
  CHECK(dry.until == k_midnight + 24h);
  const auto pause = pause_of_sending(spent, caps, 0.010, k_noon);
  REQUIRE(pause);
  CHECK(pause->why == "caps.cost_per_day_usd is used up");
  CHECK(pause->until == k_midnight + 24h);
  CHECK_FALSE(pause->of_this_alone);

  const auto tomorrow = as_of(spent, k_midnight + 24h);
  CHECK(tomorrow.microdollars_today == 0);
  CHECK(tomorrow.microdollars_this_month == 10'000'000);
  const auto anew = plan_reading(tomorrow, caps, 30s, 0.005, k_midnight + 24h);
  CHECK(anew.dry.empty());
  CHECK(anew.pace == 30s);
  CHECK(anew.most_reads == 2'000);
  CHECK_FALSE(pause_of_sending(tomorrow, caps, 0.010, k_midnight + 24h));
}

TEST_CASE("of a day's money and a month's the one that lasts longer closes") {
  const Time next_month{std::chrono::sys_days{std::chrono::year{2026} / 4 / 1}};
  auto caps = daily(0);
  caps.cost_per_day_usd = caps.cost_per_month_usd = 10;
  auto spent = as_of({}, k_noon);
  spent.microdollars_today = spent.microdollars_this_month = 9'900'000;
  const auto dear = pause_of_sending(spent, caps, 0.200, k_noon);
  REQUIRE(dear);
  CHECK(dear->until == next_month);
  CHECK(dear->of_this_alone);
  spent.microdollars_today = spent.microdollars_this_month = 10'000'000;
  CHECK(plan_reading(spent, caps, 30s, 0, k_noon).until == next_month);
  CHECK(pause_of_sending(spent, caps, 0, k_noon)->until == next_month);
  caps.cost_per_month_usd = 300;
  CHECK(plan_reading(spent, caps, 30s, 0, k_noon).until == k_midnight + 24h);
  CHECK(pause_of_sending(spent, caps, 0, k_noon)->until == k_midnight + 24h);
}

TEST_CASE("a day's account ends with the day and a month's with the month") {
  const auto spent = reads(77);
  CHECK(as_of(spent, k_noon).reads_today == 77);
  const auto tomorrow = as_of(spent, k_noon + 24h);
  CHECK(tomorrow.reads_today == 0);
  CHECK(tomorrow.reads_this_month == 77);
  CHECK(as_of(spent, k_noon + std::chrono::days(25)).reads_this_month == 0);
}

TEST_CASE("channels of one credential share an account, others do not") {
  const auto one = Ledger::of("a");
  const auto same = Ledger::of("a");
  const auto other = Ledger::of("b");
  const std::vector<std::uint64_t> ten{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  one->count_reads("x", ten, 0.001, k_noon);
  same->count_reads("y", std::vector<std::uint64_t>{11, 12, 13, 14, 15}, 0.005, k_noon);
  CHECK(one->total(k_noon).reads_today == 15);
  CHECK(one->total(k_noon).microdollars_this_month == 35'000);
  CHECK(one->total(k_noon).microdollars_today == 35'000);
  CHECK(one->of_channel("y", k_noon).reads_today == 5);
  CHECK(other->total(k_noon).reads_today == 0);
}

TEST_CASE("what is read again is billed once a day") {
  const auto ledger = Ledger::of("f");
  const std::vector<std::uint64_t> two{1, 2};
  const std::vector<std::uint64_t> three{1, 2, 3};
  CHECK(ledger->count_reads("x", two, 0.001, k_noon) == 2);
  CHECK(ledger->count_reads("y", three, 0.005, k_noon + 1h) == 1);
  CHECK(ledger->total(k_noon + 1h).reads_today == 3);
  CHECK(ledger->total(k_noon + 1h).microdollars_this_month == 7'000);
  CHECK(ledger->count_reads("x", three, 0.001, k_noon + 12h) == 3);
  CHECK(ledger->total(k_noon + 12h).microdollars_today == 3'000);
  CHECK(ledger->total(k_noon + 12h).microdollars_this_month == 10'000);
}

TEST_CASE("money bounds a look by the price of what is read") {
  auto caps = daily(0);
  caps.cost_per_month_usd = 10;
  auto spent = as_of({}, k_noon);
  spent.microdollars_this_month = 9'900'000;
  CHECK(plan_reading(spent, caps, 30s, 0.005, k_noon).most_reads == 20);
  CHECK(room_for_reads(spent, caps, 0.010, k_noon) == 10);
  CHECK(room_for_reads(spent, caps, 0.050, k_noon) == 0);
  CHECK(plan_rechecks(spent, caps, 0.005, k_noon) == 0);
}

TEST_CASE("an answer that costs more than is left waits, and keeps no cheaper one back") {
  auto caps = daily(0);
  caps.cost_per_month_usd = 10;
  auto spent = as_of({}, k_noon);
  spent.microdollars_this_month = 9'900'000;
  CHECK_FALSE(pause_of_sending(spent, caps, 0.010, k_noon));
  CHECK_FALSE(pause_of_sending(spent, caps, 0.100, k_noon));
  const auto pause = pause_of_sending(spent, caps, 0.200, k_noon);
  REQUIRE(pause);
  CHECK(pause->of_this_alone);
  caps.cost_per_month_usd = 0;
  caps.cost_per_day_usd = 10;
  spent.microdollars_today = 9'900'000;
  CHECK_FALSE(pause_of_sending(spent, caps, 0.100, k_noon));
  const auto today = pause_of_sending(spent, caps, 0.200, k_noon);
  REQUIRE(today);
  CHECK(today->until == k_midnight + 24h);
  CHECK(today->of_this_alone);
}

TEST_CASE("an app's limit of a day and an account's are kept apart") {
  const auto ledger = Ledger::of("g");
  HttpReply reply;
  reply.status = 200;
  const auto resets = std::chrono::floor<std::chrono::seconds>(k_noon + 5h);
  const auto at = std::to_string(resets.time_since_epoch().count());
  reply.headers = {{"x-app-limit-24hour-remaining", "0"},
                   {"x-app-limit-24hour-reset", at},
                   {"x-user-limit-24hour-remaining", "50"},
                   {"x-user-limit-24hour-reset", at}};
  ledger->note_limits("tweets", reply, k_noon);
  CHECK(ledger->closed_until("tweets", k_noon) == k_noon + 5h);
}

TEST_CASE("what a channel had used is taken up again, and not twice") {
  const auto ledger = Ledger::of("c");
  ledger->count_post("x", 0.01, k_noon);
  auto stored = as_of({}, k_noon);
  stored.posts_today = 5;
  stored.posts_this_month = 9;
  stored.microdollars_today = 50'000;
  stored.microdollars_this_month = 90'000;
  ledger->adopt("x", stored, k_noon);
  ledger->adopt("x", stored, k_noon);
  CHECK(ledger->total(k_noon).posts_today == 5);
  CHECK(ledger->total(k_noon).posts_this_month == 9);
  CHECK(ledger->total(k_noon).microdollars_today == 50'000);
  CHECK(ledger->total(k_noon).microdollars_this_month == 90'000);
  // Nor is what is known forgotten for a position that is behind.
  ledger->count_post("x", 0.01, k_noon);
  ledger->adopt("x", stored, k_noon);
  CHECK(ledger->total(k_noon).microdollars_today == 60'000);
}

TEST_CASE("what was used is read from a position as it was written, and from an older one") {
  Position position;
  position.spent = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const auto read = parse_position(print_position(position));
  REQUIRE(read);
  CHECK(read->spent == position.spent);
  // Before money was counted by day, and before rechecks were.
  const auto older =
      parse_position({R"({"v":"x1","mentions":"5","spent":[20522,24314,1,2,3,4,50000,6]})"});
  REQUIRE(older);
  CHECK(older->spent.rechecks_today == 6);
  CHECK(older->spent.microdollars_this_month == 50'000);
  CHECK(older->spent.microdollars_today == 0);
  const auto oldest =
      parse_position({R"({"v":"x1","mentions":"5","spent":[20522,24314,1,2,3,4,50000]})"});
  REQUIRE(oldest);
  CHECK(oldest->spent.microdollars_this_month == 50'000);
  CHECK(oldest->spent.microdollars_today == 0);
}

TEST_CASE("an endpoint without calls left is closed until its window ends, and no other") {
  const auto ledger = Ledger::of("d");
  ledger->note_limits("mentions", with_limits("0", k_noon + 5min), k_noon);
  CHECK(ledger->closed_until("mentions", k_noon) == k_noon + 5min);
  CHECK_FALSE(ledger->closed_until("tweets", k_noon));
  CHECK_FALSE(ledger->closed_until("mentions", k_noon + 5min));
  ledger->note_limits("tweets", with_limits("3", k_noon + 5min), k_noon);
  CHECK(ledger->calls_left("tweets", k_noon) == 3);
}

TEST_CASE("limits that make no sense are not believed") {
  const auto ledger = Ledger::of("e");
  HttpReply reply = with_limits("0", k_noon + 5min);
  reply.headers[1].second = "99999999999999";
  ledger->note_limits("mentions", reply, k_noon);
  CHECK_FALSE(ledger->closed_until("mentions", k_noon));
  ledger->note_limits("mentions", with_limits("0", k_noon + 24h * 400), k_noon);
  CHECK(*ledger->closed_until("mentions", k_noon) <= k_noon + 20min);
}

TEST_CASE("a clock that is set back across midnight grants no cap twice") {
  const auto used = reads(900);
  CHECK(as_of(used, k_midnight - 1h).reads_today == 900);
  CHECK(as_of(as_of(used, k_midnight - 1h), k_noon).reads_today == 900);
  CHECK(as_of(used, k_noon + 24h).reads_today == 0);
  // One that was wrong by more closes nothing.
  CHECK(as_of(used, k_midnight - 48h).reads_today == 0);
}

}  // namespace
}  // namespace kanal::twitter
