#include "app/running.hpp"

#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/support/scratch.hpp"

namespace kanal::app {
namespace {

TEST_CASE("commands know where the bridge beside them listens, and nothing of one that is gone") {
  const Scratch directory;
  CHECK(running_address(directory.path()).empty());
  REQUIRE(tell_address(directory.path(), "127.0.0.1:43125"));
  CHECK(running_address(directory.path()) == "127.0.0.1:43125");
  forget_address(directory.path());
  CHECK(running_address(directory.path()).empty());
  CHECK_FALSE(tell_address(directory.path() / "none", "127.0.0.1:43125"));
}

TEST_CASE("the address of a bridge that was killed is nobody's") {
  const Scratch directory;
  const auto told = directory.path() / "told";
  const pid_t bridge = ::fork();
  if (bridge == 0) {
    if (tell_address(directory.path(), "127.0.0.1:43125")) std::ofstream(told) << "yes";
    ::raise(SIGKILL);
  }
  REQUIRE(::waitpid(bridge, nullptr, 0) == bridge);
  CHECK(std::filesystem::exists(told));
  CHECK(running_address(directory.path()).empty());
  REQUIRE(tell_address(directory.path(), "[::1]:8080"));
  CHECK(running_address(directory.path()) == "[::1]:8080");
}

}  // namespace
}  // namespace kanal::app
