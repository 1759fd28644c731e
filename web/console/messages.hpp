#pragma once

#include "web/console/desk.hpp"

namespace kanal::console {

/// What an officer may know of a message: its words only where they may read its report.
struct Seen {
  bool content = false;
  bool sender = false;  ///< may be known to be the same as another message's
  TrackingCode code;    ///< of the report, when they may know of it
};
Result<Seen> see(const Visit& visit, const PostRecord& post);

}  // namespace kanal::console
