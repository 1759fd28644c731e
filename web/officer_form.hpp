#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "config/organisation.hpp"
#include "net/http_server.hpp"
#include "store/store.hpp"
#include "web/problem.hpp"

namespace kanal {

/// The roles that an officer can have.
inline constexpr std::array<Role, 6> k_officer_roles = {Role::national_admin,  Role::monitor,
                                                        Role::agency_admin,    Role::liaison,
                                                        Role::connector_admin, Role::auditor};

inline constexpr std::size_t k_least_user_bytes = 2;
inline constexpr std::size_t k_most_user_bytes = 64;
/// Of small letters, digits, dots, dashes and underscores, neither too short nor too long.
bool is_user_name(std::string_view user);

/// An officer as it was filled in.
struct OfficerForm {
  std::string user;
  std::string name;
  std::string role;
  std::string agency;
  std::string unit;
};

/// Pure.
OfficerForm read_officer_form(const Request& request);
/// As it would be filled in for an officer there is.
OfficerForm form_of(const Officer& officer);
/// All that is wrong with it, in words, by the names of its fields; empty when it will do.
std::vector<Fault> faults_of(const OfficerForm& form, const Organisation& organisation,
                             std::string_view language);
/// "liaison of dlh": the role and its office, for the log of acts.
std::string remit_of(const Officer& officer);
/// Without a password; agency and unit only where the role has them.
Officer officer_of(const OfficerForm& form, const Organisation& organisation);

}  // namespace kanal
