#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "config/organisation.hpp"
#include "config/settings.hpp"
#include "connectors/all_settings.hpp"
#include "connectors/kind.hpp"
#include "tests/tidy/source_tree.hpp"

namespace kanal::tidy {
namespace {

/// A file that may break a rule, and why. One that no longer does must be taken off.
struct Excuse {
  std::string_view rule;
  std::string_view path;
  std::string_view reason;
};

constexpr std::array<Excuse, 0> k_excuses{};
constexpr std::string_view k_described = "  template <class Visitor>\n  void describe(";

const std::vector<SourceFile>& tree() {
  static const auto files = read_tree(KANAL_SOURCE);
  return files;
}

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The member that a line of a struct declares; empty for any other line.
std::string_view member_of(std::string_view line) {
  if (!line.starts_with("  ") || line.starts_with("   ") ||
      line.find("not of the file") != std::string_view::npos) {
    return {};
  }
  line = line.substr(0, line.find("//"));
  if (line.find(';') == std::string_view::npos) return {};
  line = line.substr(0, line.find_first_of("={;("));
  while (line.ends_with(' ')) line.remove_suffix(1);
  auto from = line.size();
  while (from > 0 && is_letter(line[from - 1])) --from;
  return from > 2 && line.find('[') == std::string_view::npos ? line.substr(from)
                                                              : std::string_view();
}

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool begins = at == 0 || !is_letter(text[at - 1]);
    if (begins && (end == text.size() || !is_letter(text[end]))) return true;
  }
  return false;
}

/// What breaks a rule, as "path:line: what".
class Findings {
 public:
  explicit Findings(std::string_view rule) : rule_(rule) {}
  Findings(const Findings&) = delete;
  Findings& operator=(const Findings&) = delete;

  void add(const SourceFile& file, std::size_t line, std::string_view what) {
    for (const auto& excuse : k_excuses) {
      if (excuse.rule == rule_ && excuse.path == file.path) {
        used_.insert(file.path);
        return;
      }
    }
    text_ += file.path + ":" + std::to_string(line) + ": " + std::string(what) + "\n";
  }
  void add(std::string_view what) { text_ += std::string(what) + "\n"; }

  void check() {
    for (const auto& excuse : k_excuses) {
      if (excuse.rule == rule_ && !used_.contains(std::string(excuse.path))) {
        add(std::string(excuse.path) + " needs its excuse no more");
      }
    }
    INFO(text_);
    CHECK(text_.empty());
  }

 private:
  std::string rule_;
  std::string text_;
  std::set<std::string> used_;
};

std::size_t line_of(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::size_t>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Every place where `word` stands in the code, not as the end of a longer one.
std::vector<std::size_t> places_of(std::string_view code, std::string_view word) {
  std::vector<std::size_t> places;
  for (auto at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
    if (at == 0 || !is_word(code[at - 1])) places.push_back(at);
  }
  return places;
}

void forbid(std::string_view rule, std::string_view word, bool (*concerns)(const SourceFile&)) {
  Findings findings(rule);
  for (const auto& file : tree()) {
    if (!concerns(file)) continue;
    for (const auto at : places_of(file.code, word)) {
      findings.add(file, line_of(file.code, at), std::string(word) + " is not used here");
    }
  }
  findings.check();
}

bool any_cpp(const SourceFile& file) {
  return file.is_cpp();
}
bool any_header(const SourceFile& file) {
  return file.is_header();
}

struct Include {
  std::string path;
  std::size_t line = 0;
};

std::vector<Include> includes_of(const SourceFile& file) {
  constexpr std::string_view k_start = "#include \"";
  std::vector<Include> includes;
  std::size_t number = 0;
  for (const auto& line : file.lines()) {
    ++number;
    if (!line.starts_with(k_start)) continue;
    const auto end = line.find('"', k_start.size());
    includes.push_back({line.substr(k_start.size(), end - k_start.size()), number});
  }
  return includes;
}

const std::map<std::string, std::set<std::string>>& may_include() {
  static const std::map<std::string, std::set<std::string>> k_rooms = {
      {"core", {}},
      {"format", {"core"}},
      {"config", {"core", "format"}},
      {"net", {"core", "format"}},
      {"store", {"core", "config", "format"}},
      {"connectors", {"config", "net", "core", "format"}},
      {"router", {"store", "connectors", "config", "core", "format"}},
      {"web", {"router", "store", "config", "net", "core", "format", "connectors"}},
      {"app", {"web", "router", "store", "connectors", "config", "net", "core", "format"}},
  };
  return k_rooms;
}

/// Which of the connectors' headers another room may see.
bool is_open_to(const std::string& room, const std::string& header) {
  static const std::set<std::string> k_to_router = {"connectors/connector.hpp",
                                                    "connectors/kind.hpp", "connectors/form.hpp",
                                                    "connectors/repeater.hpp"};
  static const std::set<std::string> k_to_web = {"connectors/connector.hpp", "connectors/form.hpp",
                                                 "connectors/georeport.hpp"};
  if (!header.starts_with("connectors/")) return true;
  if (room == "router") return k_to_router.contains(header);
  if (room == "web") return k_to_web.contains(header);
  if (room == "app") return std::count(header.begin(), header.end(), '/') == 1;
  return true;
}

/// "email" of "connectors/email/mime.cpp"; empty for what stands in the room itself.
std::string folder_within(const std::string& room, const std::string& path) {
  if (!path.starts_with(room + "/")) return {};
  const auto start = path.find('/') + 1;
  const auto end = path.find('/', start);
  return end == std::string::npos ? std::string() : path.substr(start, end - start);
}

bool is_test(const SourceFile& file) {
  return file.path.ends_with("_test.cpp") || file.path.ends_with("_fixture.hpp") ||
         file.path.ends_with("/contract_fixture.cpp") || file.path.ends_with("test_world.hpp");
}

TEST_CASE("a room includes only the rooms below it") {
  Findings findings("include");
  for (const auto& file : tree()) {
    const auto room = may_include().find(file.room());
    if (!file.is_cpp() || room == may_include().end()) continue;
    for (const auto& include : includes_of(file)) {
      const auto from = include.path.substr(0, include.path.find('/'));
      const bool support = is_test(file) && (include.path.starts_with("tests/support/") ||
                                             include.path.starts_with("tests/contract/"));
      if (from != room->first && !room->second.contains(from) && !support) {
        findings.add(file, include.line, room->first + " does not include " + include.path);
      } else if (from != room->first && !is_open_to(room->first, include.path) &&
                 !(is_test(file) && include.path == "connectors/kind.hpp")) {
        findings.add(file, include.line, include.path + " is not open to " + room->first);
      }
    }
  }
  findings.check();
}

TEST_CASE("a connector knows none of its siblings") {
  Findings findings("sibling");
  for (const auto& file : tree()) {
    const auto own = folder_within("connectors", file.path);
    if (own.empty()) continue;
    for (const auto& include : includes_of(file)) {
      const auto other = folder_within("connectors", include.path);
      if (!other.empty() && other != own) findings.add(file, include.line, include.path);
    }
  }
  findings.check();
}

TEST_CASE("the console and the faces for programs stand on no other face") {
  Findings findings("face");
  for (const auto& file : tree()) {
    const auto own = folder_within("web", file.path);
    if (own != "console" && own != "api" && own != "machine") continue;
    for (const auto& include : includes_of(file)) {
      const auto other = folder_within("web", include.path);
      if (!other.empty() && other != own) findings.add(file, include.line, include.path);
    }
  }
  findings.check();
}

TEST_CASE("a header begins with pragma once") {
  Findings findings("pragma");
  for (const auto& file : tree()) {
    if (file.is_header() && !file.text.starts_with("#pragma once\n")) {
      findings.add(file, 1, "does not begin with #pragma once");
    }
  }
  findings.check();
}

TEST_CASE("source files are named in snake case") {
  Findings findings("name");
  for (const auto& file : tree()) {
    const auto name = file.path.substr(file.path.rfind('/') + 1);
    const bool snake = std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '.';
    });
    if (file.is_cpp() && !snake) findings.add(file, 1, "is not in snake case");
  }
  findings.check();
}

TEST_CASE("lines fit in 100 columns and files in 650 lines") {
  Findings findings("length");
  for (const auto& file : tree()) {
    if (!file.is_cpp()) continue;
    std::size_t number = 0;
    for (const auto& line : file.lines()) {
      ++number;
      const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
      });
      if (columns > 100 && !file.raw_lines.contains(static_cast<int>(number)))
        findings.add(file, number, "is longer than 100 columns");
    }
    if (number > 650) findings.add(file, number, "is longer than 650 lines");
  }
  findings.check();
}

/// Whether braces stand inside of the expression that starts at `at`.
bool makes_with_braces(std::string_view code, std::size_t at) {
  int depth = 0;
  for (; at < code.size() && depth >= 0 && code[at] != ';'; ++at) {
    if (code[at] == '{') return depth > 0;
    depth += code[at] == '(' ? 1 : code[at] == ')' ? -1 : 0;
  }
  return false;
}

TEST_CASE("no value is made with braces inside of co_await") {
  // g++ 12 destroys it twice: a slow client could end the process.
  Findings findings("await");
  for (const auto& file : tree()) {
    if (!file.is_cpp()) continue;
    for (const auto at : places_of(file.code, "co_await ")) {
      if (makes_with_braces(file.code, at))
        findings.add(file, line_of(file.code, at), "braces inside of co_await");
    }
  }
  findings.check();
}

TEST_CASE("nothing is left to be done later, and nothing is set by tabs") {
  Findings findings("later");
  // In halves, or this file would be found.
  const std::string words[] = {std::string("TO") + "DO", std::string("FIX") + "ME",
                               std::string("X") + "XX:"};
  for (const auto& file : tree()) {
    for (const auto& word : words) {
      for (const auto at : places_of(file.text, word)) {
        findings.add(file, line_of(file.text, at), word);
      }
    }
    const auto tab = file.text.find('\t');
    if (tab != std::string::npos) findings.add(file, line_of(file.text, tab), "holds a tab");
  }
  findings.check();
}

TEST_CASE("no header opens a namespace") {
  forbid("using", "using namespace", any_header);
}

TEST_CASE("no regular expression of the standard library, which recurses on what it reads") {
  forbid("regex", "std::regex", any_cpp);
}

TEST_CASE("no shell is called") {
  forbid("shell", "system(", any_cpp);
  forbid("shell", "popen(", any_cpp);
}

TEST_CASE("SQL stands in the store only") {
  Findings findings("sql");
  const auto speaks = [](std::string_view text, std::string_view first, std::string_view second) {
    const auto at = text.find(first);
    return at != std::string_view::npos && text.find(second, at) != std::string_view::npos;
  };
  for (const auto& file : tree()) {
    if (!file.is_cpp() || file.room() == "store" || file.room() == "tests") continue;
    // Tests look into the database behind the back of what they test.
    if (is_test(file)) continue;
    for (const auto& [text, line] : file.literals) {
      if (speaks(text, "SELECT ", " FROM ") || speaks(text, "UPDATE ", " SET ") ||
          speaks(text, "INSERT INTO ", "") || speaks(text, "DELETE FROM ", "") ||
          speaks(text, "CREATE TABLE ", "") || speaks(text, "ALTER TABLE ", "")) {
        findings.add(file, static_cast<std::size_t>(line), "speaks SQL");
      }
    }
  }
  findings.check();
}

/// The numbers that the names below a folder start with, in order.
std::vector<int> numbers_below(const std::string& folder, std::string_view extension) {
  std::vector<int> numbers;
  for (const auto& file : tree()) {
    if (!file.path.starts_with(folder) || !file.path.ends_with(extension)) continue;
    const auto name = file.path.substr(folder.size());
    const bool numbered = name.size() > 5 && name[4] == (extension == ".md" ? '-' : '_') &&
                          std::all_of(name.begin(), name.begin() + 4,
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
    INFO(file.path);
    CHECK(numbered);
    if (numbered) numbers.push_back(std::stoi(name.substr(0, 4)));
  }
  return numbers;
}

void check_no_gaps(const std::vector<int>& numbers) {
  REQUIRE_FALSE(numbers.empty());
  for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(numbers[i] == static_cast<int>(i) + 1);
}

TEST_CASE("migrations are numbered without gaps") {
  check_no_gaps(numbers_below("store/migrations/", ".cpp"));
}

TEST_CASE("decisions are numbered without gaps and fit on a page") {
  check_no_gaps(numbers_below("docs/decisions/", ".md"));
  for (const auto& file : tree()) {
    if (!file.path.starts_with("docs/decisions/")) continue;
    INFO(file.path);
    CHECK(file.text.starts_with("# "));
    CHECK(file.lines().size() <= 90);
  }
}

TEST_CASE("a changelog is kept") {
  const auto found = std::find_if(tree().begin(), tree().end(), [](const SourceFile& file) {
    return file.path == "CHANGELOG.md";
  });
  REQUIRE(found != tree().end());
  CHECK(found->text.find("## ") != std::string::npos);
}

void find_unitless(const std::vector<Description::Item>& items, const std::string& path,
                   Findings& findings) {
  for (const auto& item : items) {
    const auto here = path + item.key;
    const bool has_unit = item.key.ends_with("_ms") || item.key.ends_with("_s") ||
                          item.key.ends_with("_min") || item.key.ends_with("_h") ||
                          item.key.ends_with("_days");
    if (item.type == "duration" && !has_unit) findings.add(here + " ends with no unit");
    if (item.about.empty()) findings.add(here + " says nothing about itself");
    find_unitless(item.items, here + ".", findings);
  }
}

TEST_CASE("a duration among the settings ends with its unit, and every setting is explained") {
  Findings findings("unit");
  find_unitless(described<StoreSettings>().items, "store.", findings);
  find_unitless(described<HttpSettings>().items, "http.", findings);
  find_unitless(described<LogSettings>().items, "log.", findings);
  find_unitless(described<OrganisationSettings>().items, "organisation.", findings);
  find_unitless(described<ChannelSettings>().items, "channel.", findings);
  find_unitless(described<Organisation>().items, "", findings);
  for (const auto* kind : kinds()) {
    find_unitless(kind->settings().items, "channel." + std::string(kind->name()) + ".", findings);
  }
  findings.check();
}

TEST_CASE("whatever a settings struct holds can be set") {
  Findings findings("unset");
  for (const auto& file : tree()) {
    if (!any_header(file)) continue;
    for (auto at = file.text.find(k_described); at != std::string::npos;
         at = file.text.find(k_described, at + 1)) {
      const auto start = file.text.rfind("struct ", at);
      const auto body = file.text.substr(at, file.text.find("\n};", at) - at);
      std::istringstream lines(file.text.substr(start, at - start));
      for (std::string line; std::getline(lines, line);) {
        const auto name = member_of(line);
        if (!name.empty() && !has_word(body, name)) {
          findings.add(file.path + ": " + std::string(name) + " is not described");
        }
      }
    }
  }
  findings.check();
}

TEST_CASE("a member is told from what else stands in a struct") {
  CHECK(member_of("  std::string authserv_id;") == "authserv_id");
  CHECK(member_of("  std::int64_t most_bytes = 25 << 20;  ///< a bound") == "most_bytes");
  CHECK(member_of("  std::chrono::minutes pause{5};") == "pause");
  CHECK(member_of("  bool shown = false;  ///< not of the file: made at start").empty());
  CHECK(member_of("  [[nodiscard]] bool empty() const;").empty());
  CHECK(member_of("struct Settings {").empty());
  CHECK(has_word("visit(name, x)", "name"));
  CHECK_FALSE(has_word("visit(user_name, x)", "name"));
}

TEST_CASE("the page of the settings is the program's") {
  const auto path = std::string(KANAL_SOURCE) + "/docs/SETTINGS.md";
  if (std::getenv("KANAL_WRITE_DOCS") != nullptr) std::ofstream(path) << print_settings_page();
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  INFO("KANAL_WRITE_DOCS=1 tidy_test writes docs/SETTINGS.md anew");
  CHECK(text == print_settings_page());
}

TEST_CASE("the scanner tells code from comments and texts") {
  SourceFile file;
  file.path = "core/x.cpp";
  file.text =
      "int a = 1'000; // system(\n/* popen( */ f(\"a\\\"b\" \"c\", '\"', R\"x(SELECT\n)\" )x\");\n"
      "g(\"d\");\n";
  scan_cpp(file);
  CHECK(file.code.size() == file.text.size());
  CHECK(file.code.find("system(") == std::string::npos);
  CHECK(file.code.find("popen(") == std::string::npos);
  CHECK(file.code.find("g(") != std::string::npos);
  REQUIRE(file.literals.size() == 3);
  CHECK(file.literals[0].text == "a\\\"bc");
  CHECK(file.literals[1].text == "SELECT\n)\" ");
  CHECK(file.literals[2].line == 4);
}

}  // namespace
}  // namespace kanal::tidy
