#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "connectors/twitter/weight.hpp"
#include "core/text.hpp"
#include "format/json.hpp"

// The published cases of twitter-text, which are no part of this project: KANAL_PUBLISHED names the
// directory in which "twitter-text" lies. Where they are not there these tests say so and pass.
namespace kanal::twitter {
namespace {

struct Case {
  std::string text;
  std::size_t weight = 0;
};

std::vector<std::string> lines_of(const char* name) {
  const char* const published = std::getenv("KANAL_PUBLISHED");
  std::ifstream file(std::filesystem::path(published == nullptr ? "" : published) / "twitter-text" /
                     name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  if (lines.empty()) WARN("KANAL_PUBLISHED names no place with " << name);
  return lines;
}

std::optional<std::string> value_of(std::string_view line, std::string_view key) {
  line = trim(line);
  if (!line.starts_with(key)) return std::nullopt;
  return std::string(trim(line.substr(key.size())));
}

std::vector<std::string> section_of(const std::vector<std::string>& lines,
                                    std::string_view section) {
  std::vector<std::string> found;
  bool inside = false;
  for (const auto& line : lines) {
    if (line.starts_with("  ") && line.size() > 2 && line[2] != ' ') {
      inside = trim(line) == std::string(section) + ":";
    }
    if (inside) found.push_back(line);
  }
  return found;
}

/// What one section says that its texts weigh.
std::vector<Case> weighed_in(const std::vector<std::string>& lines, std::string_view section) {
  std::vector<Case> cases;
  for (const auto& line : section_of(lines, section)) {
    if (const auto text = value_of(line, "text:")) {
      cases.push_back({Json::parse("[" + *text + "]").value().array.at(0).string, 0});
    } else if (const auto weight = value_of(line, "weightedLength:")) {
      cases.back().weight = std::stoul(*weight);
    }
  }
  return cases;
}

TEST_CASE("the published texts weigh what twitter-text says") {
  const auto lines = lines_of("validate.yml");
  if (lines.empty()) return;
  const auto cases = weighed_in(lines, "WeightedTweetsWithDiscountedEmojiCounterTest");
  CHECK(cases.size() >= 20);
  for (const auto& each : cases) {
    INFO(each.text);
    CHECK(weigh(each.text) == each.weight);
  }
}

/// Texts of one section, and whether links are expected in them.
std::vector<std::pair<std::string, bool>> linked_in(const std::vector<std::string>& lines,
                                                    std::string_view section) {
  std::vector<std::pair<std::string, bool>> cases;
  for (const auto& line : section_of(lines, section)) {
    if (const auto text = value_of(line, "text:")) {
      const auto read = Json::parse("[" + *text + "]");
      cases.emplace_back(read ? read->array.at(0).string : std::string(), false);
    } else if (const auto expected = value_of(line, "expected:")) {
      cases.back().second = *expected != "[]";
    }
  }
  return cases;
}

TEST_CASE("what X makes a link of in the published texts is one") {
  const auto cases = linked_in(lines_of("extract.yml"), "urls");
  std::size_t count = 0;
  for (const auto& [text, has_links] : cases) {
    if (text.empty()) continue;  // written in a form that is not JSON's
    ++count;
    INFO(text);
    CHECK(has_link(text) == has_links);
  }
  CHECK((cases.empty() || count > 80));
}

TEST_CASE("an address of every published top domain is a link and weighs no less than one") {
  const auto lines = lines_of("tlds.yml");
  std::size_t count = 0;
  for (const auto& line : lines) {
    const auto text = value_of(line, "text:");
    if (!text) continue;
    ++count;
    INFO(*text);
    CHECK(has_link(*text));
    CHECK(weigh(*text) >= 23);
  }
  CHECK((lines.empty() || count > 1'000));
}

}  // namespace
}  // namespace kanal::twitter
