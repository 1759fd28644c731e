#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include <pqxx/connection>
#include <pqxx/transaction_base>

#include "core/result.hpp"
#include "store/sql.hpp"

namespace kanal::sql {

/// A libpq connection string with deadlines and keep-alives added where it names none, so that a
/// network that has gone silent is noticed. The error does not repeat the string.
Result<std::string> complete_url(const std::string& url);

/// A connection of libpqxx that also gives libpq's own handle: binary COPY has no other way.
class Connection : public pqxx::connection_base {
 public:
  explicit Connection(const std::string& url);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(); }
  [[nodiscard]] pg_conn* handle() const { return policy_.made; }

 private:
  struct Policy : pqxx::connect_direct {
    using pqxx::connect_direct::connect_direct;
    handle do_startconnect(handle given) override;
    handle made = nullptr;
  };
  Policy policy_;
};

/// One session of the database and what is prepared in it.
struct Session {
  explicit Session(const std::string& url);
  Connection connection;
  std::unordered_set<const Statement*> prepared;
};

/// The statements of one transaction (or of none). For the thread that was handed it.
class Work {
 public:
  Work(Session& session, pqxx::transaction_base& transaction, std::atomic<std::uint64_t>& count)
      : session_(session), transaction_(transaction), count_(count) {}
  pqxx::result run(const Statement& statement, const Parameters& parameters = {});
  /// For statements that are put together from parts; `text` holds no values.
  pqxx::result run_once(const std::string& text, const Parameters& parameters = {});
  /// Appends rows; throws what a statement would. At least one column.
  void copy(const Target& target, std::initializer_list<const Column*> columns);
  /// The transaction will be rolled back though its function succeeds.
  void abandon() { abandoned_ = true; }
  [[nodiscard]] bool abandoned() const { return abandoned_; }

 private:
  Session& session_;
  pqxx::transaction_base& transaction_;
  std::atomic<std::uint64_t>& count_;
  bool abandoned_ = false;
};

/// A bounded set of sessions that work as the role `kanal_bridge`. A session that broke is thrown
/// away, never mended: its prepared statements and role would silently be gone. Thread-safe.
class Pool {
 public:
  Pool(std::string url, std::size_t most) : url_(std::move(url)), most_(most) {}

  /// Runs `work` in one transaction and commits; a deadlock or a session that broke before the
  /// commit is tried again, so `work` may run several times and must change nothing outside.
  template <class Function>
  auto transact(Function work) -> std::invoke_result_t<Function, Work&> {
    std::invoke_result_t<Function, Work&> result;
    TRY(run(Manner::transaction,
            [&](Work& inside) -> Result<> { return keep(result, work(inside)); }));
    return result;
  }
  /// The same without a transaction: for reading.
  template <class Function>
  auto read(Function work) -> std::invoke_result_t<Function, Work&> {
    std::invoke_result_t<Function, Work&> result;
    TRY(run(Manner::plain, [&](Work& inside) -> Result<> { return keep(result, work(inside)); }));
    return result;
  }

  /// Statements run so far, by all threads.
  [[nodiscard]] std::uint64_t statements() const { return count_; }

 private:
  enum class Manner : std::uint8_t { plain, transaction };
  enum class Next : std::uint8_t { done, again };
  class Guard;

  template <class T>
  static Result<> keep(Result<T>& slot, Result<T> result) {
    if (!result) return tl::unexpected(std::move(result).error());
    slot = std::move(result);
    return {};
  }

  Result<> run(Manner manner, const std::function<Result<>(Work&)>& work);
  Next attempt(Manner manner, const std::function<Result<>(Work&)>& work, Result<>& outcome);
  Result<std::unique_ptr<Session>> take();
  void give_back(std::unique_ptr<Session> session);
  void forget_idle();

  std::string url_;
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::size_t taken_ = 0;
  std::atomic<std::uint64_t> count_{0};
};

/// What an exception of libpqxx means for the caller.
Error error_of(const std::exception& problem);

}  // namespace kanal::sql
