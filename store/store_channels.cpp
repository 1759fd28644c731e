#include "format/usage.hpp"
#include "store/canary.hpp"
#include "store/inside.hpp"
#include "store/rows.hpp"

namespace kanal {
namespace {

using sql::Parameters;
using sql::Statement;

// Days begin in Western Indonesia. "Usual" counts whole hours only, so that it errs to the low side
// and no quiet minute alarms anybody. Whom a message was for stands sealed: one of before the last
// handing over was for an office that the report may have left.
constexpr const char* k_channel_columns =
    "SELECT c.name, c.cursor, c.health, micros(c.health_since), c.advice, c.paused,"
    " micros(c.last_success), micros(c.last_post),"
    " (SELECT coalesce(sum(h.posts), 0)::bigint FROM channel_hour AS h WHERE h.channel = c.name"
    "   AND h.hour >= t.today AND h.hour <= t.now),"
    " (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY d.posts) FROM ("
    "   SELECT (SELECT coalesce(sum(h.posts), 0)::bigint FROM channel_hour AS h"
    "     WHERE h.channel = c.name AND h.hour >= t.today - n * interval '1 day'"
    "     AND h.hour < date_trunc('hour', t.now) - n * interval '1 day') AS posts"
    "   FROM generate_series(1, 14) AS n) AS d),"
    " micros(k.sent_at), micros(k.missing_since), micros(k.seen_at), c.usage, "
    "coalesce(c.used_apart, ''),"
    " (SELECT count(*) FROM outbox AS o JOIN report AS r ON r.id = o.report"
    "   AND r.state IN ('at_agency', 'at_unit', 'in_progress', 'reopened')"
    "   WHERE o.channel = c.name AND o.address IS NOT NULL AND o.text <> ''"
    "   AND o.state IN ('failed', 'uncertain')"
    "   AND (o.state = 'failed' OR o.settled_at <= t.now - interval '15 minutes')"
    "   AND left(o.detail, length($2::text)) <> $2::text AND goes_to_office(o)"
    "   AND o.step >= (SELECT coalesce(max(e.step), 0) FROM entry AS e"
    "     WHERE e.report = o.report AND e.event IN ('verify', 'dispose'))),"
    " micros(c.backfill_from), coalesce(c.backfill_cursor, ''),"
    " coalesce(c.backfill_posts, 0), micros(c.backfill_at)"
    " FROM channel AS c LEFT JOIN canary AS k ON k.channel = c.name, (SELECT $1::timestamptz AS "
    "now,"
    "   date_trunc('day', $1::timestamptz, 'Asia/Jakarta') AS today) AS t";

constexpr Statement k_channel_names{"channel_names", "SELECT name FROM channel ORDER BY name"};

constexpr Statement k_save_health{
    "save_health",
    "INSERT INTO channel AS c (name, health, health_since, advice, last_success)"
    " VALUES ($1::text, $2::text, $4::timestamptz, $3::text,"
    " CASE WHEN $6::boolean OR $2::text IN ('working', 'waiting') THEN $4::timestamptz END)"
    " ON CONFLICT (name) DO UPDATE SET health = EXCLUDED.health,"
    " health_since = CASE WHEN c.health = EXCLUDED.health THEN c.health_since"
    "                     ELSE EXCLUDED.health_since END,"
    " advice = EXCLUDED.advice,"
    " last_success = coalesce(EXCLUDED.last_success, c.last_success)"
    " WHERE $5::bigint IN (0, c.epoch) RETURNING 1"};

constexpr Statement k_save_usage{
    "save_usage",
    "UPDATE channel SET usage = $2::text WHERE name = $1::text AND $3::bigint IN (0, epoch)"
    " RETURNING 1"};

// Epochs begin at 1.
std::int64_t epoch_of(const std::optional<Lease>& lease) {
  return lease ? lease->epoch : 0;
}

constexpr Statement k_set_paused{
    "set_paused",
    "INSERT INTO channel (name, paused, health_since) VALUES ($1::text, $2::boolean,"
    " $3::timestamptz) ON CONFLICT (name) DO UPDATE SET paused = EXCLUDED.paused"};

constexpr Statement k_save_used_apart{
    "save_used_apart",
    "INSERT INTO channel (name, used_apart, health_since) VALUES ($1::text, $2::text,"
    " $3::timestamptz) ON CONFLICT (name) DO UPDATE SET used_apart = EXCLUDED.used_apart"};

// A lease that ran out begins a new epoch even for the node that had it.
constexpr Statement k_lease{
    "lease",
    "INSERT INTO channel AS c (name, node, epoch, leased_until, health_since)"
    " VALUES ($1::text, $2::text, 1, $4::timestamptz, $3::timestamptz)"
    " ON CONFLICT (name) DO UPDATE SET node = EXCLUDED.node, leased_until = EXCLUDED.leased_until,"
    " epoch = CASE WHEN c.node = EXCLUDED.node AND c.leased_until > $3::timestamptz THEN c.epoch"
    "              ELSE c.epoch + 1 END"
    " WHERE c.node = EXCLUDED.node OR c.leased_until IS NULL OR c.leased_until <= $3::timestamptz"
    " RETURNING epoch"};

constexpr Statement k_save_backfill{
    "save_backfill",
    "INSERT INTO channel (name, backfill_from, backfill_cursor, backfill_posts, backfill_at,"
    " health_since) VALUES ($1::text, $2::timestamptz, $3::text, $4::bigint, $5::timestamptz,"
    " $6::timestamptz) ON CONFLICT (name) DO UPDATE SET backfill_from = EXCLUDED.backfill_from,"
    " backfill_cursor = EXCLUDED.backfill_cursor, backfill_posts = EXCLUDED.backfill_posts,"
    " backfill_at = EXCLUDED.backfill_at"};

constexpr Statement k_end_backfill{
    "end_backfill",
    "UPDATE channel SET backfill_from = NULL, backfill_cursor = NULL, backfill_posts = NULL,"
    " backfill_at = NULL WHERE name = $1::text"};

constexpr Statement k_next_canary{
    "next_canary",
    "INSERT INTO canary AS c (channel, token, sent_at, missing_since)"
    " VALUES ($1::text, $2::text, $3::timestamptz, $3::timestamptz)"
    " ON CONFLICT (channel) DO UPDATE SET token = EXCLUDED.token, sent_at = EXCLUDED.sent_at,"
    " missing_since = coalesce(c.missing_since, EXCLUDED.missing_since)"
    " WHERE c.sent_at IS NULL OR c.sent_at <= $4::timestamptz RETURNING 1"};

constexpr Statement k_withdraw_canary{
    "withdraw_canary",
    "UPDATE canary SET sent_at = NULL, missing_since ="
    " CASE WHEN $2::text <> '' AND missing_since < sent_at THEN missing_since END"
    " WHERE channel = $1::text AND $2::text IN (token, '')"};

ChannelRecord read_channel(const pqxx::row& row) {
  ChannelRecord record;
  record.name = ChannelName(sql::text(row[0]));
  record.cursor = Cursor{sql::text(row[1])};
  record.health = health_of(sql::text(row[2]));
  record.health_since = sql::time(row[3]);
  record.said = sql::text(row[4]);
  record.paused = sql::truth(row[5]);
  record.last_success = sql::maybe_time(row[6]);
  record.last_post = sql::maybe_time(row[7]);
  record.posts_today = sql::number(row[8]);
  record.posts_usual = sql::number(row[9]);
  record.canary_sent = sql::maybe_time(row[10]);
  record.canary_missing = sql::maybe_time(row[11]);
  record.canary_seen = sql::maybe_time(row[12]);
  record.usage = parse_usage(sql::text(row[13]));
  record.used_apart = Cursor{sql::text(row[14])};
  record.offices_untold = sql::number(row[15]);
  if (const auto from = sql::maybe_time(row[16])) {
    record.backfill = {*from, {sql::text(row[17])}, sql::number(row[18]), sql::time(row[19])};
  }
  return record;
}

}  // namespace

Result<ChannelRecord> Store::channel(const ChannelName& name) {
  static const std::string text = std::string(k_channel_columns) + " WHERE c.name = $3::text";
  static const Statement statement{"channel", text.c_str()};
  const auto now = inside_->clock.now();
  return inside_->pool.read([&](sql::Work& work) -> Result<ChannelRecord> {
    const auto rows = work.run(statement, Parameters() << now << k_given_up << name.value());
    if (!rows.empty()) return read_channel(rows[0]);
    ChannelRecord unused;
    unused.name = name;
    unused.health_since = now;
    return unused;
  });
}

Result<std::vector<ChannelRecord>> Store::channels() {
  static const std::string text = std::string(k_channel_columns) + " ORDER BY c.name";
  static const Statement statement{"channels", text.c_str()};
  return inside_->pool.read([&](sql::Work& work) -> Result<std::vector<ChannelRecord>> {
    std::vector<ChannelRecord> records;
    for (const auto& row :
         work.run(statement, Parameters() << inside_->clock.now() << k_given_up)) {
      records.push_back(read_channel(row));
    }
    return records;
  });
}

Result<std::vector<ChannelName>> Store::channel_names() {
  return inside_->pool.read([](sql::Work& work) -> Result<std::vector<ChannelName>> {
    std::vector<ChannelName> names;
    for (const auto& row : work.run(k_channel_names)) names.emplace_back(sql::text(row[0]));
    return names;
  });
}

Result<bool> Store::save_health(const ChannelName& name, Health health, std::string_view said,
                                const std::optional<Lease>& lease, bool reads) {
  const bool saved = TRY(inside_->pool.transact([&](sql::Work& work) -> Result<bool> {
    const auto rows =
        work.run(k_save_health, Parameters() << name.value() << kanal::name(health) << said
                                             << inside_->clock.now() << epoch_of(lease) << reads);
    return !rows.empty();
  }));
  inside_->notifier.touch();
  return saved;
}

Result<bool> Store::save_usage(const ChannelName& name, const Usage& usage,
                               const std::optional<Lease>& lease) {
  JsonWriter out;
  write_usage(out, usage);
  const bool saved = TRY(inside_->pool.transact([&](sql::Work& work) -> Result<bool> {
    const auto rows =
        work.run(k_save_usage, Parameters() << name.value() << out.text() << epoch_of(lease));
    return !rows.empty();
  }));
  inside_->notifier.touch();
  return saved;
}

Result<> Store::set_paused(const ChannelName& name, bool paused) {
  TRY(inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run(k_set_paused, Parameters() << name.value() << paused << inside_->clock.now());
    return {};
  }));
  inside_->notifier.touch({name});
  return {};
}

Result<> Store::save_used_apart(const ChannelName& name, const Cursor& used) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run(k_save_used_apart, Parameters() << name.value() << used.value << inside_->clock.now());
    return {};
  });
}

Result<> Store::save_backfill(const ChannelName& name,
                              const std::optional<BackfillRecord>& backfill) {
  TRY(inside_->pool.transact([&](sql::Work& work) -> Result<> {
    if (backfill) {
      work.run(k_save_backfill, Parameters()
                                    << name.value() << backfill->from << backfill->cursor.value
                                    << backfill->posts << backfill->at << inside_->clock.now());
    } else {
      work.run(k_end_backfill, Parameters() << name.value());
    }
    return {};
  }));
  inside_->notifier.touch();
  return {};
}

Result<std::optional<std::string>> Store::next_canary(const ChannelName& name,
                                                      std::chrono::seconds every) {
  const auto token = fresh_canary();
  return inside_->pool.transact([&](sql::Work& work) -> Result<std::optional<std::string>> {
    const auto now = inside_->clock.now();
    const auto rows =
        work.run(k_next_canary, Parameters() << name.value() << token << now << now - every);
    return rows.empty() ? std::nullopt : std::optional(token);
  });
}

Result<> Store::withdraw_canary(const ChannelName& name, std::string_view token) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run(k_withdraw_canary, Parameters() << name.value() << token);
    return {};
  });
}

Result<std::optional<Lease>> Store::lease(const ChannelName& name, std::string_view node,
                                          std::chrono::milliseconds duration) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<std::optional<Lease>> {
    const auto now = inside_->clock.now();
    const auto rows =
        work.run(k_lease, Parameters() << name.value() << node << now << now + duration);
    if (rows.empty()) return std::optional<Lease>();
    return std::optional<Lease>(Lease{name, sql::number(rows[0][0])});
  });
}

}  // namespace kanal
