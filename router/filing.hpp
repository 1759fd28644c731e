#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "store/store.hpp"

namespace kanal {

/// What a caller learns of its post after the commit.
struct Filing {
  ExternalId id;  ///< under which the post is stored
  Fate fate = Fate::report;
  std::string reason;
  TrackingCode code;  ///< of the report that it became or joined, or will become if it is held
  ReportId report;
  bool stored = true;
  bool waits = false;  ///< kept on this machine's disk until the store takes it
};

struct Ingested {
  std::vector<Filing> filings;  ///< one a post, in order
  std::size_t reports = 0;
  std::size_t quarantined = 0;
};

}  // namespace kanal
