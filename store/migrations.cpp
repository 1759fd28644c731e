#include "store/migrations.hpp"

#include <array>

#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#include "store/pool.hpp"

namespace kanal {

extern const char* const k_migration_0001_start;

namespace {

constexpr int k_most_attempts = 5;

constexpr const char* k_quiet = "SET client_min_messages = 'warning'";
constexpr const char* k_make_table =
    "CREATE TABLE IF NOT EXISTS schema_version ("
    " version integer PRIMARY KEY,"
    " name text NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now())";
constexpr const char* k_lock = "LOCK TABLE schema_version IN EXCLUSIVE MODE";
constexpr const char* k_version = "SELECT coalesce(max(version), 0) FROM schema_version";

// One step; true when there is nothing left to do.
Result<bool> step(pqxx::connection& connection, int target) {
  pqxx::work transaction(connection);
  transaction.exec(k_lock);
  const int now = transaction.exec(k_version)[0][0].as<int>();
  const auto newest = migrations().back().version;
  if (now > newest) {
    return fail(Remedy::reconfigure, "The database's schema has version " + std::to_string(now) +
                                         ", and this program knows up to " +
                                         std::to_string(newest) + ": start a newer Kanal");
  }
  if (now >= target) return true;
  const auto& next = migrations()[static_cast<std::size_t>(now)];
  transaction.exec(next.sql);
  transaction.exec_params("INSERT INTO schema_version (version, name) VALUES ($1, $2)",
                          next.version, std::string(next.name));
  transaction.commit();
  return false;
}

Result<> migrate_once(const std::string& url, int target) {
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec(k_quiet);
  pqxx::nontransaction(connection).exec(k_make_table);
  while (!TRY(step(connection, target))) {
  }
  return {};
}

}  // namespace

std::span<const Migration> migrations() {
  static const std::array<Migration, 1> all{{{1, "start", k_migration_0001_start}}};
  return all;
}

Result<> migrate(const std::string& url, int version) {
  const auto whole = TRY(sql::complete_url(url));
  const int target = version == 0 ? migrations().back().version : version;
  Error error;
  // Two programs that make the first table at once disturb each other.
  for (int attempts = 0; attempts < k_most_attempts; ++attempts) {
    try {
      return migrate_once(whole, target);
    } catch (const pqxx::unique_violation& problem) {
      error = sql::error_of(problem);
    } catch (const pqxx::broken_connection& problem) {
      return tl::unexpected(sql::error_of(problem));
    } catch (const pqxx::insufficient_privilege& problem) {
      error = sql::error_of(problem);
      return fail(Remedy::reconfigure,
                  error.message +
                      ". Kanal's database user must own the database and be a member "
                      "of the role kanal_bridge (CREATE ROLE kanal_bridge; GRANT "
                      "kanal_bridge TO user)");
    } catch (const std::exception& problem) {
      error = sql::error_of(problem);
      if (error.remedy != Remedy::retry) break;
    }
  }
  return tl::unexpected(std::move(error));
}

}  // namespace kanal
