#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace kanal {

/// One step of the schema; forward only, each in a file of its own and never edited once released.
struct Migration {
  int version;
  std::string_view name;
  const char* sql;
};

std::span<const Migration> migrations();

/// Brings the database from wherever it is to `version` (0: the newest), each step in a transaction
/// of its own. Several programs may do it at once. A schema newer than this program is refused.
Result<> migrate(const std::string& url, int version = 0);

/// Makes the role that a bridge works as, which a dump of its database does not bring along.
Result<> make_role(const std::string& url);

/// The version that the database has, and nothing is done to it; 0: none.
Result<int> schema_version(const std::string& url);

}  // namespace kanal
