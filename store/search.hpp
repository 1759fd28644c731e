#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "store/pool.hpp"

namespace kanal {

/// The index of the words of reports and posts. The intake does not write it: somebody who has time
/// calls `index`, and whoever searches `top_up`. Thread-safe.
class WordIndex {
 public:
  enum class Of : std::uint8_t { reports, posts };

  explicit WordIndex(sql::Pool& pool) : pool_(pool) {}

  /// Takes in the newest, a small number of them, so that what has just come is found.
  Result<> top_up(Of what);
  /// Takes in a lot of what is missing, oldest first, bounded in rows and bytes; how many rows that
  /// were, 0 when none was.
  Result<std::size_t> index(Of what);

 private:
  struct Progress {
    std::mutex topping_up;  ///< so that those who search at once do not all do the same
    std::mutex indexing;
    std::int64_t complete_to = 0;  ///< none is missing up to this number
  };

  sql::Pool& pool_;
  std::array<Progress, 2> progress_;
};

/// Words to look for, in a length that a search bears.
std::string clip_words(std::string_view words);

}  // namespace kanal
