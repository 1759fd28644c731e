#include <algorithm>

#include "store/acts.hpp"
#include "store/inside.hpp"
#include "store/rows.hpp"

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Type;

constexpr const char* k_officer_columns =
    "SELECT o.id, o.username, o.name, o.role, o.agency, o.unit, o.password_hash, o.disabled,"
    " (SELECT micros(max(f.locked_until)) FROM sign_in_failure AS f WHERE f.officer = o.id)"
    " FROM officer AS o ";

constexpr Statement k_insert_officer{
    "insert_officer",
    "INSERT INTO officer (username, name, role, agency, unit, password_hash, disabled)"
    " VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::boolean)"
    " ON CONFLICT (username) DO NOTHING RETURNING id"};

constexpr Statement k_update_officer{
    "update_officer",
    "UPDATE officer SET username = $1::text, name = $2::text, role = $3::text, agency = $4::text,"
    " unit = $5::text, password_hash = $6::text, disabled = $7::boolean WHERE id = $8::bigint"
    " RETURNING id"};

constexpr Statement k_disable_officer{
    "disable_officer", "UPDATE officer SET disabled = $2::boolean WHERE id = $1::bigint"};
constexpr Statement k_set_password{
    "set_password", "UPDATE officer SET password_hash = $2::text WHERE id = $1::bigint"};
constexpr Statement k_set_remit{
    "set_remit",
    "UPDATE officer SET name = $2::text, role = $3::text, agency = $4::text, unit = $5::text"
    " WHERE id = $1::bigint"};

constexpr Statement k_national_admins{
    "national_admins",
    "SELECT id FROM officer WHERE role = 'national_admin' AND NOT disabled ORDER BY id FOR UPDATE"};

constexpr Statement k_user_name{"user_name", "SELECT username FROM officer WHERE id = $1::bigint"};

constexpr Statement k_sign_in_locked{
    "sign_in_locked",
    "SELECT micros(max(locked_until)) FROM sign_in_failure"
    " WHERE key = ANY($1::bytea[]) AND locked_until > $2::timestamptz"};
constexpr Statement k_count_failure{
    "count_failure",
    "INSERT INTO sign_in_failure AS f (key, officer, failures, last_at)"
    " VALUES ($1::bytea, nullif($2::bigint, 0), 1, $3::timestamptz)"
    " ON CONFLICT (key) DO UPDATE SET officer = EXCLUDED.officer, last_at = EXCLUDED.last_at,"
    " failures = CASE WHEN f.last_at < $4::timestamptz THEN 1 ELSE f.failures + 1 END"
    " RETURNING failures"};
constexpr Statement k_lock_sign_in{
    "lock_sign_in",
    "UPDATE sign_in_failure SET locked_until = $2::timestamptz WHERE key = $1::bytea"};
constexpr Statement k_drop_old_failures{
    "drop_old_failures",
    "DELETE FROM sign_in_failure WHERE key IN (SELECT key FROM sign_in_failure"
    " WHERE last_at < $1::timestamptz FOR UPDATE SKIP LOCKED)"};
constexpr Statement k_drop_many_failures{
    "drop_many_failures",
    "DELETE FROM sign_in_failure WHERE last_at < (SELECT last_at FROM sign_in_failure"
    " ORDER BY last_at DESC OFFSET $1::integer LIMIT 1)"};
constexpr Statement k_clear_failures{"clear_failures",
                                     "DELETE FROM sign_in_failure WHERE key = $1::bytea"};
constexpr Statement k_is_unchanged{
    "is_unchanged",
    "SELECT FROM officer WHERE id = $1::bigint AND NOT disabled AND password_hash = $2::text"};
constexpr Statement k_forgive{
    "forgive",
    "DELETE FROM sign_in_failure WHERE officer = $1::bigint AND EXISTS (SELECT FROM officer"
    " WHERE id = $1::bigint AND password_hash <> $2::text)"};
constexpr Statement k_change_password{
    "change_password",
    "UPDATE officer SET password_hash = $3::text"
    " WHERE id = $1::bigint AND NOT disabled AND password_hash = $2::text RETURNING id"};

constexpr Statement k_save_session{
    "save_session",
    "INSERT INTO session (token_hash, officer, until, label, started_at)"
    " VALUES ($1::bytea, $2::bigint, $3::timestamptz, $4::text, $5::timestamptz)"};
constexpr Statement k_save_child{
    "save_child",
    "INSERT INTO session (token_hash, officer, until, label, started_at, parent)"
    " SELECT $1::bytea, p.officer, least($3::timestamptz, p.until), $4::text, $5::timestamptz,"
    " p.token_hash FROM session AS p WHERE p.token_hash = $2::bytea AND p.until > $5::timestamptz"
    " RETURNING micros(until)"};
constexpr Statement k_lengthen_session{
    "lengthen_session", "UPDATE session SET until = $2::timestamptz WHERE token_hash = $1::bytea"};
constexpr Statement k_drop_old_sessions{"drop_old_sessions",
                                        "DELETE FROM session WHERE until <= $1::timestamptz"};
constexpr Statement k_end_session{"end_session",
                                  "DELETE FROM session WHERE token_hash = $1::bytea"};
constexpr Statement k_end_sessions{
    "end_sessions",
    "DELETE FROM session WHERE officer = $1::bigint AND ($2::text = '' OR label = $2::text)"};

constexpr Statement k_record_act{
    "record_act",
    "INSERT INTO act (at, role, officer, act, subject, reason) VALUES ($1::timestamptz, $2::text,"
    " nullif($3::bigint, 0), $4::text, $5::text, $6::text)"};

constexpr int k_most_failures = 50'000;
constexpr std::chrono::hours k_failure_life{24};

std::chrono::minutes lock_time(int failures_beyond) {
  constexpr std::chrono::minutes k_longest{60};
  return std::min(std::chrono::minutes(1LL << std::min(failures_beyond, 6)), k_longest);
}

Officer read_officer(const pqxx::row& row) {
  Officer officer;
  officer.id = OfficerId(sql::number(row[0]));
  officer.user = sql::text(row[1]);
  officer.name = sql::text(row[2]);
  officer.role = role_of(sql::text(row[3])).value_or(Role::auditor);
  officer.agency = AgencyId(sql::text(row[4]));
  officer.unit = UnitId(sql::text(row[5]));
  officer.password_hash = sql::text(row[6]);
  officer.disabled = sql::truth(row[7]);
  officer.locked_until = sql::maybe_time(row[8]);
  return officer;
}

Result<std::vector<Officer>> read_officers(sql::Pool& pool, const char* rest,
                                           const Parameters& parameters = {}) {
  return pool.read([&](sql::Work& work) -> Result<std::vector<Officer>> {
    std::vector<Officer> officers;
    for (const auto& row : work.run_once(std::string(k_officer_columns) + rest, parameters)) {
      officers.push_back(read_officer(row));
    }
    return officers;
  });
}

Result<std::optional<Officer>> only(Result<std::vector<Officer>> officers) {
  auto all = TRY(std::move(officers));
  if (all.empty()) return std::optional<Officer>();
  return std::optional<Officer>(std::move(all.front()));
}

// Nobody could let anybody in again. Two who disable each other at once wait here.
Result<> keep_another_admin(sql::Work& work, OfficerId officer) {
  const auto admins = work.run(k_national_admins, Parameters());
  if (admins.size() != 1 || sql::number(admins[0][0]) != officer.value()) return {};
  const auto user = work.run(k_user_name, Parameters() << officer.value());
  return fail(Remedy::drop, sql::text(user[0][0]) +
                                " is the last national admin: make or enable another one first");
}

}  // namespace

void record_act(sql::Work& work, Time at, const Actor& who, std::string_view act,
                std::string_view subject, std::string_view reason) {
  work.run(k_record_act,
           Parameters() << at << name(who.role) << who.officer.value() << act << subject << reason);
}

Result<OfficerId> Store::save_officer(const Officer& officer, const std::optional<Act>& act) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<OfficerId> {
    auto parameters = Parameters() << officer.user << officer.name << name(officer.role)
                                   << officer.agency.value() << officer.unit.value()
                                   << officer.password_hash << officer.disabled;
    if (officer.id) {
      const bool stays_admin = officer.role == Role::national_admin && !officer.disabled;
      if (!stays_admin) TRY(keep_another_admin(work, officer.id));
      parameters << officer.id.value();
      work.run(k_forgive, Parameters() << officer.id.value() << officer.password_hash);
    }
    const auto rows = work.run(officer.id ? k_update_officer : k_insert_officer, parameters);
    if (!rows.empty()) {
      const OfficerId id(sql::number(rows[0][0]));
      if (officer.disabled) work.run(k_end_sessions, Parameters() << id.value() << "");
      if (act) record_act(work, inside_->clock.now(), act->who, act->act, act->subject, {});
      return id;
    }
    if (officer.id) return fail(Remedy::drop, "There is no such officer");
    return fail(Remedy::drop, "There is an officer with the user name '" + officer.user + "'");
  });
}

Result<> Store::set_disabled(OfficerId officer, bool disabled, const Act& act) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    if (disabled) TRY(keep_another_admin(work, officer));
    work.run(k_disable_officer, Parameters() << officer.value() << disabled);
    if (disabled) work.run(k_end_sessions, Parameters() << officer.value() << "");
    record_act(work, inside_->clock.now(), act.who, act.act, act.subject, {});
    return {};
  });
}

Result<> Store::set_password(OfficerId officer, std::string_view password_hash, const Act& act) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run(k_forgive, Parameters() << officer.value() << password_hash);
    work.run(k_set_password, Parameters() << officer.value() << password_hash);
    record_act(work, inside_->clock.now(), act.who, act.act, act.subject, {});
    return {};
  });
}

Result<> Store::set_remit(const Officer& officer, const Act& act) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    if (officer.role != Role::national_admin) TRY(keep_another_admin(work, officer.id));
    work.run(k_set_remit, Parameters() << officer.id.value() << officer.name << name(officer.role)
                                       << officer.agency.value() << officer.unit.value());
    record_act(work, inside_->clock.now(), act.who, act.act, act.subject, {});
    return {};
  });
}

Result<std::optional<Time>> Store::sign_in_locked(std::span<const SignInBound> bounds) {
  Column keys(Type::bytes);
  for (const auto& bound : bounds) keys.add(bound.key);
  return inside_->pool.read([&](sql::Work& work) -> Result<std::optional<Time>> {
    const auto rows = work.run(k_sign_in_locked, Parameters() << keys << inside_->clock.now());
    return sql::maybe_time(rows[0][0]);
  });
}

Result<> Store::count_failure(std::span<const SignInBound> bounds, OfficerId officer) {
  const auto now = inside_->clock.now();
  // In one order everywhere, so that no two wait for each other.
  std::vector<SignInBound> all(bounds.begin(), bounds.end());
  std::ranges::sort(all, {}, &SignInBound::key);
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    for (const auto& bound : all) {
      const auto whose = bound.of_account ? officer.value() : 0;
      const auto rows = work.run(k_count_failure, Parameters() << bound.key << whose << now
                                                               << now - bound.forgotten_after);
      const auto beyond = sql::small(rows[0][0]) - bound.free;
      if (beyond < 0) continue;
      work.run(k_lock_sign_in, Parameters() << bound.key << now + lock_time(beyond));
    }
    work.run(k_drop_old_failures, Parameters() << now - k_failure_life);
    work.run(k_drop_many_failures, Parameters() << k_most_failures);
    return {};
  });
}

Result<bool> Store::clear_failures(const Officer& checked, const SignInBound& bound) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<bool> {
    const auto unchanged =
        work.run(k_is_unchanged, Parameters() << checked.id.value() << checked.password_hash);
    if (unchanged.empty()) return false;
    work.run(k_clear_failures, Parameters() << bound.key);
    return true;
  });
}

Result<bool> Store::change_password(const Officer& checked, std::string_view password_hash) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<bool> {
    return !work.run(k_change_password,
                     Parameters() << checked.id.value() << checked.password_hash << password_hash)
                .empty();
  });
}

Result<std::optional<Officer>> Store::officer(std::string_view user) {
  return only(read_officers(inside_->pool, "WHERE o.username = $1::text", Parameters() << user));
}

Result<std::optional<Officer>> Store::officer(OfficerId id) {
  return only(read_officers(inside_->pool, "WHERE o.id = $1::bigint", Parameters() << id.value()));
}

Result<std::vector<Officer>> Store::officers() {
  return read_officers(inside_->pool, "ORDER BY o.username");
}

Result<> Store::save_session(const Digest& token_hash, OfficerId officer, Time until,
                             std::string_view label) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    const auto now = inside_->clock.now();
    work.run(k_drop_old_sessions, Parameters() << now);
    work.run(k_save_session, Parameters()
                                 << token_hash << officer.value() << until << label << now);
    return {};
  });
}

Result<Time> Store::save_session(const Digest& token_hash, const Digest& parent, Time until,
                                 std::string_view label) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<Time> {
    const auto rows = work.run(k_save_child, Parameters() << token_hash << parent << until << label
                                                          << inside_->clock.now());
    if (rows.empty()) return fail(Remedy::drop, "This token was ended meanwhile");
    return sql::time(rows[0][0]);
  });
}

Result<> Store::lengthen_session(const Digest& token_hash, Time until) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run(k_lengthen_session, Parameters() << token_hash << until);
    return {};
  });
}

Result<std::optional<Officer>> Store::session(const Digest& token_hash) {
  return only(read_officers(inside_->pool,
                            "JOIN session AS s ON s.officer = o.id"
                            " WHERE s.token_hash = $1::bytea AND s.until > $2::timestamptz"
                            " AND NOT o.disabled",
                            Parameters() << token_hash << inside_->clock.now()));
}

Result<> Store::end_session(const Digest& token_hash) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run(k_end_session, Parameters() << token_hash);
    return {};
  });
}

Result<int> Store::end_sessions(OfficerId officer, std::string_view label) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<int> {
    const auto ended = work.run(k_end_sessions, Parameters() << officer.value() << label);
    return static_cast<int>(ended.affected_rows());
  });
}

Result<> Store::record(const Actor& who, std::string_view act, std::string_view subject,
                       std::string_view why) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    record_act(work, inside_->clock.now(), who, act, subject, why);
    return {};
  });
}

}  // namespace kanal
