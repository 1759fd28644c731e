#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/lifecycle.hpp"

namespace kanal {

/// What an officer may open or do besides the acts on a report, which the lifecycle settles.
enum class Ability : std::uint8_t {
  read_reports,       ///< those that core/visibility shows
  read_posts,         ///< where a message is and what became of it
  search_senders,     ///< find posts by an identity
  promote,            ///< make a report of a post that is none
  block_senders,      ///< have what somebody sends screened
  read_payloads,      ///< raw messages, identities and all; recorded
  read_quarantine,    ///< the list and the reasons
  replay_quarantine,  ///< also reads the raw message
  read_channels,
  run_channels,   ///< pause, resume, test
  settle_outbox,  ///< decide about replies that may or may not have gone out
  read_officers,
  manage_officers,
};

/// What programs call each, in the order of the abilities.
inline constexpr auto k_ability_names = std::to_array<std::string_view>(
    {"read_reports", "read_posts", "search_senders", "promote", "block_senders", "read_payloads",
     "read_quarantine", "replay_quarantine", "read_channels", "run_channels", "settle_outbox",
     "read_officers", "manage_officers"});
static_assert(k_ability_names.size() == static_cast<std::size_t>(Ability::manage_officers) + 1);

/// The whole table of who may do what.
constexpr bool may(Role role, Ability ability) {
  using enum Role;
  switch (ability) {
    case Ability::read_reports:
      return Roles{monitor, national_admin, agency_admin, liaison, auditor}.has(role);
    case Ability::read_posts:
    case Ability::read_quarantine:
    case Ability::read_channels:
      return Roles{monitor, national_admin, connector_admin, auditor}.has(role);
    case Ability::search_senders:
      return Roles{monitor, national_admin, auditor}.has(role);
    case Ability::promote:
    case Ability::block_senders:
      return Roles{monitor, national_admin}.has(role);
    case Ability::read_payloads:
      return Roles{national_admin, auditor}.has(role);
    case Ability::replay_quarantine:
    case Ability::run_channels:
      return Roles{national_admin, connector_admin}.has(role);
    case Ability::settle_outbox:
      return Roles{monitor, national_admin, connector_admin}.has(role);
    case Ability::read_officers:
      return Roles{national_admin, auditor}.has(role);
    case Ability::manage_officers:
      return role == national_admin;
  }
  return false;
}

}  // namespace kanal
