#include <chrono>
#include <functional>
#include <future>
#include <thread>

#include <catch2/catch.hpp>
#include <pqxx/connection>
#include <pqxx/transaction>

#include "core/file_link.hpp"
#include "core/visibility.hpp"
#include "store/test_world.hpp"

using namespace kanal;
using namespace kanal::testing;

namespace {

// As an import leaves them: the number in the text.
void import(const World& world, int from, int to) {
  const auto range = std::to_string(from) + ", " + std::to_string(to);
  const auto trouble = world.database.ask(
      "INSERT INTO post (id, channel, external_id, reporter, fate, reason, report, subject, text,"
      " language, stages, posted_at, received_at) OVERRIDING SYSTEM VALUE"
      " SELECT n, 'old', 'i' || n, 1, 'report', '', n, '', 'Lubang nomor' || n, 'id', '[]',"
      " now(), now() FROM generate_series(" +
      range +
      ") AS n;"
      "INSERT INTO report SELECT made.* FROM report AS r, generate_series(" +
      range +
      ") AS n, LATERAL json_populate_record(r, json_build_object('id', n, 'code', 'c' || n,"
      " 'text', 'Lubang nomor' || n)) AS made WHERE r.id = (SELECT min(id) FROM report)");
  INFO(trouble);
  REQUIRE(trouble.empty());
}

bool finds(const World& world, int number) {
  PostFilter filter;
  filter.words = "nomor" + std::to_string(number);
  const bool post = world.store->find_posts(filter).value().size() == 1;
  const bool report = world.reports_with(filter.words).size() == 1;
  CHECK(post == report);
  return post && report;
}

int count(const World& world, const std::string& table) {
  return std::stoi(world.database.ask("SELECT count(*) FROM " + table));
}

}  // namespace

TEST_CASE("after an import the newest is found at once, and all when the index has come along") {
  World world;
  world.file(world.post("m1", "Jalan rusak"));
  import(world, 1001, 25'000);
  CHECK(finds(world, 25'000));
  // Whoever searches takes in a small number, and no more by searching again.
  CHECK(finds(world, 25'000));
  CHECK(count(world, "post_search") <= 1000);
  CHECK(count(world, "report_search") <= 1000);
  std::size_t lots = 0;
  while (world.store->index_words().value() > 0) ++lots;
  CHECK(lots > 3);
  for (const int number : {1001, 2000, 12'345, 24'000, 25'000}) {
    INFO(number);
    CHECK(finds(world, number));
  }
  CHECK(count(world, "post_search") == count(world, "post"));
  CHECK(count(world, "report_search") == count(world, "report"));
}

TEST_CASE("what was numbered before others and committed after them is found too") {
  World world;
  world.file(world.post("m1", "Jalan rusak"));
  import(world, 2001, 12'000);
  while (world.store->index_words().value() > 0) continue;
  import(world, 1001, 2000);
  CHECK(world.store->index_words().value() == 2000);
  CHECK(finds(world, 1500));
}

TEST_CASE("no text of a sender's takes long to be taken into the public's index") {
  const World world;
  for (const auto& [piece, times, end] : {std::tuple{"a", 200'000, " a@b"},
                                          {"ab\"", 60'000, " a@b"},
                                          {"a@", 90'000, " "},
                                          {"\" ", 90'000, "\"@b"},
                                          {"1 ", 90'000, "x"},
                                          {"@ ", 90'000, ""}}) {
    INFO(piece);
    const auto answer = world.database.ask(
        "SET statement_timeout = '20s'; SELECT length(shown_words(repeat('" + std::string(piece) +
        "', " + std::to_string(times) + ") || '" + end + "')) < 300000");
    CHECK(answer == "t");
  }
}

// What is blotted out on a page must not be found by searching either.
TEST_CASE("the public's index holds no word that a public page leaves out") {
  const World world;
  for (const std::string text :
       {"tel 0812......3456......7890 x", "tel 0812,3456,7890 x", "tel 0812 - -- - 3456 7890",
        "surel budi @ gmail.com ya", "surel \"budi santoso\"@gmail.com ya",
        "surel nguyễn@gmail.com ya", "lampu mati\nFoto: https://foto.example/rahasia/1.jpg",
        "Berkas: https://berkas.example/2.pdf",
        "\u0660\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667",
        "\u1b50\u1b58\u1b51\u1b52,\u1b53\u1b54\u1b55\u1b56,\u1b57\u1b58\u1b59\u1b50",
        "62 (813) 345 678 90", "0814/5678/9012", "5108_0101_9001_0001",
        "budi08123456789@example.org"}) {
    INFO(text);
    const auto shown = redact_personal(without_file_links(text));
    CHECK(world.database.ask("SELECT string_agg(word, ' ') FROM ("
                             "SELECT unnest(tsvector_to_array(coalesce(d.shown, d.document)))"
                             " FROM report_documents('', $$" +
                             text +
                             "$$) AS d EXCEPT SELECT unnest(tsvector_to_array("
                             "to_tsvector('indonesian', $$" +
                             shown + "$$)))) AS extra (word)") == "");
  }
}

TEST_CASE("long letters are taken in few at a time, and all in the end") {
  World world;
  const auto trouble = world.database.ask(
      "INSERT INTO post (channel, external_id, reporter, fate, reason, subject, text, full_text,"
      " language, stages, posted_at, received_at)"
      " SELECT 'old', 'i' || n, 1, 'screened', '', '', 'Jalan', 'nomor' || n || repeat(' jalan',"
      " 40000), 'id', '[]', now(), now() FROM generate_series(1, 50) AS n");
  REQUIRE(trouble.empty());
  PostFilter filter;
  filter.words = "nomor50";
  CHECK(world.store->find_posts(filter).value().size() == 1);
  const int by_searching = count(world, "post_search");
  CHECK(by_searching < 10);
  const auto lot = world.store->index_words().value();
  CHECK(lot > 0);
  CHECK(lot < 30);
  while (world.store->index_words().value() > 0) continue;
  CHECK(count(world, "post_search") == 50);
}

TEST_CASE("whoever searches locks in the order in which everybody locks") {
  World world;
  const auto low = world.file(world.post("m1", "Jalan rusak"));
  const auto high = world.file(world.post("m2", "Lampu mati"));
  pqxx::connection apart(world.database.url());
  pqxx::work holding(apart);
  const auto lock = [](ReportId id) {
    return "SELECT FROM report WHERE id = " + std::to_string(id.value()) + " FOR UPDATE NOWAIT";
  };
  holding.exec(lock(low));
  auto searching = std::async(std::launch::async, [&] { return world.reports_with("jalan"); });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(180);
  while (world.database.ask("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted") != "t") {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK_NOTHROW(holding.exec(lock(high)));
  holding.abort();
  CHECK(searching.get().size() == 1);
}
