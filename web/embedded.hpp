#pragma once

#include <span>
#include <string_view>

namespace kanal {

/// A file that was built into the program: our templates and assets, and those taken from npm.
struct EmbeddedFile {
  std::string_view name;  ///< without its directory
  std::string_view bytes;
};

std::span<const EmbeddedFile> embedded_files();
/// Aborts when there is none: names are known at build time.
std::string_view embedded(std::string_view name);

}  // namespace kanal
