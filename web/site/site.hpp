#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/form.hpp"
#include "router/casework.hpp"
#include "router/intake.hpp"
#include "store/store.hpp"
#include "web/searches.hpp"

namespace kanal {

/// What the public site stands on; all of it outlives the routes.
struct SiteParts {
  struct Entrance {
    ChannelName channel;
    FormHost* host = nullptr;
  };
  Store& store;
  Intake& intake;
  Casework& casework;
  const Organisation& organisation;
  const Keys& keys;
  const Clock& clock;
  /// At /report stands the form of that name, else the first for everything, else the first.
  std::vector<Entrance> entrances;
  std::string public_url;  ///< without a slash at its end
  /// Shared with the API.
  std::shared_ptr<Throttle> searches = throttle_of_searches();
};

/// The addresses of citizens: /, /report, /embed, /r, /reports, /statistics and their assets.
/// Thread-safe.
std::vector<Route> site_routes(SiteParts parts);

/// The page of what the server itself refuses, in the visitor's language and with words of ours
/// that follow from the status. Programs get `detail` as problem+json.
Response failure_page(const Organisation& organisation, const Request& request, int status,
                      std::string_view detail);

/// What opens a report to its reporter: a keyed hash of the tracking code.
std::string tracking_secret(const Keys& keys, const TrackingCode& code);
/// The reporter's own way to a report's page, below the public address.
std::string own_path(const Keys& keys, const TrackingCode& code);

}  // namespace kanal
