#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "config/keys.hpp"
#include "config/secret.hpp"
#include "tests/support/scratch.hpp"

namespace kanal {
namespace {

TEST_CASE("a secret is found where its reference points, and never printed") {
  const Scratch directory;
  std::ofstream(directory.path() / "secret") << "s3cret\n";
  const Secret from_file("file:" + (directory.path() / "secret").string());
  CHECK(from_file.reveal(nullptr).value() == "s3cret");
  ::setenv("KANAL_TEST_SECRET", "e", 1);
  CHECK(Secret("env:KANAL_TEST_SECRET").reveal(nullptr).value() == "e");
  CHECK(Secret("env:KANAL_TEST_NO_SECRET").reveal(nullptr).error().remedy == Remedy::reconfigure);
  CHECK(Secret("sealed:abcdef").redacted() == "sealed:…");
}

TEST_CASE("a tag is the beginning of the whole proof, and each purpose's own") {
  const auto keys = Keys::of_seed("here");
  const auto whole = keys.mac(Purpose::form, "a report");
  CHECK(keys.tag(Purpose::form, "a report", 32) == std::string(whole.begin(), whole.end()));
  CHECK(keys.tag(Purpose::form, "a report", 16) == std::string(whole.begin(), whole.begin() + 16));
  CHECK(keys.tag(Purpose::form, "a report", 0).empty());
  CHECK(keys.tag(Purpose::form, "a report", 16) != keys.tag(Purpose::thread, "a report", 16));
  CHECK(keys.tag(Purpose::form, "a report", 16) != keys.tag(Purpose::form, "another", 16));
}

TEST_CASE("a sealed secret opens with the key that sealed it, and with no other") {
  const auto keys = Keys::of_seed("here");
  const auto sealed = Secret::seal(keys, "hunter2 é");
  CHECK(sealed.reference().starts_with("sealed:"));
  CHECK(sealed.reference().find("hunter2") == std::string::npos);
  CHECK(sealed.reveal(&keys).value() == "hunter2 é");
  CHECK(Secret::seal(keys, "hunter2").reference() != Secret::seal(keys, "hunter2").reference());
  const auto others = Keys::of_seed("there");
  CHECK(sealed.reveal(&others).error().message.find("seal it again") != std::string::npos);
  CHECK(sealed.reveal(nullptr).error().message.find("without the key") != std::string::npos);
  for (const auto* with : {&others, static_cast<const Keys*>(nullptr)}) {
    const auto refused = sealed.reveal(with);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().remedy == Remedy::reconfigure);
    CHECK(refused.error().message.find(sealed.reference().substr(7)) == std::string::npos);
  }
  auto broken = sealed.reference();
  broken[20] = broken[20] == 'A' ? 'B' : 'A';
  CHECK_FALSE(Secret(broken).reveal(&keys));
  CHECK_FALSE(Secret("sealed:???").reveal(&keys));
}

TEST_CASE("the key is made once, for this user alone") {
  const Scratch directory;
  const auto file = directory.path() / "keys/kanal.key";
  const auto first = Keys::open(file);
  REQUIRE(first);
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  const auto second = Keys::open(file);
  REQUIRE(second);
  CHECK(first->mac(Purpose::form, "x") == second->mac(Purpose::form, "x"));
  CHECK(first->mac(Purpose::form, "x") != first->mac(Purpose::thread, "x"));
  ::chmod(file.c_str(), 0644);
  CHECK_FALSE(Keys::open(file));
}

TEST_CASE("a key that cannot be looked at is told as such") {
  const Scratch directory;
  std::filesystem::create_symlink("loop", directory.path() / "loop");
  const auto refused = Keys::open(directory.path() / "loop");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy == Remedy::reconfigure);
  CHECK(refused.error().message.find("loop cannot be looked at") != std::string::npos);
}

TEST_CASE("what is sealed for one purpose opens for that purpose only") {
  const auto keys = Keys::of_seed("test");
  auto sealed = keys.seal(Purpose::identity, "budi@example.org");
  CHECK(keys.unseal(Purpose::identity, sealed).value() == "budi@example.org");
  CHECK_FALSE(keys.unseal(Purpose::payload, sealed));
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  CHECK_FALSE(keys.unseal(Purpose::identity, sealed));
  CHECK(keys.seal(Purpose::identity, "x") != keys.seal(Purpose::identity, "x"));
}

}  // namespace
}  // namespace kanal
