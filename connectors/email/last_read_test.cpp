#include "connectors/email/last_read.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace kanal::email::test {
namespace {

/// A process that ends while it takes these mails apart, the last of them not to its end.
void die_over(const std::filesystem::path& file, std::initializer_list<Uid> uids) {
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    LastRead reading(file);
    for (const auto uid : uids) (void)reading.begin(7, uid);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
}

TEST_CASE("a mail that the process ended over twice is taken apart no more") {
  const auto file =
      std::filesystem::temp_directory_path() / ("kanal-last-read-" + std::to_string(::getpid()));
  die_over(file, {3, 4, 5});
  {
    LastRead reading(file);
    CHECK(reading.begin(7, 5));
    reading.end();
  }
  CHECK_FALSE(std::filesystem::exists(file));
  die_over(file, {5});
  die_over(file, {4, 5});
  {
    LastRead reading(file);
    CHECK(reading.is_wary());
    CHECK(reading.begin(7, 4));
    reading.end();
    CHECK(reading.is_wary());
    CHECK_FALSE(reading.begin(7, 5));
    reading.end();
    CHECK_FALSE(reading.is_wary());
    CHECK(reading.begin(8, 5));
    CHECK(reading.begin(7, 6));
  }
  std::filesystem::remove(file);
  const auto target = std::filesystem::path(file) += ".target";
  std::filesystem::create_symlink(target, file);
  {
    LastRead reading(file);
    CHECK(reading.begin(7, 5));
    reading.end();
  }
  CHECK_FALSE(std::filesystem::exists(target));
  std::filesystem::remove(file);
  LastRead none{{}};
  CHECK(none.begin(7, 5));
}

}  // namespace
}  // namespace kanal::email::test
