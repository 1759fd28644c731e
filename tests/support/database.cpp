#include "tests/support/database.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <libpq-fe.h>
#include <mutex>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "store/migrations.hpp"
#include "store/private_server.hpp"

namespace kanal::testing {
namespace {

namespace fs = std::filesystem;

constexpr auto k_template = "kanal_template";

// Tables that nothing was written to have no pages.
constexpr auto k_emptying = R"(
SET client_min_messages = warning;
SET session_replication_role = replica;
DO $$ DECLARE filled text; BEGIN
  PERFORM pg_terminate_backend(pid, 60000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SELECT string_agg(format('%I', relname), ', ') INTO filled FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND relname <> 'schema_version' AND pg_relation_size(oid) > 0;
  IF filled IS NOT NULL THEN EXECUTE 'TRUNCATE ' || filled || ' CASCADE'; END IF;
  PERFORM setval(seqrelid::regclass, seqstart, false) FROM pg_sequence;
END $$;
SELECT pg_stat_reset())";

// The first field of the last answer, or the error's text.
std::string ask_in(PGconn* session, const std::string& statements) {
  PGresult* answer = PQexec(session, statements.c_str());
  std::string text;
  if (PQresultStatus(answer) == PGRES_TUPLES_OK) {
    if (PQntuples(answer) > 0) text = PQgetvalue(answer, 0, 0);
  } else if (PQresultStatus(answer) != PGRES_COMMAND_OK) {
    text = PQerrorMessage(session);
  }
  PQclear(answer);
  return text;
}

bool only_rows(const std::string& statements) {
  constexpr std::array<std::string_view, 4> k_rows = {"SELECT ", "INSERT ", "UPDATE ", "DELETE "};
  return statements.find(';') == std::string::npos &&
         std::ranges::any_of(k_rows, [&](auto each) { return statements.starts_with(each); });
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "The database for the tests: %s\n", why.c_str());
  std::abort();
}

void demand(const std::string& url, const std::string& statement) {
  if (const auto error = ask_at(url, statement); !error.empty()) give_up(error);
}

class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "kanal-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) give_up("no temporary directory");
    path = pattern;
    // The database's user must pass when we are root.
    fs::permissions(path, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(path, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  fs::path path;
};

Scratch& scratch() {
  static Scratch the_one;
  return the_one;
}

class Cluster {
 public:
  Cluster() {
    auto opened = PrivateServer::open(scratch().path / "postgresql");
    if (!opened) give_up(opened.error().message);
    server_ = std::move(*opened);
    for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes", "autovacuum"}) {
      demand(admin_url(), std::string("ALTER SYSTEM SET ") + setting + " = off");
    }
    ask_at(admin_url(), "SELECT pg_reload_conf()");
    demand(admin_url(), std::string("CREATE DATABASE ") + k_template);
    if (auto done = migrate(url(k_template)); !done) give_up(done.error().message);
    // Of what is in use no copy can be made.
    const auto sessions =
        std::string("SELECT count(*) FROM pg_stat_activity WHERE datname = '") + k_template + "'";
    while (ask_at(admin_url(), sessions) != "0") {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  [[nodiscard]] std::string admin_url() const { return server_->url(); }
  [[nodiscard]] std::string url(const std::string& database) const {
    return server_->url() + " dbname=" + database;
  }
  std::string create(const std::string& model) {
    const auto name = "test_" + std::to_string(++created_);
    demand(admin_url(), "CREATE DATABASE " + name + " TEMPLATE " + model);
    return name;
  }
  // Empty.
  std::string take() {
    std::scoped_lock lock(mutex_);
    if (free_.empty()) return {};
    auto name = std::move(free_.back());
    free_.pop_back();
    demand(url(name), k_emptying);
    return name;
  }
  void give_back(const std::string& name) {
    std::scoped_lock lock(mutex_);
    free_.push_back(name);
  }

 private:
  std::unique_ptr<PrivateServer> server_;
  std::atomic<int> created_{0};
  std::mutex mutex_;
  std::vector<std::string> free_;
};

Cluster& cluster() {
  scratch();
  static Cluster the_one;
  return the_one;
}

}  // namespace

std::string ask_at(const std::string& url, const std::string& statements) {
  const DatabaseSession session(PQconnectdb(url.c_str()));
  return ask_in(session.get(), statements);
}

fs::path scratch_directory() {
  return scratch().path;
}

TestDatabase::TestDatabase(Schema schema) : kept_(schema == Schema::newest) {
  auto& shared = cluster();
  name_ = kept_ ? shared.take() : "";
  if (name_.empty()) name_ = shared.create(kept_ ? k_template : "template0");
  url_ = shared.url(name_);
  attachments_ = scratch().path / (name_ + "-attachments");
}

TestDatabase::~TestDatabase() {
  session_.reset();
  std::error_code error;
  fs::remove_all(attachments_, error);
  auto& shared = cluster();
  if (kept_) {
    shared.give_back(name_);
  } else {
    ask_at(shared.admin_url(), "DROP DATABASE " + name_ + " WITH (FORCE)");
  }
}

StoreOptions TestDatabase::options(std::size_t connections) const {
  return {url_, attachments_, connections};
}

std::unique_ptr<Store> TestDatabase::open(const Keys& keys, const Clock& clock) const {
  auto store = Store::open(options(), keys, clock);
  if (!store) give_up(store.error().message);
  return std::move(*store);
}

std::string TestDatabase::ask(const std::string& statements) const {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!only_rows(statements) || !lock) {
    if (!only_rows(statements)) kept_ = false;
    return ask_at(url_, statements);
  }
  if (!session_) session_.reset(PQconnectdb(url_.c_str()));
  auto answer = ask_in(session_.get(), statements);
  if (PQstatus(session_.get()) == CONNECTION_OK) return answer;
  // It was cut off.
  session_.reset();
  return ask_at(url_, statements);
}

void TestDatabase::close() const {
  kept_ = false;
  const auto admin = cluster().admin_url();
  demand(admin, "ALTER DATABASE " + name_ + " ALLOW_CONNECTIONS false");
  ask_at(admin,
         "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name_ + "'");
}

}  // namespace kanal::testing
