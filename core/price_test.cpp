#include "core/price.hpp"

#include <limits>

#include <catch2/catch.hpp>

namespace kanal {
namespace {

TEST_CASE("a cost is exact and has the decimals that it needs") {
  CHECK(print_cost(parse_price("350 IDR").value(), 3) == "1050 IDR");
  CHECK(print_cost(parse_price("0.0079 USD").value(), 2) == "0.0158 USD");
  CHECK(print_cost(parse_price("0.05 USD").value(), 2) == "0.10 USD");
  CHECK(print_cost(parse_price("0.000001 USD").value(), 1'000'000) == "1 USD");
  CHECK(print_cost(parse_price("999999999 IDR").value(), std::numeric_limits<std::int64_t>::max())
            .empty());
}

TEST_CASE("what is no amount and currency is no price") {
  for (const auto* text : {"", "350", "IDR", "350IDR", "350 idr", "350 Rp", "-1 IDR", "1. USD",
                           ".5 USD", "1,5 USD", "0.0000001 USD", "1000000000 IDR", "1 USD "}) {
    INFO(text);
    CHECK_FALSE(parse_price(text));
  }
}

}  // namespace
}  // namespace kanal
