#include "store/pool.hpp"

#include <algorithm>
#include <functional>
#include <libpq-fe.h>
#include <thread>

#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/prepared_statement>
#include <pqxx/transaction>

namespace kanal::sql {
namespace {

using namespace std::chrono_literals;

constexpr auto k_most_wait = 30s;
constexpr int k_most_attempts = 5;
constexpr auto k_pause = 5ms;

constexpr const char* k_session =
    "SET ROLE kanal_bridge; "
    "SET statement_timeout = '60s'; "
    "SET lock_timeout = '20s'; "
    "SET idle_in_transaction_session_timeout = '60s'; "
    "SET client_min_messages = 'warning'; "
    "SET timezone = 'UTC'";

std::string first_line(const char* text) {
  const std::string_view whole(text);
  return std::string(whole.substr(0, whole.find('\n')));
}

// Classes of SQLSTATE (appendix A of PostgreSQL's manual) that mean "not now": connection lost,
// resources short, shut down or starting, statement or lock timed out.
bool is_passing(std::string_view state) {
  return state.starts_with("08") || state.starts_with("53") || state.starts_with("57") ||
         state.starts_with("58") || state == "55P03" || state == "25P03" || state == "25006";
}

bool is_end_of_session(std::string_view state) {
  return state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" ||
         state == "25P03";
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

struct FreeAnswer {
  void operator()(PGresult* answer) const { PQclear(answer); }
};
using Answer = std::unique_ptr<PGresult, FreeAnswer>;

[[noreturn]] void fail_copy(const PGconn* handle, const PGresult* answer,
                            const std::string& command) {
  const char* const field = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  const std::string_view state = field != nullptr ? field : "";
  const std::string message = PQerrorMessage(handle);
  if (PQstatus(handle) != CONNECTION_OK) throw pqxx::broken_connection(message);
  if (state == "23505") throw pqxx::unique_violation(message, command, field);
  if (state.starts_with("40")) throw pqxx::transaction_rollback(message);
  throw pqxx::sql_error(message, command, field);
}

std::string in_quotes(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text += '\'';
}

}  // namespace

Result<std::string> complete_url(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      PQconninfoParse(url.c_str(), nullptr));
  if (!options) {
    return fail(Remedy::reconfigure,
                "[store] url is not a connection string of PostgreSQL: write "
                "postgresql://user@host/database or host=… dbname=…");
  }
  std::vector<std::pair<std::string_view, std::string_view>> defaults{
      {"connect_timeout", "10"},   {"application_name", "kanal"}, {"client_encoding", "UTF8"},
      {"keepalives_idle", "5"},    {"keepalives_interval", "3"},  {"keepalives_count", "2"},
      {"tcp_user_timeout", "8000"}};
  std::string complete;
  for (auto* option = options.get(); option->keyword != nullptr; ++option) {
    std::string_view value = option->val != nullptr ? option->val : "";
    for (const auto& [keyword, standard] : defaults) {
      if (value.empty() && keyword == option->keyword) value = standard;
    }
    if (!value.empty()) complete += std::string(option->keyword) + '=' + in_quotes(value) + ' ';
  }
  return complete;
}

Error error_of(const std::exception& problem) {
  if (dynamic_cast<const pqxx::in_doubt_error*>(&problem) != nullptr) {
    return {Remedy::uncertain, "The database went away during a commit", {}};
  }
  if (dynamic_cast<const pqxx::broken_connection*>(&problem) != nullptr) {
    return {Remedy::retry, "The database is away: " + first_line(problem.what()), {}};
  }
  if (dynamic_cast<const pqxx::transaction_rollback*>(&problem) != nullptr) {
    return {Remedy::retry, "The database undid a transaction: " + first_line(problem.what()), {}};
  }
  if (const auto* refused = dynamic_cast<const pqxx::sql_error*>(&problem)) {
    const auto remedy = is_passing(refused->sqlstate()) ? Remedy::retry : Remedy::drop;
    constexpr std::string_view k_ran_out_of_time = "57014";
    return {remedy,
            "The database says " + refused->sqlstate() + ": " + first_line(problem.what()),
            {},
            refused->sqlstate() == k_ran_out_of_time};
  }
  return {Remedy::drop, "The database: " + first_line(problem.what()), {}};
}

Connection::Connection(const std::string& url) : connection_base(policy_), policy_(url) {
  init();
}

pqxx::connectionpolicy::handle Connection::Policy::do_startconnect(handle given) {
  return made = connect_direct::do_startconnect(given);
}

Session::Session(const std::string& url) : connection(url) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  pqxx::nontransaction(connection).exec(k_session);
}

pqxx::result Work::run(const Statement& statement, const Parameters& parameters) {
  if (session_.prepared.insert(&statement).second) {
    session_.connection.prepare(statement.name, statement.text);
  }
  ++count_;
  return transaction_.exec_prepared(statement.name,
                                    pqxx::prepare::make_dynamic_params(parameters.values()));
}

pqxx::result Work::run_once(const std::string& text, const Parameters& parameters) {
  ++count_;
  return transaction_.exec_params(text, pqxx::prepare::make_dynamic_params(parameters.values()));
}

void Work::copy(const Target& target, std::initializer_list<const Column*> columns) {
  ++count_;
  auto* const handle = session_.connection.handle();
  const auto command =
      std::string("COPY ") + target.table + " (" + target.columns + ") FROM STDIN (FORMAT binary)";
  const auto rows = copy_rows({columns.begin(), columns.size()});
  const Answer begun(PQexec(handle, command.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN) fail_copy(handle, begun.get(), command);
  // libpq takes an int, and a piece at a time keeps its buffer small.
  constexpr std::size_t k_piece_bytes = 64U << 10U;
  for (std::size_t at = 0; at < rows.size(); at += k_piece_bytes) {
    const auto bytes = static_cast<int>(std::min(k_piece_bytes, rows.size() - at));
    if (PQputCopyData(handle, rows.data() + at, bytes) != 1) break;
  }
  PQputCopyEnd(handle, nullptr);
  const Answer ended(PQgetResult(handle));
  while (const Answer more{PQgetResult(handle)}) {
  }
  if (PQresultStatus(ended.get()) != PGRES_COMMAND_OK) fail_copy(handle, ended.get(), command);
}

// Gives the session back, or throws it away after any trouble.
class Pool::Guard {
 public:
  Guard(Pool& pool, std::unique_ptr<Session> session) : pool_(pool), session_(std::move(session)) {}
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() { pool_.give_back(sound_ ? std::move(session_) : nullptr); }
  [[nodiscard]] Session& session() { return *session_; }
  void keep() { sound_ = true; }

 private:
  Pool& pool_;
  std::unique_ptr<Session> session_;
  bool sound_ = false;
};

Result<std::unique_ptr<Session>> Pool::take() {
  {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, k_most_wait, [this] { return taken_ < most_; })) {
      return fail(Remedy::retry, "All connections to the database are busy");
    }
    ++taken_;
    if (!idle_.empty()) {
      auto session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
  }
  try {
    return std::make_unique<Session>(url_);
  } catch (const std::exception& problem) {
    give_back(nullptr);
    auto error = error_of(problem);
    // What the server says while it starts or stops comes without a SQLSTATE.
    if (dynamic_cast<const pqxx::sql_error*>(&problem) == nullptr) error.remedy = Remedy::retry;
    return tl::unexpected(std::move(error));
  }
}

void Pool::give_back(std::unique_ptr<Session> session) {
  {
    std::scoped_lock lock(mutex_);
    --taken_;
    if (session) idle_.push_back(std::move(session));
  }
  freed_.notify_one();
}

void Pool::forget_idle() {
  std::scoped_lock lock(mutex_);
  idle_.clear();
}

Pool::Next Pool::attempt(Manner manner, const std::function<Result<>(Work&)>& work,
                         Result<>& outcome) {
  auto taken = take();
  if (!taken) {
    outcome = tl::unexpected(std::move(taken).error());
    return Next::done;
  }
  Guard guard(*this, std::move(*taken));
  bool committing = false;
  try {
    if (manner == Manner::plain) {
      pqxx::nontransaction transaction(guard.session().connection);
      Work inside(guard.session(), transaction, count_);
      outcome = work(inside);
    } else {
      pqxx::work transaction(guard.session().connection);
      Work inside(guard.session(), transaction, count_);
      outcome = work(inside);
      if (outcome && !inside.abandoned()) {
        committing = true;
        transaction.commit();
      }
    }
    guard.keep();
    return Next::done;
  } catch (const std::exception& problem) {
    outcome = tl::unexpected(error_of(problem));
    const auto* refused = dynamic_cast<const pqxx::sql_error*>(&problem);
    const bool open = guard.session().connection.is_open() &&
                      !(refused != nullptr && is_end_of_session(refused->sqlstate()));
    if (dynamic_cast<const pqxx::in_doubt_error*>(&problem) != nullptr || (committing && !open)) {
      outcome = fail(Remedy::uncertain, "The database went away during a commit");
      return Next::done;
    }
    if (!open) {
      // The others that lie idle were most likely cut off with it.
      forget_idle();
      return Next::again;
    }
    if (dynamic_cast<const pqxx::transaction_rollback*>(&problem) != nullptr) return Next::again;
    // A statement that failed to be prepared is not prepared.
    return Next::done;
  }
}

Result<> Pool::run(Manner manner, const std::function<Result<>(Work&)>& work) {
  Result<> outcome;
  for (int attempts = 0; attempts < k_most_attempts; ++attempts) {
    if (attempt(manner, work, outcome) == Next::done) return outcome;
    std::this_thread::sleep_for(k_pause * attempts);
  }
  return outcome;
}

}  // namespace kanal::sql
