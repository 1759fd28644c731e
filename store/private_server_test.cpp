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
  std::ifstream note(directory.path() / "closed/db/moved-to");
  std::string elsewhere;
  REQUIRE(std::getline(note, elsewhere));
  CHECK(fs::exists(fs::path(elsewhere) / "data/PG_VERSION"));
  server->reset();
  fs::remove_all(elsewhere);
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
