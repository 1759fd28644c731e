#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "config/keys.hpp"
#include "core/report.hpp"

namespace kanal {

struct Officer {
  OfficerId id;
  std::string user;
  std::string name;
  Role role = Role::monitor;
  AgencyId agency;
  UnitId unit;
  std::string password_hash;  ///< argon2id, encoded
  bool disabled = false;
  std::optional<Time> locked_until;  ///< the latest lock of a place that failed; only read
};

/// Failed sign-ins under one key (a keyed hash of the account, of where it was tried from, or of
/// both): from the `free`th on each locks the key, for a minute, then two, four, an hour at most.
/// They are forgotten when none came for so long.
struct SignInBound {
  Digest key{};
  bool of_account = true;  ///< else of a place, whatever the account
  int free = 1;
  std::chrono::hours forgotten_after{24};
};

}  // namespace kanal
