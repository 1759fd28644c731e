#include "app/officers.hpp"

#include <algorithm>

#include "format/encode.hpp"
#include "web/session.hpp"

namespace kanal::app {

namespace {

constexpr std::string_view k_demo_mark = " (demo)";

std::string password_of(const Keys& keys, const std::string& user) {
  return to_base32(keys.tag(Purpose::session, "demonstration officer " + user, 10));
}

Officer officer(std::string user, std::string_view name, Role role, AgencyId agency, UnitId unit) {
  Officer made;
  made.user = std::move(user);
  made.name = std::string(name) + std::string(k_demo_mark);
  made.role = role;
  made.agency = std::move(agency);
  made.unit = std::move(unit);
  return made;
}

std::vector<Officer> cast(const Organisation& organisation) {
  std::vector<Officer> officers;
  officers.push_back(officer("admin", "Admin Nasional", Role::national_admin, {}, {}));
  officers.push_back(officer("pemantau", "Pemantau Kanal", Role::monitor, {}, {}));
  officers.push_back(officer("teknis", "Admin Konektor", Role::connector_admin, {}, {}));
  officers.push_back(officer("auditor", "Auditor", Role::auditor, {}, {}));
  for (const auto& agency : organisation.agencies) {
    officers.push_back(officer(agency.id.value(), "Admin " + agency.short_name, Role::agency_admin,
                               agency.id, {}));
  }
  for (const auto& unit : organisation.units) {
    officers.push_back(officer(unit.id.value(), "Penghubung " + unit.short_name, Role::liaison,
                               unit.agency, unit.id));
  }
  return officers;
}

bool is_of_demonstration(const Officer& officer) {
  return officer.name.ends_with(k_demo_mark);
}

}  // namespace

Outcome<bool> has_demo_officers_alone(Home& home, bool none) {
  const auto known = TRY(or_stop(home.store->officers()));
  if (known.empty()) return none;
  return std::ranges::all_of(known, is_of_demonstration);
}

Outcome<std::vector<DemoLogin>> demo_officers(Home& home) {
  const auto known = TRY(or_stop(home.store->officers()));
  std::vector<DemoLogin> officers;
  if (!known.empty() && std::ranges::none_of(known, is_of_demonstration)) return officers;
  for (auto each : cast(home.prepared.organisation)) {
    const auto there = std::ranges::find(known, each.user, &Officer::user);
    const bool is_new = there == known.end();
    if (!is_new && !is_of_demonstration(*there)) continue;
    const auto password = password_of(home.keys, each.user);
    officers.push_back({each.user, std::string(name(each.role)), password});
    if (!is_new) continue;
    each.password_hash = TRY(or_stop(hash_password(password)));
    TRY(or_stop(home.store->save_officer(each)));
  }
  return officers;
}

}  // namespace kanal::app
