#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kanal::tidy {

/// A file of the repository and what a rule may want of it.
struct SourceFile {
  std::string path;  ///< from the root, with slashes
  std::string text;
  /// C++ only: the text with comments and the insides of literals blanked, line by line the same.
  std::string code;
  /// C++ only: what stands in string literals, neighbours joined, and the lines they start on.
  struct Literal {
    std::string text;
    int line = 0;
  };
  std::vector<Literal> literals;
  std::set<int> raw_lines;  ///< C++ only: lines inside raw string literals (pages, SQL)

  [[nodiscard]] bool is_header() const { return path.ends_with(".hpp"); }
  [[nodiscard]] bool is_cpp() const { return is_header() || path.ends_with(".cpp"); }
  /// "core" of "core/text.cpp".
  [[nodiscard]] std::string room() const { return path.substr(0, path.find('/')); }
  [[nodiscard]] std::vector<std::string> lines() const;
};

/// Everything that people write below `root`: no build, no packages, no data, no hidden directory.
std::vector<SourceFile> read_tree(const std::filesystem::path& root);

/// Fills in `code` and `literals`.
void scan_cpp(SourceFile& file);

}  // namespace kanal::tidy
