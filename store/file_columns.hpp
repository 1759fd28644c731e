#pragma once

#include <span>

#include "core/post.hpp"
#include "store/sql.hpp"

namespace kanal {

/// What the tables of files have in common, a row each; `position` counts within what a file came
/// with.
struct FileColumns {
  sql::Column position{sql::Type::integer};
  sql::Column name{sql::Type::text};
  sql::Column type{sql::Type::text};
  sql::Column size_bytes{sql::Type::bigint};
  sql::Column sha256{sql::Type::text};

  void add(std::span<const Attachment> files) {
    int number = 0;
    for (const auto& file : files) {
      position.add(number++);
      name.add(file.name);
      type.add(file.type);
      size_bytes.add(static_cast<std::int64_t>(file.size_bytes));
      sha256.add(file.sha256);
    }
  }
};

}  // namespace kanal
