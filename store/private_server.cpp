#include "store/private_server.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <functional>
#include <future>
#include <mutex>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

#include <spdlog/spdlog.h>

#include "core/text.hpp"
#include "store/server_home.hpp"
#include "store/session.hpp"

namespace kanal {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto k_initdb_deadline = 300s;
constexpr auto k_ready_deadline = 180s;  // a crash's log is replayed first
constexpr auto k_stop_deadline = 30s;
constexpr auto k_abort_deadline = 10s;
constexpr auto k_poll = 20ms;
constexpr int k_most_starts = 40;
constexpr auto k_start_pause = 250ms;
constexpr std::uintmax_t k_most_log_bytes = 16U << 20U;

struct ClearAnswer {
  void operator()(PGresult* answer) const { PQclear(answer); }
};
using Reading = std::unique_ptr<PGresult, ClearAnswer>;

// PR_SET_PDEATHSIG follows the thread that forked, so one thread starts every server and stays.
class Keeper {
 public:
  Keeper() : thread_([this](const std::stop_token& stop) { work(stop); }) {}
  template <class Call>
  auto run(Call call) -> decltype(call()) {
    std::packaged_task<decltype(call())()> task(std::move(call));
    auto done = task.get_future();
    {
      std::scoped_lock lock(mutex_);
      tasks_.emplace_back([&task] { task(); });
    }
    changed_.notify_one();
    return done.get();
  }

 private:
  void work(const std::stop_token& stop) {
    for (;;) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return !tasks_.empty(); })) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> tasks_;
  std::jthread thread_;
};

class FileLock {
 public:
  explicit FileLock(const fs::path& path)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)) {}
  ~FileLock() {
    if (file_ >= 0) close(file_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  [[nodiscard]] bool is_open() const { return file_ >= 0; }
  bool take() { return held_ = held_ || flock(file_, LOCK_EX | LOCK_NB) == 0; }
  [[nodiscard]] bool held() const { return held_; }

 private:
  int file_;
  bool held_ = false;
};

std::string in_quotes(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text += '\'';
}

std::string url_of(const ServerHome& home, std::string_view database) {
  return "host=" + in_quotes(home.socket.native()) + " port=5432 user=postgres connect_timeout=10" +
         " application_name=kanal dbname=" + in_quotes(database);
}

bool asks(PGconn* session, const char* question) {
  const Reading answer(PQexec(session, question));
  return PQresultStatus(answer.get()) == PGRES_TUPLES_OK && PQntuples(answer.get()) == 1;
}

DatabaseSession connect(const ServerHome& home, std::string_view database) {
  DatabaseSession session(PQconnectdb(url_of(home, database).c_str()));
  if (PQstatus(session.get()) != CONNECTION_OK || !asks(session.get(), "SELECT 1")) session.reset();
  return session;
}

// The end of the server's own log: what a person needs when it does not start.
std::string last_words(const fs::path& log) {
  const auto text = read_text(log);
  const auto from = text.size() > 600 ? text.find('\n', text.size() - 600) : 0;
  return std::string(trim(from == std::string::npos ? "" : std::string_view(text).substr(from)));
}

std::optional<pid_t> running_postmaster(const fs::path& data) {
  const auto text = read_text(data / "postmaster.pid");
  pid_t process = 0;
  std::from_chars(text.data(), text.data() + text.size(), process);
  if (process <= 1) return std::nullopt;
  const auto about = fs::path("/proc") / std::to_string(process);
  std::error_code error;
  const auto program = fs::read_symlink(about / "exe", error).filename().string();
  const auto where = fs::read_symlink(about / "cwd", error);
  if (error || !program.starts_with("postgres") || where != data) return std::nullopt;
  return process;
}

class Server final : public PrivateServer {
 public:
  explicit Server(ServerHome home) : home_(std::move(home)), lock_(home_.lock) {}
  ~Server() override { stop(); }

  [[nodiscard]] std::string url() const override { return url_of(home_, "kanal"); }

  Result<> revive(std::chrono::seconds patience) override {
    std::scoped_lock lock(mutex_);
    deadline_ = steady_clock::now() + patience;
    if (!lock_.is_open()) {
      return fail(Remedy::reconfigure, "Cannot open " + home_.lock.string());
    }
    while (!lock_.take()) {
      if (connect(home_, "kanal")) return {};
      if (steady_clock::now() > deadline_) {
        return fail(Remedy::retry, "Another program holds " + home_.lock.string() +
                                       ", but its database does not answer; see " +
                                       home_.log.string());
      }
      std::this_thread::sleep_for(k_poll);
    }
    if (process_ && !ended(*process_)) return await_ready();
    process_.reset();
    return start();
  }

 private:
  Result<> start() {
    const auto programs = TRY(server_programs(home_.data));
    std::error_code error;
    if (fs::file_size(home_.log, error) > k_most_log_bytes && !error) {
      fs::rename(home_.log, home_.log.string() + ".old", error);
    }
    TRY(provision(programs));
    TRY(write_access());
    clear_leftovers();
    return launch(programs);
  }

  // The marker stands until all is on the disk; what an interrupted initdb left is thrown away.
  Result<> provision(const fs::path& programs) {
    std::error_code error;
    if (fs::exists(home_.unfinished)) {
      fs::remove_all(home_.data, error);
    } else if (fs::exists(home_.data / "PG_VERSION")) {
      return {};
    } else if (fs::exists(home_.data) && !fs::is_empty(home_.data, error)) {
      return fail(Remedy::reconfigure, home_.data.string() +
                                           " holds something that is not a database: move it away, "
                                           "or name another directory");
    }
    TRY(write_for(home_.user, home_.unfinished, ""));
    ChildPlan plan{{(programs / "initdb").string(), "-D", home_.data.string(), "-U", "postgres",
                    "-E", "UTF8", "--locale=C.UTF-8", "--auth-local=peer", "--auth-host=reject",
                    "--no-sync", "--no-instructions"},
                   home_.user,
                   home_.log,
                   true};
    TRY(run(plan));
    plan.command = {(programs / "initdb").string(), "--sync-only", "-D", home_.data.string()};
    TRY(run(plan));
    sync_path(home_.root);
    fs::remove(home_.unfinished, error);
    sync_path(home_.root);
    return {};
  }

  Result<> run(const ChildPlan& plan) {
    auto done = keeper_.run([&] { return run_child(plan, k_initdb_deadline); });
    if (done) return {};
    return fail(done.error().remedy, done.error().message + ": " + last_words(home_.log));
  }

  Result<> write_access() {
    std::string people = "kanal root postgres\n";
    if (home_.user.name != "root") people += "kanal \"" + home_.user.name + "\" postgres\n";
    TRY(write_for(home_.user, home_.data / "pg_ident.conf", people));
    return write_for(home_.user, home_.data / "pg_hba.conf", "local all all peer map=kanal\n");
  }

  // We hold the lock, so whatever still runs there was left by a program that has died: it is
  // already stopping. A pid file whose process is something else would keep the server from
  // starting (a container's process numbers repeat).
  void clear_leftovers() {
    const auto deadline = steady_clock::now() + k_stop_deadline;
    while (const auto left = running_postmaster(home_.data)) {
      kill(*left, steady_clock::now() < deadline ? SIGINT : SIGQUIT);
      if (steady_clock::now() > deadline + k_abort_deadline) return;
      std::this_thread::sleep_for(k_poll);
    }
    // A pid file of a dead process is PostgreSQL's own to judge, by its shared memory.
    const auto text = read_text(home_.data / "postmaster.pid");
    pid_t named = 0;
    std::from_chars(text.data(), text.data() + text.size(), named);
    if (named <= 0 || (kill(named, 0) != 0 && errno == ESRCH)) return;
    std::error_code error;
    fs::remove(home_.data / "postmaster.pid", error);
  }

  [[nodiscard]] ChildPlan server_plan(const fs::path& programs) const {
    ChildPlan plan{
        {(programs / "postgres").string(), "-D", home_.data.string()}, home_.user, home_.log, true};
    const auto set = [&](const std::string& setting) {
      plan.command.emplace_back("-c");
      plan.command.push_back(setting);
    };
    set("listen_addresses=");
    set("unix_socket_directories=\"" + home_.socket.string() + "\"");
    set("unix_socket_permissions=0700");
    set("port=5432");
    set("max_connections=100");
    set("cluster_name=kanal");
    set("log_destination=stderr");
    set("logging_collector=off");
    set("log_line_prefix=%m [%p] ");
    // Rows and parameters hold what people have written: none of it belongs into a log.
    set("log_error_verbosity=terse");
    set("log_min_error_statement=panic");
    set("log_parameter_max_length=0");
    set("log_parameter_max_length_on_error=0");
    set("timezone=UTC");
    set("jit=off");
    return plan;
  }

  // After a kill of the postmaster its children may hold the shared memory for a moment longer, and
  // its own number counts as alive until somebody has heard of its end.
  Result<> launch(const fs::path& programs) {
    const auto plan = server_plan(programs);
    Result<> result;
    for (int starts = 0; starts < k_most_starts; ++starts) {
      process_ = TRY(keeper_.run([&] { return start_child(plan); }));
      auto ready = await_ready();
      if (ready || process_) return ready;
      result = fail(Remedy::reconfigure,
                    "The private database does not start: " + last_words(home_.log));
      const auto& said = result.error().message;
      const bool passes = said.find("shared memory") != std::string::npos ||
                          said.find("lock file") != std::string::npos;
      if (!passes) break;
      std::this_thread::sleep_for(k_start_pause);
    }
    return result;
  }

  // That the server accepts connections is known only by making one.
  Result<> await_ready() {
    for (;;) {
      if (process_ && ended(*process_)) {
        process_.reset();
        return fail(Remedy::retry, "The private database has stopped; see " + home_.log.string());
      }
      if (const auto session = connect(home_, "postgres")) {
        if (asks(session.get(), "SELECT 1 FROM pg_database WHERE datname = 'kanal'")) return {};
        const Reading made(PQexec(session.get(), "CREATE DATABASE kanal"));
        if (PQresultStatus(made.get()) == PGRES_COMMAND_OK) return {};
      }
      if (steady_clock::now() > deadline_) {
        return fail(Remedy::retry,
                    "The private database does not answer; see " + home_.log.string());
      }
      std::this_thread::sleep_for(k_poll);
    }
  }

  void stop() {
    std::scoped_lock lock(mutex_);
    if (!process_ || ended(*process_)) return;
    kill(*process_, SIGINT);
    if (await_end(*process_, k_stop_deadline)) return;
    spdlog::warn("The private database does not stop; it is cut off");
    kill(*process_, SIGQUIT);
    if (await_end(*process_, k_abort_deadline)) return;
    kill(*process_, SIGKILL);
    await_end(*process_, k_abort_deadline);
  }

  ServerHome home_;
  FileLock lock_;
  std::mutex mutex_;
  steady_clock::time_point deadline_;  ///< until which the server is waited for
  std::optional<pid_t> process_;
  Keeper keeper_;
};

}  // namespace

Result<std::unique_ptr<PrivateServer>> PrivateServer::open(const fs::path& directory) {
  auto home = TRY(server_home(directory));
  std::error_code error;
  if (home.root != fs::canonical(directory, error)) {
    spdlog::warn("The database stands in {}: its user '{}' cannot reach {}", home.root.string(),
                 home.user.name, directory.string());
  }
  auto server = std::make_unique<Server>(std::move(home));
  TRY(server->revive(k_ready_deadline));
  return std::unique_ptr<PrivateServer>(std::move(server));
}

}  // namespace kanal
