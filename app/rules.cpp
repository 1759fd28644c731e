#include "app/rules.hpp"

#include <algorithm>
#include <cstdlib>

#include "connectors/form.hpp"
#include "core/deadline.hpp"
#include "core/text.hpp"
#include "net/certificate.hpp"
#include "web/site/site.hpp"

namespace kanal::app {

namespace {

const ChannelEntry* find_channel(const Settings& settings, std::string_view name) {
  const auto found = std::ranges::find(settings.channels, name, [](const ChannelEntry& entry) {
    return std::string_view(entry.name.value());
  });
  return found == settings.channels.end() ? nullptr : &*found;
}

// Enough to read a message of a kind that is not set up here.
Table placeholders(const Kind& kind, const Keys& keys) {
  const auto secret = Secret::seal(keys, "nothing is signed with this one").reference();
  const auto lines = [&](const std::vector<Description::Item>& items, const std::string& path,
                         auto&& self) -> std::string {
    std::string text = path.empty() ? "" : "[" + path + "]\n";
    for (const auto& item : items) {
      if (item.type == "secret") text += item.key + " = " + print_toml_text(secret) + "\n";
      if (item.required && item.type == "string") {
        text += item.key + " = " + print_toml_text(item.example) + "\n";
      }
    }
    for (const auto& item : items) {
      if (item.type == "table") {
        text += self(item.items, path.empty() ? item.key : path + "." + item.key, self);
      }
    }
    return text;
  };
  Problems problems;
  return Table::parse(lines(kind.settings().items, "", lines), "defaults", problems);
}

std::filesystem::path temporary_directory() {
  auto name = (std::filesystem::temp_directory_path() / "kanal-XXXXXX").string();
  return ::mkdtemp(name.data()) != nullptr ? name : std::filesystem::temp_directory_path().string();
}

// Connectors keep files beside their spool too.
std::filesystem::path spool_in(const std::filesystem::path& directory) {
  if (directory == std::filesystem::temp_directory_path()) return directory;
  const auto spool = directory / "spool";
  std::error_code error;
  std::filesystem::create_directory(spool, error);
  return spool;
}

std::string from_environment(std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    const auto* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

}  // namespace

std::string public_url_of(const Settings& settings) {
  if (!settings.http.public_url.empty()) return settings.http.public_url;
  return (settings.http.certificate_file.empty() ? "http://" : "https://") + settings.http.listen;
}

std::string no_channel(const Settings& settings, const std::string& name) {
  if (find_channel(settings, name) != nullptr) return {};
  std::string known;
  for (const auto& each : settings.channels) {
    known += (known.empty() ? "" : ", ") + each.name.value();
  }
  return "there is no channel \"" + name + "\"; there are: " + known;
}

HttpClientOptions http_client_of(const Settings& settings) {
  const auto& set = settings.http_client;
  HttpClientOptions options;
  options.ca_file = set.ca_file;
  if (set.proxy == "direct") return options;
  options.proxy = set.proxy.empty() ? from_environment({"https_proxy", "HTTPS_PROXY"}) : set.proxy;
  options.no_proxy = set.no_proxy;
  if (options.no_proxy.empty()) {
    const auto named = from_environment({"no_proxy", "NO_PROXY"});
    for (const auto host : split(named, ',')) options.no_proxy.emplace_back(trim(host));
  }
  return options;
}

std::optional<std::uint64_t> free_bytes(const std::filesystem::path& on) {
  std::error_code error;
  const auto space = std::filesystem::space(on, error);
  if (error) return std::nullopt;
  return space.available;
}

AlarmLimits alarm_limits_of(const Prepared& prepared) {
  AlarmLimits limits;
  auto& quiet_after = limits.quiet_after.emplace();
  for (const auto& channel : prepared.settings.channels) {
    if (!channel.common.enabled) continue;
    quiet_after[channel.name] = std::chrono::hours(channel.common.low_volume_alarm_h);
    const auto ends = channel.common.credential_ends;
    if (ends.ok()) limits.credential_ends[channel.name] = ends;
  }
  limits.utc_offset = utc_offset_of(prepared.organisation.time_zone);
  if (const auto& http = prepared.settings.http; !http.certificate_file.empty()) {
    limits.certificate_end = [certificate = http.certificate_file, key = http.key_file] {
      return certificate_end(certificate, key);
    };
  }
  limits.free_bytes = [data = prepared.data] { return free_bytes(data); };
  return limits;
}

ChannelRules rules_of(const Prepared& prepared, const Keys& keys, const ChannelName& name) {
  ChannelRules rules;
  rules.name = name;
  rules.public_url = public_url_of(prepared.settings);
  const auto* channel = find_channel(prepared.settings, name.value());
  rules.kind = name.value();
  if (channel != nullptr) {
    rules.kind = channel->common.kind;
    rules.replies = channel->common.replies;
    rules.replies_per_hour = static_cast<int>(channel->common.replies_per_hour);
    rules.notify_by = ChannelName(channel->common.notify_by);
  }
  const auto* kind = find_kind(rules.kind);
  if (kind == nullptr) return rules;
  const auto manner = kind->manner();
  rules.length = manner.length;
  rules.links = manner.links;
  rules.sender_ids = manner.sender_ids;
  rules.in_public = manner.in_public;
  if (!rules.in_public) {
    rules.own_link = [&keys, base = rules.public_url](const TrackingCode& code) {
      return base + own_path(keys, code);
    };
  }
  rules.authors = manner.answers;
  if (rules.notify_by.empty() && !manner.answers) {
    // A form knows no way back but the address that people leave on it.
    const auto mail =
        std::ranges::find_if(prepared.settings.channels, [](const ChannelEntry& entry) {
          return entry.common.kind == "email" && entry.common.enabled;
        });
    if (mail != prepared.settings.channels.end()) rules.notify_by = mail->name;
  }
  return rules;
}

Problems KnownForms::add(const ChannelEntry& channel, const Connector& connector) {
  Problems problems;
  const auto* host = dynamic_cast<const FormHost*>(&connector);
  if (host == nullptr) return problems;
  for (const auto& form : host->forms("en")) {
    const auto [first, is_new] = known_.emplace(form.name, channel.name);
    if (is_new || first->second == channel.name) continue;
    problems.push_back(channel.table.problem(
        "forms." + form.name, "the site shows the form \"" + form.name + "\" of channel \"" +
                                  first->second.value() +
                                  "\" alone; give this one another name: [channel." +
                                  channel.name.value() + ".forms.NAME]"));
  }
  return problems;
}

Bench::Bench(const Prepared& prepared, const Keys& keys, const Clock& clock)
    : prepared_(prepared),
      http_(make_http(http_client_of(prepared.settings))),
      mail_(make_mail()),
      directory_(temporary_directory()),
      around_{clock, keys, prepared.organisation, *http_, *mail_, spool_in(directory_)} {}

Bench::~Bench() {
  std::error_code error;
  const bool is_ours = directory_ != std::filesystem::temp_directory_path();
  if (is_ours) std::filesystem::remove_all(directory_, error);
}

Outcome<std::unique_ptr<Connector>> Bench::connector(const std::string& name) {
  const auto* channel = find_channel(prepared_.settings, name);
  const auto* kind = find_kind(channel != nullptr ? channel->common.kind : name);
  if (kind == nullptr) return stop(2, no_channel(prepared_.settings, name));
  return TRY(or_stop(kind->create(
      ChannelName(name), channel != nullptr ? channel->table : placeholders(*kind, around_.keys),
      around_)));
}

}  // namespace kanal::app
