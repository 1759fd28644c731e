#pragma once

#include <cstdlib>

namespace kanal {

/// What must hold whatever the input; its failure is what a fuzzer reports.
inline void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace kanal
