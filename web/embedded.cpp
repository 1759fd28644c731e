#include "web/embedded.hpp"

#include <array>
#include <cstdlib>

#include KANAL_EMBEDDED_DIGESTS

// The assembler reads the files: no detour through arrays of numbers, which compile slowly.
#define KANAL_EMBED(number, name, path)                    \
  __asm__(                                                 \
      ".pushsection .rodata\n"                             \
      "kanal_embedded_" #number "_start:\n.incbin \"" path \
      "\"\n"                                               \
      "kanal_embedded_" #number                            \
      "_end:\n"                                            \
      ".byte 0\n"                                          \
      ".popsection\n");                                    \
  extern "C" const char kanal_embedded_##number##_start[]; \
  extern "C" const char kanal_embedded_##number##_end[];
#include KANAL_EMBEDDED
#undef KANAL_EMBED

namespace kanal {

std::span<const EmbeddedFile> embedded_files() {
#define KANAL_EMBED(number, name, path)                                  \
  EmbeddedFile{name,                                                     \
               {kanal_embedded_##number##_start,                         \
                static_cast<std::size_t>(kanal_embedded_##number##_end - \
                                         kanal_embedded_##number##_start)}},
  static const auto files = std::to_array<EmbeddedFile>({
#include KANAL_EMBEDDED
  });
#undef KANAL_EMBED
  return files;
}

std::string_view embedded(std::string_view name) {
  for (const auto& file : embedded_files()) {
    if (file.name == name) return file.bytes;
  }
  std::abort();
}

}  // namespace kanal
