#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ctemplate {
class TemplateDictionary;
}

namespace kanal::console {

/// What fills one section of a template; lives as long as its page.
class Block {
 public:
  void set(const char* name, std::string_view value);
  void set(const char* name, long long value);
  /// One more repetition of a section.
  Block add(const char* name);
  void show(const char* name);
  void show_if(const char* name, bool so) {
    if (so) show(name);
  }

 private:
  friend class Page;
  explicit Block(ctemplate::TemplateDictionary* dictionary) : dictionary_(dictionary) {}
  ctemplate::TemplateDictionary* dictionary_;
};

/// A template of pages/, which escapes by context whatever is put into it. Knows all of our words
/// (`W_…`) in its language.
class Page {
 public:
  Page(const char* file, std::string_view language);
  ~Page();
  Page(Page&&) noexcept;
  [[nodiscard]] Block top() const { return Block(dictionary_.get()); }
  [[nodiscard]] std::string draw() const;

 private:
  const char* file_;
  std::unique_ptr<ctemplate::TemplateDictionary> dictionary_;
};

}  // namespace kanal::console
