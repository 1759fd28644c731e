#include "format/usage.hpp"

#include <catch2/catch.hpp>

namespace kanal {
namespace {

TEST_CASE("what was used is read as it was written") {
  Usage usage;
  usage.pace = std::chrono::milliseconds(90'000);
  usage.usual = std::chrono::milliseconds(30'000);
  usage.shared_with = "x2";
  Meter reads;
  reads.what = "caps.reads_per_day";
  reads.used = 4'200;
  reads.most = 5'000;
  reads.starts_anew = Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / 3});
  Meter money;
  money.what = "caps.cost_per_month_usd";
  money.used = 12.345;
  money.is_money = true;
  usage.meters = {reads, money};
  JsonWriter out;
  write_usage(out, usage);
  CHECK(parse_usage(out.text()) == usage);
  CHECK(reads.is_near_its_end());
  CHECK(reads.left() == 800);
  CHECK_FALSE(money.is_near_its_end());
}

TEST_CASE("what is no account of use is an empty one") {
  CHECK(parse_usage("").empty());
  CHECK(parse_usage("[1").empty());
  CHECK(parse_usage(R"({"meters":7,"pace_ms":"x"})").empty());
}

}  // namespace
}  // namespace kanal
