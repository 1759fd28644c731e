#include "store/search.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace kanal {
namespace {

using sql::Parameters;
using sql::Statement;

constexpr std::size_t k_most_words_bytes = 500;
constexpr std::size_t k_lot_rows = 2000;
// Numbers are given before they are committed, so some behind the newest may still come: the look
// back is wider than any batch that could be on its way.
constexpr std::int64_t k_look_back = 20'000;

// The rows are locked and read again, as one of them may be on its way to being erased.
struct Statements {
  Statement newest;
  Statement lot;
};

constexpr std::array<Statements, 2> k_statements{{
    {{"newest_reports",
      "WITH locked AS MATERIALIZED ("
      "  SELECT r.id, r.title, r.text FROM report AS r"
      "  WHERE r.id > (SELECT max(id) - 1000 FROM report)"
      "  AND NOT EXISTS (SELECT FROM report_search AS s WHERE s.report = r.id)"
      "  ORDER BY r.id DESC FOR SHARE OF r)"
      " INSERT INTO report_search (report, document, shown)"
      " SELECT l.id, d.document, d.shown FROM locked AS l, report_documents(l.title, l.text) AS d"
      " ON CONFLICT DO NOTHING"},
     {"index_reports",
      "WITH locked AS MATERIALIZED ("
      "  SELECT r.id, r.title, r.text FROM report AS r WHERE r.id > $1::bigint"
      "  AND NOT EXISTS (SELECT FROM report_search AS s WHERE s.report = r.id)"
      "  ORDER BY r.id LIMIT $2::integer FOR SHARE OF r),"
      " written AS (INSERT INTO report_search (report, document, shown)"
      "  SELECT l.id, d.document, d.shown FROM locked AS l, report_documents(l.title, l.text) AS d"
      "  ON CONFLICT DO NOTHING)"
      " SELECT count(*), max(id), (SELECT coalesce(max(id), 0) FROM report) FROM locked"}},
    {{"newest_posts",
      "WITH locked AS MATERIALIZED ("
      "  SELECT p.id, p.subject, p.text, p.full_text FROM post AS p"
      "  WHERE p.id > (SELECT max(id) - 1000 FROM post)"
      "  AND NOT EXISTS (SELECT FROM post_search AS s WHERE s.post = p.id) AND NOT p.erased"
      "  ORDER BY p.id DESC FOR SHARE OF p)"
      " INSERT INTO post_search (post, document)"
      " SELECT l.id, to_tsvector('indonesian',"
      "   left(l.subject || ' ' || coalesce(l.full_text, l.text), 200000))"
      " FROM locked AS l ON CONFLICT DO NOTHING"},
     {"index_posts",
      "WITH locked AS MATERIALIZED ("
      "  SELECT p.id, p.subject, p.text, p.full_text FROM post AS p WHERE p.id > $1::bigint"
      "  AND NOT EXISTS (SELECT FROM post_search AS s WHERE s.post = p.id) AND NOT p.erased"
      "  ORDER BY p.id LIMIT $2::integer FOR SHARE OF p),"
      " written AS (INSERT INTO post_search (post, document)"
      "  SELECT l.id, to_tsvector('indonesian',"
      "   left(l.subject || ' ' || coalesce(l.full_text, l.text), 200000))"
      "  FROM locked AS l ON CONFLICT DO NOTHING)"
      " SELECT count(*), max(id), (SELECT coalesce(max(id), 0) FROM post) FROM locked"}},
}};

}  // namespace

Result<> WordIndex::top_up(Of what) {
  const auto which = static_cast<std::size_t>(what);
  const std::scoped_lock lock(progress_.at(which).topping_up);
  return pool_.transact([&](sql::Work& work) -> Result<> {
    work.run(k_statements.at(which).newest);
    return {};
  });
}

Result<std::size_t> WordIndex::index(Of what) {
  struct Lot {
    std::size_t rows = 0;
    std::int64_t last = 0;
    std::int64_t newest = 0;
  };
  const auto which = static_cast<std::size_t>(what);
  auto& progress = progress_.at(which);
  const std::scoped_lock lock(progress.indexing);
  const auto lot = TRY(pool_.transact([&](sql::Work& work) -> Result<Lot> {
    const auto row =
        work.run(k_statements.at(which).lot,
                 Parameters() << progress.complete_to << static_cast<int>(k_lot_rows))[0];
    const auto rows = static_cast<std::size_t>(sql::number(row[0]));
    return Lot{rows, rows == 0 ? 0 : sql::number(row[1]), sql::number(row[2])};
  }));
  progress.complete_to =
      lot.rows == k_lot_rows ? lot.last : std::max<std::int64_t>(0, lot.newest - k_look_back);
  return lot.rows;
}

std::string clip_words(std::string_view words) {
  return std::string(clip_utf8(trim(words), k_most_words_bytes));
}

}  // namespace kanal
