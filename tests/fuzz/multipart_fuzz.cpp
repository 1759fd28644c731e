#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "core/text.hpp"
#include "net/multipart.hpp"
#include "tests/fuzz/must.hpp"

namespace {

using namespace kanal;

constexpr std::size_t k_most_bytes = 8000;  // longer preambles are refused by how they arrive

class Spool {
 public:
  Spool() {
    std::string pattern = std::filesystem::temp_directory_path() / "kanal-fuzz-XXXXXX";
    must(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct Outcome {
  int status = 200;
  std::string parts;
};

constexpr std::size_t k_fields_bytes = 2048;

/// The form as it is read when it arrives `step` bytes at a time.
Outcome read(std::string_view body, std::size_t step, const std::filesystem::path& spool) {
  Multipart form("x", {4, k_fields_bytes, spool});
  while (!body.empty()) {
    const auto piece = body.substr(0, step);
    body.remove_prefix(piece.size());
    if (const auto refusal = form.feed(piece)) return {refusal->status, {}};
  }
  if (const auto refusal = form.finish()) return {refusal->status, {}};
  Outcome outcome;
  for (const auto& part : form.take()) {
    must(!part.name.empty() || part.value.size() <= k_fields_bytes);
    must(is_utf8(part.name) && is_utf8(part.value) && is_utf8(part.file_name));
    must(part.file_name.find_first_of("/\\") == std::string::npos);
    must(part.value.size() <= 3 * k_fields_bytes);
    outcome.parts += part.name + "\n" + part.value + "\n" + part.file_name + "\n" + part.type +
                     "\n" + std::to_string(part.size_bytes) + "\n";
    if (!part.file.empty()) {
      must(std::filesystem::file_size(part.file) == part.size_bytes);
      ::unlink(part.file.c_str());
    }
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Spool spool;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)boundary_of(text);
  if (size == 0 || size > k_most_bytes) return 0;
  const auto step = static_cast<std::size_t>(data[0]) % 64 + 1;
  const auto whole = read(text.substr(1), k_most_bytes, spool.path());
  const auto pieces = read(text.substr(1), step, spool.path());
  must(whole.status == pieces.status && whole.parts == pieces.parts);
  must(std::filesystem::is_empty(spool.path()));
  return 0;
}
