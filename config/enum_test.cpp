#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "config/reader.hpp"

namespace kanal {
namespace {

enum class Gait : std::uint8_t { walk, trot };
constexpr std::array<std::string_view, 2> k_gaits = {"walk", "trot"};
constexpr std::span<const std::string_view> names_of(Gait /*of all*/) {
  return k_gaits;
}

struct Ride {
  Gait gait = Gait::trot;
  Gait must = Gait::walk;
  template <class Visitor>
  void describe(Visitor& visit) {
    visit(gait, Field{.key = "gait", .about = "How fast."});
    visit(must, Field{.key = "must", .about = "How fast at least.", .required = true});
  }
};

TEST_CASE("an enum is set by its name") {
  const auto read_gait = [](const std::string& text, Problems& problems) {
    return read<Ride>(Table::parse("must = \"trot\"\n" + text, "k.toml", problems), problems).gait;
  };
  Problems none;
  CHECK(read_gait("", none) == Gait::trot);
  CHECK(read_gait("gait = \"walk\"", none) == Gait::walk);
  CHECK(none.empty());
  Problems problems;
  read_gait("gait = \"gallop\"", problems);
  CHECK(print(problems) == "k.toml:2: gait: must be one of \"walk\", \"trot\"\n");
  CHECK(redacted(Ride{}) == "gait = \"trot\"\nmust = \"walk\"\n");
  const auto description = described<Ride>();
  CHECK(description.items.at(0).choices == std::vector<std::string>{"walk", "trot"});
  CHECK(description.items.at(0).fallback == "\"trot\"");
  CHECK(description.items.at(1).fallback == "\"\"");
}

}  // namespace
}  // namespace kanal
