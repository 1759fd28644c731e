#include "connectors/email/imap_grammar.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace kanal::email::test {
namespace {

ImapResponse response(std::string line, std::vector<std::string> literals = {}) {
  return {std::move(line) + "\r\n", std::move(literals), false};
}

TEST_CASE("a FETCH response is read in whatever order its items stand") {
  auto listed =
      response("* 12 FETCH (INTERNALDATE \"17-Jul-2026 02:44:25 +0700\" RFC822.SIZE 44 UID 9)");
  const auto fetch = read_fetch(listed);
  REQUIRE(fetch);
  CHECK(fetch->uid == 9);
  CHECK(fetch->size_bytes == 44U);
  CHECK_FALSE(fetch->body);
  REQUIRE(fetch->arrived);
  CHECK(fetch->arrived->time_since_epoch() ==
        std::chrono::sys_days(std::chrono::year(2026) / 7 / 16).time_since_epoch() +
            std::chrono::hours(19) + std::chrono::minutes(44) + std::chrono::seconds(25));
  auto body = response("* 1 FETCH (FLAGS (\\Seen \"a b\") BODY[] {4}\r\n UID 3)", {"a)\"("});
  const auto mail = read_fetch(body);
  REQUIRE(mail);
  CHECK(mail->uid == 3);
  CHECK(mail->body == "a)\"(");
}

TEST_CASE("what a FETCH response does not say is absent") {
  auto none = response("* 1 FETCH (UID 3 BODY[] NIL)");
  CHECK_FALSE(read_fetch(none)->body);
  auto empty = response("* 1 FETCH (UID 3 BODY[] \"\")");
  CHECK_FALSE(read_fetch(empty)->body);
  auto nameless = response("* 1 FETCH (BODY[] \"text\")");
  CHECK_FALSE(read_fetch(nameless));
  auto other = response("* 3 EXISTS");
  CHECK_FALSE(read_fetch(other));
}

TEST_CASE("a UID of more than 32 bits is no other mail's") {
  auto large = response("* 1 FETCH (UID 4294967299 BODY[] \"text\")");
  CHECK_FALSE(read_fetch(large));
  CHECK(small_number_of("4294967295") == 4294967295U);
  CHECK_FALSE(small_number_of("4294967296"));
  CHECK_FALSE(code_number("* OK [UIDVALIDITY 4294967296] x", "UIDVALIDITY"));
  CHECK(code_number("* OK [UIDVALIDITY 7] x", "UIDVALIDITY") == 7U);
}

TEST_CASE("torn, deep and endless FETCH responses are none") {
  for (const std::string line : {"* 1 FETCH (UID 1 BODY[] \"torn", "* 1 FETCH (UID 1",
                                 "* 1 FETCH (UID 1 BODY[] {4}", "* 1 FETCH (UID 1 \"\\"}) {
    auto torn = response(line);
    CHECK_FALSE(read_fetch(torn));
  }
  auto deep = response("* 1 FETCH (" + std::string(100'000, '('));
  CHECK_FALSE(read_fetch(deep));
  std::string many = "* 1 FETCH (UID 1";
  for (int i = 0; i < 2'000; ++i) many += " X 1";
  auto endless = response(many + ")");
  CHECK_FALSE(read_fetch(endless));
}

TEST_CASE("a literal is announced at a line's end only") {
  CHECK(announced_literal("* 1 FETCH (BODY[] {12}") == 12U);
  CHECK(announced_literal("* 1 FETCH (BODY[] {12+}") == 12U);
  CHECK_FALSE(announced_literal("* 1 FETCH (BODY[] {12} "));
  CHECK_FALSE(announced_literal("* 1 FETCH (BODY[] {-1}"));
  CHECK_FALSE(announced_literal("}"));
}

TEST_CASE("what we write is as the grammar has it") {
  CHECK(quote("a\"b\\c\r\n") == "\"a\\\"b\\\\c\"");
  const std::vector<Uid> uids = {3, 4, 5, 7, 9, 10};
  CHECK(print_set(uids) == "3:5,7,9:10");
  CHECK(print_date(Time(std::chrono::seconds(1'769'904'000))) == "1-Feb-2026");
  // RFC 3501 §5.1.3 has the first two.
  CHECK(to_modified_utf7("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
  CHECK(to_modified_utf7("a&b") == "a&-b");
  CHECK(to_modified_utf7("😀") == "&2D3eAA-");
}

}  // namespace
}  // namespace kanal::email::test
