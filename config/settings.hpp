#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/describe.hpp"
#include "config/reader.hpp"
#include "config/secret.hpp"
#include "core/id.hpp"

namespace kanal {

/// [store]
struct StoreSettings {
  std::string url;
  Secret password;
  std::int64_t connections = 10;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(url, Field{.key = "url",
                     .about = "A PostgreSQL of yours (\"postgresql://kanal@db.example/kanal\"); "
                              "none: Kanal runs a private one."});
    visit(password, Field{.key = "password", .about = "Its password, if the address needs one."});
    visit(connections, Field{.key = "connections",
                             .about = "Connections that Kanal opens at most.",
                             .least = 3,
                             .most = 200});
  }
};

inline constexpr std::string_view k_metrics_listen = "127.0.0.1:9464";  ///< unless it is set
inline constexpr std::string_view k_no_metrics = "off";

/// [http]
struct HttpSettings {
  std::string listen = "127.0.0.1:8080";
  std::string public_url;
  std::string certificate_file;
  std::string key_file;
  std::vector<std::string> trusted_proxies;
  std::int64_t connections_per_address = 256;
  std::string metrics_listen;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(listen, Field{.key = "listen", .about = "Address and port of the web server."});
    visit(public_url, Field{.key = "public_url",
                            .about = "How citizens reach it (\"https://lapor.example.go.id\"); "
                                     "stands in every reply."});
    visit(certificate_file,
          Field{.key = "certificate_file", .about = "PEM chain for TLS here; none: plain HTTP."});
    visit(key_file, Field{.key = "key_file", .about = "The certificate's private key."});
    visit(trusted_proxies,
          Field{.key = "trusted_proxies",
                .about = "Addresses of proxies whose X-Forwarded-For is believed."});
    visit(connections_per_address,
          Field{.key = "connections_per_address",
                .about = "Connections at once from one address, or requests at once from one "
                         "behind a trusted proxy.",
                .least = 8,
                .most = 2048});
    visit(metrics_listen,
          Field{.key = "metrics_listen",
                .about = "Address and port of /metrics (\"0.0.0.0:9464\"), which must be free; "
                         "none: 127.0.0.1:9464 if that is free; \"off\": no metrics."});
  }
};

/// [http_client]
struct HttpClientSettings {
  std::string proxy;
  std::vector<std::string> no_proxy;
  std::string ca_file;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(proxy,
          Field{.key = "proxy",
                .about = "The proxy that is asked for everything but this machine "
                         "(\"http://proxy.example.go.id:3128\"); none: that of the environment's "
                         "https_proxy, which may hold a password; \"direct\": never one."});
    visit(no_proxy, Field{.key = "no_proxy",
                          .about = "Hosts and domains reached without it; none: those of the "
                                   "environment's no_proxy."});
    visit(ca_file, Field{.key = "ca_file",
                         .about = "PEM of the authorities that are trusted, in place of the "
                                  "system's."});
  }
};

/// [log]
struct LogSettings {
  std::string level = "info";
  std::string format = "text";

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(level, Field{.key = "level",
                       .about = "The least that is worth a line.",
                       .choices = {"debug", "info", "warning", "error"}});
    visit(format, Field{.key = "format",
                        .about = "Lines for people or JSON for machines.",
                        .choices = {"text", "json"}});
  }
};

/// [organisation]
struct OrganisationSettings {
  std::filesystem::path file;

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(file, Field{.key = "file",
                      .about = "The organisation's TOML file; none: the shipped example."});
  }
};

/// What every channel can be set to, whatever its kind.
struct ChannelSettings {
  std::string kind;
  bool enabled = true;
  bool replies = true;
  std::int64_t replies_per_hour = 5;
  std::string notify_by;
  std::string quiet_hours;
  std::string segment_price;
  std::int64_t low_volume_alarm_h = 0;
  std::string canary_address;
  std::int64_t canary_every_h = 6;
  std::chrono::year_month_day credential_ends{};

  template <class Visitor>
  void describe(Visitor& visit) {
    visit(kind, Field{.key = "kind", .about = "What kind of channel it is.", .required = true});
    visit(enabled, Field{.key = "enabled", .about = "false: the channel is left alone."});
    visit(replies, Field{.key = "replies", .about = "false: reads, but never answers."});
    visit(replies_per_hour, Field{.key = "replies_per_hour",
                                  .about = "Automatic replies to one person in an hour.",
                                  .least = 0,
                                  .most = 1000});
    visit(notify_by, Field{.key = "notify_by",
                           .about = "The mail channel that tells people who left a mail address."});
    visit(quiet_hours,
          Field{.key = "quiet_hours",
                .about = "When only those are answered who have just written (\"21:00-06:00\", in "
                         "the organisation's time zone); everything else waits for the end."});
    visit(segment_price, Field{.key = "segment_price",
                               .about = "What one text message costs (\"350 IDR\"), for channels "
                                        "that send them: the console adds it up."});
    visit(low_volume_alarm_h, Field{.key = "low_volume_alarm_h",
                                    .about = "Hours without a post until the channel is marked; "
                                             "0: never.",
                                    .least = 0,
                                    .most = 8760});
    visit(canary_address,
          Field{.key = "canary_address",
                .about = "The channel's own address or number: a test message goes there, and an "
                         "alarm is raised when it does not come back. None: no test."});
    visit(canary_every_h, Field{.key = "canary_every_h",
                                .about = "Hours between two test messages.",
                                .least = 1,
                                .most = 168});
    visit(credential_ends,
          Field{.key = "credential_ends",
                .about = "The day on which the password, key, certificate or contract with the "
                         "provider ends (2027-01-31): an alarm stands from 14 days before it. "
                         "None: no alarm."});
  }
};

/// One [channel.NAME] table: what is common to all kinds, and the rest for its kind to read.
struct ChannelEntry {
  ChannelName name;
  ChannelSettings common;
  Table table;
};

/// What a channel may be called: as [channel.NAME], as the last part of an address, as an argument.
bool is_channel_name(std::string_view text);
inline constexpr std::string_view k_channel_names =
    "a channel's name has only small letters, digits, \"-\" and \"_\"";

/// Why nothing can be sent by the channel of that name as one of that kind; empty when it can.
std::string unfit(const std::vector<ChannelEntry>& channels, const ChannelName& name,
                  std::string_view kind);

/// A whole settings file.
struct Settings {
  StoreSettings store;
  HttpSettings http;
  HttpClientSettings http_client;
  LogSettings log;
  OrganisationSettings organisation;
  std::vector<ChannelEntry> channels;
  std::string file;  ///< that they were read from; empty: the defaults
  bool from_file = false;
  bool declares_channels = false;  ///< false: the channels are those of the defaults

  /// Reads `file`; relative paths in it are from its directory. Everything wrong lands in
  /// `problems`; the kinds' own settings are theirs to check.
  static Settings read(const std::filesystem::path& file, Problems& problems);
  /// What stands without a file: a web form, a private database.
  static Settings defaults();
};

}  // namespace kanal
