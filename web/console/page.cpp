#include "web/console/page.hpp"

#include <ctemplate/template.h>

#include "core/language.hpp"
#include "web/console/words.hpp"
#include "web/embedded.hpp"

namespace kanal::console {
namespace {

ctemplate::TemplateString view_of(std::string_view text) {
  return {text.data(), text.size()};
}

// Frozen, so that threads share it without a lock.
const ctemplate::TemplateCache& templates() {
  static const auto cache = [] {
    auto filling = std::make_unique<ctemplate::TemplateCache>();
    for (const auto& file : embedded_files()) {
      if (!file.name.ends_with(".html")) continue;
      filling->StringToTemplateCache(view_of(file.name), view_of(file.bytes),
                                     ctemplate::DO_NOT_STRIP);
    }
    filling->Freeze();
    return filling;
  }();
  return *cache;
}

}  // namespace

void Block::set(const char* name, std::string_view value) {
  dictionary_->SetValue(name, view_of(value));
}

void Block::set(const char* name, long long value) {
  set(name, std::to_string(value));
}

Block Block::add(const char* name) {
  return Block(dictionary_->AddSectionDictionary(name));
}

void Block::show(const char* name) {
  dictionary_->ShowSection(name);
}

Page::Page(const char* file, std::string_view language)
    : file_(file), dictionary_(std::make_unique<ctemplate::TemplateDictionary>(file)) {
  for (const auto& label : labels()) {
    dictionary_->SetValueWithoutCopy(
        view_of(label.key), view_of(is_english(language) ? label.english : label.indonesian));
  }
}

Page::~Page() = default;
Page::Page(Page&&) noexcept = default;

std::string Page::draw() const {
  std::string text;
  templates().ExpandNoLoad(ctemplate::TemplateString(file_), ctemplate::DO_NOT_STRIP,
                           dictionary_.get(), nullptr, &text);
  return text;
}

}  // namespace kanal::console
