#include "router/telling.hpp"

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "format/post_json.hpp"
#include "router/quarantine.hpp"
#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

/// Made's answered report, to which Budi's and Wati's were merged.
struct Family {
  Office office;
  Report made = office.answered();
  Report budi = merged("m2", "budi@example.org");
  Report wati = merged("m3", "wati@example.org");

  Report merged(const std::string& id, const std::string& author) {
    const auto child = office.file(id, "Ada lubang besar dekat pasar " + id, author);
    auto merge = command(Event::merge, national_admin());
    merge.other = made.id;
    return office.act(child.id, merge);
  }
  Post says(const std::string& id, const std::string& text, const std::string& author,
            const Report& to) {
    auto post = a_post(id, text, author);
    post.hints.thread_token = std::to_string(to.id.value());
    return post;
  }
  /// To each address, what was owed for the newest step of the matter.
  std::map<std::string, std::vector<Reply>> told() {
    const auto step = office.report(made.id).steps;
    std::map<std::string, std::vector<Reply>> all;
    for (const auto& report : {made, budi, wati}) {
      const auto records = office.store->replies_of(report.id).value();
      for (const auto& record : records) {
        if (record.reply.step % k_steps_apart != step) continue;
        if (report.id != made.id && record.reply.step < k_steps_apart) continue;
        all[record.reply.address].push_back(record.reply);
      }
    }
    return all;
  }
};

TEST_CASE("a mere answer that names nothing goes to its author's newest report") {
  Family family;
  auto& office = family.office;
  const auto filed = [&](const char* id, const char* text, const char* author) {
    return office.take({a_post(id, text, author)}).filings.at(0);
  };
  const auto newest = office.file("m4", "Got mampet di Jalan Mawar", "made@example.org");
  CHECK(filed("m5", "terima kasih pak", "made@example.org").report == newest.id);
  // What was merged is spoken of where its matter is worked on.
  const auto followed = filed("b1", "Mantap pak", "budi@example.org");
  CHECK(followed.fate == Fate::joined);
  CHECK(followed.report == family.made.id);
  CHECK(filed("n1", "terima kasih pak", "ni@example.org").fate == Fate::report);
}

TEST_CASE("what bounds keep back of answers stands with the report, and is not sent") {
  Office office;
  std::vector<Report> reports;
  for (const auto* id : {"m1", "m2", "m3", "m4", "m5", "m6"}) {
    reports.push_back(office.file(id, std::string("Keluhan yang lain lagi: ") + id));
  }
  for (const auto& report : reports) {
    const auto replies = office.store->replies_of(report.id).value();
    REQUIRE(replies.size() == 1);
    const bool is_last = report.id == reports.back().id;
    CHECK(replies[0].state == (is_last ? ReplyState::withheld : ReplyState::owed));
    CHECK(replies[0].detail == (is_last ? withheld::k_author_had_theirs : ""));
  }
  // It counts for nothing: an hour later there is room again.
  office.clock.advance(std::chrono::minutes(61));
  const auto later = office.file("m7", "Lampu jalan mati di depan sekolah");
  CHECK(office.store->replies_of(later.id).value().at(0).state == ReplyState::owed);
}

TEST_CASE("a mail by which a matter goes on is told to all of its people, and its writer once") {
  Family family;
  family.office.take({family.says("b1", "BELUM, masih dalam", "budi@example.org", family.budi)});
  REQUIRE(family.office.report(family.made.id).state == State::in_progress);
  auto told = family.told();
  CHECK(told.size() == 3);
  for (const auto* address : {"made@example.org", "budi@example.org", "wati@example.org"}) {
    REQUIRE(told[address].size() == 1);
    CHECK(told[address][0].acknowledgement == (std::string_view(address) == "budi@example.org"));
    // Whoever said it says it to us.
    CHECK(told[address][0].text.find("masih dalam") == std::string::npos);
  }
  CHECK(told["made@example.org"][0].in_reply_to == ExternalId("m1"));
  CHECK(told["wati@example.org"][0].in_reply_to == ExternalId("m3"));
}

TEST_CASE("who follows a report hears by mail that its reporter has closed it, as from the page") {
  Family by_mail;
  by_mail.office.take({by_mail.says("a1", "SELESAI", "made@example.org", by_mail.made)});
  REQUIRE(by_mail.office.report(by_mail.made.id).state == State::closed);
  Family by_page;
  REQUIRE(by_page.office.casework.reply(by_page.made.id, "SELESAI"));
  for (const auto* address : {"budi@example.org", "wati@example.org"}) {
    REQUIRE(by_mail.told()[address].size() == 1);
    REQUIRE(by_page.told()[address].size() == 1);
    const auto words = [&](Family& family) {
      auto text = family.told()[address][0].text;
      for (const auto& code : {family.made.code.value(), grouped(family.made.code)}) {
        for (auto at = text.find(code); at != std::string::npos; at = text.find(code)) {
          text.replace(at, code.size(), "CODE");
        }
      }
      return text;
    };
    CHECK(words(by_mail) == words(by_page));
    CHECK(by_mail.told()[address][0].subject.find(by_mail.made.title) == std::string::npos);
  }
}

TEST_CASE("what is said in confidence tells the others of a matter neither its words nor a link") {
  Family family;
  auto hidden = family.says("a1", "BELUM, ini rahasia", "made@example.org", family.made);
  hidden.hints.confidential = true;
  family.office.take({hidden});
  REQUIRE(family.office.report(family.made.id).confidential);
  const auto told = family.told();
  CHECK(told.size() == 3);
  for (const auto& [address, replies] : told) {
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].text.find("rahasia") == std::string::npos);
    CHECK(replies[0].text.find("https://") == std::string::npos);
    CHECK(replies[0].subject.find(family.made.title) == std::string::npos);
  }
}

TEST_CASE("a storm of answers to one matter tells each of its people of the one step it makes") {
  Family family;
  std::vector<Post> storm;
  for (int i = 0; i < 60; ++i) {
    const bool first = i % 2 == 0;
    storm.push_back(family.says("s" + std::to_string(i), "BELUM " + std::to_string(i),
                                first ? "budi@example.org" : "wati@example.org",
                                first ? family.budi : family.wati));
  }
  const auto owed = [&](const Report& report) {
    return family.office.store->replies_of(report.id).value().size();
  };
  const auto before = owed(family.made);
  family.office.take(std::move(storm));
  CHECK(family.office.report(family.made.id).state == State::in_progress);
  CHECK(owed(family.made) == before + 1);
}

TEST_CASE("who left an address on a form and disputes from it is told once") {
  Office office;
  const auto id = file_by_form(office);
  office.act(id, to_agency());
  office.act(id, to_unit());
  office.act(id, command(Event::answer, liaison(), "Sudah kami ganti."));
  auto dispute = a_post("w1", "BELUM", "wati@example.org");
  dispute.hints.thread_token = std::to_string(id.value());
  office.take({dispute});
  const auto step = office.report(id).steps;
  REQUIRE(office.report(id).state == State::in_progress);
  const auto records = office.store->replies_of(id).value();
  CHECK(std::ranges::count_if(
            records, [&](const OutboxRecord& record) { return record.reply.step == step; }) == 1);
}

TEST_CASE("an imported answer is told to nobody") {
  Family family;
  Batch batch;
  batch.posts = {family.says("b1", "BELUM, masih dalam", "budi@example.org", family.budi)};
  batch.quiet = true;
  REQUIRE(family.office.intake.ingest(family.office.mail, std::move(batch), std::nullopt));
  REQUIRE(family.office.report(family.made.id).state == State::in_progress);
  CHECK(family.told().empty());
}

TEST_CASE("an answer that an officer lets through is told to the others") {
  Family family;
  auto neighbour = family.says("d1", "BELUM, masih dalam", "dewi@example.org", family.made);
  neighbour.payload = print_post(neighbour, "mail");
  REQUIRE(family.office.take({neighbour}).filings.at(0).fate == Fate::held);
  PostFilter filter;
  filter.external_id = "d1";
  const auto post = family.office.store->find_posts(filter).value().at(0).id;
  const auto done = promote(*family.office.store, shipped(), mail_rules(), family.office.clock,
                            nullptr, post, national_admin());
  REQUIRE(done);
  REQUIRE(family.office.report(family.made.id).state == State::in_progress);
  const auto told = family.told();
  CHECK(told.size() == 4);
  for (const auto& [address, replies] : told) CHECK(replies.size() == 1);
}

TEST_CASE("those to be told are read for a whole batch in one statement") {
  Family family;
  const auto statements = [&](int count) {
    std::vector<Post> posts;
    for (int i = 0; i < count; ++i) {
      posts.push_back(family.says("s" + std::to_string(i), "BELUM", "budi@example.org",
                                  i % 2 == 0 ? family.budi : family.made));
    }
    const auto before = family.office.store->statements();
    const auto evidence = family.office.store->gather(family.office.mail, posts).value();
    CHECK(evidence.back().contacts->at(family.made.id).size() == 3);
    return family.office.store->statements() - before;
  };
  const auto one = statements(1);
  CHECK(statements(40) == one);
}

}  // namespace
}  // namespace kanal
