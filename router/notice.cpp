#include "router/notice.hpp"

#include "core/rfc3339.hpp"
#include "format/json.hpp"

namespace kanal {

std::string print_notice(const Notice& notice) {
  const auto& seen = notice.seen;
  JsonWriter out;
  out.begin_object().member("news", notice.news).member("words", notice.words);
  out.key("possible").begin_array();
  for (const auto each : notice.possible) out.value(each);
  out.end_array();
  if (seen.visible) {
    out.member("state", name(seen.state));
    out.member("title", seen.title).member("text", seen.text);
    out.member("category", seen.category.value());
    out.member("agency", seen.agency.value());
    out.member("unit", seen.unit.value());
    out.member("received_at", print_rfc3339(seen.received_at));
    if (seen.due_at) out.member("due_at", print_rfc3339(*seen.due_at));
    out.member("anonymous", seen.anonymous).member("confidential", seen.confidential);
    if (seen.place) {
      out.key("place").begin_object().member("address", seen.place->address);
      if (seen.place->latitude && seen.place->longitude) {
        out.member("latitude", *seen.place->latitude).member("longitude", *seen.place->longitude);
      }
      out.end_object();
    }
  }
  out.end_object();
  return out.take();
}

}  // namespace kanal
