#include <cstdint>
#include <string_view>

#include "core/text.hpp"
#include "format/encode.hpp"
#include "tests/fuzz/must.hpp"
#include "web/open311/query.hpp"

// What anybody may ask of the lists below /open311/v2.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kanal;
  static const auto organisation = Organisation::shipped();
  constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
  const auto parameters =
      parse_form({reinterpret_cast<const char*>(data), size}).value_or(FormFields());
  for (const bool needs_jurisdiction : {false, true}) {
    const auto selection =
        open311::read_selection(parameters, organisation, needs_jurisdiction, k_now);
    if (!selection) {
      must(!selection.error().empty());
      for (const auto& fault : selection.error()) must(is_utf8(fault.description));
      continue;
    }
    must(selection->page >= 1 && selection->page_size >= 1 && selection->page_size <= 1000);
    must(selection->skip() >= 0);
  }
  return 0;
}
