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
    "SELECT o.id, o.username, o.name, o.role, o.agency, o.unit, o.password_hash, o.failures,"
    " micros(o.locked_until), o.disabled FROM officer AS o ";

constexpr Statement k_insert_officer{
    "insert_officer",
    "INSERT INTO officer (username, name, role, agency, unit, password_hash, failures,"
    " locked_until, disabled) VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text,"
    " $7::integer, ($8::timestamptz[])[1], $9::boolean)"
    " ON CONFLICT (username) DO NOTHING RETURNING id"};

constexpr Statement k_update_officer{
    "update_officer",
    "UPDATE officer SET username = $1::text, name = $2::text, role = $3::text, agency = $4::text,"
    " unit = $5::text, password_hash = $6::text, failures = $7::integer,"
    " locked_until = ($8::timestamptz[])[1], disabled = $9::boolean WHERE id = $10::bigint"
    " RETURNING id"};

constexpr Statement k_count_failure{
    "count_failure",
    "UPDATE officer SET failures = failures + 1 WHERE id = $1::bigint RETURNING failures"};
constexpr Statement k_lock_officer{
    "lock_officer", "UPDATE officer SET locked_until = $2::timestamptz WHERE id = $1::bigint"};
constexpr Statement k_clear_failures{
    "clear_failures",
    "UPDATE officer SET failures = 0, locked_until = NULL"
    " WHERE id = $1::bigint AND NOT disabled AND password_hash = $2::text RETURNING id"};
constexpr Statement k_change_password{
    "change_password",
    "UPDATE officer SET password_hash = $3::text"
    " WHERE id = $1::bigint AND NOT disabled AND password_hash = $2::text RETURNING id"};

constexpr Statement k_save_session{
    "save_session",
    "INSERT INTO session (token_hash, officer, until, label, started_at)"
    " VALUES ($1::bytea, $2::bigint, $3::timestamptz, $4::text, $5::timestamptz)"
    " ON CONFLICT (token_hash) DO UPDATE SET officer = EXCLUDED.officer, until = EXCLUDED.until,"
    " label = EXCLUDED.label"};
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

Officer read_officer(const pqxx::row& row) {
  Officer officer;
  officer.id = OfficerId(sql::number(row[0]));
  officer.user = sql::text(row[1]);
  officer.name = sql::text(row[2]);
  officer.role = role_of(sql::text(row[3])).value_or(Role::auditor);
  officer.agency = AgencyId(sql::text(row[4]));
  officer.unit = UnitId(sql::text(row[5]));
  officer.password_hash = sql::text(row[6]);
  officer.failures = sql::small(row[7]);
  officer.locked_until = sql::maybe_time(row[8]);
  officer.disabled = sql::truth(row[9]);
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

}  // namespace

void record_act(sql::Work& work, Time at, const Actor& who, std::string_view act,
                std::string_view subject, std::string_view reason) {
  work.run(k_record_act,
           Parameters() << at << name(who.role) << who.officer.value() << act << subject << reason);
}

Result<OfficerId> Store::save_officer(const Officer& officer) {
  Column locked_until(Type::time);
  if (officer.locked_until) locked_until.add(*officer.locked_until);
  return inside_->pool.transact([&](sql::Work& work) -> Result<OfficerId> {
    auto parameters = Parameters()
                      << officer.user << officer.name << name(officer.role)
                      << officer.agency.value() << officer.unit.value() << officer.password_hash
                      << officer.failures << locked_until << officer.disabled;
    if (officer.id) parameters << officer.id.value();
    const auto rows = work.run(officer.id ? k_update_officer : k_insert_officer, parameters);
    if (!rows.empty()) return OfficerId(sql::number(rows[0][0]));
    if (officer.id) return fail(Remedy::drop, "There is no such officer");
    return fail(Remedy::drop, "There is an officer with the user name '" + officer.user + "'");
  });
}

Result<int> Store::count_failure(OfficerId officer) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<int> {
    const auto rows = work.run(k_count_failure, Parameters() << officer.value());
    return rows.empty() ? 0 : sql::small(rows[0][0]);
  });
}

Result<> Store::lock_officer(OfficerId officer, Time until) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    work.run(k_lock_officer, Parameters() << officer.value() << until);
    return {};
  });
}

Result<bool> Store::clear_failures(const Officer& checked) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<bool> {
    return !work.run(k_clear_failures, Parameters() << checked.id.value() << checked.password_hash)
                .empty();
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

Result<> Store::record(const Actor& who, std::string_view act, std::string_view subject) {
  return inside_->pool.transact([&](sql::Work& work) -> Result<> {
    record_act(work, inside_->clock.now(), who, act, subject, {});
    return {};
  });
}

}  // namespace kanal
