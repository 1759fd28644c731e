#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "tests/support/database.hpp"

namespace kanal::testing {

/// A store with a mail channel, and short ways to write posts into it.
struct World {
  /// `prepare` runs before the store is opened, which brings the schema up to date.
  explicit World(TestDatabase::Schema schema = TestDatabase::Schema::newest,
                 const std::function<void(const TestDatabase&)>& prepare = nullptr)
      : database(schema) {
    if (prepare) prepare(database);
    store = database.open(keys, clock);
  }

  TestDatabase database;
  Keys keys = Keys::of_seed("store test");
  ManualClock clock{Time(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)) +
                    std::chrono::hours(5)};
  std::unique_ptr<Store> store;
  ChannelName mail{"mail"};
  std::uint64_t codes = 1;

  [[nodiscard]] Post post(const std::string& id, const std::string& text,
                          const std::string& author = "made@example.org") const {
    Post post;
    post.id = ExternalId(id);
    post.author.id = ExternalId(author);
    post.author.name = "Made";
    post.text = text;
    post.language = "id";
    post.hints.subject = "Laporan";
    post.posted_at = clock.now();
    post.payload = "raw " + id;
    return post;
  }

  /// As the evidence has them.
  ReporterId known_author(Post post) { return store->gather(mail, {&post, 1}).value()[0].reporter; }

  /// Every post becomes a report of its own, with one acknowledgement.
  IntakeBatch batch(std::initializer_list<Post> posts) {
    IntakeBatch batch;
    batch.channel = mail;
    const auto ids = store->reserve_reports(posts.size()).value();
    for (const auto& post : posts) {
      Change change;
      change.after.id = ids[batch.changes.size()];
      change.after.code = make_tracking_code(codes++ * 7919);
      change.after.channel = mail;
      change.after.title = post.hints.subject;
      change.after.text = post.text;
      change.after.language = "id";
      change.after.place = Place{-8.11, 115.09, "Singaraja"};
      change.after.received_at = clock.now();
      change.after.updated_at = clock.now();
      change.after.timer = Timer::verification;
      change.after.due_at = clock.now() + std::chrono::days(3);
      Entry entry;
      entry.at = clock.now();
      entry.actor.role = Role::reporter;
      entry.event = Event::receive;
      change.entries.push_back(entry);
      Owed owed;
      owed.channel = mail;
      owed.in_reply_to = post.id;
      owed.language = "id";
      owed.subject = "Laporan diterima";
      owed.text = "Laporan Anda diterima.";
      owed.acknowledgement = true;
      owed.due_at = clock.now();
      change.replies.push_back(owed);
      Filed filed;
      filed.post = post;
      filed.author = known_author(post);
      filed.change = batch.changes.size();
      filed.stages = "[]";
      batch.changes.push_back(change);
      batch.filed.push_back(filed);
    }
    return batch;
  }

  ReportId file(const Post& post) {
    auto one = batch({post});
    if (auto done = store->commit(one); !done || done->refusal) return {};
    return one.changes[0].after.id;
  }

  /// Waits for a person, by itself or with a report.
  bool hold(const Post& post, ReportId with = {}) {
    auto one = batch({});
    Filed filed;
    filed.post = post;
    filed.author = known_author(post);
    filed.fate = Fate::held;
    filed.reason = "suspicious";
    filed.report = with;
    filed.stages = "[]";
    one.filed.push_back(filed);
    const auto done = store->commit(one);
    return done && !done->refusal;
  }

  /// So many people pass on the stored post.
  void pass_on(const std::string& original, int people) {
    for (int i = 0; i < people; ++i) {
      const auto serial = original + "-" + std::to_string(i);
      auto one = batch({});
      Filed filed;
      filed.post = post("passed-" + serial, "", serial + "@example.org");
      filed.fate = Fate::screened;
      filed.reason = "support: a retweet";
      filed.passes_on = PostId(
          std::stoll(database.ask("SELECT id FROM post WHERE external_id = '" + original + "'")));
      filed.stages = "[]";
      one.filed.push_back(filed);
      REQUIRE(store->commit(one));
    }
  }

  [[nodiscard]] std::vector<Report> reports_with(const std::string& words) const {
    ReportFilter filter;
    filter.words = words;
    return store->find_reports(filter).value();
  }

  /// The installation's log: who did what, to what and why, a line each.
  [[nodiscard]] std::string acts() const {
    return database.ask(
        "SELECT string_agg(concat_ws(' ', o.username, a.act, nullif(a.subject, ''),"
        " nullif(a.reason, '')), E'\\n' ORDER BY a.id)"
        " FROM act AS a LEFT JOIN officer AS o ON o.id = a.officer");
  }

  /// How often something was done that is recorded beside the reports.
  [[nodiscard]] int recorded(const std::string& act) const {
    return std::stoi(database.ask("SELECT count(*) FROM act WHERE act = '" + act + "'"));
  }

  [[nodiscard]] Change act(const Report& report, Event event, State to) const {
    Change change;
    change.after = report;
    change.after.state = to;
    change.expected_steps = report.steps;
    Entry entry;
    entry.at = clock.now();
    entry.actor = {Role::national_admin, OfficerId(1), {}, {}};
    entry.event = event;
    entry.from = report.state;
    entry.to = to;
    entry.words = "Diteruskan";
    change.entries.push_back(entry);
    return change;
  }
};

}  // namespace kanal::testing
