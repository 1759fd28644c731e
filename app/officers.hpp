#pragma once

#include <string>
#include <vector>

#include "app/home.hpp"
#include "web/demo/demo.hpp"

namespace kanal::app {

/// One officer a role: the national admin and those of each agency and unit. Made when the store
/// knows no officer, or has some of them beside others that were added; their passwords follow from
/// the installation's key, so that they need be kept nowhere and a second start tells the same.
/// Empty when the store has officers of its own alone.
Outcome<std::vector<DemoLogin>> demo_officers(Home& home);

/// Whether the store's officers are those of a demonstration, and no others; `none`: the answer
/// when it has none.
Outcome<bool> has_demo_officers_alone(Home& home, bool none);

}  // namespace kanal::app
