#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "router/casework.hpp"
#include "router/intake.hpp"
#include "router/pipeline.hpp"
#include "tests/support/database.hpp"

namespace kanal::testing {

/// Monday 2026-03-02, 13:00 in Buleleng.
inline constexpr Time k_monday{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                               std::chrono::hours(5)};

inline const Organisation& shipped() {
  static const auto organisation = Organisation::shipped();
  return organisation;
}

inline ChannelRules mail_rules() {
  ChannelRules rules;
  rules.name = ChannelName("mail");
  rules.kind = "email";
  rules.public_url = "https://lapor.test";
  return rules;
}

inline Post a_post(const std::string& id, const std::string& text,
                   const std::string& author = "made@example.org") {
  Post post;
  post.id = ExternalId(id);
  post.author.id = ExternalId(author);
  post.author.name = "Made";
  post.text = text;
  post.posted_at = k_monday;
  post.payload = "raw " + id;
  return post;
}

/// Its file is gone: the store will never take it, and nothing else is wrong with it.
inline Post guilty(const std::string& id) {
  auto post = a_post(id, "Pesan dengan foto yang hilang " + id, "lama@example.org");
  post.attachments.push_back({"foto.jpg", "image/jpeg", {}, "/nonexistent/" + id, 10, {}});
  return post;
}

inline Actor national_admin() {
  return {Role::national_admin, OfficerId(1), {}, {}};
}
inline Actor agency_admin(const std::string& agency = "buleleng") {
  return {Role::agency_admin, OfficerId(2), AgencyId(agency), {}};
}
inline Actor liaison(const std::string& unit = "putr", const std::string& agency = "buleleng") {
  return {Role::liaison, OfficerId(3), AgencyId(agency), UnitId(unit)};
}
inline Actor monitor() {
  return {Role::monitor, OfficerId(4), {}, {}};
}
inline Actor the_reporter() {
  return {Role::reporter, {}, {}, {}};
}

inline Command command(Event event, const Actor& actor, const std::string& words = {}) {
  Command made;
  made.event = event;
  made.actor = actor;
  made.words = words;
  made.reason = words;
  return made;
}
inline Command to_agency(const std::string& agency = "buleleng") {
  auto made = command(Event::verify, national_admin());
  made.agency = AgencyId(agency);
  return made;
}
inline Command to_unit(const std::string& unit = "putr") {
  auto made = command(Event::dispose, agency_admin());
  made.unit = UnitId(unit);
  return made;
}

/// decide() on made-up evidence.
struct Bench {
  ChannelRules rules = mail_rules();
  std::vector<Evidence> evidence;
  Time now = k_monday;

  [[nodiscard]] Decided decide(std::vector<Post> posts) {
    evidence.resize(posts.size());
    std::vector<ReportId> ids;
    std::vector<TrackingCode> codes;
    for (std::size_t i = 0; i < posts.size(); ++i) {
      ids.emplace_back(static_cast<std::int64_t>(1000 + i));
      codes.push_back(make_tracking_code(i * 7919 + 17));
    }
    return kanal::decide(std::move(posts), evidence, {shipped(), rules, now, {}}, ids, codes);
  }
};

/// A report as the past might know it.
inline Report a_report(State state = State::received) {
  Report report;
  report.id = ReportId(77);
  report.code = make_tracking_code(4711);
  report.steps = 3;
  report.state = state;
  report.channel = ChannelName("mail");
  report.reporter = ReporterId(5);
  report.title = "Jalan rusak";
  report.text = "Jalan rusak di depan pasar";
  report.language = "id";
  report.received_at = k_monday - std::chrono::days(4);
  report.updated_at = k_monday - std::chrono::days(1);
  report.state_since = report.updated_at;
  if (state != State::received && state != State::needs_info) report.agency = AgencyId("buleleng");
  if (state == State::at_unit || state == State::in_progress || state == State::answered ||
      state == State::closed) {
    report.unit = UnitId("putr");
  }
  return report;
}

/// The whole router on a database of its own.
struct Office {
  explicit Office(Organisation with = shipped()) : organisation(std::move(with)) {
    know(mail_rules());
  }

  Organisation organisation;
  TestDatabase database;
  Keys keys = Keys::of_seed("router test");
  ManualClock clock{k_monday};
  std::unique_ptr<Store> store = database.open(keys, clock);
  ChannelName mail{"mail"};
  Intake intake{*store, organisation, clock};
  Casework casework{*store, organisation, clock, "https://lapor.test"};

  void know(const ChannelRules& rules) {
    intake.know(rules);
    casework.know(rules);
  }

  Ingested take(std::vector<Post> posts, const std::string& cursor = {}) {
    Batch batch;
    batch.posts = std::move(posts);
    batch.next = Cursor{cursor};
    auto done = intake.ingest(mail, std::move(batch), std::nullopt);
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
    return std::move(*done);
  }
  /// The report that a post of this author became.
  Report file(const std::string& id, const std::string& text,
              const std::string& author = "made@example.org") {
    const auto done = take({a_post(id, text, author)});
    REQUIRE(done.filings.size() == 1);
    REQUIRE(done.filings[0].report);
    return report(done.filings[0].report);
  }
  [[nodiscard]] Report report(ReportId id) const {
    const auto found = store->report(id);
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
  }
  Report act(ReportId id, const Command& what) {
    const auto done = casework.act(id, what);
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
    return *done;
  }
  [[nodiscard]] std::string refusal(ReportId id, const Command& what) {
    const auto done = casework.act(id, what);
    REQUIRE_FALSE(done);
    return done.error().message;
  }
  [[nodiscard]] std::vector<std::string> texts_owed(ReportId id) const {
    std::vector<std::string> texts;
    const auto records = store->replies_of(id).value();
    for (const auto& record : records) texts.push_back(record.reply.text);
    return texts;
  }
  /// An answered report, the usual way.
  Report answered(const std::string& id = "m1") {
    const auto made = file(id, "Jalan berlubang di depan pasar " + id);
    act(made.id, to_agency());
    act(made.id, to_unit());
    return act(made.id, command(Event::answer, liaison(), "Sudah kami tambal."));
  }
};

/// A report by somebody who left an address on the form.
inline ReportId file_by_form(Office& office) {
  ChannelRules form;
  form.name = ChannelName("form");
  form.kind = "webform";
  form.notify_by = office.mail;
  office.know(form);
  Batch batch;
  batch.posts.push_back(a_post("f1", "Lampu jalan mati di depan pasar", "form-1"));
  batch.posts.back().author.email = "wati@example.org";
  const auto taken = office.intake.ingest(form.name, std::move(batch), std::nullopt);
  REQUIRE(taken);
  return taken->filings.at(0).report;
}

}  // namespace kanal::testing
