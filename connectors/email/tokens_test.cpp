#include "connectors/email/tokens.hpp"

#include <catch2/catch.hpp>

#include "core/text.hpp"

namespace kanal::email {

TEST_CASE("what was signed is believed whatever its case, and nothing else is") {
  const auto keys = Keys::of_seed("tokens");
  const Tokens tokens(keys);
  const auto key = tokens.sign_key("41.3.email");
  CHECK(tokens.verify_key(key) == "41.3.email");
  CHECK(tokens.key_of_message_id(key + "@contoh.go.id") == "41.3.email");
  auto shouted = key;
  for (char& c : shouted) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  CHECK(tokens.verify_key(shouted) == "41.3.email");

  auto other = key;
  other.replace(0, 2, "42");
  CHECK_FALSE(tokens.verify_key(other));
  CHECK_FALSE(tokens.verify_key("41.3.email"));
  CHECK_FALSE(tokens.verify_key(""));
  CHECK_FALSE(tokens.verify_key("."));
  CHECK_FALSE(tokens.verify_key(std::string(100'000, 'a') + ".b"));
  CHECK_FALSE(tokens.key_of_message_id(key));
  CHECK_FALSE(Tokens(Keys::of_seed("another")).verify_key(key));
}

TEST_CASE("a channel's name of any characters survives the way through a mail server") {
  const auto keys = Keys::of_seed("tokens");
  const Tokens tokens(keys);
  for (const std::string name : {"Email Bupati", "e_mail", "surél", "a@b", "x.y-z"}) {
    const auto key = "7.1." + name;
    const auto signed_key = tokens.sign_key(key);
    INFO(signed_key);
    CHECK(tokens.verify_key(to_lower_ascii(signed_key)) == key);
    CHECK(is_plain_address(signed_key.substr(0, 60) + "@contoh.go.id"));
  }
}

TEST_CASE("a report's token names that report only") {
  const auto keys = Keys::of_seed("tokens");
  const Tokens tokens(keys);
  const auto token = tokens.sign_report(ReportId(41));
  CHECK(tokens.verify_report(token) == ReportId(41));
  CHECK_FALSE(tokens.verify_report("42" + token.substr(2)));
  CHECK_FALSE(tokens.verify_report("41"));
  CHECK_FALSE(tokens.verify_report("041" + token.substr(2)));
  CHECK_FALSE(tokens.verify_report("-1.aaaa"));
  // A reply's signature is none of a report, though both begin with its number.
  CHECK_FALSE(tokens.verify_report(tokens.sign_key("41.1.email")));
}

TEST_CASE("only an address that can stand in a dialogue is one") {
  for (const std::string good :
       {"wati@contoh.id", "Wati.Sari+lapor@surat.contoh.go.id", "a@b", "o'neil@contoh.id"}) {
    CHECK(is_plain_address(good));
  }
  for (const std::string bad :
       {"", "wati", "@contoh.id", "wati@", "a b@contoh.id", "a@b>\r\nRCPT TO:<c@d",
        "\"a b\"@contoh.id", "wa..ti@contoh.id", ".a@contoh.id", "a.@contoh.id", "a@.id", "a@b..id",
        "a@-b", "wäti@contoh.id", "a@contoh.id\n"}) {
    INFO(bad);
    CHECK_FALSE(is_plain_address(bad));
  }
  CHECK_FALSE(is_plain_address(std::string(65, 'a') + "@contoh.id"));
  CHECK(split_address("Wati@Contoh.ID").text() == "Wati@contoh.id");
}

}  // namespace kanal::email
