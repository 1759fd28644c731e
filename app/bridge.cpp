#include "app/bridge.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <spdlog/spdlog.h>

#include "app/rules.hpp"
#include "config/listen.hpp"
#include "connectors/form.hpp"
#include "core/deadline.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "router/offices.hpp"
#include "router/quarantine.hpp"
#include "web/open311/open311.hpp"
#include "web/site/site.hpp"

namespace kanal::app {

namespace {

std::uint16_t free_port(const std::string& host) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  ::inet_pton(AF_INET, host.c_str(), &four.sin_addr);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  const bool is_six = ::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1;
  auto* const name =
      is_six ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
  socklen_t size = is_six ? sizeof six : sizeof four;
  const int socket = ::socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool known = ::bind(socket, name, size) == 0 && ::getsockname(socket, name, &size) == 0;
  ::close(socket);
  if (!known) return 0;
  return ntohs(is_six ? six.sin6_port : four.sin_port);
}

// The same after a restart, so that a bridge that was killed takes its channels up at once; nobody
// else has it, as one bridge at a time holds the data directory, of which a machine made from a
// copy of this one has another.
std::string node_name(const std::filesystem::path& data) {
  const auto file = data / "node";
  std::string machine;
  std::ifstream("/etc/machine-id") >> machine;
  std::error_code error;
  const auto place = machine + std::filesystem::weakly_canonical(data, error).string();
  std::string name;
  std::string made_at;
  std::ifstream known(file);
  if (known >> name && std::getline(known >> std::ws, made_at) && made_at == place) return name;
  name = to_hex(random_bytes(8));
  std::ofstream(file) << name << "\n" << place << "\n";
  return name;
}

// What stands behind a channel's name may be the secret that its gateway calls with.
std::string loggable_path(const Request& request) {
  if (!request.path.starts_with("/in/")) return std::string(clip_utf8(request.path, 200));
  return std::string(clip_utf8(request.path.substr(0, request.path.find('/', 4)), 200));
}

}  // namespace

ListenAddress with_port(ListenAddress address) {
  if (address.port == 0) address.port = free_port(address.host);
  return address;
}

Bridge::Bridge(Home& home, std::optional<DemoStage> stage)
    : home_(home),
      stage_(std::move(stage)),
      http_(make_http(http_client_of(home.prepared.settings))),
      mail_(make_mail()),
      alarm_limits_(alarm_limits_of(home.prepared)) {
  alarm_limits_.watched_since = home.clock.now();
}

Bridge::~Bridge() {
  stop();
}

Outcome<std::unique_ptr<Bridge>> Bridge::start(Home& home, ListenAddress listen,
                                               std::optional<DemoStage> stage) {
  auto bridge = std::unique_ptr<Bridge>(new Bridge(home, std::move(stage)));
  TRY(bridge->make_channels());
  TRY(bridge->make_servers(std::move(listen)));
  TRY(bridge->make_metrics_server());
  TRY(bridge->recall_usage());
  bridge->start_workers();
  return bridge;
}

Outcome<> Bridge::make_channels() {
  const auto& prepared = home_.prepared;
  KnownForms forms;
  for (const auto& entry : prepared.settings.channels) {
    if (!entry.common.enabled) continue;
    const auto spool = prepared.data / "spool" / entry.name.value();
    std::error_code error;
    std::filesystem::create_directories(spool, error);
    if (error) return app::stop(1, spool.string() + " cannot be made: " + error.message());
    surroundings_.push_back(std::make_unique<Surroundings>(
        Surroundings{home_.clock, home_.keys, prepared.organisation, *http_, *mail_, spool}));
    auto connector =
        find_kind(entry.common.kind)->create(entry.name, entry.table, *surroundings_.back());
    if (!connector) {
      return app::stop(2, "channel " + entry.name.value() + ": " + connector.error().message);
    }
    for (const auto& problem : forms.add(entry, **connector)) {
      spdlog::warn("{}", trim(print({problem})));
    }
    channels_.push_back({&entry, std::move(*connector), nullptr});
  }
  return {};
}

// A paused channel's use counts too, and that of one which another node works.
Outcome<> Bridge::recall_usage() {
  for (const auto& channel : channels_) {
    auto* metered = dynamic_cast<Metered*>(channel.connector.get());
    if (metered == nullptr) continue;
    for (const auto& other : channels_) {
      if (other.entry->common.kind != channel.entry->common.kind) continue;
      const auto record = TRY(or_stop(home_.store->channel(other.entry->name)));
      metered->recall(other.entry->name, record.cursor);
      metered->recall_apart(other.entry->name, record.used_apart);
    }
  }
  return {};
}

Outcome<> Bridge::make_servers(ListenAddress address) {
  // As late as can be: until it is bound, somebody else may take it.
  address = with_port(std::move(address));
  auto& settings = home_.prepared.settings;
  settings.http.listen = address.print();
  url_ = public_url_of(settings);

  intake_ = std::make_unique<Intake>(*home_.store, home_.prepared.organisation, home_.clock);
  casework_ =
      std::make_unique<Casework>(*home_.store, home_.prepared.organisation, home_.clock, url_);
  for (const auto& channel : channels_) {
    const auto rules = rules_of(home_.prepared, home_.keys, channel.entry->name);
    intake_->know(rules);
    casework_->know(rules);
    if (const auto* previewer = dynamic_cast<const Previewer*>(channel.connector.get())) {
      casework_->know(channel.entry->name, *previewer);
    }
  }
  TRY(or_stop(intake_->keep_unstored_in(home_.prepared.data / "unstored", home_.keys)));
  HttpServerOptions options;
  options.address = address.host;
  options.port = address.port;
  options.certificate_file = settings.http.certificate_file;
  options.key_file = settings.http.key_file;
  options.trusted_proxies = settings.http.trusted_proxies;
  options.most_per_address = static_cast<std::size_t>(settings.http.connections_per_address);
  options.spool = home_.prepared.data / "spool" / "http";
  std::error_code error;
  std::filesystem::create_directories(options.spool, error);
  options.error_page = [this](const Request& request, int status, std::string_view detail) {
    return failure_page(home_.prepared.organisation, request, status, detail);
  };
  options.observe = [this](const Request& request, int status, std::uint64_t bytes,
                           std::chrono::microseconds spent) {
    figures_.observe(status, bytes, spent);
    if (status >= 400) {
      spdlog::log(status >= 500 ? spdlog::level::err : spdlog::level::info,
                  "{} {} answered {} ({})", request.method, loggable_path(request), status,
                  request.reference);
    }
  };
  auto server = HttpServer::start(options, routes());
  if (!server) return app::stop(1, server.error().message + "; choose another with --listen");
  server_ = std::move(*server);
  return {};
}

Outcome<> Bridge::make_metrics_server() {
  const auto& wanted = home_.prepared.settings.http.metrics_listen;
  if (wanted == k_no_metrics) return {};
  const auto address = parse_listen(wanted.empty() ? k_metrics_listen : std::string_view(wanted));
  HttpServerOptions options;
  options.address = address->host;
  options.port = address->port;
  options.spool = home_.prepared.data / "spool" / "http";
  options.workers = 1;
  std::vector<Route> only;
  only.push_back(
      {.method = "GET",
       .pattern = "/metrics",
       .handle =
           [this](const Request&) {
             auto response = Response::text(200, print_metrics(figures_, *home_.store, running(),
                                                               free_bytes(home_.prepared.data)));
             response.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"},
                                 {"Cache-Control", "no-store"}};
             return response;
           },
       .handle_later = {}});
  auto server = HttpServer::start(options, std::move(only));
  if (!server && wanted.empty()) {
    spdlog::warn(
        "no metrics: {}; set [http] metrics_listen to an address that is free, or to \"off\"",
        server.error().message);
    return {};
  }
  if (!server) return app::stop(1, "http.metrics_listen: " + server.error().message);
  metrics_ = std::move(*server);
  spdlog::info("metrics are at http://{}/metrics",
               ListenAddress{address->host, metrics_->port()}.print());
  return {};
}

const Bridge::Channel* Bridge::running(const ChannelName& name) const {
  const auto found = std::ranges::find_if(
      channels_, [&](const Channel& channel) { return channel.entry->name == name; });
  return found == channels_.end() ? nullptr : &*found;
}

std::vector<ChannelName> Bridge::running() const {
  std::vector<ChannelName> names;
  for (const auto& channel : channels_) names.push_back(channel.entry->name);
  return names;
}

struct Bridge::Reader {
  std::unique_ptr<Bench> bench;
  std::unique_ptr<Connector> made;
  const Translator* translator = nullptr;
  /// Why there is none; what was kept in our own form is read without it.
  std::string trouble;
};

Bridge::Reader Bridge::reader_of(const ChannelName& name) const {
  Reader reader;
  if (const auto* channel = running(name)) {
    reader.translator = dynamic_cast<const Translator*>(channel->connector.get());
    return reader;
  }
  if (!no_channel(home_.prepared.settings, name.value()).empty()) return reader;
  reader.bench = std::make_unique<Bench>(home_.prepared, home_.keys, home_.clock);
  auto made = reader.bench->connector(name.value());
  if (!made) {
    reader.trouble = "channel " + name.value() + ": " + made.error().message;
    return reader;
  }
  reader.made = std::move(*made);
  reader.translator = dynamic_cast<const Translator*>(reader.made.get());
  return reader;
}

WebParts Bridge::web_parts() {
  WebParts parts{*home_.store, *intake_,    *casework_, home_.prepared.organisation,
                 home_.keys,   home_.clock, url_,       KANAL_VERSION};
  for (const auto& channel : channels_) {
    const auto* receiver = dynamic_cast<const Receiver*>(channel.connector.get());
    // Applications have addresses of their own.
    if (dynamic_cast<const GeoReportHost*>(receiver) != nullptr) receiver = nullptr;
    const auto& kind = *find_kind(channel.entry->common.kind);
    parts.channels.push_back({channel.entry->name, channel.entry->common.kind, receiver,
                              dynamic_cast<const Translator*>(channel.connector.get()), true,
                              parse_price(channel.entry->common.segment_price),
                              std::string(kind.title("id")), std::string(kind.title("en")),
                              dynamic_cast<const Probe*>(channel.connector.get()) != nullptr});
  }
  parts.ready = [this]() -> Result<> {
    TRY(home_.store->channels());
    return {};
  };
  parts.replay = [this](QuarantineId id) -> Result<Ingested> {
    const auto record = TRY(home_.store->quarantined(id));
    if (!record) return fail(Remedy::drop, "there is no such message in quarantine");
    // By a channel that is off, or that an import alone names, nobody is answered.
    if (running(record->channel) == nullptr) {
      auto rules = rules_of(home_.prepared, home_.keys, record->channel);
      rules.replies = false;
      intake_->know(std::move(rules));
    }
    const auto reader = reader_of(record->channel);
    auto replayed = replay(*home_.store, *intake_, id, reader.translator);
    if (!replayed && !reader.trouble.empty()) return fail(Remedy::drop, reader.trouble);
    return replayed;
  };
  parts.promote = [this](PostId id, const Actor& who) { return make_report(id, who, promote); };
  parts.part = [this](PostId id, const Actor& who) { return make_report(id, who, part); };
  parts.alarms = alarm_limits_;
  parts.probe = [this](const ChannelName& name) { return probe(name); };
  return parts;
}

Result<ReportId> Bridge::make_report(PostId id, const Actor& who,
                                     const decltype(kanal::promote)& make) {
  const auto post = TRY(home_.store->post(id));
  if (!post) return fail(Remedy::drop, "there is no such message");
  const auto rules = [this](const ChannelName& name) -> std::optional<ChannelRules> {
    if (running(name) == nullptr) return std::nullopt;
    return rules_of(home_.prepared, home_.keys, name);
  };
  auto own = rules_of(home_.prepared, home_.keys, post->channel);
  own.replies = own.replies && running(post->channel) != nullptr;
  const auto reader = reader_of(post->channel);
  const auto report = make(*home_.store, home_.prepared.organisation, own, home_.clock,
                           reader.translator, id, who, rules);
  if (report) return report->id;
  if (!reader.trouble.empty()) return fail(Remedy::drop, reader.trouble);
  return tl::unexpected(report.error());
}

// A connector is called by one thread only: the test gets its own.
Result<std::vector<ProbeStep>> Bridge::probe(const ChannelName& name) {
  for (std::size_t index = 0; index < channels_.size(); ++index) {
    const auto& entry = *channels_[index].entry;
    if (entry.name != name) continue;
    const auto connector =
        TRY(find_kind(entry.common.kind)->create(entry.name, entry.table, *surroundings_[index]));
    auto* probing = dynamic_cast<Probe*>(connector.get());
    if (probing == nullptr) {
      return fail(Remedy::drop, "a channel of this kind needs no connection");
    }
    return probing->probe("");
  }
  return fail(Remedy::drop, "there is no such channel");
}

std::vector<Route> Bridge::routes() {
  const auto parts = web_parts();
  SiteParts site{*home_.store,  *intake_,    *casework_, home_.prepared.organisation,
                 home_.keys,    home_.clock, {},         url_,
                 parts.searches};
  for (const auto& channel : channels_) {
    if (auto* host = dynamic_cast<FormHost*>(channel.connector.get())) {
      site.entrances.push_back({channel.entry->name, host});
    }
  }
  Open311Parts open311{*home_.store, *intake_, home_.prepared.organisation, home_.keys, home_.clock,
                       {},           url_};
  for (const auto& channel : channels_) {
    if (const auto* host = dynamic_cast<const GeoReportHost*>(channel.connector.get())) {
      open311.entrances.push_back({channel.entry->name, host});
    }
  }
  auto all = site_routes(std::move(site));
  for (auto more : {console_routes(parts), api_routes(parts), machine_routes(parts),
                    open311_routes(std::move(open311))}) {
    std::ranges::move(more, std::back_inserter(all));
  }
  if (stage_) {
    auto demo =
        demo_routes({*stage_, home_.prepared.organisation, home_.keys, home_.clock, *http_, url_});
    std::ranges::move(demo, std::back_inserter(all));
  }
  return all;
}

void Bridge::start_workers() {
  const auto node = node_name(home_.prepared.data);
  const auto offset = utc_offset_of(home_.prepared.organisation.time_zone);
  for (auto& channel : channels_) {
    WorkerOptions options;
    options.canary_address = channel.entry->common.canary_address;
    options.office_address = [this, name = channel.entry->name](const HandedTo& office) {
      return address_of(home_.prepared.organisation, office, name);
    };
    options.canary_every = std::chrono::hours(channel.entry->common.canary_every_h);
    options.quiet = parse_quiet_hours(channel.entry->common.quiet_hours, offset);
    channel.worker = std::make_unique<ChannelWorker>(
        ChannelWorker::Parts{*home_.store, *intake_, home_.clock, *channel.connector,
                             channel.entry->name, node, std::move(options)});
    channel.worker->start();
  }
  timers_ = std::make_unique<Timers>(*casework_, *home_.store, home_.clock,
                                     std::chrono::seconds(30), alarm_limits_);
  home_.store->on_change([this](const std::set<ChannelName>& concerned) {
    for (const auto& channel : channels_) {
      if (concerned.contains(channel.entry->name)) channel.worker->wake();
    }
  });
}

void Bridge::stop() {
  if (home_.store) home_.store->on_change({});
  if (server_) server_->drain();
  for (const auto& channel : channels_) {
    if (channel.worker) channel.worker->ask_to_stop();
  }
  timers_.reset();
  for (auto& channel : channels_) channel.worker.reset();
  // Requests that wait for their commit are answered by the intake's end, so it goes first.
  intake_.reset();
  server_.reset();
  metrics_.reset();
  casework_.reset();
}

}  // namespace kanal::app
