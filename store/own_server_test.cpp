#include <csignal>
#include <fstream>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "store/private_server.hpp"
#include "store/server_home.hpp"
#include "store/test_world.hpp"
#include "tests/support/loopback.hpp"

using namespace kanal;
using namespace kanal::testing;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A server that somebody else runs: on TCP, with passwords, and with a user who owns a database
/// and nothing more.
class OwnServer {
 public:
  OwnServer() : home_(make_home()), port_(test::free_ports<1>()[0]) {
    std::ofstream(home_.data / "pg_hba.conf")
        << "local all all peer map=kanal\nhost all all 127.0.0.1/32 scram-sha-256\n";
    const auto programs = server_programs(home_.data).value();
    const auto child =
        start_child({{(programs / "postgres").string(), "-D", home_.data.string(), "-c",
                      "listen_addresses=127.0.0.1", "-c", "port=" + std::to_string(port_), "-c",
                      "unix_socket_directories=" + home_.socket.string(), "-c", "fsync=off"},
                     home_.user,
                     home_.log,
                     true});
    REQUIRE(child);
    process_ = *child;
    const auto deadline = std::chrono::steady_clock::now() + 180s;
    while (admin("SELECT 1") != "1") {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::sleep_for(20ms);
    }
    admin("CREATE ROLE kanal_bridge");
    admin("CREATE ROLE lapor LOGIN PASSWORD 'kunci rahasia''s'");
    admin("GRANT kanal_bridge TO lapor");
    admin("CREATE DATABASE laporan OWNER lapor");
  }
  ~OwnServer() {
    ::kill(process_, SIGINT);
    await_end(process_, 30s);
    std::error_code error;
    fs::remove_all(home_.root, error);
  }
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  /// As the user's own superuser; the first field, or the error.
  std::string admin(const std::string& statement) const {
    return ask_at("host=" + home_.socket.string() + " port=" + std::to_string(port_) +
                      " user=postgres dbname=postgres",
                  statement);
  }
  [[nodiscard]] std::string url(const std::string& user, const std::string& database) const {
    return "postgresql://" + user + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
  }
  [[nodiscard]] Result<std::unique_ptr<Store>> open(const std::string& address) {
    return Store::open({address, home_.root / "attachments", 3}, keys_, clock_);
  }

 private:
  static ServerHome make_home() {
    const auto directory = scratch_directory() / "own-server";
    REQUIRE(PrivateServer::open(directory));
    return server_home(directory).value();
  }

  ServerHome home_;
  std::uint16_t port_;
  pid_t process_ = -1;
  Keys keys_ = Keys::of_seed("own server");
  ManualClock clock_{Time(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2))};
};

}  // namespace

TEST_CASE("a database of the user's own serves, and what is wrong with it says what to do") {
  OwnServer server;
  const auto with_password = "?password=kunci%20rahasia%27s";
  const auto refused = [&](const std::string& url, const char* advice,
                           Remedy remedy = Remedy::reconfigure) {
    const auto opened = server.open(url);
    REQUIRE_FALSE(opened);
    INFO(opened.error().message);
    CHECK(opened.error().remedy == remedy);
    CHECK(opened.error().message.find(advice) != std::string::npos);
    CHECK(opened.error().message.find("kunci") == std::string::npos);
  };
  refused(server.url("lapor", "laporan"), "asks for a password");
  refused(server.url("lapor", "laporan") + "?password=kunci%20salah", "password is wrong");
  refused(server.url("lapor", "tiada") + with_password, "createdb");
  refused("postgresql://lapor@127.0.0.1:1/laporan", "[store]", Remedy::retry);
  refused("this is no address", "connection string");

  server.admin("CREATE DATABASE latin OWNER lapor ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  refused(server.url("lapor", "latin") + with_password, "UTF8");
  server.admin("CREATE ROLE stranger LOGIN PASSWORD 'kunci rahasia''s'");
  refused(server.url("stranger", "laporan") + with_password, "GRANT");

  auto store = server.open(server.url("lapor", "laporan") + with_password);
  INFO((store ? "" : store.error().message));
  REQUIRE(store);
  Officer officer;
  officer.user = "putu";
  officer.role = Role::auditor;
  REQUIRE((*store)->save_officer(officer));
  CHECK((*store)->officer("putu").value()->role == Role::auditor);
  store->reset();
  // A second start finds all of it.
  store = server.open(server.url("lapor", "laporan") + with_password);
  REQUIRE(store);
  CHECK((*store)->officers().value().size() == 1);
}
