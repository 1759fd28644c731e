#include <algorithm>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "core/visibility.hpp"
#include "router/router_fixture.hpp"

// Whatever people write and officers do, in whatever order: the histories fit, nothing is
// forgotten, and no reply tells what its reader may not see.
namespace kanal {
namespace {

using namespace testing;

// Stand in the words of acts and must never stand in a reply that is not for them.
constexpr std::string_view k_note = "CATATANDALAM";
constexpr std::string_view k_secret_words = "ISIRAHASIA";

struct Seen {
  ReportId id;
  std::vector<Entry> history;
};

Post random_post(int round, int serial, const std::vector<Report>& reports) {
  const bool confidential = *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
  const auto words = *rc::gen::element<std::string>("BELUM", "5", "SELESAI", "BUKA", "Ya",
                                                    "Jalan berlubang di depan pasar",
                                                    "Tambahan: lubangnya dalam sekali");
  auto post = a_post("p" + std::to_string(round) + "-" + std::to_string(serial), words,
                     "warga" + std::to_string(*rc::gen::inRange(0, 3)) + "." +
                         std::to_string(round) + "@example.org");
  post.hints.confidential = confidential;
  post.hints.anonymous = *rc::gen::arbitrary<bool>();
  if (confidential) {
    post.text = std::string(k_secret_words) + " nomor " + std::to_string(serial) + " di kantor";
    post.hints.subject = std::string(k_secret_words);
  }
  if (!reports.empty() && *rc::gen::arbitrary<bool>()) {
    const auto& about = reports.at(*rc::gen::inRange<std::size_t>(0, reports.size()));
    if (*rc::gen::arbitrary<bool>()) {
      post.hints.thread_token = std::to_string(about.id.value());
    } else {
      post.hints.tracking_code = about.code.value();
    }
  }
  return post;
}

Command random_act(const std::vector<Report>& reports) {
  static const std::vector<Event> events = {
      Event::verify,  Event::hold,    Event::complete,  Event::dispose, Event::accept,
      Event::answer,  Event::interim, Event::give_back, Event::merge,   Event::unmerge,
      Event::archive, Event::restore, Event::reject,    Event::reopen,  Event::note,
      Event::correct, Event::rate,    Event::dispute};
  const auto who = *rc::gen::inRange(0, 5);
  auto act = command(*rc::gen::elementOf(events), who == 0   ? national_admin()
                                                  : who == 1 ? agency_admin()
                                                  : who == 2 ? liaison()
                                                  : who == 3 ? monitor()
                                                             : the_reporter());
  act.words = act.event == Event::note ? std::string(k_note) : "Sudah kami tindak lanjuti.";
  act.reason = "alasan";
  act.agency = AgencyId("buleleng");
  act.unit = UnitId("putr");
  act.rating = 3;
  act.other = reports.at(*rc::gen::inRange<std::size_t>(0, reports.size())).id;
  if (*rc::gen::arbitrary<bool>()) act.title = "Judul baru";
  return act;
}

void check_history(Office& office, std::vector<Seen>& seen, const std::vector<Report>& reports) {
  for (const auto& report : reports) {
    RC_ASSERT(office.store->verify(report.id).has_value());
    auto now = office.store->history(report.id).value();
    RC_ASSERT(static_cast<int>(now.size()) == office.report(report.id).steps);
    const auto known = std::ranges::find(seen, report.id, &Seen::id);
    if (known == seen.end()) {
      seen.push_back({report.id, std::move(now)});
      continue;
    }
    RC_ASSERT(now.size() >= known->history.size());
    for (std::size_t i = 0; i < known->history.size(); ++i) {
      RC_ASSERT(now[i].hash == known->history[i].hash);
      RC_ASSERT(now[i].words == known->history[i].words);
    }
    known->history = std::move(now);
  }
}

void check_replies(Office& office, const std::vector<Report>& reports) {
  for (const auto& report : reports) {
    const auto seen = view(report, {}, Viewer::own_reporter(), Output::reply);
    const auto records = office.store->replies_of(report.id).value();
    for (const auto& record : records) {
      const auto& reply = record.reply;
      const auto said = reply.subject + "\n" + reply.text;
      RC_ASSERT(said.find(k_note) == std::string::npos);
      RC_ASSERT(said.find("@example.org") == std::string::npos);
      // A confidential report may have been none when an earlier reply was owed, never the reverse.
      if (report.confidential) RC_ASSERT(seen.text.empty());
      RC_ASSERT(said.find(k_secret_words) == std::string::npos);
      RC_ASSERT_FALSE(reply.address.empty());
    }
  }
}

TEST_CASE("no order of posts and acts loses history or tells a reporter too much") {
  Office office;
  int rounds = 0;
  // Each round on a database that the others have written to takes a second or so.
  constexpr int k_most_rounds = 25;
  const bool holds = rc::check([&] {
    const int round = ++rounds;
    if (round > k_most_rounds) return;
    std::vector<Report> reports;
    std::vector<Seen> seen;
    const auto steps = *rc::gen::inRange(5, 25);
    for (int step = 0; step < steps; ++step) {
      if (reports.empty() || *rc::gen::inRange(0, 3) == 0) {
        Batch batch;
        const auto count = *rc::gen::inRange(1, 4);
        for (int i = 0; i < count; ++i) {
          batch.posts.push_back(random_post(round, step * 10 + i, reports));
        }
        const auto done = office.intake.ingest(office.mail, std::move(batch), std::nullopt);
        RC_ASSERT(done.has_value());
        for (const auto& filing : done->filings) {
          if (filing.fate == Fate::report) reports.push_back(office.report(filing.report));
        }
      } else if (*rc::gen::inRange(0, 10) == 0) {
        office.clock.advance(std::chrono::days(*rc::gen::inRange(1, 20)));
        RC_ASSERT(office.casework.run_timers().has_value());
      } else {
        const auto& report = reports.at(*rc::gen::inRange<std::size_t>(0, reports.size()));
        const auto done = office.casework.act(report.id, random_act(reports));
        if (!done) RC_ASSERT(done.error().remedy == Remedy::drop);
      }
      if (step % 4 == 0 || step + 1 == steps) check_history(office, seen, reports);
    }
    for (auto& report : reports) report = office.report(report.id);
    check_replies(office, reports);
  });
  CHECK(holds);
  CHECK(rounds > 0);
}

}  // namespace
}  // namespace kanal
