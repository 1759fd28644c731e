#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "app/home.hpp"
#include "connectors/connector.hpp"
#include "connectors/kind.hpp"
#include "router/alarms.hpp"
#include "router/pipeline.hpp"

namespace kanal::app {

/// How the settings want a channel's posts treated. A name that is not configured gets defaults,
/// and the manner of the kind of that name.
ChannelRules rules_of(const Prepared& prepared, const Keys& keys, const ChannelName& name);

/// Says that the settings have no such channel, and which they have; empty when they have it.
std::string no_channel(const Settings& settings, const std::string& name);

/// How the settings, and where they are silent the environment, want HTTP spoken with far sides.
HttpClientOptions http_client_of(const Settings& settings);

/// What is free for us on the disk of that file or directory; none: nobody can tell.
std::optional<std::uint64_t> free_bytes(const std::filesystem::path& on);
/// Which channels are watched, and how.
AlarmLimits alarm_limits_of(const Prepared& prepared);

/// Finds forms of one name on several channels: the public site shows that of the first alone.
class KnownForms {
 public:
  /// Of each form that an earlier channel has, where it stands.
  Problems add(const ChannelEntry& channel, const Connector& connector);

 private:
  std::map<std::string, ChannelName> known_;
};

/// The base of all links, without a slash at its end.
std::string public_url_of(const Settings& settings);

/// What connectors lean on when nothing runs: `trace`, `channel test`.
class Bench {
 public:
  Bench(const Prepared& prepared, const Keys& keys, const Clock& clock);
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  /// The connector of a configured channel, or of the kind of that name with its defaults.
  Outcome<std::unique_ptr<Connector>> connector(const std::string& name);

 private:
  const Prepared& prepared_;
  std::unique_ptr<Http> http_;
  std::unique_ptr<Mail> mail_;
  std::filesystem::path directory_;
  Surroundings around_;
};

}  // namespace kanal::app
