#pragma once

#include <string>
#include <vector>

#include "app/home.hpp"

namespace kanal::app {

/// An officer of the demonstration, with the password to sign in by.
struct DemoOfficer {
  std::string user;
  std::string role;
  std::string password;
};

/// One officer a role: the national admin and those of each agency and unit. Made when the store
/// knows no officer; their passwords follow from the installation's key, so that they need be kept
/// nowhere and a second start tells the same. Empty when the store has officers of its own.
Outcome<std::vector<DemoOfficer>> demo_officers(Home& home);

}  // namespace kanal::app
