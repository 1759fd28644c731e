#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "router/router_fixture.hpp"

// Whoever only passes on what others said supports their report, and is no part of it.
namespace kanal {
namespace {

using namespace testing;

Post passing_on(const std::string& id, const std::string& original,
                const std::string& author = "budi@example.org") {
  auto post = a_post(id, "", author);
  post.hints.passed_on = "a retweet";
  post.hints.passes_on = {ExternalId(original)};
  return post;
}

int support_of(const Office& office, ReportId id) {
  return office.store->supports(std::vector{office.report(id)}).value().at(0);
}

Batch deleting(const std::string& id) {
  Batch batch;
  batch.signals.emplace_back().kind = Signal::Kind::deletion;
  batch.signals.back().subject = ExternalId(id);
  return batch;
}

/// All of a report that support must leave as it is.
struct Standing {
  int steps = 0;
  Digest head{};
  State state = State::received;
  Time updated_at;
  std::vector<std::string> told;
  std::size_t posts = 0;
  std::set<std::pair<ReporterId, ChannelName>> people;
  friend bool operator==(const Standing&, const Standing&) = default;
};

Standing standing_of(const Office& office, ReportId id) {
  const auto report = office.report(id);
  Standing now{report.steps,
               report.head,
               report.state,
               report.updated_at,
               office.texts_owed(id),
               office.store->posts_of(id).value().size(),
               {}};
  const auto contacts = office.store->contacts(id).value();
  for (const auto& contact : contacts) {
    now.people.emplace(contact.reporter, contact.channel);
  }
  return now;
}

TEST_CASE("who passes a report's post on is counted once, its own author not at all") {
  Office office;
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  const auto before = standing_of(office, report.id);
  CHECK(support_of(office, report.id) == 0);
  const auto taken = office.take({passing_on("r1", "m1"), passing_on("r2", "m1"),
                                  passing_on("r3", "m1", "wati@example.org"),
                                  passing_on("r4", "m1", "made@example.org")});
  for (const auto& filing : taken.filings) {
    CHECK(filing.fate == Fate::screened);
    CHECK(filing.reason == "support: a retweet");
    CHECK_FALSE(filing.report);
  }
  CHECK(support_of(office, report.id) == 2);
  office.take({passing_on("r1", "m1"), passing_on("r3", "m1", "wati@example.org")});
  CHECK(support_of(office, report.id) == 2);
  CHECK(standing_of(office, report.id) == before);
  CHECK(office.store->find_reports({}).value().size() == 1);
}

TEST_CASE("support of a post of the same batch is counted, and of one that comes later is not") {
  Office office;
  const auto taken =
      office.take({passing_on("r1", "m1"), a_post("m1", "Lampu jalan mati di depan sekolah"),
                   passing_on("r2", "m1", "wati@example.org")});
  const auto id = taken.filings.at(1).report;
  CHECK(support_of(office, id) == 1);
}

TEST_CASE("a part of a story, a later version and a quotation are known as what they are of") {
  Office office;
  auto story = a_post("m3", "Jembatan putus. Sudah dua bulan.");
  story.hints.told = {ExternalId("m1"), ExternalId("m2")};
  const auto id = office.take({story}).filings.at(0).report;
  auto changed = a_post("m3", "Jembatan putus. Sudah tiga bulan.");
  changed.hints.edition = "m4";
  CHECK(office.take({changed}).filings.at(0).fate == Fate::joined);
  office.take({passing_on("r1", "m1", "a@example.org"), passing_on("r2", "m4", "b@example.org")});
  office.take({passing_on("r3", "r1", "c@example.org")});
  auto unknown_first = passing_on("r4", "m9", "d@example.org");
  unknown_first.hints.passes_on.emplace_back("m3");
  office.take({unknown_first});
  CHECK(support_of(office, id) == 4);
}

TEST_CASE("support follows a report that is merged, and counts whoever supported both once") {
  Office office;
  const auto first = office.file("m1", "Jalan berlubang di depan pasar");
  const auto second = office.file("m2", "Ada lubang besar di depan pasar", "wati@example.org");
  office.take({passing_on("r1", "m1"), passing_on("r2", "m2")});
  auto merge = command(Event::merge, national_admin(), "sama");
  merge.other = first.id;
  office.act(second.id, merge);
  CHECK(support_of(office, first.id) == 1);
  // Whoever reported the same is no supporter of it; and what comes now counts there as well.
  office.take(
      {passing_on("r3", "m1", "wati@example.org"), passing_on("r4", "m2", "ani@example.org")});
  CHECK(support_of(office, first.id) == 2);
  const auto both =
      office.store->supports(std::vector{office.report(second.id), office.report(first.id)});
  CHECK(both.value() == std::vector{2, 2});
}

TEST_CASE("support that its author takes back at the source is taken back here") {
  Office office;
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  office.take({passing_on("r1", "m1"), passing_on("r2", "m1", "wati@example.org")});
  REQUIRE(office.intake.ingest(office.mail, deleting("r1"), std::nullopt));
  CHECK(support_of(office, report.id) == 1);
  office.take({passing_on("r1", "m1")});
  CHECK(support_of(office, report.id) == 1);
}

TEST_CASE("what blocked senders, machines and held posts say supports nothing") {
  Office office;
  const auto report = office.file("m1", "Jalan berlubang di depan pasar");
  auto bot = passing_on("r1", "m1", "bot@example.org");
  bot.hints.automatic = "a bot";
  office.take({bot, passing_on("r2", "m1", "spam@example.org")});
  CHECK(support_of(office, report.id) == 1);
  auto held = a_post("m2", "Beli sekarang", "odd@example.org");
  held.hints.suspicion = "many links";
  office.take({held, passing_on("r3", "m2")});
  CHECK(support_of(office, report.id) == 1);
}

TEST_CASE("what a batch supports is looked up in one statement, and only if it does") {
  Office office;
  office.file("m1", "Jalan berlubang di depan pasar");
  const auto gathering = [&](std::vector<Post> posts) {
    const auto before = office.store->statements();
    REQUIRE(office.store->gather(office.mail, posts));
    return office.store->statements() - before;
  };
  const auto without = gathering({a_post("x1", "Lampu mati", "new@example.org")});
  std::vector<Post> many;
  for (int i = 0; i < 50; ++i) {
    many.push_back(passing_on("x" + std::to_string(i), "m1", std::to_string(i) + "@example.org"));
  }
  // The lookup, and the report that it leads to.
  CHECK(gathering({passing_on("x1", "m1")}) == without + 2);
  CHECK(gathering(many) == without + 2);
}

TEST_CASE("support leaves state, history, messages and who is told as they are, whatever happens") {
  Office office;
  int rounds = 0;
  constexpr int k_most_rounds = 20;
  const bool holds = rc::check([&] {
    const auto round = std::to_string(++rounds);
    if (rounds > k_most_rounds) return;
    std::vector<ReportId> reports;
    std::vector<std::string> known;
    std::map<std::int64_t, std::set<std::string>> supporters;
    const auto steps = *rc::gen::inRange(4, 14);
    for (int step = 0; step < steps; ++step) {
      const auto serial = round + "-" + std::to_string(step);
      if (reports.empty() || *rc::gen::inRange(0, 4) == 0) {
        known.push_back("p" + serial);
        reports.push_back(
            office.file(known.back(), "Jalan berlubang nomor " + serial, serial + "@example.org")
                .id);
        continue;
      }
      const auto which = *rc::gen::inRange<std::size_t>(0, reports.size());
      if (*rc::gen::inRange(0, 3) == 0) {
        auto act =
            *rc::gen::element(to_agency(), to_unit(), command(Event::answer, liaison(), "Sudah."),
                              command(Event::archive, national_admin(), "bukan"));
        static_cast<void>(office.casework.act(reports[which], act));
        continue;
      }
      std::vector<Standing> before;
      for (const auto id : reports) before.push_back(standing_of(office, id));
      const auto who = "w" + std::to_string(*rc::gen::inRange(0, 3)) + "." + round + "@example.org";
      office.take({passing_on("s" + serial, known[which], who)});
      if (*rc::gen::arbitrary<bool>()) office.take({passing_on("s" + serial, known[which], who)});
      supporters[reports[which].value()].insert(who);
      for (std::size_t i = 0; i < reports.size(); ++i) {
        RC_ASSERT(standing_of(office, reports[i]) == before[i]);
        RC_ASSERT(support_of(office, reports[i]) ==
                  static_cast<int>(supporters[reports[i].value()].size()));
      }
    }
  });
  CHECK(holds);
}

}  // namespace
}  // namespace kanal
