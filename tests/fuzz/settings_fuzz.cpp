#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "config/organisation.hpp"
#include "config/settings.hpp"
#include "tests/fuzz/must.hpp"

namespace {

using namespace kanal;

/// One file for the life of the process, for what reads files only.
class Scratch {
 public:
  Scratch() {
    std::string pattern = std::filesystem::temp_directory_path() / "kanal-fuzz-XXXXXX";
    must(::mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(directory_); }
  std::filesystem::path write(std::string_view text) const {
    const auto file = directory_ / "fuzz.toml";
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    return file;
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scratch scratch;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Problems problems;
  const auto table = Table::parse(text, "fuzz.toml", problems);
  must(problems.empty() || table.keys().empty());
  if (!problems.empty()) return 0;

  const auto file = scratch.write(text);
  const auto settings = Settings::read(file, problems);
  (void)print(problems);
  for (const auto& problem : problems) must(problem.line >= 0 && !problem.message.empty());

  const auto organisation = Organisation::read(file);
  if (!organisation) {
    must(!organisation.error().message.empty());
    return 0;
  }
  Problems again;
  const auto printed = redacted(*organisation);
  const auto copy = read<Organisation>(Table::parse(printed, "again.toml", again), again);
  must(again.empty());
  must(redacted(copy) == printed);
  return 0;
}
