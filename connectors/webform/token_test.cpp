#include "connectors/webform/token.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

namespace kanal::webform {
namespace {

const FormToken k_token{Time(std::chrono::microseconds(1'790'000'000'123'456)), "0123456789abcdef"};

TEST_CASE("a token says when the form was opened and which opening it was") {
  const auto keys = Keys::of_seed("forms");
  const auto text = print_token(keys, "report", k_token);
  const auto token = parse_token(keys, "report", text);
  REQUIRE(token);
  CHECK(token->issued_at == k_token.issued_at);
  CHECK(token->random == k_token.random);
  // It stands in an attribute and in addresses.
  CHECK(
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
      std::string::npos);
}

TEST_CASE("a token is worth nothing for another form or at another installation") {
  const auto keys = Keys::of_seed("forms");
  const auto text = print_token(keys, "report", k_token);
  CHECK_FALSE(parse_token(keys, "roads", text));
  CHECK_FALSE(parse_token(keys, "", text));
  CHECK_FALSE(parse_token(Keys::of_seed("others"), "report", text));
}

TEST_CASE("a token with any character changed, cut off or added is refused") {
  const auto keys = Keys::of_seed("forms");
  const auto text = print_token(keys, "report", k_token);
  const auto whole = parse_token(keys, "report", text);
  REQUIRE(whole);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char other : {'A', 'b', '7', '_', '=', ' ', '\0'}) {
      auto changed = text;
      if (changed[i] == other) continue;
      changed[i] = other;
      INFO(changed);
      CHECK_FALSE(parse_token(keys, "report", changed));
    }
    CHECK_FALSE(parse_token(keys, "report", text.substr(0, i)));
  }
  CHECK_FALSE(parse_token(keys, "report", text + "A"));
  CHECK_FALSE(parse_token(keys, "report", std::string(1 << 20, 'A')));
}

TEST_CASE("no token that we did not print is ours") {
  const auto keys = Keys::of_seed("forms");
  CHECK(rc::check([&](const std::string& text) { RC_ASSERT(!parse_token(keys, "report", text)); }));
}

}  // namespace
}  // namespace kanal::webform
