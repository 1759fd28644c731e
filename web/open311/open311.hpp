#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/keys.hpp"
#include "connectors/georeport.hpp"
#include "core/clock.hpp"
#include "net/http_server.hpp"
#include "router/intake.hpp"
#include "store/store.hpp"

namespace kanal {

/// What the GeoReport endpoint stands on; all of it outlives the routes.
struct Open311Parts {
  struct Entrance {
    ChannelName channel;
    const GeoReportHost* host = nullptr;
  };
  Store& store;
  Intake& intake;
  const Organisation& organisation;
  const Keys& keys;
  const Clock& clock;
  std::vector<Entrance> entrances;  ///< the first one's texts stand in the discovery
  std::string public_url;           ///< without a slash at its end
};

/// The addresses of applications below /open311/v2: GeoReport v2, pages, mySociety's
/// servicerequestupdates. None where nothing is set up for them. Thread-safe.
std::vector<Route> open311_routes(Open311Parts parts);

/// A failure below /open311 as the standard writes errors, in the format that was asked for.
Response open311_failure(const Request& request, int status, std::string_view detail);

}  // namespace kanal
