#include <cstddef>
#include <cstdint>
#include <string>

#include "connectors/lapor/complaint.hpp"
#include "core/text.hpp"
#include "tests/fuzz/must.hpp"

using namespace kanal;

// What the API of LAPOR! answers: of a complaint, of its follow-ups, of what was made there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto number = lapor::read_number(text);
  must(is_utf8(number) && number.find('\0') == std::string::npos && number.size() <= text.size());
  (void)lapor::read_files(text);
  constexpr const char* k_stands = R"({"results":{"status_code":2,"status_name":"Selesai"}})";
  for (const auto* language : {"id", "en"}) {
    for (const auto& standing : {lapor::read_standing(text, text, language),
                                 lapor::read_standing(k_stands, text, language),
                                 lapor::read_standing(text, {}, language)}) {
      if (!standing) {
        must(standing.error().remedy == Remedy::drop && is_utf8(standing.error().message));
        continue;
      }
      must(is_utf8(standing->event) && is_utf8(standing->words));
      must(standing->words.find('\0') == std::string::npos);
    }
  }
  return 0;
}
