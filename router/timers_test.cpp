#include "router/timers.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>

#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

int run(Office& office) {
  const auto moved = office.casework.run_timers();
  INFO((moved ? "" : moved.error().message));
  REQUIRE(moved);
  return *moved;
}

TEST_CASE("a deadline that passes escalates once and is told to the reporter") {
  Office office;
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  office.act(report.id, to_agency());
  CHECK(run(office) == 0);
  office.clock.advance(days(30));
  CHECK(run(office) == 1);
  const auto late = office.report(report.id);
  CHECK(late.overdue);
  CHECK(late.state == State::at_agency);
  CHECK(office.texts_owed(report.id).back().find("melewati tenggat") != std::string::npos);
  CHECK(run(office) == 0);
  const auto moved_on = office.act(report.id, to_unit());
  CHECK_FALSE(moved_on.overdue);
}

TEST_CASE("a deadline in working days does not run out over a weekend") {
  Office office;
  office.clock.advance(days(3));  // Thursday
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  office.clock.advance(days(4));  // Monday
  CHECK(run(office) == 0);
  office.clock.advance(days(2));
  CHECK(run(office) == 1);
  CHECK(office.report(report.id).overdue);
}

TEST_CASE("who waits for sixty days is told once that there is an Ombudsman") {
  Office office;
  const auto open = office.file("m1", "Jalan berlubang di depan pasar");
  const auto done = office.file("m2", "Lampu jalan mati di depan sekolah", "budi@example.org");
  office.act(done.id, command(Event::archive, national_admin(), "uji coba"));
  office.act(open.id, to_agency());
  office.clock.advance(days(59));
  run(office);
  CHECK(office.casework.advise_unsolved().value() == 0);
  office.clock.advance(days(1));
  CHECK(office.casework.advise_unsolved().value() == 1);
  CHECK(office.casework.advise_unsolved().value() == 0);
  const auto after = office.report(open.id);
  CHECK(after.overdue);
  CHECK(after.state == State::at_agency);
  const auto told = office.texts_owed(open.id).back();
  CHECK(told.find("60 hari") != std::string::npos);
  CHECK(told.find("Ombudsman") != std::string::npos);
  CHECK(office.store->verify(open.id));
}

TEST_CASE("silence after an answer closes the report") {
  Office office;
  const auto report = office.answered();
  office.clock.advance(days(25));
  CHECK(run(office) == 1);
  const auto closed = office.report(report.id);
  CHECK(closed.state == State::closed);
  CHECK(closed.timer == Timer::none);
  CHECK(office.texts_owed(report.id).back().find("selesai") != std::string::npos);
}

TEST_CASE("what a reporter writes after an answer lets the silence begin anew") {
  Office office;
  const auto report = office.answered();
  office.clock.advance(days(10));
  auto more = a_post("m2", "Lampunya masih gelap");
  more.in_reply_to = ExternalId("m1");
  office.take({more});
  CHECK(office.report(report.id).state == State::answered);
  CHECK(*office.report(report.id).due_at > *report.due_at);
  const auto now = office.report(report.id);
  CHECK(office.store->unheard({&now, 1}).value().contains(report.id));
}

TEST_CASE("a hold that nobody answers ends in the archive, an answer ends the hold") {
  Office office;
  const auto silent = office.file("m1", "Jalan berlubang di depan pasar");
  const auto spoken = office.file("m2", "Lampu mati di jalan itu", "budi@example.org");
  for (const auto& report : {silent, spoken}) {
    office.act(report.id, command(Event::hold, national_admin(), "Di mana tepatnya?"));
  }
  auto answer = a_post("m3", "Di depan Pasar Banyuasri", "budi@example.org");
  answer.in_reply_to = ExternalId("m2");
  office.take({answer});
  CHECK(office.report(spoken.id).state == State::received);
  office.clock.advance(days(2));
  CHECK(run(office) == 0);
  office.clock.advance(days(25));
  run(office);
  CHECK(office.report(silent.id).state == State::archived);
  CHECK(office.report(spoken.id).state == State::received);
  CHECK(office.store->verify(silent.id));
}

TEST_CASE("many reports run out in one go") {
  Office office;
  std::vector<Post> posts;
  for (int i = 0; i < 250; ++i) {
    posts.push_back(a_post("m" + std::to_string(i),
                           "Keluhan nomor " + std::to_string(i) + " di sini",
                           "warga" + std::to_string(i)));
  }
  office.take(std::move(posts));
  office.clock.advance(days(30));
  CHECK(run(office) == 250);
  CHECK(run(office) == 0);
}

TEST_CASE("a mass that runs out at once is moved in lots, and a stop is obeyed between two") {
  Office office;
  std::vector<Post> posts;
  for (int i = 0; i < Casework::k_most_moved + 20; ++i) {
    const auto mark = std::to_string(i);
    posts.push_back(a_post("m" + mark, "Keluhan nomor " + mark + " di sini", "warga" + mark));
  }
  office.take(std::move(posts));
  office.clock.advance(days(30));
  std::stop_source stopped;
  stopped.request_stop();
  CHECK(office.casework.run_timers(stopped.get_token()) == 0);
  CHECK(run(office) == Casework::k_most_moved);
  CHECK(run(office) == 20);
}

TEST_CASE("timers run by themselves, and at once when woken") {
  Office office;
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  Timers timers(office.casework, *office.store, office.clock, hours(1));
  office.clock.advance(days(30));
  for (int i = 0; i < 18000 && !office.report(report.id).overdue; ++i) {
    timers.wake();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(office.report(report.id).overdue);
}

TEST_CASE("what comes in is made findable by its words though nobody searches") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  const auto indexed = [&] {
    return office.database.ask("SELECT count(*) FROM post_search") +
           office.database.ask("SELECT count(*) FROM report_search");
  };
  Timers timers(office.casework, *office.store, office.clock, hours(1));
  const auto becomes = [&](const std::string& count) {
    for (int i = 0; i < 9000 && indexed() != count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return indexed() == count;
  };
  CHECK(becomes("11"));
  // While something comes it is looked for again soon, not with the next turn. What comes too late
  // for that, as on a machine that stood still, is tried once more.
  bool unaided = false;
  for (int i = 2; i < 12 && !unaided; ++i) {
    const auto number = std::to_string(i);
    office.file("m" + number, "Lampu mati di jalan nomor " + number, "w" + number);
    for (int look = 0; look < 1000 && !unaided; ++look) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      unaided = indexed() == number + number;
    }
    timers.wake();
    REQUIRE(becomes(number + number));
  }
  CHECK(unaided);
}

TEST_CASE("what a crash left behind is swept an hour at a time") {
  Office office;
  auto post = a_post("m1", "Jalan berlubang di depan pasar");
  Attachment photo;
  photo.bytes = "a photo";
  post.attachments.push_back(photo);
  office.take({post});
  const auto kept = office.store->find_posts({}).value().at(0).attachments.at(0);
  const auto file = office.store->attachment_file(kept);
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - days(2));
  office.database.ask("DELETE FROM attachment");
  // Each hour another of the folders.
  const auto folder = std::stoi(file.filename().string().substr(0, 2), nullptr, 16);
  while ((office.clock.now().time_since_epoch() / hours(1)) % 256 != folder) {
    office.clock.advance(hours(1));
  }
  Timers timers(office.casework, *office.store, office.clock, hours(1));
  for (int i = 0; i < 9000 && std::filesystem::exists(file); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK_FALSE(std::filesystem::exists(file));
}

ChannelRecord record(const char* called) {
  ChannelRecord made;
  made.name = ChannelName(called);
  made.health = Health::waiting;
  made.last_success = k_monday - minutes(1);
  made.last_post = k_monday - hours(30);
  return made;
}

std::vector<std::string> raised(const ChannelRecord& channel, const AlarmLimits& limits = {}) {
  std::vector<std::string> kinds;
  for (const auto& alarm : alarms({channel}, k_monday, limits)) {
    CHECK(alarm.channel == channel.name);
    CHECK_FALSE(alarm.message.empty());
    kinds.emplace_back(name(alarm.kind));
  }
  return kinds;
}

TEST_CASE("a channel without a successful turn for too long is stale") {
  auto channel = record("mail");
  CHECK(raised(channel).empty());
  channel.last_success = k_monday - minutes(16);
  CHECK(raised(channel) == std::vector<std::string>{"stale"});
  channel.paused = true;
  CHECK(raised(channel).empty());
}

TEST_CASE("a channel that never worked is stale once it had the time to") {
  auto channel = record("mail");
  channel.last_success.reset();
  channel.health = Health::credentials_refused;
  channel.health_since = k_monday - minutes(16);
  CHECK(raised(channel) == std::vector<std::string>{"stale"});
  AlarmLimits limits;
  limits.watched_since = k_monday - minutes(14);
  CHECK(raised(channel, limits).empty());
  // Whose health changes to and fro has not worked either.
  channel.health_since = k_monday - minutes(1);
  limits.watched_since = k_monday - minutes(16);
  CHECK(raised(channel, limits) == std::vector<std::string>{"stale"});
}

TEST_CASE("a bridge that was down over night does not call its channels stale at once") {
  auto channel = record("mail");
  channel.last_success = k_monday - hours(9);
  channel.canary_missing = k_monday - hours(9);
  AlarmLimits limits;
  limits.watched_since = k_monday - minutes(1);
  CHECK(raised(channel, limits).empty());
}

TEST_CASE("a test message that does not come back raises an alarm until one does") {
  auto channel = record("mail");
  channel.canary_missing = k_monday - minutes(29);
  CHECK(raised(channel).empty());
  channel.canary_missing = k_monday - minutes(31);
  CHECK(raised(channel) == std::vector<std::string>{"canary_late"});
  channel.canary_sent = k_monday - minutes(1);
  CHECK(raised(channel) == std::vector<std::string>{"canary_late"});
  channel.canary_missing.reset();
  CHECK(raised(channel).empty());
}

TEST_CASE("a cap that is nearly used up raises an alarm, a window of the far side does not") {
  auto channel = record("x");
  Meter meter;
  meter.what = "caps.reads_per_day";
  meter.most = 100;
  meter.used = 79;
  channel.usage.meters.push_back(meter);
  CHECK(raised(channel).empty());
  channel.usage.meters[0].used = 80;
  CHECK(raised(channel) == std::vector<std::string>{"nearly_used_up"});
  channel.usage.meters[0].starts_anew = k_monday - minutes(1);
  CHECK(raised(channel).empty());
  channel.usage.meters[0].starts_anew = k_monday + minutes(1);
  CHECK(raised(channel).size() == 1);
  channel.usage.meters[0].what = "mentions";
  CHECK(raised(channel).empty());
  channel.usage.meters[0].what = "recheck_hours";
  CHECK(raised(channel).size() == 1);
}

TEST_CASE("messages to offices that did not go out raise an alarm with their number") {
  auto channel = record("mail");
  channel.offices_untold = 3;
  const auto all = alarms({channel}, k_monday, {});
  REQUIRE(all.size() == 1);
  CHECK(name(all[0].kind) == "offices_untold");
  CHECK(all[0].untold == 3);
  CHECK(all[0].message.starts_with("3 of the messages to offices failed"));
}

TEST_CASE("a credential raises an alarm from 14 days before its end, and after it") {
  const auto channel = record("mail");
  AlarmLimits limits;
  // The 2nd of March is over in Buleleng when it is the 2nd still elsewhere.
  limits.utc_offset = hours(8);
  const auto ends_on = [&](std::chrono::year_month_day day, Time now) {
    limits.credential_ends[channel.name] = day;
    for (const auto& alarm : alarms({channel}, now, limits)) {
      if (alarm.kind == Alarm::Kind::credential_ends) return alarm.message;
    }
    return std::string();
  };
  const auto day = std::chrono::year(2026) / 3 / 17;
  CHECK(ends_on(day, k_monday).empty());
  CHECK(ends_on(day, k_monday + hours(11)).find("ends on 2026-03-17 (in 14 days)") !=
        std::string::npos);
  CHECK(ends_on(day, k_monday + hours(11) + days(15)).find("ended on 2026-03-17") !=
        std::string::npos);
}

TEST_CASE("the web server's own certificate raises the same without a setting") {
  AlarmLimits limits;
  CHECK(own_alarms(k_monday, limits).empty());
  limits.certificate_end = [] { return Result<Time>(k_monday + days(15)); };
  CHECK(own_alarms(k_monday, limits).empty());
  const auto raised = own_alarms(k_monday + days(1), limits);
  REQUIRE(raised.size() == 1);
  CHECK(raised[0].channel.empty());
  CHECK(raised[0].message.find("ends on 2026-03-17 (in 14 days)") != std::string::npos);
  limits.certificate_end = []() -> Result<Time> {
    return fail(Remedy::reconfigure, "the private key is not that of the certificate");
  };
  CHECK(own_alarms(k_monday, limits).at(0).message.find("not that of") != std::string::npos);
}

TEST_CASE("a disk that is nearly full raises an alarm before photos are refused") {
  AlarmLimits limits;
  std::optional<std::uint64_t> free = std::uint64_t{600} << 20U;
  limits.free_bytes = [&] { return free; };
  CHECK(own_alarms(k_monday, limits).empty());
  free = std::uint64_t{300} << 20U;
  const auto raised = own_alarms(k_monday, limits);
  REQUIRE(raised.size() == 1);
  CHECK(name(raised[0].kind) == "disk_nearly_full");
  CHECK(raised[0].message.starts_with("only 300 MB are free"));
  free.reset();
  CHECK(own_alarms(k_monday, limits).empty());
}

TEST_CASE("a timer that cannot run stops none of those behind it") {
  Office office;
  std::vector<Report> reports;
  for (int i = 0; i < 150; ++i) {
    const auto number = std::to_string(i);
    reports.push_back(office.file("m" + number, "Jalan berlubang di banjar nomor " + number,
                                  "w" + number + "@example.org"));
  }
  // What no event can move: its state knows no deadline.
  for (int i = 0; i < 120; ++i) {
    office.database.ask(
        "UPDATE report SET state = 'archived', due_at = due_at - interval '1 day'"
        " WHERE id = " +
        std::to_string(reports[static_cast<std::size_t>(i)].id.value()));
  }
  office.clock.advance(days(30));
  CHECK(run(office) == 30);
  CHECK(office.report(reports.back().id).overdue);
}

TEST_CASE("far fewer posts than usual raise an alarm, where enough are usual") {
  auto channel = record("mail");
  channel.posts_usual = 100;
  channel.posts_today = 19;
  CHECK(raised(channel) == std::vector<std::string>{"low_volume"});
  channel.posts_today = 20;
  CHECK(raised(channel).empty());
  channel.posts_usual = 19;
  channel.posts_today = 0;
  CHECK(raised(channel).empty());
}

TEST_CASE("a channel that is set to expect a post every so often is marked when none comes") {
  auto channel = record("mail");
  AlarmLimits limits;
  auto& quiet_after = limits.quiet_after.emplace();
  quiet_after[channel.name] = hours(24);
  CHECK(raised(channel, limits) == std::vector<std::string>{"low_volume"});
  quiet_after[channel.name] = hours(31);
  CHECK(raised(channel, limits).empty());
  quiet_after[channel.name] = hours(0);
  CHECK(raised(channel, limits).empty());
}

TEST_CASE("a channel that is no longer declared raises no alarm") {
  auto channel = record("old");
  channel.last_success = k_monday - days(3);
  AlarmLimits limits;
  CHECK(raised(channel, limits) == std::vector<std::string>{"stale"});
  limits.quiet_after.emplace();
  CHECK(raised(channel, limits).empty());
  limits.quiet_after->emplace("mail", hours(0));
  CHECK(raised(channel, limits).empty());
}

TEST_CASE("a channel that works and has nothing to read is not stale") {
  Office office;
  REQUIRE(office.store->save_health(office.mail, Health::working, ""));
  office.clock.advance(hours(2));
  REQUIRE(office.store->save_health(office.mail, Health::waiting, ""));
  CHECK(alarms(office.store->channels().value(), office.clock.now(), {}).empty());
  office.clock.advance(hours(2));
  REQUIRE(office.store->save_health(office.mail, Health::failing, "away"));
  CHECK(alarms(office.store->channels().value(), office.clock.now(), {}).size() == 1);
}

TEST_CASE("a reporter who writes to an answered report is given the time to answer anew") {
  Office office;
  const auto report = office.answered();
  const auto first = report.due_at.value();
  office.clock.advance(std::chrono::days(5));
  auto words = a_post("m2", "Terima kasih, tetapi di ujung gang masih ada lubang lain");
  words.in_reply_to = ExternalId("m1");
  CHECK(office.take({words}).filings.at(0).fate == Fate::joined);
  const auto after = office.report(report.id);
  CHECK(after.state == State::answered);
  CHECK(after.due_at.value() > first);
  office.clock.advance(first - office.clock.now() + std::chrono::minutes(1));
  CHECK(office.casework.run_timers() == 0);
  CHECK(office.report(report.id).state == State::answered);
  office.clock.advance(after.due_at.value() - office.clock.now() + std::chrono::minutes(1));
  CHECK(office.casework.run_timers() == 1);
  CHECK(office.report(report.id).state == State::closed);
}

}  // namespace
}  // namespace kanal
