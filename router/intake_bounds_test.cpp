#include <future>

#include <catch2/catch.hpp>

#include "router/router_fixture.hpp"

namespace kanal {
namespace {

using namespace testing;

std::vector<Post> complaints(int count) {
  std::vector<Post> posts;
  for (int i = 0; i < count; ++i) {
    posts.push_back(a_post("m" + std::to_string(i),
                           "Keluhan nomor " + std::to_string(i) + " di sini",
                           "warga" + std::to_string(i)));
  }
  return posts;
}

TEST_CASE("a batch that takes too long as a whole is stored in parts") {
  Office office;
  office.database.ask(
      "CREATE FUNCTION too_much() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " IF (SELECT count(*) FROM fresh) > 3 THEN"
      "  RAISE EXCEPTION 'statement timeout' USING ERRCODE = 'query_canceled'; END IF;"
      " RETURN NULL; END $$;"
      "CREATE TRIGGER too_much AFTER INSERT ON post REFERENCING NEW TABLE AS fresh"
      " FOR EACH STATEMENT EXECUTE FUNCTION too_much()");
  const auto done = office.take(complaints(20), "20");
  CHECK(done.reports == 20);
  CHECK(done.quarantined == 0);
  CHECK(office.store->channel(office.mail).value().cursor.value == "20");
}

TEST_CASE("a post that takes too long whatever is tried is set aside, and the rest lands") {
  Office office;
  office.database.ask(
      "CREATE FUNCTION endless() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " IF NEW.text LIKE '%nomor 4 %' THEN"
      "  RAISE EXCEPTION 'statement timeout' USING ERRCODE = 'query_canceled'; END IF;"
      " RETURN NEW; END $$;"
      "CREATE TRIGGER endless BEFORE INSERT ON report FOR EACH ROW EXECUTE FUNCTION endless()");
  const auto done = office.take(complaints(6), "6");
  CHECK(done.reports == 5);
  CHECK(done.quarantined == 1);
  CHECK(office.store->quarantine({office.mail, 10}).value().at(0).external_id == ExternalId("m4"));
  CHECK(office.store->channel(office.mail).value().cursor.value == "6");
}

TEST_CASE("however many forms come again at once, each is told its number, in one statement") {
  Office office;
  constexpr int k_forms = 120;
  const auto first = office.take(complaints(k_forms));
  const auto again = [&](int count) {
    Received received;
    received.posts = complaints(count);
    std::promise<Ingested> answer;
    office.intake.submit(office.mail, std::move(received),
                         [&](Result<Ingested> done) { answer.set_value(std::move(done).value()); });
    return answer.get_future().get();
  };
  const auto statements = [&](int count) {
    const auto before = office.store->statements();
    again(count);
    return office.store->statements() - before;
  };
  const auto told = again(k_forms);
  REQUIRE(told.filings.size() == k_forms);
  for (std::size_t i = 0; i < k_forms; ++i) {
    CHECK(told.filings[i].fate == Fate::repeated);
    CHECK(told.filings[i].report == first.filings[i].report);
    CHECK(told.filings[i].code == first.filings[i].code);
  }
  CHECK(statements(2) == statements(k_forms));
}

}  // namespace
}  // namespace kanal
