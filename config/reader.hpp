#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/describe.hpp"
#include "config/secret.hpp"
#include "core/result.hpp"

namespace kanal {

/// One thing wrong with the settings; printed as "file:line: key: message".
struct Problem {
  std::string file;
  int line = 0;
  std::string key;  ///< dotted path
  std::string message;
};
using Problems = std::vector<Problem>;
std::string print(const Problems& problems);

/// A table of a settings file that remembers where each key stands. Cheap to copy.
class Table {
 public:
  Table();
  /// Parses TOML 1.0. Errors of syntax land in `problems`, and the table is then empty.
  static Table parse(std::string_view text, std::string_view file_name, Problems& problems);
  static Table read(const std::filesystem::path& file, Problems& problems);
  [[nodiscard]] Table child(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> keys() const;
  [[nodiscard]] std::string text(std::string_view key) const;  ///< empty unless a string

  struct Node;
  explicit Table(std::shared_ptr<const Node> node);
  [[nodiscard]] const Node& node() const { return *node_; }

 private:
  std::shared_ptr<const Node> node_;
};

/// What can be set, as data: for schema, documentation and the console's forms.
struct Description {
  struct Item {
    std::string key;
    std::string type;  ///< "string", "integer", "boolean", "secret", "duration", "table", "list" …
    std::string about;
    std::string fallback;  ///< as it would stand in TOML
    bool required = false;
    std::vector<std::string> choices;
    std::vector<Item> items;  ///< of tables and lists of tables
  };
  std::vector<Item> items;
};

// Settings read<Settings>(const Table&, Problems&)         — unknown keys are problems
// Description described<Settings>()
// std::string redacted(const Settings&)                    — TOML without secrets

}  // namespace kanal
