#include "web/office.hpp"

namespace kanal {
namespace {

template <class Id>
void keep_to(std::optional<Id>& asked, const Id& own, ReportFilter& filter) {
  // No report has this number.
  if (asked && *asked != own) filter.codes = {TrackingCode()};
  asked = own;
}

}  // namespace

void keep_to_office(ReportFilter& filter, const Viewer& viewer) {
  if (viewer.role == Role::agency_admin) keep_to(filter.agency, viewer.agency, filter);
  if (viewer.role == Role::liaison) keep_to(filter.unit, viewer.unit, filter);
}

}  // namespace kanal
