#include <catch2/catch.hpp>

#include "core/tracking_code.hpp"
#include "router/pipeline.hpp"
#include "router/stages.hpp"

namespace kanal {
namespace {

Post post_of_form(const std::string& text) {
  Post post;
  post.id = ExternalId("form-1");
  post.author.id = ExternalId("ni@example.org");
  post.author.email = "ni@example.org";
  post.author.proven = false;
  post.text = text;
  return post;
}

Report report_of_victim(State state) {
  Report report;
  report.id = ReportId(7);
  report.code = make_tracking_code(7);
  report.state = state;
  report.agency = AgencyId("buleleng");
  report.steps = 3;
  return report;
}

ChannelRules form() {
  ChannelRules rules;
  rules.authors = false;
  rules.name = ChannelName("form");
  rules.kind = "webform";
  return rules;
}

Filed decide_one(const Post& post, const Evidence& evidence, const ChannelRules& rules = form()) {
  const auto organisation = Organisation::shipped();
  const std::vector ids{ReportId(8)};
  const std::vector codes{make_tracking_code(8)};
  auto decided = decide({post}, std::vector{evidence}, {organisation, rules, Time{}}, ids, codes);
  return decided.batch.filed.at(0);
}

TEST_CASE("an address typed on a form answers no report of whoever owns the address") {
  Evidence evidence;
  evidence.reporter = ReporterId(3);
  evidence.answered = report_of_victim(State::answered);
  for (const auto* answer : {"BELUM", "SELESAI", "5", "Nilai 1"}) {
    const auto filed = decide_one(post_of_form(answer), evidence);
    INFO(answer);
    CHECK(filed.fate != Fate::joined);
    CHECK(filed.report != ReportId(7));
  }
  auto proven = post_of_form("BELUM");
  proven.author.proven = true;
  CHECK(decide_one(proven, evidence).fate == Fate::joined);
}

TEST_CASE("a number and an address typed on a form do not open the report that they belong to") {
  Evidence evidence;
  evidence.thread = report_of_victim(State::in_progress);
  evidence.thread_by = ThreadBy::code;
  evidence.thread_is_own = true;
  const auto filed = decide_one(post_of_form("Bagaimana kabar laporan saya?"), evidence);
  CHECK(filed.fate == Fate::report);
  CHECK(filed.report == ReportId(8));
}

TEST_CASE(
    "who has proven nothing joins by a token that only we could have given out, and not else") {
  Evidence evidence;
  evidence.thread = report_of_victim(State::in_progress);
  for (const auto by : {ThreadBy::none, ThreadBy::reference, ThreadBy::code}) {
    evidence.thread_by = by;
    CHECK(decide_one(post_of_form("Masih berlubang."), evidence).fate == Fate::report);
  }
  evidence.thread_by = ThreadBy::token;
  const auto filed = decide_one(post_of_form("Masih berlubang."), evidence);
  CHECK(filed.fate == Fate::joined);
  CHECK(filed.report == ReportId(7));
}

TEST_CASE("where senders have addresses, a token alone does not make anybody the reporter") {
  Evidence evidence;
  evidence.thread = report_of_victim(State::in_progress);
  evidence.thread_by = ThreadBy::token;
  auto mail = form();
  mail.authors = true;
  CHECK(decide_one(post_of_form("Masih berlubang."), evidence, mail).fate == Fate::held);
  evidence.thread_is_own = true;
  CHECK(decide_one(post_of_form("Masih berlubang."), evidence, mail).fate == Fate::joined);
}

TEST_CASE("the text of a public report sent again under its author's address is a new report") {
  Evidence evidence;
  evidence.reporter = ReporterId(3);
  evidence.same_text.emplace().id = ReportId(7);
  const auto filed = decide_one(post_of_form("Lampu jalan mati di depan pasar."), evidence);
  CHECK(filed.fate == Fate::report);
  CHECK(filed.report == ReportId(8));
}

}  // namespace
}  // namespace kanal
