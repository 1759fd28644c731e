#include "web/officer_form.hpp"

#include <algorithm>

#include "core/language.hpp"
#include "core/text.hpp"

namespace kanal {
namespace {

constexpr std::size_t k_most_name_bytes = 128;

bool is_officer_role(const std::string& name) {
  const auto role = role_of(name);
  return role && std::ranges::count(k_officer_roles, *role) > 0;
}

}  // namespace

bool is_user_name(std::string_view user) {
  return user.size() >= k_least_user_bytes && user.size() <= k_most_user_bytes &&
         std::ranges::all_of(user, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

OfficerForm read_officer_form(const Request& request) {
  const auto field = [&](std::string_view name, std::size_t most) {
    return scrub_utf8(clip_utf8(trim(request.form_value(name)), most));
  };
  return {to_lower_ascii(field("user", k_most_user_bytes)), field("name", k_most_name_bytes),
          field("role", k_most_name_bytes), field("agency", k_most_name_bytes),
          field("unit", k_most_name_bytes)};
}

OfficerForm form_of(const Officer& officer) {
  const bool of_agency = officer.role == Role::agency_admin;
  return {officer.user, officer.name, std::string(name(officer.role)),
          of_agency ? officer.agency.value() : std::string(), officer.unit.value()};
}

std::vector<Fault> faults_of(const OfficerForm& form, const Organisation& organisation,
                             std::string_view language) {
  std::vector<Fault> faults;
  const auto complain = [&](const char* field, std::string_view indonesian,
                            std::string_view english) {
    faults.push_back({field, std::string(pick(language, indonesian, english))});
  };
  if (!is_user_name(form.user)) {
    complain("user", "Paling sedikit dua huruf kecil, angka, titik, atau garis.",
             "At least two small letters, digits, dots or dashes.");
  }
  if (form.name.empty()) complain("name", "Tulis nama petugasnya.", "Give the officer's name.");
  const auto role = is_officer_role(form.role) ? role_of(form.role) : std::nullopt;
  if (!role) complain("role", "Pilih perannya.", "Choose a role.");
  if (role == Role::agency_admin && organisation.agency(AgencyId(form.agency)) == nullptr) {
    complain("agency", "Admin instansi memerlukan instansinya.",
             "An agency admin needs an agency.");
  }
  if (role == Role::liaison && organisation.unit(UnitId(form.unit)) == nullptr) {
    complain("unit", "Pejabat penghubung memerlukan unitnya.", "A liaison officer needs a unit.");
  }
  return faults;
}

Officer officer_of(const OfficerForm& form, const Organisation& organisation) {
  Officer officer;
  officer.user = form.user;
  officer.name = form.name;
  officer.role = role_of(form.role).value_or(Role::auditor);
  if (officer.role == Role::agency_admin) officer.agency = AgencyId(form.agency);
  if (officer.role != Role::liaison) return officer;
  officer.unit = UnitId(form.unit);
  if (const auto* unit = organisation.unit(officer.unit)) officer.agency = unit->agency;
  return officer;
}

std::string remit_of(const Officer& officer) {
  const auto& place = officer.unit.empty() ? officer.agency.value() : officer.unit.value();
  return std::string(name(officer.role)) + (place.empty() ? "" : " of " + place);
}

}  // namespace kanal
