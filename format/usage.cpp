#include "format/usage.hpp"

#include "core/rfc3339.hpp"

namespace kanal {
namespace {

double number_in(const Json& json, std::string_view key) {
  const auto* found = json.find(key);
  if (found == nullptr) return 0;
  return found->type == Json::Type::integer ? static_cast<double>(found->integer) : found->number;
}

}  // namespace

void write_usage(JsonWriter& out, const Usage& usage) {
  out.begin_object().member("pace_ms", usage.pace.count());
  out.member("usual_ms", usage.usual.count());
  out.member("shared_with", usage.shared_with);
  out.key("meters").begin_array();
  for (const auto& meter : usage.meters) {
    out.begin_object().member("what", meter.what);
    out.member("used", meter.used).member("most", meter.most).member("left", meter.left());
    if (meter.starts_anew) {
      out.member("starts_anew", print_rfc3339(*meter.starts_anew));
    }
    out.member("is_money", meter.is_money).end_object();
  }
  out.end_array().end_object();
}

Usage parse_usage(std::string_view text) {
  Usage usage;
  const auto json = Json::parse(text);
  if (!json) return usage;
  usage.pace = std::chrono::milliseconds(static_cast<std::int64_t>(number_in(*json, "pace_ms")));
  usage.usual = std::chrono::milliseconds(static_cast<std::int64_t>(number_in(*json, "usual_ms")));
  usage.shared_with = json->text("shared_with");
  const auto* meters = json->find("meters");
  if (meters == nullptr) return usage;
  for (const auto& each : meters->array) {
    Meter meter;
    meter.what = each.text("what");
    meter.used = number_in(each, "used");
    meter.most = number_in(each, "most");
    meter.starts_anew = parse_rfc3339(each.text("starts_anew"));
    const auto* money = each.find("is_money");
    meter.is_money = money != nullptr && money->boolean;
    usage.meters.push_back(std::move(meter));
  }
  return usage;
}

}  // namespace kanal
