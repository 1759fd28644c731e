#include "store/search.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace kanal {
namespace {

using sql::Parameters;
using sql::Statement;

constexpr std::size_t k_most_words_bytes = 500;
constexpr int k_lot_rows = 2000;
// Rows stay locked while their words are taken in, at some 5 MB a second; whoever searches waits.
constexpr std::int64_t k_lot_bytes = 4'000'000;
constexpr std::int64_t k_newest_bytes = 1'000'000;
// Numbers are given before they are committed, so some behind the newest may still come: the look
// back is wider than any batch that could be on its way.
constexpr std::int64_t k_look_back = 20'000;

// Of what is missing, so much at once as has so many bytes, and one row in any case. The rows are
// locked, in the order in which all lock them, and read again, as one of them may be on its way to
// being erased.
struct Statements {
  Statement newest;
  Statement lot;
};

constexpr std::array<Statements, 2> k_statements{{
    {{"newest_reports",
      "WITH missing AS MATERIALIZED ("
      "  SELECT r.id, least(octet_length(r.text), 200000) AS bytes"
      "  FROM report AS r WHERE r.id > (SELECT max(id) - 1000 FROM report)"
      "  AND NOT EXISTS (SELECT FROM report_search AS s WHERE s.report = r.id)"
      "  ORDER BY r.id DESC),"
      " lot AS MATERIALIZED (SELECT id FROM ("
      "   SELECT id, sum(bytes) OVER (ORDER BY id DESC) - bytes AS before FROM missing) AS m"
      "  WHERE before < $1::bigint),"
      " locked AS MATERIALIZED (SELECT r.id, r.title, r.text FROM report AS r"
      "  WHERE r.id = ANY (ARRAY(SELECT id FROM lot))"
      "  ORDER BY r.id FOR SHARE OF r)"
      " INSERT INTO report_search (report, document, shown)"
      " SELECT l.id, d.document, d.shown"
      " FROM locked AS l, report_documents(l.title, l.text) AS d"
      " ON CONFLICT DO NOTHING"},
     {"index_reports",
      "WITH missing AS MATERIALIZED ("
      "  SELECT r.id, least(octet_length(r.text), 200000) AS bytes"
      "  FROM report AS r WHERE r.id > $1::bigint"
      "  AND NOT EXISTS (SELECT FROM report_search AS s WHERE s.report = r.id)"
      "  ORDER BY r.id LIMIT $2::integer),"
      " lot AS MATERIALIZED (SELECT id FROM ("
      "   SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS before FROM missing) AS m"
      "  WHERE before < $3::bigint),"
      " locked AS MATERIALIZED (SELECT r.id, r.title, r.text FROM report AS r"
      "  WHERE r.id = ANY (ARRAY(SELECT id FROM lot))"
      "  ORDER BY r.id FOR SHARE OF r),"
      " written AS (INSERT INTO report_search (report, document, shown)"
      "  SELECT l.id, d.document, d.shown"
      "  FROM locked AS l, report_documents(l.title, l.text) AS d"
      "  ON CONFLICT DO NOTHING)"
      " SELECT count(*), max(id), (SELECT count(*) FROM missing),"
      " (SELECT coalesce(max(id), 0) FROM report) FROM lot"}},
    {{"newest_posts",
      "WITH missing AS MATERIALIZED ("
      "  SELECT p.id, least(octet_length(coalesce(p.full_text, p.text)), 200000) AS bytes"
      "  FROM post AS p WHERE p.id > (SELECT max(id) - 1000 FROM post) AND NOT p.erased"
      "  AND NOT EXISTS (SELECT FROM post_search AS s WHERE s.post = p.id)"
      "  ORDER BY p.id DESC),"
      " lot AS MATERIALIZED (SELECT id FROM ("
      "   SELECT id, sum(bytes) OVER (ORDER BY id DESC) - bytes AS before FROM missing) AS m"
      "  WHERE before < $1::bigint),"
      " locked AS MATERIALIZED (SELECT p.id, p.subject, p.text, p.full_text FROM post AS p"
      "  WHERE p.id = ANY (ARRAY(SELECT id FROM lot)) AND NOT p.erased"
      "  ORDER BY p.id FOR SHARE OF p)"
      " INSERT INTO post_search (post, document)"
      " SELECT l.id, to_tsvector('indonesian',"
      "   left(l.subject || ' ' || coalesce(l.full_text, l.text), 200000)) FROM locked AS l"
      " ON CONFLICT DO NOTHING"},
     {"index_posts",
      "WITH missing AS MATERIALIZED ("
      "  SELECT p.id, least(octet_length(coalesce(p.full_text, p.text)), 200000) AS bytes"
      "  FROM post AS p WHERE p.id > $1::bigint AND NOT p.erased"
      "  AND NOT EXISTS (SELECT FROM post_search AS s WHERE s.post = p.id)"
      "  ORDER BY p.id LIMIT $2::integer),"
      " lot AS MATERIALIZED (SELECT id FROM ("
      "   SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS before FROM missing) AS m"
      "  WHERE before < $3::bigint),"
      " locked AS MATERIALIZED (SELECT p.id, p.subject, p.text, p.full_text FROM post AS p"
      "  WHERE p.id = ANY (ARRAY(SELECT id FROM lot)) AND NOT p.erased"
      "  ORDER BY p.id FOR SHARE OF p),"
      " written AS (INSERT INTO post_search (post, document)"
      "  SELECT l.id, to_tsvector('indonesian',"
      "    left(l.subject || ' ' || coalesce(l.full_text, l.text), 200000)) FROM locked AS l"
      "  ON CONFLICT DO NOTHING)"
      " SELECT count(*), max(id), (SELECT count(*) FROM missing),"
      " (SELECT coalesce(max(id), 0) FROM post) FROM lot"}},
}};

}  // namespace

Result<> WordIndex::top_up(Of what) {
  const auto which = static_cast<std::size_t>(what);
  const std::scoped_lock lock(progress_.at(which).topping_up);
  return pool_.transact([&](sql::Work& work) -> Result<> {
    work.run(k_statements.at(which).newest, Parameters() << k_newest_bytes);
    return {};
  });
}

Result<std::size_t> WordIndex::index(Of what) {
  struct Lot {
    std::int64_t rows = 0;
    std::int64_t last = 0;
    std::int64_t missing = 0;
    std::int64_t newest = 0;
  };
  const auto which = static_cast<std::size_t>(what);
  auto& progress = progress_.at(which);
  const std::scoped_lock lock(progress.indexing);
  const auto lot = TRY(pool_.transact([&](sql::Work& work) -> Result<Lot> {
    const auto row = work.run(k_statements.at(which).lot,
                              Parameters() << progress.complete_to << k_lot_rows << k_lot_bytes)[0];
    const auto rows = sql::number(row[0]);
    return Lot{rows, rows == 0 ? 0 : sql::number(row[1]), sql::number(row[2]), sql::number(row[3])};
  }));
  const bool more = lot.rows < lot.missing || lot.missing == k_lot_rows;
  progress.complete_to = more ? lot.last : std::max<std::int64_t>(0, lot.newest - k_look_back);
  return static_cast<std::size_t>(lot.rows);
}

std::string clip_words(std::string_view words) {
  return std::string(clip_utf8(trim(words), k_most_words_bytes));
}

}  // namespace kanal
