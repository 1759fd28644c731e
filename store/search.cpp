#include "store/search.hpp"

#include "core/text.hpp"

namespace kanal {
namespace {

using sql::Statement;

constexpr std::size_t k_most_words_bytes = 500;
constexpr int k_most_pieces = 10;
constexpr std::size_t k_piece_rows = 2000;

// Numbers are given before they are committed, so some behind the newest may still come: the look
// back is wider than any batch that could be on its way. The rows are locked and read again, as one
// of them may be on its way to being erased.
constexpr Statement k_index_reports{
    "index_reports",
    "WITH locked AS MATERIALIZED ("
    "  SELECT r.id, r.title, r.text FROM report AS r"
    "  WHERE r.id > (SELECT coalesce(max(report), 0) - 20000 FROM report_search)"
    "  AND NOT EXISTS (SELECT FROM report_search AS s WHERE s.report = r.id)"
    "  ORDER BY r.id LIMIT 2000 FOR SHARE OF r)"
    " INSERT INTO report_search (report, document, shown)"
    " SELECT l.id, d.document, d.shown FROM locked AS l, report_documents(l.title, l.text) AS d"
    " ON CONFLICT DO NOTHING"};

constexpr Statement k_index_posts{
    "index_posts",
    "WITH locked AS MATERIALIZED ("
    "  SELECT p.id, p.subject, p.text, p.full_text FROM post AS p"
    "  WHERE p.id > (SELECT coalesce(max(post), 0) - 20000 FROM post_search)"
    "  AND NOT EXISTS (SELECT FROM post_search AS s WHERE s.post = p.id) AND NOT p.erased"
    "  ORDER BY p.id LIMIT 2000 FOR SHARE OF p)"
    " INSERT INTO post_search (post, document)"
    " SELECT l.id, to_tsvector('indonesian',"
    "   left(l.subject || ' ' || coalesce(l.full_text, l.text), 200000))"
    " FROM locked AS l ON CONFLICT DO NOTHING"};

Result<> index_pieces(sql::Pool& pool, const Statement& statement) {
  for (int pieces = 0; pieces < k_most_pieces; ++pieces) {
    const auto rows = TRY(pool.transact([&](sql::Work& work) -> Result<std::size_t> {
      return work.run(statement).affected_rows();
    }));
    if (rows < k_piece_rows) break;
  }
  return {};
}

}  // namespace

Result<> index_reports(sql::Pool& pool) {
  return index_pieces(pool, k_index_reports);
}
Result<> index_posts(sql::Pool& pool) {
  return index_pieces(pool, k_index_posts);
}

std::string clip_words(std::string_view words) {
  return std::string(clip_utf8(trim(words), k_most_words_bytes));
}

}  // namespace kanal
