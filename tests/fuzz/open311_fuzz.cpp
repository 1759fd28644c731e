#include <cstdint>
#include <string_view>

#include "connectors/open311/reading.hpp"
#include "core/text.hpp"
#include "tests/fuzz/must.hpp"

// What applications post below /open311/v2, read as a request and as an update.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kanal;
  static const auto organisation = Organisation::shipped();
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto fields = open311::parse_fields(body);
  if (!fields) {
    must(fields.error().status == 400 && is_utf8(fields.error().description));
    return 0;
  }
  constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
  const open311::Occasion occasion{organisation, "jalanku", k_now, "ID", false};
  for (const auto& reading :
       {open311::read_request(*fields, occasion), open311::read_update(*fields, occasion)}) {
    if (!reading) {
      must(!reading.error().empty() && reading.error().size() <= 200);
      for (const auto& fault : reading.error()) {
        must(fault.status == 400 || fault.status == 404);
        must(!fault.description.empty() && is_utf8(fault.description));
      }
      for (const auto markup : {Markup::xml, Markup::json}) {
        must(is_utf8(georeport::refuse(markup, reading.error()).body));
      }
      continue;
    }
    must(!reading->text.empty() && reading->text.size() <= 300'000);
    for (const auto* text : {&reading->text, &reading->author.name, &reading->author.email,
                             &reading->author.phone, &reading->author.handle}) {
      must(is_utf8(*text) && text->find('\0') == std::string::npos);
    }
    must(!reading->author.proven && reading->posted_at <= k_now);
    if (reading->place && reading->place->latitude) {
      must(*reading->place->latitude >= -90 && *reading->place->latitude <= 90);
      must(*reading->place->longitude >= -180 && *reading->place->longitude <= 180);
    }
  }
  (void)georeport::parse_target(body);
  return 0;
}
