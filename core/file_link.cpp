#include "core/file_link.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace kanal {

namespace {

constexpr std::string_view k_picture = "Foto: ";
constexpr std::string_view k_file = "Berkas: ";

bool is_file_link(std::string_view line) {
  return std::ranges::any_of(std::array{k_picture, k_file}, [&](std::string_view label) {
    if (!line.starts_with(label)) return false;
    const auto url = line.substr(label.size());
    return url.starts_with("https://") || url.starts_with("http://");
  });
}

}  // namespace

std::string picture_link(std::string_view url) {
  return std::string(k_picture) + std::string(url);
}

std::string file_link(std::string_view url) {
  return std::string(k_file) + std::string(url);
}

std::string without_file_links(std::string_view text) {
  std::string left;
  bool any = false;
  for (const auto line : split(text, '\n')) {
    if (is_file_link(line)) {
      any = true;
      continue;
    }
    left += line;
    left += '\n';
  }
  return std::string(any ? trim(left) : text);
}

}  // namespace kanal
