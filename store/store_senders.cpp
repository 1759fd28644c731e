#include <algorithm>

#include "store/acts.hpp"
#include "store/inside.hpp"

namespace kanal {
namespace {

using sql::Parameters;
using sql::Statement;

constexpr Statement k_block{"block",
                            "UPDATE reporter SET blocked = $2::boolean WHERE id = $1::bigint"
                            " AND blocked <> $2::boolean"};
constexpr Statement k_known{"known_reporter", "SELECT FROM reporter WHERE id = $1::bigint"};

// Who did it and why stands in the log of acts alone, where nothing is ever changed.
constexpr const char* k_blocked_columns =
    "SELECT r.id, r.channel, micros(coalesce(a.at, r.first_seen)), coalesce(a.officer, 0),"
    " coalesce(a.reason, ''), coalesce((SELECT max(p.id) FROM post AS p WHERE p.reporter = r.id), "
    "0)"
    " FROM reporter AS r LEFT JOIN LATERAL (SELECT * FROM act AS every WHERE every.act = 'block'"
    "   AND every.subject = 'reporter ' || r.id ORDER BY every.id DESC LIMIT 1) AS a ON true"
    " WHERE r.blocked";

// Behind one who has been let through meanwhile too.
constexpr const char* k_in_order =
    " AND ($2::bigint = 0 OR (-coalesce(a.id, 0), r.id) > ((SELECT -coalesce(max(last.id), 0)"
    "   FROM act AS last WHERE last.act = 'block'"
    "   AND last.subject = 'reporter ' || $2::bigint), $2::bigint))"
    " ORDER BY coalesce(a.id, 0) DESC, r.id LIMIT $1::integer";

BlockedSender read_blocked(const pqxx::row& row) {
  BlockedSender blocked;
  blocked.reporter = ReporterId(sql::number(row[0]));
  blocked.channel = ChannelName(sql::text(row[1]));
  blocked.since = sql::time(row[2]);
  blocked.by = OfficerId(sql::number(row[3]));
  blocked.reason = sql::text(row[4]);
  blocked.newest_post = PostId(sql::number(row[5]));
  return blocked;
}

Result<std::vector<BlockedSender>> read_all(sql::Pool& pool, const char* rest,
                                            const Parameters& parameters) {
  const auto text = std::string(k_blocked_columns) + rest;
  return pool.read([&](sql::Work& work) -> Result<std::vector<BlockedSender>> {
    std::vector<BlockedSender> all;
    for (const auto& row : work.run_once(text, parameters)) all.push_back(read_blocked(row));
    return all;
  });
}

}  // namespace

Result<bool> Store::block(ReporterId reporter, bool blocked, const Actor& who,
                          std::string_view why) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<bool> {
    const auto done = work.run(k_block, Parameters() << reporter.value() << blocked);
    if (done.affected_rows() == 0) {
      if (!work.run(k_known, Parameters() << reporter.value()).empty()) return false;
      return fail(Remedy::drop, "There is no such reporter");
    }
    record_act(work, inside_->clock.now(), who, blocked ? "block" : "unblock",
               "reporter " + std::to_string(reporter.value()), why);
    return true;
  });
}

Result<std::optional<BlockedSender>> Store::blocked(ReporterId reporter) {
  auto all =
      TRY(read_all(inside_->pool, " AND r.id = $1::bigint", Parameters() << reporter.value()));
  if (all.empty()) return std::optional<BlockedSender>();
  return std::optional(std::move(all.front()));
}

Result<std::vector<BlockedSender>> Store::blocked_senders(int most, ReporterId after) {
  return read_all(inside_->pool, k_in_order,
                  Parameters() << std::clamp(most, 0, k_most_rows) << after.value());
}

}  // namespace kanal
