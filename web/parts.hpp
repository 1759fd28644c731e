#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/keys.hpp"
#include "config/organisation.hpp"
#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/price.hpp"
#include "net/http_server.hpp"
#include "router/alarms.hpp"
#include "router/casework.hpp"
#include "router/intake.hpp"
#include "store/store.hpp"
#include "web/searches.hpp"

namespace kanal {

/// What the console, the JSON API and the machine addresses stand on; all of it outlives the
/// routes. A hook that is empty takes its button away.
struct WebParts {
  struct Channel {
    ChannelName name;
    std::string kind;
    const Receiver* receiver = nullptr;      ///< /in/{name}; none: 404
    const Translator* translator = nullptr;  ///< none: its quarantine cannot be replayed
    bool enabled = true;
    std::optional<Price> segment_price = {};
    std::string title_id = kind;  ///< what people call channels of its kind
    std::string title_en = title_id;
    bool can_be_tested = false;  ///< `probe` has something to try
  };
  Store& store;
  Intake& intake;
  Casework& casework;
  const Organisation& organisation;
  const Keys& keys;
  const Clock& clock;
  std::string public_url;  ///< without a slash at its end
  std::string version;
  std::vector<Channel> channels = {};
  AlarmLimits alarms = {};
  /// Whether requests can be served (the database answers, the channels run); for /readyz.
  std::function<Result<>()> ready = {};
  /// Puts a quarantined message through the pipeline again.
  std::function<Result<Ingested>(QuarantineId)> replay = {};
  /// Makes a report of a screened or held post, or files it with the report that it names.
  std::function<Result<ReportId>(PostId, const Actor&)> promote = {};
  /// Makes a report of its own of a post that joined one.
  std::function<Result<ReportId>(PostId, const Actor&)> part = {};
  /// The connection test of a channel, on a connector of its own; runs up to a minute.
  std::function<Result<std::vector<ProbeStep>>(const ChannelName&)> probe = {};
  /// Held while one runs, wherever it was asked for: else they would take all the server's threads.
  /// Shared by the copies of these parts.
  std::shared_ptr<std::mutex> probing = std::make_shared<std::mutex>();
  /// Shared with the public site.
  std::shared_ptr<Throttle> searches = throttle_of_searches();
};

/// The officers' console below /console. Thread-safe.
std::vector<Route> console_routes(WebParts parts);
/// The JSON API below /api/v1.
std::vector<Route> api_routes(WebParts parts);
/// /healthz, /readyz and the channels' webhooks below /in.
std::vector<Route> machine_routes(WebParts parts);

}  // namespace kanal
