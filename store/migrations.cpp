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
extern const char* const k_migration_0002_merged;
extern const char* const k_migration_0003_told_each;
extern const char* const k_migration_0004_when;
extern const char* const k_migration_0005_rounds;
extern const char* const k_migration_0006_access;
extern const char* const k_migration_0007_shown;
extern const char* const k_migration_0008_canary;
extern const char* const k_migration_0009_usage;
extern const char* const k_migration_0010_silent;
extern const char* const k_migration_0011_claims;
extern const char* const k_migration_0012_guarded;
extern const char* const k_migration_0013_marked;
extern const char* const k_migration_0014_passed_on;
extern const char* const k_migration_0015_blotted;

namespace {

constexpr int k_most_attempts = 5;
constexpr int k_least_server_version = 150'000;

constexpr const char* k_quiet = "SET client_min_messages = 'warning'";
constexpr const char* k_make_table =
    "CREATE TABLE IF NOT EXISTS schema_version ("
    " version integer PRIMARY KEY,"
    " name text NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now())";
constexpr const char* k_lock = "LOCK TABLE schema_version IN EXCLUSIVE MODE";
constexpr const char* k_has_none = "SELECT to_regclass('schema_version') IS NULL";
constexpr const char* k_has_no_role =
    "SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kanal_bridge')";
constexpr const char* k_make_role = "CREATE ROLE kanal_bridge NOLOGIN";
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

// What a person can do about a connection that did not come about; empty for what may pass.
std::string_view advice_for(std::string_view trouble) {
  struct Advice {
    std::string_view sign;
    std::string_view text;
  };
  static constexpr Advice k_advice[] = {
      {"password authentication failed",
       "The user or the password is wrong: see url and password in [store]"},
      {"no password supplied",
       "The server asks for a password: set password = \"env:VARIABLE\" in [store]"},
      {"no pg_hba.conf entry",
       "The server does not let this user in from this machine: its pg_hba.conf needs a line for "
       "them"},
      {"database \"", "Make it there first: createdb --encoding=UTF8 --owner=USER NAME"},
      {"role \"", "Make the user there first: createuser --pwprompt USER"},
      {"does not support SSL", "Set sslmode in the url of [store], or give the server TLS"},
      {"certificate", "See sslmode and sslrootcert in the url of [store]"},
  };
  for (const auto& [sign, text] : k_advice) {
    if (trouble.find(sign) != std::string_view::npos) return text;
  }
  return {};
}

Error error_of_connecting(const pqxx::broken_connection& problem) {
  auto error = sql::error_of(problem);
  const auto advice = advice_for(problem.what());
  if (advice.empty()) {
    error.message += ". Does it run, and is the url in [store] right?";
  } else {
    error = {Remedy::reconfigure, error.message + ". " + std::string(advice), {}};
  }
  return error;
}

Result<> check_server(pqxx::connection& connection) {
  constexpr int k_thousandths = 10'000;
  const auto version = connection.server_version();
  if (version < k_least_server_version) {
    return fail(Remedy::reconfigure,
                "The database's server is PostgreSQL " + std::to_string(version / k_thousandths) +
                    ", and Kanal needs " + std::to_string(k_least_server_version / k_thousandths) +
                    " or newer: upgrade it, or name another one in [store] url");
  }
  const auto encoding =
      pqxx::nontransaction(connection).exec("SHOW server_encoding")[0][0].as<std::string>();
  if (encoding == "UTF8") return {};
  return fail(Remedy::reconfigure, "The database's encoding is " + encoding +
                                       ", and Kanal needs UTF8: make one with createdb "
                                       "--encoding=UTF8 --template=template0");
}

Result<> migrate_once(const std::string& url, int target) {
  pqxx::connection connection(url);
  TRY(check_server(connection));
  pqxx::nontransaction(connection).exec(k_quiet);
  pqxx::nontransaction(connection).exec(k_make_table);
  while (!TRY(step(connection, target))) {
  }
  return {};
}

template <class Value, class Look>
Result<Value> ask(const std::string& url, Look look) {
  const auto whole = TRY(sql::complete_url(url));
  try {
    pqxx::connection connection(whole);
    pqxx::nontransaction work(connection);
    if constexpr (std::is_void_v<Value>) {
      look(work);
      return {};
    } else {
      return look(work);
    }
  } catch (const pqxx::broken_connection& problem) {
    return tl::unexpected(error_of_connecting(problem));
  } catch (const std::exception& problem) {
    return tl::unexpected(sql::error_of(problem));
  }
}

}  // namespace

std::span<const Migration> migrations() {
  static const std::array<Migration, 15> all{{{1, "start", k_migration_0001_start},
                                              {2, "merged", k_migration_0002_merged},
                                              {3, "told each", k_migration_0003_told_each},
                                              {4, "when", k_migration_0004_when},
                                              {5, "rounds", k_migration_0005_rounds},
                                              {6, "access", k_migration_0006_access},
                                              {7, "shown", k_migration_0007_shown},
                                              {8, "canary", k_migration_0008_canary},
                                              {9, "usage", k_migration_0009_usage},
                                              {10, "silent", k_migration_0010_silent},
                                              {11, "claims", k_migration_0011_claims},
                                              {12, "guarded", k_migration_0012_guarded},
                                              {13, "marked", k_migration_0013_marked},
                                              {14, "passed on", k_migration_0014_passed_on},
                                              {15, "blotted", k_migration_0015_blotted}}};
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
      return tl::unexpected(error_of_connecting(problem));
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

Result<> make_role(const std::string& url) {
  return ask<void>(url, [](pqxx::nontransaction& work) {
    if (work.exec(k_has_no_role)[0][0].as<bool>()) work.exec(k_make_role);
  });
}

Result<int> schema_version(const std::string& url) {
  return ask<int>(url, [](pqxx::nontransaction& work) {
    if (work.exec(k_has_none)[0][0].as<bool>()) return 0;
    return work.exec(k_version)[0][0].as<int>();
  });
}

}  // namespace kanal
