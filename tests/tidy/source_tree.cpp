#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace kanal::tidy {
namespace {

/// Walks over C++ once; `at` always stands on what is not yet copied.
class Scanner {
 public:
  explicit Scanner(SourceFile& file) : file_(file), text_(file.text) {}

  void run() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        blank_until("\n", false);
      } else if (starts("/*")) {
        blank_until("*/", true);
      } else if (is_raw_string()) {
        take_raw_string();
      } else if (text_[at_] == '"') {
        take_string('"');
      } else if (text_[at_] == '\'' && !is_digit_separator()) {
        take_string('\'');
      } else {
        if (std::string_view(" \n\t\\").find(text_[at_]) == std::string_view::npos) joins_ = false;
        keep();
      }
    }
  }

 private:
  [[nodiscard]] bool starts(std::string_view what) const {
    return text_.compare(at_, what.size(), what) == 0;
  }
  [[nodiscard]] bool is_word(std::size_t at) const {
    return at < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at])) != 0 || text_[at] == '_');
  }
  [[nodiscard]] bool is_raw_string() const {
    return starts("R\"") && (at_ == 0 || !is_word(at_ - 1));
  }
  [[nodiscard]] bool is_digit_separator() const { return at_ > 0 && is_word(at_ - 1); }

  void keep() {
    line_ += text_[at_] == '\n' ? 1 : 0;
    file_.code += text_[at_++];
  }
  void blank() {
    line_ += text_[at_] == '\n' ? 1 : 0;
    file_.code += text_[at_++] == '\n' ? '\n' : ' ';
  }
  void blank_until(std::string_view end, bool inclusive) {
    while (at_ < text_.size() && !starts(end)) blank();
    for (std::size_t i = 0; inclusive && i < end.size() && at_ < text_.size(); ++i) blank();
  }
  void add_literal(std::string_view content, int line) {
    if (!joins_ || file_.literals.empty()) file_.literals.push_back({"", line});
    file_.literals.back().text += content;
    joins_ = true;
  }
  void take_raw_string() {
    const auto line = line_;
    const auto open = text_.find('(', at_);
    if (open == std::string::npos) return keep();
    const auto end = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    const auto close = std::min(text_.find(end, open), text_.size());
    add_literal(std::string_view(text_).substr(open + 1, close - open - 1), line);
    while (at_ < std::min(close + end.size(), text_.size())) blank();
    for (auto raw = line; raw <= line_; ++raw) file_.raw_lines.insert(raw);
  }
  void take_string(char quote) {
    const auto line = line_;
    keep();
    const auto start = at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) blank();
      blank();
    }
    if (quote == '"') add_literal(std::string_view(text_).substr(start, at_ - start), line);
    if (at_ < text_.size()) keep();
  }

  SourceFile& file_;
  const std::string& text_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool joins_ = false;
};

bool is_for_people(const std::filesystem::path& path) {
  static const std::set<std::string> k_kinds = {".cpp", ".hpp", ".def",  ".cmake", ".md", ".sh",
                                                ".in",  ".tpl", ".html", ".css",   ".js", ".toml"};
  return k_kinds.contains(path.extension().string()) || path.filename() == "CMakeLists.txt";
}

}  // namespace

std::vector<std::string> SourceFile::lines() const {
  std::vector<std::string> all;
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find('\n', start), text.size());
    all.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return all;
}

void scan_cpp(SourceFile& file) {
  Scanner(file).run();
}

std::vector<SourceFile> read_tree(const std::filesystem::path& root) {
  static const std::set<std::string> k_not_ours = {"build", "node_modules", "var", "corpus"};
  std::vector<SourceFile> files;
  auto entry = std::filesystem::recursive_directory_iterator(root);
  for (; entry != std::filesystem::recursive_directory_iterator(); ++entry) {
    const auto name = entry->path().filename().string();
    if (entry->is_directory() && (name.starts_with('.') || k_not_ours.contains(name))) {
      entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || !is_for_people(entry->path())) continue;
    SourceFile file;
    file.path = std::filesystem::relative(entry->path(), root).generic_string();
    std::ifstream stream(entry->path(), std::ios::binary);
    file.text.assign(std::istreambuf_iterator<char>(stream), {});
    if (file.is_cpp()) scan_cpp(file);
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace kanal::tidy
