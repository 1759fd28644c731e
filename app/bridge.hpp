#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/home.hpp"
#include "app/metrics.hpp"
#include "config/listen.hpp"
#include "connectors/connector.hpp"
#include "connectors/kind.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/mail_pipe.hpp"
#include "router/casework.hpp"
#include "router/channel_worker.hpp"
#include "router/intake.hpp"
#include "router/quarantine.hpp"
#include "router/timers.hpp"
#include "web/demo/demo.hpp"
#include "web/parts.hpp"

namespace kanal::app {

/// The address with a port that is free where it names none: it stands in every link, so it must be
/// known before the server is made.
ListenAddress with_port(ListenAddress address);

/// All parts of the running bridge, started in the order of their dependence and stopped in the
/// opposite one. `home` outlives it; a port of 0 is any. With a stage there is a page to play a
/// citizen on.
class Bridge {
 public:
  static Outcome<std::unique_ptr<Bridge>> start(Home& home, ListenAddress listen,
                                                std::optional<DemoStage> stage);
  ~Bridge();
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }
  /// Takes no new requests and turns; returns when what runs is finished.
  void stop();

 private:
  struct Channel {
    const ChannelEntry* entry = nullptr;
    std::unique_ptr<Connector> connector;
    std::unique_ptr<ChannelWorker> worker;
  };
  Bridge(Home& home, std::optional<DemoStage> stage);
  Outcome<> make_channels();
  Outcome<> make_servers(ListenAddress address);
  Outcome<> make_metrics_server();
  WebParts web_parts();
  std::vector<Route> routes();
  /// By `promote` or `part` (router/quarantine.hpp).
  Result<ReportId> make_report(PostId id, const Actor& who, const decltype(kanal::promote)& make);
  Result<std::vector<ProbeStep>> probe(const ChannelName& name);
  Outcome<> recall_usage();
  void start_workers();
  [[nodiscard]] const Channel* running(const ChannelName& name) const;
  [[nodiscard]] std::vector<ChannelName> running() const;
  /// What reads a channel's messages; for one that is off it is made anew. It has no translator
  /// where an import alone names the channel.
  struct Reader;
  [[nodiscard]] Reader reader_of(const ChannelName& name) const;

  Home& home_;
  std::optional<DemoStage> stage_;
  std::string url_;
  std::unique_ptr<Http> http_;
  std::unique_ptr<Mail> mail_;
  std::vector<std::unique_ptr<Surroundings>> surroundings_;
  std::vector<Channel> channels_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<Casework> casework_;
  AlarmLimits alarm_limits_;
  HttpFigures figures_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpServer> metrics_;
  std::unique_ptr<Timers> timers_;
};

}  // namespace kanal::app
