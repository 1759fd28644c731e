#include "tests/support/database.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <libpq-fe.h>
#include <unistd.h>

#include "store/migrations.hpp"
#include "store/private_server.hpp"

namespace kanal::testing {
namespace {

namespace fs = std::filesystem;

constexpr auto k_template = "kanal_template";

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

 private:
  std::unique_ptr<PrivateServer> server_;
};

Cluster& cluster() {
  scratch();
  static Cluster the_one;
  return the_one;
}

}  // namespace

std::string ask_at(const std::string& url, const std::string& statements) {
  PGconn* session = PQconnectdb(url.c_str());
  PGresult* answer = PQexec(session, statements.c_str());
  std::string text;
  if (PQresultStatus(answer) == PGRES_TUPLES_OK) {
    if (PQntuples(answer) > 0) text = PQgetvalue(answer, 0, 0);
  } else if (PQresultStatus(answer) != PGRES_COMMAND_OK) {
    text = PQerrorMessage(session);
  }
  PQclear(answer);
  PQfinish(session);
  return text;
}

fs::path scratch_directory() {
  return scratch().path;
}

TestDatabase::TestDatabase(Schema schema) {
  static std::atomic<int> next{1};
  name_ = "test_" + std::to_string(next++);
  auto& shared = cluster();
  demand(shared.admin_url(), "CREATE DATABASE " + name_ + " TEMPLATE " +
                                 (schema == Schema::newest ? k_template : "template0"));
  url_ = shared.url(name_);
  attachments_ = scratch().path / (name_ + "-attachments");
}

TestDatabase::~TestDatabase() {
  ask_at(cluster().admin_url(), "DROP DATABASE " + name_ + " WITH (FORCE)");
  std::error_code error;
  fs::remove_all(attachments_, error);
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
  return ask_at(url_, statements);
}

void TestDatabase::close() const {
  const auto admin = cluster().admin_url();
  demand(admin, "ALTER DATABASE " + name_ + " ALLOW_CONNECTIONS false");
  ask_at(admin,
         "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name_ + "'");
}

}  // namespace kanal::testing
