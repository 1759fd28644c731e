#include "store/private_server.hpp"

#include <chrono>
#include <fstream>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/support/scratch.hpp"

using namespace kanal;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// One that the server's own user may enter.
struct OpenDirectory : Scratch {
  OpenDirectory() {
    fs::permissions(path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  }
};

std::string ask(const std::string& url, const std::string& question) {
  PGconn* session = PQconnectdb(url.c_str());
  PGresult* answer = PQexec(session, question.c_str());
  std::string text = PQntuples(answer) > 0 ? PQgetvalue(answer, 0, 0) : PQerrorMessage(session);
  PQclear(answer);
  PQfinish(session);
  return text;
}

/// What a server of this directory answers, which ends with it.
std::string serve(const fs::path& directory, const std::string& question) {
  const auto server = PrivateServer::open(directory);
  return server ? ask((*server)->url(), question) : server.error().message;
}

fs::path moved_to(const fs::path& directory) {
  std::ifstream note(directory / "moved-to");
  std::string elsewhere;
  REQUIRE(std::getline(note, elsewhere));
  return elsewhere;
}

pid_t postmaster(const fs::path& directory) {
  std::ifstream file(directory / "data/postmaster.pid");
  pid_t process = 0;
  file >> process;
  return process;
}

template <class Condition>
bool soon(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 300s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

bool runs(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string number;
  std::string name;
  std::string state;
  return file >> number >> name >> state && state != "Z";
}

}  // namespace

TEST_CASE("a private server starts in an empty directory and ends with its owner") {
  const OpenDirectory directory;
  pid_t process = 0;
  {
    auto server = PrivateServer::open(directory.path() / "db");
    REQUIRE(server);
    CHECK(ask((*server)->url(), "SHOW listen_addresses").empty());
    CHECK(ask((*server)->url(), "SHOW server_encoding") == "UTF8");
    CHECK(ask((*server)->url(), "SELECT 'Ü' ILIKE 'ü'") == "t");
    process = postmaster(directory.path() / "db");
    CHECK(process > 1);
    CHECK((fs::status(directory.path() / "db").permissions() & fs::perms::others_all) ==
          fs::perms::none);
  }
  CHECK_FALSE(runs(process));
  CHECK_FALSE(fs::exists(directory.path() / "db/data/postmaster.pid"));
}

TEST_CASE("a killed server is revived with everything that was committed") {
  const OpenDirectory directory;
  auto server = PrivateServer::open(directory.path() / "db");
  REQUIRE(server);
  ask((*server)->url(), "CREATE TABLE kept (number int)");
  ask((*server)->url(), "INSERT INTO kept VALUES (17)");
  const auto process = postmaster(directory.path() / "db");
  REQUIRE(kill(process, SIGKILL) == 0);
  REQUIRE(soon([&] { return !runs(process); }));
  REQUIRE((*server)->revive(180s));
  CHECK(ask((*server)->url(), "SELECT number FROM kept") == "17");
  CHECK(postmaster(directory.path() / "db") != process);
}

TEST_CASE("a second opener attaches, and takes over when the first has ended") {
  const OpenDirectory directory;
  auto first = PrivateServer::open(directory.path() / "db");
  REQUIRE(first);
  auto second = PrivateServer::open(directory.path() / "db");
  REQUIRE(second);
  CHECK((*first)->url() == (*second)->url());
  const auto process = postmaster(directory.path() / "db");
  first->reset();
  REQUIRE((*second)->revive(180s));
  CHECK(postmaster(directory.path() / "db") != process);
  CHECK(ask((*second)->url(), "SELECT 1") == "1");
}

TEST_CASE("the server of a killed program ends, and the next program starts it again") {
  const OpenDirectory directory;
  const auto place = directory.path() / "db";
  const pid_t program = fork();
  if (program == 0) {
    auto server = PrivateServer::open(place);
    std::ofstream(directory.path() / "ready") << (server ? "yes" : "no");
    for (;;) pause();
  }
  const bool started = soon([&] { return fs::exists(directory.path() / "ready"); });
  const auto process = postmaster(place);
  kill(program, SIGKILL);
  waitpid(program, nullptr, 0);
  REQUIRE(started);
  auto server = PrivateServer::open(place);
  REQUIRE(server);
  CHECK(soon([&] { return !runs(process); }));
  CHECK(ask((*server)->url(), "SELECT 1") == "1");
}

TEST_CASE("a pid file that names another living process does not keep the server down") {
  const OpenDirectory directory;
  const auto place = directory.path() / "db";
  REQUIRE(PrivateServer::open(place));
  std::ofstream(place / "data/postmaster.pid") << getppid() << "\n" << (place / "data").string();
  CHECK(PrivateServer::open(place));
}

TEST_CASE("a database of another major version is refused with the way out") {
  const OpenDirectory directory;
  fs::create_directories(directory.path() / "db/data");
  std::ofstream(directory.path() / "db/data/PG_VERSION") << "9.6\n";
  const auto server = PrivateServer::open(directory.path() / "db");
  REQUIRE_FALSE(server);
  CHECK(server.error().remedy == Remedy::reconfigure);
  CHECK(server.error().message.find("9.6") != std::string::npos);
  CHECK(server.error().message.find("pg_upgrade") != std::string::npos);
}

TEST_CASE("an interrupted initdb is done again") {
  const OpenDirectory directory;
  fs::create_directories(directory.path() / "db/data/base");
  std::ofstream(directory.path() / "db/data/PG_VERSION") << "15\n";
  std::ofstream(directory.path() / "db/initdb.unfinished") << "";
  auto server = PrivateServer::open(directory.path() / "db");
  REQUIRE(server);
  CHECK(ask((*server)->url(), "SELECT 1") == "1");
}

TEST_CASE("a directory that holds something else is refused and left alone") {
  const OpenDirectory directory;
  fs::create_directories(directory.path() / "db/data");
  std::ofstream(directory.path() / "db/data/thesis.txt") << "years of work";
  const auto server = PrivateServer::open(directory.path() / "db");
  REQUIRE_FALSE(server);
  CHECK(fs::exists(directory.path() / "db/data/thesis.txt"));
}

TEST_CASE("a path too long for a socket is served elsewhere") {
  const OpenDirectory directory;
  auto server = PrivateServer::open(directory.path() / std::string(120, 'd'));
  REQUIRE(server);
  CHECK(ask((*server)->url(), "SELECT 1") == "1");
}

TEST_CASE("quotes, spaces and commas in the directory's name do no harm") {
  const OpenDirectory directory;
  auto server = PrivateServer::open(directory.path() / "Bu Ketut's, \"data\"");
  REQUIRE(server);
  CHECK(ask((*server)->url(), "SELECT 1") == "1");
}

TEST_CASE("as root, a directory that only root can enter is served from elsewhere") {
  if (geteuid() != 0) return;
  const OpenDirectory directory;
  fs::create_directories(directory.path() / "closed");
  fs::permissions(directory.path() / "closed", fs::perms::owner_all);
  auto server = PrivateServer::open(directory.path() / "closed/db");
  REQUIRE(server);
  CHECK(ask((*server)->url(), "SELECT 1") == "1");
  const auto elsewhere = moved_to(directory.path() / "closed/db");
  CHECK(fs::exists(elsewhere / "data/PG_VERSION"));
  server->reset();
  fs::remove_all(elsewhere);
}

TEST_CASE("as root, a closed directory in another's place begins anew, and each keeps its own") {
  if (geteuid() != 0) return;
  const OpenDirectory directory;
  const auto closed = directory.path() / "closed";
  fs::create_directories(closed);
  fs::permissions(closed, fs::perms::owner_all);
  REQUIRE(serve(closed / "var/db", "CREATE TABLE played (); SELECT 1") == "1");
  const auto played = moved_to(closed / "var/db");
  fs::rename(closed / "var", closed / "var-demo");
  CHECK(serve(closed / "var/db", "SELECT to_regclass('played') IS NULL") == "t");
  const auto real = moved_to(closed / "var/db");
  fs::rename(closed / "var", closed / "var-live");
  fs::rename(closed / "var-demo", closed / "var");
  CHECK(serve(closed / "var/db", "SELECT to_regclass('played') IS NULL") == "f");
  CHECK(moved_to(closed / "var/db") == played);
  CHECK(real != played);
  for (const auto& each : {played, real}) fs::remove_all(each);
}

TEST_CASE("as root, what stands where the path alone led goes to the directory that it is of") {
  if (geteuid() != 0) return;
  const OpenDirectory directory;
  const auto closed = directory.path() / "closed";
  fs::create_directories(closed);
  fs::permissions(closed, fs::perms::owner_all);
  REQUIRE(serve(closed / "db", "CREATE TABLE old (); SELECT 1") == "1");
  const auto fresh = moved_to(closed / "db");
  const fs::path by_path = fresh.string().substr(0, fresh.string().rfind('-'));
  fs::rename(fresh, by_path);
  std::ofstream(closed / "db/moved-to") << by_path.string() << "\n";
  CHECK(serve(closed / "db", "SELECT to_regclass('old') IS NULL") == "f");
  fs::remove(closed / "db/moved-to");
  CHECK(serve(closed / "db", "SELECT to_regclass('old') IS NULL") == "f");
  CHECK(moved_to(closed / "db") == by_path);
  fs::rename(closed / "db", closed / "db-before");
  CHECK(serve(closed / "db", "SELECT to_regclass('old') IS NULL") == "t");
  for (const auto& each : {by_path, moved_to(closed / "db")}) fs::remove_all(each);
}

TEST_CASE("as root, a directory of another user's is served as that user") {
  if (geteuid() != 0) return;
  constexpr uid_t k_nobody = 65534;
  const OpenDirectory directory;
  const auto place = directory.path() / "db";
  fs::create_directories(place);
  REQUIRE(chown(place.c_str(), k_nobody, k_nobody) == 0);
  auto server = PrivateServer::open(place);
  REQUIRE(server);
  CHECK(ask((*server)->url(), "SELECT 1") == "1");
  struct stat status {};
  REQUIRE(stat((place / "data/postmaster.pid").c_str(), &status) == 0);
  CHECK(status.st_uid == k_nobody);
}
