#include <cstdint>
#include <string_view>

#include "core/text.hpp"
#include "tests/fuzz/must.hpp"
#include "web/api/command.hpp"

// What programs send to /api/v1/reports/{code}/events.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kanal;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto asked = api::read_event(body);
  if (!asked) {
    const auto& unfit = asked.error();
    must(unfit.status == 400 || unfit.status == 422);
    must(!unfit.detail.empty() && is_utf8(unfit.detail));
    must(unfit.status == 400 || !unfit.faults.empty());
    must(unfit.faults.size() <= 40);
    for (const auto& fault : unfit.faults) must(is_utf8(fault.field) && !fault.message.empty());
    return 0;
  }
  const auto& command = asked->command;
  must(is_utf8(command.words) && command.words.find('\0') == std::string::npos);
  must(command.words.size() <= 65'536 && command.reason.size() <= 500);
  must(command.expected_steps >= 0);
  must(!command.rating || (*command.rating >= 1 && *command.rating <= 5));
  must(!asked->other || asked->other->value().size() == 12);
  must(command.event == Event::correct || (!command.title && !command.category && !command.kind &&
                                           !command.anonymous && !command.confidential));
  return 0;
}
