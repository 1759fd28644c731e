#include "connectors/email/imap.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/peak_memory.hpp"
#include "tests/support/sanitized.hpp"

// What a broken or hostile server may do with one session.
namespace kanal::email::test {
namespace {

/// Answers a command with what `say` gives, line by line and without end if it gives that. "{n}" at
/// a line's end is followed by so many bytes.
class EndlessPipe final : public Pipe {
 public:
  /// `tag` is of the last command; `count` counts the lines since.
  using Say = std::function<std::string(const std::string& tag, int count)>;
  explicit EndlessPipe(Say say) : say_(std::move(say)) {}

  Result<> write(std::string_view bytes, std::chrono::milliseconds /*timeout_ms*/) override {
    tag_ = std::string(bytes.substr(0, bytes.find(' ')));
    count_ = 0;
    return {};
  }
  Result<std::string> read_line(std::size_t /*most_bytes*/,
                                std::chrono::milliseconds /*timeout_ms*/) override {
    return say_(tag_, count_++) + "\r\n";
  }
  Result<std::string> read_exactly(std::size_t count,
                                   std::chrono::milliseconds /*timeout_ms*/) override {
    return std::string(count, 'x');
  }
  Result<std::string> read_some(std::size_t /*most_bytes*/) override { return std::string(); }
  Result<bool> wait(std::chrono::milliseconds /*timeout_ms*/) override { return true; }

 private:
  Say say_;
  std::string tag_;
  int count_ = 0;
};

Imap session(EndlessPipe::Say say, std::chrono::milliseconds timeout_ms) {
  return {std::make_unique<EndlessPipe>(std::move(say)), timeout_ms};
}

constexpr std::chrono::milliseconds k_short{5};
constexpr std::chrono::milliseconds k_ample{30'000};

TEST_CASE("a server that is still there and never done is given up") {
  for (const std::string said : {"* OK still here", "* 1 EXISTS"}) {
    auto imap = session([&](const std::string&, int) { return said; }, k_short);
    const auto done = imap.noop();
    REQUIRE_FALSE(done);
    CHECK(done.error().remedy == Remedy::retry);
    CHECK_FALSE(imap.alive());
  }
  auto idle = session([](const std::string&, int) { return "* OK not yet"; }, k_short);
  CHECK_FALSE(idle.idle(std::chrono::milliseconds(1)));
  CHECK_FALSE(idle.alive());
}

TEST_CASE("a server that says now and then that it is at work is waited for") {
  auto imap = session([](const std::string& tag,
                         int count) { return count < 100 ? "* OK still here" : tag + " OK done"; },
                      k_ample);
  CHECK(imap.noop());
}

TEST_CASE("only mails that were asked for are kept, and each once") {
  auto imap = session(
      [](const std::string& tag, int count) -> std::string {
        // Every second line ends the mail before it.
        if (count % 2 == 1) return ")";
        if (count >= 2000) return tag + " OK done";
        return "* 1 FETCH (UID " + std::to_string(count / 2 % 500) + " BODY[] {10}";
      },
      k_ample);
  const std::vector<Uid> asked = {3, 4, 7};
  const auto mails = imap.fetch(asked, 1000);
  REQUIRE(mails);
  REQUIRE(mails->size() == 3);
  CHECK((*mails)[0].uid == 3);
  CHECK((*mails)[2].uid == 7);
  CHECK((*mails)[2].bytes == "xxxxxxxxxx");
  CHECK(imap.fetch_headers(9, 1000)->size() == 1);
}

TEST_CASE("a server that lists what nobody asked for is given no memory for it") {
  constexpr int k_lines = 200'000;
  auto imap = session(
      [](const std::string& tag, int count) {
        const auto uid = std::to_string(count % (k_lines / 2) + 1);
        return count < k_lines ? "* 1 FETCH (UID " + uid + " RFC822.SIZE 1)" : tag + " OK done";
      },
      k_ample);
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  const auto listed = imap.list(3, 5, false);
  REQUIRE(listed);
  CHECK(peak_kib() - before < bound_kib(1024));
  std::vector<Uid> uids;
  for (const auto& listing : *listed) uids.push_back(listing.uid);
  CHECK(uids == std::vector<Uid>{3, 4, 5, k_lines / 2});
}

TEST_CASE("one answer of many literals is held no further than one mail may be long") {
  constexpr std::size_t k_most = 1U << 20U;
  auto imap = session(
      [](const std::string& tag, int count) -> std::string {
        if (count == 0) return "* 1 FETCH (UID 1 BODY[] {1048576}";
        if (count < 60) return " X {1048576}";
        return count == 60 ? ")" : tag + " OK done";
      },
      k_ample);
  REQUIRE(reset_peak());
  const auto before = peak_kib();
  const std::vector<Uid> asked = {1};
  const auto mails = imap.fetch(asked, k_most);
  REQUIRE(mails);
  CHECK(peak_kib() - before < bound_kib(12L * 1024));
}

}  // namespace
}  // namespace kanal::email::test
