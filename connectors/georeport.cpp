#include "connectors/georeport.hpp"

namespace kanal::georeport {

Target parse_target(std::string_view path) {
  Target target;
  while (path.starts_with('/')) path.remove_prefix(1);
  const auto slash = path.find('/');
  auto last = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (const auto dot = last.rfind('.'); dot != std::string_view::npos) {
    const auto format = last.substr(dot + 1);
    const bool known = format == "xml" || format == "json";
    if (format == "json") target.markup = Markup::json;
    if (known) last = last.substr(0, dot);
    target.is_whole = known;
  }
  target.resource = slash == std::string_view::npos ? last : path.substr(0, slash);
  if (slash == std::string_view::npos) return target;
  target.id = last;
  target.is_whole = target.is_whole && !last.empty();
  return target;
}

std::string_view content_type(Markup markup) {
  return markup == Markup::json ? "application/json; charset=utf-8" : "text/xml; charset=utf-8";
}

Answer refuse(Markup markup, std::span<const Fault> faults) {
  Answer answer;
  answer.status = faults.empty() ? 400 : faults.front().status;
  answer.type = content_type(markup);
  SparkWriter out(markup);
  out.begin_list("errors", "error");
  for (const auto& fault : faults) {
    out.begin_record();
    out.member("code", fault.status).member("description", fault.description);
    out.end_record();
  }
  out.end_list();
  answer.body = out.take();
  return answer;
}

std::optional<Fault> check_jurisdiction(const Organisation& organisation, std::string_view id,
                                        bool needed) {
  if (id.empty()) {
    if (!needed) return std::nullopt;
    return Fault{400, "jurisdiction_id was not provided."};
  }
  if (organisation.agency(AgencyId(std::string(id))) != nullptr) return std::nullopt;
  return Fault{404, "jurisdiction_id was not found."};
}

bool offers(const Organisation& organisation, const Category& category,
            std::string_view jurisdiction) {
  if (organisation.is_heading(category)) return false;
  return jurisdiction.empty() || category.agency.empty() || category.agency.value() == jurisdiction;
}

}  // namespace kanal::georeport
